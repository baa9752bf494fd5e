-- Where a second pair of eyes is wanted before a result leaves its unit, and the result that waits for them. A column at the end of
-- the table of appeals, which copies nothing where the server can do without; two small tables.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'proposal_n') = 0,
  'ALTER TABLE appeal
     ADD COLUMN proposal_n INT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''the event with the result that waits for the unit''''s lead; 0: none''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'category' AND column_name = 'review') = 0,
  'ALTER TABLE category ADD COLUMN review TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''a lead looks at each result, with all below it''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'unit' AND column_name = 'review') = 0,
  'ALTER TABLE unit ADD COLUMN review TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''its lead looks at each of its results''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
