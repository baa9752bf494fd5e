-- What many report: matters alike, put together by a job. Makes two empty tables, which the job fills from now on.
CREATE TABLE IF NOT EXISTS topic (
  id          BINARY(16)   NOT NULL PRIMARY KEY,
  area_id     INT UNSIGNED NOT NULL COMMENT 'the town, 0: not known',
  place_id    INT UNSIGNED NULL COMMENT 'NULL: several, or not known',
  category_id INT UNSIGNED NULL,
  first_at    DATETIME(6)  NOT NULL,
  last_at     DATETIME(6)  NOT NULL COMMENT 'of the newest report',
  members     INT UNSIGNED NOT NULL COMMENT 'reports, about: matters, or those who follow one of them',
  KEY topic_last (last_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS topic_member (
  topic_id  BINARY(16)  NOT NULL,
  appeal_id BINARY(16)  NOT NULL,
  at        DATETIME(6) NOT NULL,
  PRIMARY KEY (topic_id, appeal_id),
  UNIQUE KEY topic_once (appeal_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT IGNORE INTO setting (name, value) SELECT 'topic_seq', CAST(next - 1 AS CHAR) FROM counter WHERE name = 'seq';
