-- Words that make a text urgent, with what takes them back; without any the product's own list is in use.
CREATE TABLE IF NOT EXISTS urgent_word (
  id      INT UNSIGNED     NOT NULL PRIMARY KEY,
  word    VARCHAR(40)      NOT NULL,
  urgency TINYINT UNSIGNED NOT NULL COMMENT '1 urgent, 2 emergency',
  danger  TINYINT UNSIGNED NOT NULL,
  unless  VARCHAR(500)     NOT NULL DEFAULT '' COMMENT 'comma-separated'
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
