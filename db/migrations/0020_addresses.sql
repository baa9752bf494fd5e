-- Places found in what people write and by where they stand: two small tables that an import fills.
CREATE TABLE IF NOT EXISTS address (
  id       INT UNSIGNED NOT NULL PRIMARY KEY,
  text     VARCHAR(200) NOT NULL COMMENT 'spelt one way',
  place_id INT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS area (
  id       INT UNSIGNED NOT NULL PRIMARY KEY,
  place_id INT UNSIGNED NOT NULL,
  outline  MEDIUMTEXT   NOT NULL COMMENT 'POLYGON or MULTIPOLYGON as WKT, longitude first, GCJ-02'
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
