-- Whether an appeal's clocks stand still, in the indexes of the boxes: what rests is neither late nor due soon, and these lists and
-- counts read nothing else. One copy of the table, done once; a million appeals take about two minutes.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'paused') = 0,
  'ALTER TABLE appeal
     DROP KEY appeal_box,
     DROP KEY appeal_arrival,
     ADD COLUMN paused TINYINT GENERATED ALWAYS AS (answer_by IS NOT NULL OR suspended_until IS NOT NULL) STORED
       COMMENT ''its clocks stand still'',
     ADD KEY appeal_box (holder_unit_id, box, resolve_by, id, number, title, state, version, overdue, paused),
     ADD KEY appeal_arrival (holder_unit_id, arrival, box, resolve_by, id, paused)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
