-- Short texts of a member of staff, to insert while writing. Makes an empty table. (Templates may be of the kind 6, a phrase.)
CREATE TABLE IF NOT EXISTS staff_phrase (
  staff_id BINARY(16)   NOT NULL,
  id       BINARY(16)   NOT NULL,
  n        TINYINT      NOT NULL COMMENT 'its place: 1, 2, …',
  text     VARCHAR(200) NOT NULL,
  PRIMARY KEY (staff_id, id),
  KEY staff_phrase_place (staff_id, n)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
