-- Duplicates that follow one lead: whom a matter follows is in the matter; who follows a lead is a table of its own, so that no
-- submission pays for an index of it. Columns at the end, which copy no table where the server can do without.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'lead_id') = 0,
  'ALTER TABLE appeal
     ADD COLUMN lead_id   BINARY(16)       NULL COMMENT ''whose answer will be, or was, its own; NULL: it follows none'',
     ADD COLUMN own_state TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''what it goes back to when it no longer follows'',
     ADD COLUMN followers INT UNSIGNED     NOT NULL DEFAULT 0 COMMENT ''how many follow it: counted by a job, a second later''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

CREATE TABLE IF NOT EXISTS appeal_follower (
  lead_id     BINARY(16)      NOT NULL,
  follower_id BINARY(16)      NOT NULL,
  since       DATETIME(6)     NOT NULL,
  late_at     DATETIME(6)     NULL COMMENT 'when it is to be marked overdue; NULL: never, or it is',
  told_seq    BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of the lead''s last progress that it was told',
  PRIMARY KEY (lead_id, follower_id),
  KEY follower_late (late_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The job begins with what happens from now on: nothing followed anything before.
INSERT IGNORE INTO setting (name, value) SELECT 'follower_seq', CAST(next - 1 AS CHAR) FROM counter WHERE name = 'seq';
