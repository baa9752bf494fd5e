-- What became of units that were merged or split. Makes an empty table.
CREATE TABLE IF NOT EXISTS unit_succession (
  old_id INT UNSIGNED     NOT NULL COMMENT 'a unit that has ended',
  new_id INT UNSIGNED     NOT NULL COMMENT 'one that stands for it now',
  n      TINYINT UNSIGNED NOT NULL COMMENT '1 takes what nothing else decides',
  share  TINYINT UNSIGNED NOT NULL COMMENT 'percent of the old one''s past that counts as its own',
  direct TINYINT UNSIGNED NOT NULL COMMENT '0: by way of a unit that has ended since, too',
  at     DATETIME(6)      NOT NULL,
  PRIMARY KEY (old_id, new_id),
  KEY successor (new_id, old_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
