-- When the reporter has to be called first, where a clock rule says so. A small table.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'clock_rule' AND column_name = 'contact') = 0,
  'ALTER TABLE clock_rule
     ADD COLUMN contact VARCHAR(16) NOT NULL DEFAULT '''' COMMENT ''empty: as a less special rule or [appeals] contact_within says''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
