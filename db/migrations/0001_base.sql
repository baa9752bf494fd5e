-- Reference data of a district: units, places, categories, rules, calendar. Identified by codes that people know;
-- the small integer ids are the database's own and keep the big tables' indexes narrow.
CREATE TABLE IF NOT EXISTS setting (
  name  VARCHAR(64)   NOT NULL PRIMARY KEY,
  value VARCHAR(1000) NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS unit (
  id        INT UNSIGNED     NOT NULL PRIMARY KEY,
  code      VARCHAR(32)      NOT NULL,
  name      VARCHAR(100)     NOT NULL,
  name_en   VARCHAR(150)     NOT NULL DEFAULT '',
  tier      TINYINT UNSIGNED NOT NULL,
  kind      TINYINT UNSIGNED NOT NULL,
  parent_id INT UNSIGNED     NULL,
  active    TINYINT UNSIGNED NOT NULL DEFAULT 1,
  UNIQUE KEY unit_code (code),
  KEY unit_parent (parent_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Every unit with itself and all units above it, so that "may see" is one join.
CREATE TABLE IF NOT EXISTS unit_ancestor (
  unit_id     INT UNSIGNED     NOT NULL,
  ancestor_id INT UNSIGNED     NOT NULL,
  distance    TINYINT UNSIGNED NOT NULL,
  PRIMARY KEY (unit_id, ancestor_id),
  KEY by_ancestor (ancestor_id, unit_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Where matters are: a compound or a spot of a village, with the unit that looks after it first.
CREATE TABLE IF NOT EXISTS place (
  id      INT UNSIGNED NOT NULL PRIMARY KEY,
  code    VARCHAR(32)  NOT NULL,
  name    VARCHAR(100) NOT NULL,
  unit_id INT UNSIGNED NOT NULL,
  lng     INT          NOT NULL COMMENT 'millionths of a degree, GCJ-02',
  lat     INT          NOT NULL COMMENT 'millionths of a degree, GCJ-02',
  active  TINYINT UNSIGNED NOT NULL DEFAULT 1,
  UNIQUE KEY place_code (code)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS category (
  id        INT UNSIGNED     NOT NULL PRIMARY KEY,
  code      VARCHAR(32)      NOT NULL,
  parent_id INT UNSIGNED     NULL,
  name      VARCHAR(100)     NOT NULL,
  name_en   VARCHAR(150)     NOT NULL DEFAULT '',
  urgency   TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0 normal, 1 urgent, 2 emergency',
  words     VARCHAR(500)     NOT NULL DEFAULT '' COMMENT 'comma-separated words that suggest it',
  active    TINYINT UNSIGNED NOT NULL DEFAULT 1,
  UNIQUE KEY category_code (code)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- category × area → unit; NULL means any. The most special rule wins.
CREATE TABLE IF NOT EXISTS route_rule (
  id          INT UNSIGNED NOT NULL PRIMARY KEY,
  category_id INT UNSIGNED NULL,
  area_id     INT UNSIGNED NULL COMMENT 'a unit: the rule holds for places below it',
  tier        TINYINT UNSIGNED NULL COMMENT 'goes to the unit of this tier above the place instead of to unit_id',
  unit_id     INT UNSIGNED NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- tier × category × urgency → how long; NULL means any. Durations as in the manual: 30m, 4h, 2wh, 5wd, 45s.
CREATE TABLE IF NOT EXISTS clock_rule (
  id          INT UNSIGNED     NOT NULL PRIMARY KEY,
  tier        TINYINT UNSIGNED NULL,
  category_id INT UNSIGNED     NULL,
  urgency     TINYINT UNSIGNED NULL,
  respond     VARCHAR(16)      NOT NULL,
  resolve     VARCHAR(16)      NOT NULL,
  step        VARCHAR(16)      NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS reason (
  id      INT UNSIGNED     NOT NULL PRIMARY KEY,
  purpose TINYINT UNSIGNED NOT NULL COMMENT 'what it justifies: reject, return, escalate, transfer, withdraw, unmask',
  code    VARCHAR(32)      NOT NULL,
  name    VARCHAR(200)     NOT NULL,
  name_en VARCHAR(200)     NOT NULL,
  basis   VARCHAR(300)     NOT NULL DEFAULT '' COMMENT 'the law, rule or duty it cites',
  active  TINYINT UNSIGNED NOT NULL DEFAULT 1,
  UNIQUE KEY reason_code (purpose, code)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Only the days that a notice of the State Council names; the rest follow the week.
CREATE TABLE IF NOT EXISTS calendar_day (
  day     DATE             NOT NULL PRIMARY KEY,
  works   TINYINT UNSIGNED NOT NULL,
  holiday VARCHAR(40)      NOT NULL DEFAULT ''
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS calendar_year (
  year        SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
  imported_at DATETIME(6)       NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Number blocks and other counters that must not lock the work itself.
CREATE TABLE IF NOT EXISTS counter (
  name VARCHAR(64)     NOT NULL PRIMARY KEY,
  next BIGINT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS lease (
  name       VARCHAR(64)     NOT NULL PRIMARY KEY,
  owner      BINARY(16)      NOT NULL,
  fence      BIGINT UNSIGNED NOT NULL,
  expires_at DATETIME(6)     NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
