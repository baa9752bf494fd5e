-- A ruling's row is proved: by its MAC, which binds it to the event that says it. A small table: done at once. Rows that are there have
-- no MAC, and are a finding of the verification until they are removed: nothing proved them.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'ruling' AND column_name = 'mac') = 0,
  'ALTER TABLE ruling
     ADD COLUMN event_n INT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''the event about it, which the MAC binds it to'',
     ADD COLUMN mac     BINARY(32)   NULL COMMENT ''NULL: ruled before there was one'',
     ADD KEY ruling_appeal (appeal_id, event_n)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
