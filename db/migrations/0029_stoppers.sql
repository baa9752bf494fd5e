-- Categories that end the form: where to go instead.
CREATE TABLE IF NOT EXISTS stopper (
  category_id INT UNSIGNED NOT NULL PRIMARY KEY,
  text        VARCHAR(200) NOT NULL,
  text_en     VARCHAR(300) NOT NULL,
  phone       VARCHAR(20)  NOT NULL DEFAULT '',
  link        VARCHAR(300) NOT NULL DEFAULT ''
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
