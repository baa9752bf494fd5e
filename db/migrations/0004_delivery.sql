-- What goes out and what must not happen twice: idempotency, notices, deliveries, audit heads.
CREATE TABLE IF NOT EXISTS idempotency (
  caller_id  BINARY(16)     NOT NULL,
  operation  VARCHAR(40)    NOT NULL,
  key_hash   BINARY(16)     NOT NULL,
  body_hash  BINARY(32)     NOT NULL,
  status     SMALLINT UNSIGNED NOT NULL,
  answer     MEDIUMBLOB     NOT NULL COMMENT 'sealed',
  created_at DATETIME(6)    NOT NULL,
  PRIMARY KEY (caller_id, operation, key_hash),
  KEY idempotency_age (created_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The in-app inbox of residents (by resident) and staff (by staff person).
CREATE TABLE IF NOT EXISTS notice (
  id         BINARY(16)       NOT NULL PRIMARY KEY,
  kind       TINYINT UNSIGNED NOT NULL COMMENT '1 resident, 2 staff',
  person_id  BINARY(16)       NOT NULL,
  appeal_id  BINARY(16)       NOT NULL,
  event_n    INT UNSIGNED     NOT NULL,
  action     TINYINT UNSIGNED NOT NULL,
  urgent     TINYINT UNSIGNED NOT NULL DEFAULT 0,
  unit_id    INT UNSIGNED     NULL,
  created_at DATETIME(6)      NOT NULL,
  read_at    DATETIME(6)      NULL,
  UNIQUE KEY notice_once (appeal_id, event_n, person_id),
  KEY notice_inbox (kind, person_id, id),
  KEY notice_unread (kind, person_id, read_at, id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Zhezhengding work notices to send: one row a notice and person; rows of one person may leave gathered in one message.
CREATE TABLE IF NOT EXISTS work_notice (
  notice_id  BINARY(16)       NOT NULL PRIMARY KEY,
  staff_id   BINARY(16)       NOT NULL,
  urgent     TINYINT UNSIGNED NOT NULL,
  state      TINYINT UNSIGNED NOT NULL COMMENT '1 waiting, 2 sending, 3 sent, 4 given up',
  message_id CHAR(36)         NULL COMMENT 'bizMsgId of the message it left with',
  attempts   TINYINT UNSIGNED NOT NULL DEFAULT 0,
  not_before DATETIME(6)      NOT NULL,
  sent_at    DATETIME(6)      NULL,
  KEY work_notice_due (state, not_before),
  KEY work_notice_staff (staff_id, state, sent_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What is no appeal's: sign-in, keys, posts, imports. Append-only; gets its seq from the same job as events do.
CREATE TABLE IF NOT EXISTS audit_line (
  id         BINARY(16)       NOT NULL PRIMARY KEY,
  seq        BIGINT UNSIGNED  NULL,
  action     TINYINT UNSIGNED NOT NULL,
  actor_kind TINYINT UNSIGNED NOT NULL,
  actor_id   BINARY(16)       NOT NULL,
  object_id  BINARY(16)       NOT NULL,
  text       VARCHAR(500)     NOT NULL DEFAULT '',
  at         DATETIME(6)      NOT NULL,
  address    VARCHAR(45)      NOT NULL DEFAULT '',
  mac        BINARY(32)       NOT NULL,
  UNIQUE KEY audit_seq (seq)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Every minute's Merkle head over the MACs of a range of seq; the same line is appended to a file outside the database.
CREATE TABLE IF NOT EXISTS audit_head (
  n         BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  first_seq BIGINT UNSIGNED NOT NULL,
  last_seq  BIGINT UNSIGNED NOT NULL,
  root      BINARY(32)      NOT NULL,
  at        DATETIME(6)     NOT NULL,
  signature BINARY(64)      NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
