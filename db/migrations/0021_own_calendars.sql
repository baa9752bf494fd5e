-- What a unit's working time differs in from the district's, the district's own unit being one too: usual hours, days of the week,
-- dates. Holds for all units below that have none of their own.
CREATE TABLE IF NOT EXISTS unit_calendar (
  unit_id INT UNSIGNED     NOT NULL,
  day     VARCHAR(10)      NOT NULL COMMENT '2026-10-01, mon to sun, or workday',
  way     TINYINT UNSIGNED NOT NULL COMMENT '1 holiday, 2 work, 3 window: hours on a day that does not count as a working day',
  hours   VARCHAR(47)      NOT NULL DEFAULT '',
  name    VARCHAR(96)      NOT NULL DEFAULT '',
  PRIMARY KEY (unit_id, day)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
