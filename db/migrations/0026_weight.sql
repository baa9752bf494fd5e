-- How weighty a matter is. Columns at the end, which copy no table where the server can do without. Nothing is said of what is there.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'weight') = 0,
  'ALTER TABLE appeal
     ADD COLUMN weight     TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''1 micro, 2 small, 3 hard; 0: not weighed'',
     ADD COLUMN weighed_by TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''0 the rules, 1 staff, 2 the rules, for it was reported before''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'category' AND column_name = 'weight') = 0,
  'ALTER TABLE category ADD COLUMN weight TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''what its matters begin as; 0: as the category above''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- The job begins with what is submitted from now on.
INSERT IGNORE INTO setting (name, value) SELECT 'weight_seq', CAST(next - 1 AS CHAR) FROM counter WHERE name = 'seq';
