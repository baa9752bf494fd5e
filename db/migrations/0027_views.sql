-- Searches that a member of staff has kept. Makes an empty table.
CREATE TABLE IF NOT EXISTS staff_view (
  staff_id BINARY(16)    NOT NULL,
  id       BINARY(16)    NOT NULL,
  name     VARCHAR(30)   NOT NULL,
  filters  VARCHAR(1000) NOT NULL COMMENT 'as in the address of a search',
  PRIMARY KEY (staff_id, id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
