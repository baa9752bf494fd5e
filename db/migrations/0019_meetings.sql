-- Meetings and site visits of joint handling. An appeal keeps how many there are; the column is added without a copy of the table.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'meetings') = 0,
  'ALTER TABLE appeal ADD COLUMN meetings TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''and site visits, ever''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

CREATE TABLE IF NOT EXISTS appeal_meeting (
  appeal_id BINARY(16)       NOT NULL,
  n         TINYINT UNSIGNED NOT NULL,
  id        BINARY(16)       NOT NULL,
  event_n   INT UNSIGNED     NOT NULL COMMENT 'the last event about it, which the MAC binds it to',
  kind      TINYINT UNSIGNED NOT NULL COMMENT '1 meeting, 2 site visit',
  state     TINYINT UNSIGNED NOT NULL COMMENT '1 called, 2 held',
  starts_at DATETIME(6)      NOT NULL,
  place     VARCHAR(200)     NOT NULL,
  agenda    VARCHAR(1000)    NOT NULL DEFAULT '',
  invited   VARCHAR(500)     NOT NULL DEFAULT '' COMMENT 'ids of the units that are told of it, parted by commas',
  people    BLOB             NOT NULL COMMENT 'sealed: who was invited and came, by unit and role, or by name and organisation',
  minutes   VARCHAR(2000)    NULL COMMENT 'of a site visit its findings',
  decisions TEXT             NULL COMMENT 'each with its owner and date',
  made_at   DATETIME(6)      NOT NULL,
  held_at   DATETIME(6)      NULL COMMENT 'when its minutes were written',
  mac       BINARY(32)       NOT NULL,
  PRIMARY KEY (appeal_id, n),
  UNIQUE KEY meeting_id (id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
