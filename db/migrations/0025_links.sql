-- Who answers for a part without an account: by a link, of which only the token's hash is kept.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal_part' AND column_name = 'link_until') = 0,
  'ALTER TABLE appeal_part ADD COLUMN link_until DATETIME(6) NULL COMMENT ''until when a link answers for it; NULL: there is none''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

CREATE TABLE IF NOT EXISTS part_link (
  id         BINARY(16)       NOT NULL PRIMARY KEY,
  hash       BINARY(32)       NOT NULL,
  appeal_id  BINARY(16)       NOT NULL,
  part_n     TINYINT UNSIGNED NOT NULL,
  made_by    BINARY(16)       NOT NULL COMMENT 'the member of staff',
  expires_at DATETIME(6)      NOT NULL,
  revoked_at DATETIME(6)      NULL,
  UNIQUE KEY link_hash (hash),
  KEY link_part (appeal_id, part_n)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
