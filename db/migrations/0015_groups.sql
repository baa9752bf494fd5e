-- Standing groups of units: joint committees of towns and communities, teams tied to villages. Imported as a whole.
CREATE TABLE IF NOT EXISTS unit_group (
  id            INT UNSIGNED     NOT NULL PRIMARY KEY,
  code          VARCHAR(32)      NOT NULL,
  kind          TINYINT UNSIGNED NOT NULL COMMENT '1 joint_committee, 2 pairing',
  name          VARCHAR(100)     NOT NULL,
  name_en       VARCHAR(150)     NOT NULL DEFAULT '',
  lead_id       INT UNSIGNED     NOT NULL COMMENT 'the leading unit',
  area_id       INT UNSIGNED     NOT NULL COMMENT 'the unit it is attached to: that one and those below call it in',
  members       VARCHAR(1000)    NOT NULL COMMENT 'comma-separated codes of units',
  organisations VARCHAR(1000)    NOT NULL DEFAULT '' COMMENT 'comma-separated names of members without an account',
  UNIQUE KEY group_code (code)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
