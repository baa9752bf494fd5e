-- What nobody was reminded of: a part whose due time passes, once for each due time; and after the end a callback, owed for fifteen days
-- (box 5). One copy of the table of appeals, done once; a million appeals take about two minutes.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal_part' AND column_name = 'told_due') = 0,
  'ALTER TABLE appeal_part
     ADD COLUMN told_due DATETIME(6) NULL COMMENT ''the due time whose passing was told''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal_part' AND column_name = 'wake_at') = 0,
  'ALTER TABLE appeal_part
     ADD COLUMN wake_at DATETIME(6) GENERATED ALWAYS AS (
       CASE WHEN state = 1 AND (told_due IS NULL OR told_due <> due_by) THEN due_by END)
       STORED COMMENT ''when its unit and the lead are told that it is late'',
     ADD KEY part_wake (wake_at, appeal_id)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'wake_at'
                AND generation_expression LIKE '%closed_at%') = 0,
  'ALTER TABLE appeal
     DROP KEY appeal_wake,
     DROP COLUMN wake_at,
     ADD COLUMN wake_at DATETIME(6) GENERATED ALWAYS AS (
       CASE WHEN box = 3 THEN resolved_at + INTERVAL 15 DAY
            WHEN box = 5 THEN closed_at + INTERVAL 15 DAY
            WHEN box = 4 THEN planned_for
            WHEN answer_by IS NOT NULL THEN COALESCE(remind_at, answer_by)
            WHEN suspended_until IS NOT NULL THEN suspended_until
            WHEN is_open = 1 THEN NULLIF(LEAST(
              COALESCE(step_by, TIMESTAMP''9999-12-31 00:00:00''),
              CASE WHEN overdue = 0 THEN resolve_by ELSE TIMESTAMP''9999-12-31 00:00:00'' END,
              COALESCE(contact_by, TIMESTAMP''9999-12-31 00:00:00''),
              COALESCE(silent_by, TIMESTAMP''9999-12-31 00:00:00''),
              COALESCE(reply_by, TIMESTAMP''9999-12-31 00:00:00'')), TIMESTAMP''9999-12-31 00:00:00'') END)
       STORED COMMENT ''when the clock does something to it, unless somebody acts before'',
     ADD KEY appeal_wake (wake_at)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
