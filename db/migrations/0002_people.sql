-- Who is asking: residents, staff with their posts, third parties' keys, sessions and their tokens.
CREATE TABLE IF NOT EXISTS resident (
  id               BINARY(16)       NOT NULL PRIMARY KEY,
  name_sealed      VARBINARY(400)   NULL,
  phone_sealed     VARBINARY(200)   NULL,
  phone_index      BINARY(16)       NULL,
  id_number_sealed VARBINARY(200)   NULL,
  id_number_index  BINARY(16)       NULL COMMENT 'only of verified identities: one person, one row',
  level            TINYINT UNSIGNED NOT NULL COMMENT 'identity level of the host app: 1 none, 2 basic, 3 real person',
  place_id         INT UNSIGNED     NULL,
  address_sealed   VARBINARY(800)   NULL,
  elder            TINYINT UNSIGNED NOT NULL DEFAULT 0,
  disabled_at      DATETIME(6)      NULL,
  created_at       DATETIME(6)      NOT NULL,
  UNIQUE KEY resident_id_number (id_number_index),
  KEY resident_phone (phone_index)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One person can come by several channels of the host app; each has its own user id.
CREATE TABLE IF NOT EXISTS resident_account (
  source      TINYINT UNSIGNED NOT NULL,
  user_id     VARCHAR(64)      NOT NULL,
  resident_id BINARY(16)       NOT NULL,
  PRIMARY KEY (source, user_id),
  KEY account_resident (resident_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS staff (
  id            BINARY(16)     NOT NULL PRIMARY KEY,
  employee_code VARCHAR(64)    NULL,
  realm_id      BIGINT         NULL,
  account_id    BIGINT         NULL,
  name_sealed   VARBINARY(400) NOT NULL,
  phone_sealed  VARBINARY(200) NULL,
  phone_index   BINARY(16)     NULL,
  disabled_at   DATETIME(6)    NULL,
  created_at    DATETIME(6)    NOT NULL,
  UNIQUE KEY staff_employee (employee_code),
  UNIQUE KEY staff_account (realm_id, account_id),
  KEY staff_phone (phone_index)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS post (
  id         BINARY(16)       NOT NULL PRIMARY KEY,
  staff_id   BINARY(16)       NOT NULL,
  unit_id    INT UNSIGNED     NOT NULL,
  role       TINYINT UNSIGNED NOT NULL,
  main       TINYINT UNSIGNED NOT NULL DEFAULT 0,
  started_at DATETIME(6)      NOT NULL,
  ended_at   DATETIME(6)      NULL,
  KEY post_staff (staff_id, ended_at),
  KEY post_unit (unit_id, ended_at, role)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS client (
  id          BINARY(16)       NOT NULL PRIMARY KEY,
  name        VARCHAR(100)     NOT NULL,
  channel     TINYINT UNSIGNED NOT NULL,
  disabled_at DATETIME(6)      NULL,
  created_at  DATETIME(6)      NOT NULL,
  UNIQUE KEY client_name (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS api_key (
  id         BINARY(16)    NOT NULL PRIMARY KEY,
  client_id  BINARY(16)    NOT NULL,
  hash       BINARY(32)    NOT NULL,
  hint       VARCHAR(12)   NOT NULL COMMENT 'the first characters, to tell keys apart',
  scopes     INT UNSIGNED  NOT NULL,
  units      VARCHAR(1000) NOT NULL DEFAULT '' COMMENT 'codes of the units it may post to, with all below; empty: all',
  addresses  VARCHAR(500)  NOT NULL DEFAULT '' COMMENT 'addresses and networks it may come from; empty: all',
  per_minute INT UNSIGNED  NOT NULL,
  expires_at DATETIME(6)   NULL,
  revoked_at DATETIME(6)   NULL,
  used_at    DATETIME(6)   NULL,
  created_at DATETIME(6)   NOT NULL,
  UNIQUE KEY api_key_hash (hash),
  KEY api_key_client (client_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- A session is a token family: access and refresh tokens of its generation are derived, never stored.
CREATE TABLE IF NOT EXISTS session (
  id           BINARY(16)       NOT NULL PRIMARY KEY,
  kind         TINYINT UNSIGNED NOT NULL COMMENT '1 resident, 2 staff',
  person_id    BINARY(16)       NOT NULL,
  post_id      BINARY(16)       NULL,
  generation   INT UNSIGNED     NOT NULL,
  rotated_at   DATETIME(6)      NOT NULL,
  created_at   DATETIME(6)      NOT NULL,
  expires_at   DATETIME(6)      NOT NULL,
  revoked_at   DATETIME(6)      NULL,
  agent        VARCHAR(200)     NOT NULL DEFAULT '',
  address      VARCHAR(45)      NOT NULL DEFAULT '',
  KEY session_person (kind, person_id, expires_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS token (
  hash       BINARY(32)       NOT NULL PRIMARY KEY,
  session_id BINARY(16)       NOT NULL,
  refresh    TINYINT UNSIGNED NOT NULL,
  generation INT UNSIGNED     NOT NULL,
  expires_at DATETIME(6)      NOT NULL,
  spent_at   DATETIME(6)      NULL,
  KEY token_session (session_id),
  KEY token_expiry (expires_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One-time links: the first administrator's, and break-glass.
CREATE TABLE IF NOT EXISTS invitation (
  hash       BINARY(32)  NOT NULL PRIMARY KEY,
  staff_id   BINARY(16)  NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  used_at    DATETIME(6) NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
