-- What follows the end of a known trouble: the unit that published it is told where it isn't over, and who joined is forgotten in time;
-- then only how many these were is known.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'trouble' AND column_name = 'unrestored') = 0,
  'ALTER TABLE trouble
     ADD COLUMN unrestored        TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''1 somebody said that it is not over, 2 the unit was told'',
     ADD COLUMN unrestored_at     DATETIME(6)      NULL COMMENT ''when the first did'',
     ADD COLUMN forgotten         TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''1: who joined is no longer known'',
     ADD COLUMN past_joined       INT UNSIGNED     NOT NULL DEFAULT 0 COMMENT ''those who are no longer known'',
     ADD COLUMN past_restored     INT UNSIGNED     NOT NULL DEFAULT 0,
     ADD COLUMN past_not_restored INT UNSIGNED     NOT NULL DEFAULT 0,
     ADD KEY trouble_unrestored (unrestored, unrestored_at),
     ADD KEY trouble_forgotten (forgotten, ended_at)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
-- Of those that were over before, too, where somebody said so.
UPDATE trouble t SET t.unrestored=1,t.unrestored_at=UTC_TIMESTAMP(6)
WHERE t.unrestored=0 AND t.state=2 AND t.ended_at>UTC_TIMESTAMP(6)-INTERVAL 7 DAY
  AND EXISTS (SELECT 1 FROM trouble_joiner j WHERE j.trouble_id=t.id AND j.answer=2);
