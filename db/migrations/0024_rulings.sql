-- What units above decided of whose matter something is, to be found again: the event holds the ruling itself, this is its list.
CREATE TABLE IF NOT EXISTS ruling (
  id          BINARY(16)   NOT NULL PRIMARY KEY,
  appeal_id   BINARY(16)   NOT NULL,
  number      VARCHAR(20)  NOT NULL COMMENT 'of the appeal',
  category_id INT UNSIGNED NULL,
  place_id    INT UNSIGNED NULL,
  unit_id     INT UNSIGNED NOT NULL COMMENT 'whose matter it is',
  ruler_id    INT UNSIGNED NOT NULL COMMENT 'the unit that ruled',
  duty        VARCHAR(300) NOT NULL,
  at          DATETIME(6)  NOT NULL,
  KEY ruling_category (category_id, id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
