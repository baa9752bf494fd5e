-- What QR codes stand on: compounds, lifts, lamps, deputies, each with its place. An import fills it.
CREATE TABLE IF NOT EXISTS tag (
  id          INT UNSIGNED     NOT NULL PRIMARY KEY,
  code        VARCHAR(32)      NOT NULL,
  kind        TINYINT UNSIGNED NOT NULL COMMENT '1 compound, 2 lift, 3 lamp, 4 deputy, 5 other',
  name        VARCHAR(100)     NOT NULL,
  place_id    INT UNSIGNED     NOT NULL,
  category_id INT UNSIGNED     NULL,
  address     VARCHAR(200)     NOT NULL DEFAULT '',
  UNIQUE KEY tag_code (code)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
