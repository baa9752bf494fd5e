-- What the first call, the silence, a reply wanted from above and an answer of the resident began with and how long they were to take:
-- a calendar that comes later moves them as it moves the clocks of the round. Clocks that run already have neither and stay. New columns
-- at the end: nothing is copied.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'contact_since') = 0,
  'ALTER TABLE appeal
     ADD COLUMN contact_since DATETIME(6) NULL COMMENT ''when the clock of contact_by began'',
     ADD COLUMN contact_rule  VARCHAR(16) NULL COMMENT ''how long it takes'',
     ADD COLUMN silent_since  DATETIME(6) NULL,
     ADD COLUMN silent_rule   VARCHAR(16) NULL,
     ADD COLUMN reply_since   DATETIME(6) NULL,
     ADD COLUMN reply_rule    VARCHAR(16) NULL,
     ADD COLUMN answer_since  DATETIME(6) NULL,
     ADD COLUMN answer_rule   VARCHAR(16) NULL',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
