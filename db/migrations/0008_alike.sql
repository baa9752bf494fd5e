-- What open matters are found by when somebody reports the same: written by a job, empty of what is closed. Makes empty tables; the
-- job fills them afterwards.

-- One row for each open matter, with what is compared: the weights of the heaviest grams of its text (rules/alike.h).
CREATE TABLE IF NOT EXISTS alike_matter (
  appeal_id    BINARY(16)      NOT NULL PRIMARY KEY,
  area_id      INT UNSIGNED    NOT NULL COMMENT 'the town its place is in, 0: not known',
  place_id     INT UNSIGNED    NULL,
  category_id  INT UNSIGNED    NULL,
  submitted_at DATETIME(6)     NOT NULL,
  shown        TINYINT UNSIGNED NOT NULL COMMENT '1: other residents may be told that there is such a matter',
  grams        VARBINARY(1152) NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The heaviest grams of each, by which it is found within its town.
CREATE TABLE IF NOT EXISTS alike_key (
  area_id   INT UNSIGNED     NOT NULL,
  gram      INT UNSIGNED     NOT NULL,
  appeal_id BINARY(16)       NOT NULL,
  weight    TINYINT UNSIGNED NOT NULL,
  PRIMARY KEY (area_id, gram, appeal_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- In how many matters each gram stood: one row, all buckets in it, four bytes each.
CREATE TABLE IF NOT EXISTS alike_count (
  id      TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  matters INT UNSIGNED     NOT NULL,
  buckets MEDIUMBLOB       NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
