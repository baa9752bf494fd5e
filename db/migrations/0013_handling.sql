-- What handling needs besides: requests to the unit above, suspensions, plans, and what is due of the holder before the step clock.
-- One copy of the table, done once; a million appeals take about two minutes.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'suspended_until') = 0,
  'ALTER TABLE appeal
     DROP KEY appeal_wake,
     DROP COLUMN wake_at,
     ADD COLUMN request           TINYINT UNSIGNED  NOT NULL DEFAULT 0 COMMENT ''what waits for the unit above: 1 extension, 2 suspension'',
     ADD COLUMN request_n         INT UNSIGNED      NOT NULL DEFAULT 0 COMMENT ''the event that asked for it'',
     ADD COLUMN extensions        TINYINT UNSIGNED  NOT NULL DEFAULT 0 COMMENT ''asked for in this round'',
     ADD COLUMN extended          SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''days granted in this round'',
     ADD COLUMN suspended_until   DATETIME(6)       NULL COMMENT ''when the suspension ends by itself; NULL: none'',
     ADD COLUMN suspended_by      BINARY(16)        NULL COMMENT ''the member of staff who granted it'',
     ADD COLUMN suspend_reason_id INT UNSIGNED      NULL,
     ADD COLUMN suspensions       TINYINT UNSIGNED  NOT NULL DEFAULT 0 COMMENT ''in this round'',
     ADD COLUMN planned_for       DATETIME(6)       NULL COMMENT ''when what was planned is taken up again'',
     ADD COLUMN plans             TINYINT UNSIGNED  NOT NULL DEFAULT 0 COMMENT ''how often it was planned'',
     ADD COLUMN contact_by        DATETIME(6)       NULL COMMENT ''until when the reporter has to be called first; NULL: he was, or need not be'',
     ADD COLUMN silent_by         DATETIME(6)       NULL COMMENT ''when the holder is reminded that the reporter hears nothing'',
     ADD COLUMN reply_by          DATETIME(6)       NULL COMMENT ''until when the supervising unit wants a reply; NULL: no more to be told'',
     ADD COLUMN reply_to          BINARY(16)        NULL COMMENT ''the post that wants it; NULL: none is owed'',
     ADD COLUMN wake_at DATETIME(6) GENERATED ALWAYS AS (
       CASE WHEN box = 3 THEN resolved_at + INTERVAL 15 DAY
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

-- What units below ask a unit for, oldest first: so that its list is one range. What is asked is in the event.
CREATE TABLE IF NOT EXISTS request (
  appeal_id BINARY(16)       NOT NULL PRIMARY KEY,
  unit_id   INT UNSIGNED     NOT NULL COMMENT 'who decides',
  kind      TINYINT UNSIGNED NOT NULL COMMENT 'as request in appeal',
  n         INT UNSIGNED     NOT NULL COMMENT 'as request_n in appeal',
  asked_at  DATETIME(6)      NOT NULL,
  KEY request_unit (unit_id, asked_at, appeal_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
