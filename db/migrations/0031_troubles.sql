-- Known trouble: what units publish, and who joined; disaster mode.
CREATE TABLE IF NOT EXISTS trouble (
  id          BINARY(16)       NOT NULL PRIMARY KEY,
  unit_id     INT UNSIGNED     NOT NULL COMMENT 'that published it',
  category_id INT UNSIGNED     NOT NULL,
  title       VARCHAR(60)      NOT NULL,
  text        VARCHAR(500)     NOT NULL,
  areas       VARCHAR(300)     NOT NULL COMMENT 'by commas: u and the id of a unit, p and that of a place',
  from_at     DATETIME(6)      NOT NULL,
  until_at    DATETIME(6)      NOT NULL,
  state       TINYINT UNSIGNED NOT NULL COMMENT '1 published, 2 over, 3 withdrawn',
  ended_at    DATETIME(6)      NULL,
  remark      VARCHAR(500)     NOT NULL DEFAULT '' COMMENT 'what was said at its end',
  news_n      INT UNSIGNED     NOT NULL DEFAULT 0 COMMENT 'which news is the newest',
  news        TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'what those who joined are being told, 0 when all know it',
  told_to     BINARY(16)       NOT NULL COMMENT 'up to this resident they know',
  staff_id    BINARY(16)       NOT NULL,
  created_at  DATETIME(6)      NOT NULL,
  updated_at  DATETIME(6)      NOT NULL,
  KEY trouble_due (state, until_at),
  KEY trouble_of_unit (unit_id, state),
  KEY trouble_news (news, id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS trouble_joiner (
  trouble_id  BINARY(16)       NOT NULL,
  resident_id BINARY(16)       NOT NULL,
  place_id    INT UNSIGNED     NULL,
  joined_at   DATETIME(6)      NOT NULL,
  answer      TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '1 restored, 2 not restored',
  answered_at DATETIME(6)      NULL,
  PRIMARY KEY (trouble_id, resident_id),
  KEY joiner_own (resident_id, trouble_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- A resident's notice of kind 3 is of a trouble: appeal_id is the trouble's id, event_n its news_n, action the news.

CREATE TABLE IF NOT EXISTS disaster_mode (
  id         BINARY(16)    NOT NULL PRIMARY KEY,
  from_at    DATETIME(6)   NOT NULL,
  until_at   DATETIME(6)   NOT NULL,
  categories VARCHAR(300)  NOT NULL COMMENT 'ids of what is still taken, by commas',
  text       VARCHAR(200)  NOT NULL,
  text_en    VARCHAR(300)  NOT NULL,
  phone      VARCHAR(20)   NOT NULL,
  reason     VARCHAR(500)  NOT NULL,
  staff_id   BINARY(16)    NOT NULL,
  created_at DATETIME(6)   NOT NULL,
  ended_at   DATETIME(6)   NULL COMMENT 'by hand, or when another was declared',
  KEY disaster_until (until_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
