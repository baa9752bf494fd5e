-- The separate demands of a matter. Columns at the end of the table of appeals, and longer texts of events, which hold the answers to
-- each: neither copies a table where the server can do without. Of what is there the rules find the demands in its text, as in what comes.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'demands_n') = 0,
  'ALTER TABLE appeal
     ADD COLUMN demands_n   INT UNSIGNED     NOT NULL DEFAULT 0 COMMENT ''the event that numbered or answered its demands last; 0: as the rules find them'',
     ADD COLUMN demands_set TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''how often they were numbered by hand''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

ALTER TABLE appeal_event MODIFY COLUMN text VARCHAR(6000) NOT NULL DEFAULT '';
