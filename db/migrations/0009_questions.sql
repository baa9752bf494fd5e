-- A question to the resident, while which the clocks stand still: what is open of it is in the appeal, and the clock wakes at its
-- reminder and its end. One copy of the table, done once; a million appeals take about two minutes.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'answer_by') = 0,
  'ALTER TABLE appeal
     DROP KEY appeal_wake,
     DROP COLUMN wake_at,
     ADD COLUMN question  VARCHAR(1000) NULL COMMENT ''what the resident is asked; NULL: nothing is open'',
     ADD COLUMN asker_id  BINARY(16)    NULL COMMENT ''the member of staff who asked, and so granted the pause'',
     ADD COLUMN answer_by DATETIME(6)   NULL COMMENT ''when the pause ends by itself; NULL: the clocks run'',
     ADD COLUMN remind_at DATETIME(6)   NULL COMMENT ''NULL: reminded already, or nothing is open'',
     ADD COLUMN questions TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''asked in this round'',
     ADD COLUMN wake_at DATETIME(6) GENERATED ALWAYS AS (
       CASE WHEN box = 3 THEN resolved_at + INTERVAL 15 DAY
            WHEN answer_by IS NOT NULL THEN COALESCE(remind_at, answer_by)
            WHEN is_open = 1 AND overdue = 0 THEN LEAST(resolve_by, COALESCE(step_by, resolve_by))
            WHEN is_open = 1 THEN step_by END) STORED COMMENT ''when the clock does something to it, unless somebody acts before'',
     ADD KEY appeal_wake (wake_at)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
