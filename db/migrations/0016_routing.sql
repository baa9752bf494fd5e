-- Routing rules know place, channel, kind and days of validity, and their numbers are for ever: an import retires what it no longer
-- holds instead of deleting it, so that an appeal can name the rule that decided. Small tables: done at once.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'route_rule' AND column_name = 'retired_at') = 0,
  'ALTER TABLE route_rule
     ADD COLUMN place_id    INT UNSIGNED     NULL COMMENT ''only this place'',
     ADD COLUMN channel     TINYINT UNSIGNED NULL COMMENT ''only what came in by it'',
     ADD COLUMN kind        TINYINT UNSIGNED NULL COMMENT ''only what is of it'',
     ADD COLUMN valid_from  DATE             NULL COMMENT ''the first day; NULL: always was'',
     ADD COLUMN valid_until DATE             NULL COMMENT ''the last day; NULL: without an end'',
     ADD COLUMN basis       VARCHAR(300)     NOT NULL DEFAULT '''' COMMENT ''the duty it rests on'',
     ADD COLUMN imported_at DATETIME(6)      NULL COMMENT ''NULL: before this was noted'',
     ADD COLUMN retired_at  DATETIME(6)      NULL COMMENT ''no import since holds it; NULL: it is in force''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- Units that have to do with each other, so that neither decides on what the other is complained of for.
CREATE TABLE IF NOT EXISTS unit_interest (
  unit_id INT UNSIGNED NOT NULL,
  with_id INT UNSIGNED NOT NULL,
  PRIMARY KEY (unit_id, with_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
