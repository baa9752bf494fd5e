-- Texts to begin a reply with, by category and unit. An import fills it.
CREATE TABLE IF NOT EXISTS reply_template (
  id          INT UNSIGNED     NOT NULL PRIMARY KEY,
  kind        TINYINT UNSIGNED NOT NULL COMMENT '1 accept, 2 progress, 3 resolve, 4 reject, 5 extension',
  category_id INT UNSIGNED     NULL COMMENT 'with all below it; NULL: any',
  unit_id     INT UNSIGNED     NULL COMMENT 'likewise',
  name        VARCHAR(60)      NOT NULL,
  text        VARCHAR(1000)    NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
