-- An index costs each submission and each step of a matter; what few rows need, or the key can say, is no index of all. One that
-- was missing comes.
-- Each step is done once, wherever the one before was cut off. A million appeals take about a minute.

-- A third party's order by its number there.
CREATE TABLE IF NOT EXISTS client_order (
  client_id   BINARY(16)  NOT NULL,
  external_id VARCHAR(64) NOT NULL,
  appeal_id   BINARY(16)  NOT NULL,
  PRIMARY KEY (client_id, external_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Orders whose reporter is no resident yet, by the blind index of the phone.
CREATE TABLE IF NOT EXISTS waiting_order (
  reporter_index BINARY(16) NOT NULL,
  appeal_id      BINARY(16) NOT NULL,
  PRIMARY KEY (reporter_index, appeal_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What a third party follows: its orders' public events, entered with their seq.
CREATE TABLE IF NOT EXISTS client_change (
  client_id BINARY(16)      NOT NULL,
  seq       BIGINT UNSIGNED NOT NULL,
  appeal_id BINARY(16)      NOT NULL,
  n         INT UNSIGNED    NOT NULL,
  PRIMARY KEY (client_id, seq)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT IGNORE INTO client_order (client_id, external_id, appeal_id)
  SELECT client_id, external_id, id FROM appeal WHERE client_id IS NOT NULL AND external_id IS NOT NULL;
INSERT IGNORE INTO waiting_order (reporter_index, appeal_id)
  SELECT reporter_index, id FROM appeal WHERE reporter_index IS NOT NULL AND resident_id IS NULL;
INSERT IGNORE INTO client_change (client_id, seq, appeal_id, n)
  SELECT client_id, seq, appeal_id, n FROM appeal_event WHERE client_id IS NOT NULL AND seq IS NOT NULL AND public = 1;

SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND index_name = 'appeal_external') > 0,
  'ALTER TABLE appeal
     DROP KEY appeal_external,
     DROP KEY appeal_reporter,
     DROP KEY appeal_resident_state,
     DROP KEY appeal_open',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;

SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics
                WHERE table_schema = DATABASE() AND table_name = 'appeal_event' AND index_name = 'event_feed') > 0,
  'ALTER TABLE appeal_event DROP KEY event_feed',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;

-- Whether a picture is somebody else's too is asked before its file goes.
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics
                WHERE table_schema = DATABASE() AND table_name = 'attachment' AND index_name = 'attachment_picture') = 0,
  'ALTER TABLE attachment ADD KEY attachment_picture (sha256)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;

-- An inbox is one range of its person's.
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics
                WHERE table_schema = DATABASE() AND table_name = 'notice' AND index_name = 'notice_once') > 0,
  'ALTER TABLE notice
     DROP PRIMARY KEY,
     ADD PRIMARY KEY (person_id, id),
     DROP KEY notice_once,
     DROP KEY notice_inbox,
     DROP KEY notice_unread,
     ADD KEY notice_unread (person_id, read_at)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;

SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics
                WHERE table_schema = DATABASE() AND table_name = 'work_notice' AND index_name = 'PRIMARY') = 1,
  'ALTER TABLE work_notice
     DROP PRIMARY KEY,
     ADD PRIMARY KEY (staff_id, notice_id)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
