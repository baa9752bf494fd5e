-- Lists that read only their index, and one index for all that the clock does to an appeal; indexes that nothing reads go.
-- Each step is done once, wherever the one before was cut off. A million appeals take about two minutes.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'wake_at') = 0,
  'ALTER TABLE appeal
     ADD COLUMN excerpt VARCHAR(50) NOT NULL DEFAULT '''' COMMENT ''the beginning of the text, which lists show'',
     ADD COLUMN wake_at DATETIME(6) GENERATED ALWAYS AS (
       CASE WHEN box = 3 THEN resolved_at + INTERVAL 15 DAY
            WHEN is_open = 1 AND overdue = 0 THEN LEAST(resolve_by, COALESCE(step_by, resolve_by))
            WHEN is_open = 1 THEN step_by END) STORED COMMENT ''when the clock does something to it, unless somebody acts before'',
     DROP KEY appeal_step,
     DROP KEY appeal_late,
     DROP KEY appeal_unrated,
     DROP KEY appeal_provisional,
     DROP KEY appeal_client,
     DROP KEY appeal_resident,
     DROP KEY appeal_box',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;

UPDATE appeal SET excerpt = LEFT(text, 50) WHERE excerpt = '';

SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND index_name = 'appeal_wake') = 0,
  'ALTER TABLE appeal
     ADD KEY appeal_wake (wake_at),
     ADD KEY appeal_resident (resident_id, id, number, title, state, version, resolve_by, overdue, kind, category_id, place_id,
                              holder_unit_id, submitted_at, updated_at, stars, excerpt),
     ADD KEY appeal_box (holder_unit_id, box, resolve_by, id, number, title, state, version, overdue)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
