-- Who is on duty in a unit, and who is away with which substitute: spans of time of posts, [from_at, until_at). One that was ended
-- before it began is empty and holds for nothing.
CREATE TABLE IF NOT EXISTS rota (
  id            BINARY(16)       NOT NULL PRIMARY KEY,
  kind          TINYINT UNSIGNED NOT NULL COMMENT '1 duty, 2 absence',
  unit_id       INT UNSIGNED     NOT NULL,
  post_id       BINARY(16)       NOT NULL,
  from_at       DATETIME(6)      NOT NULL,
  until_at      DATETIME(6)      NOT NULL,
  substitute_id BINARY(16)       NULL COMMENT 'the post that gets what one who is away has; NULL: back into the unit''s box',
  set_by        BINARY(16)       NOT NULL,
  created_at    DATETIME(6)      NOT NULL,
  KEY rota_unit (unit_id, until_at),
  KEY rota_post (post_id, until_at),
  KEY rota_kind (kind, until_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
