-- Joint handling: the parts of a matter that other units than its holder were asked to do. An appeal keeps how many there are and
-- how many still hold it; both columns are added without a copy of the table.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'parts') = 0,
  'ALTER TABLE appeal
     ADD COLUMN parts      TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''of joint handling, ever'',
     ADD COLUMN parts_left TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''neither done nor waived: the matter can not be resolved''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

CREATE TABLE IF NOT EXISTS appeal_part (
  appeal_id    BINARY(16)        NOT NULL,
  n            TINYINT UNSIGNED  NOT NULL,
  id           BINARY(16)        NOT NULL,
  event_n      INT UNSIGNED      NOT NULL COMMENT 'the last event about it, which the MAC binds it to',
  unit_id      INT UNSIGNED      NULL COMMENT 'NULL: somebody without an account, named by organisation',
  organisation VARCHAR(100)      NOT NULL DEFAULT '',
  asked        VARCHAR(1000)     NOT NULL,
  due_by       DATETIME(6)       NOT NULL,
  state        TINYINT UNSIGNED  NOT NULL COMMENT '1 open, 2 done, 3 refused, 4 waived',
  contact      TINYINT UNSIGNED  NOT NULL DEFAULT 0 COMMENT 'the unit may see the reporter''s contact',
  assignee_id  BINARY(16)        NULL COMMENT 'a post of the unit',
  made_at      DATETIME(6)       NOT NULL,
  ended_at     DATETIME(6)       NULL,
  result       VARCHAR(2000)     NULL COMMENT 'what was done, or why not',
  mac          BINARY(32)        NOT NULL,
  PRIMARY KEY (appeal_id, n),
  UNIQUE KEY part_id (id),
  KEY part_box (unit_id, state, due_by, id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
