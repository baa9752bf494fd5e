-- What is long lies beside the row in the server's memory, as TEXT, and no longer in it: each write of a matter or an event copied
-- room for all its longest texts, 65 KB a submission. The limits are the product's, which checks them. The tables are copied:
-- allow a minute or two for a million matters.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'text' AND data_type = 'varchar') > 0,
  'ALTER TABLE appeal
     MODIFY COLUMN text            TEXT NOT NULL,
     MODIFY COLUMN removed_numbers BLOB NULL COMMENT ''sealed: numbers found in the text, in order'',
     MODIFY COLUMN result          TEXT NULL,
     MODIFY COLUMN rating_comment  TEXT NULL,
     MODIFY COLUMN question        TEXT NULL COMMENT ''what the resident is asked; NULL: nothing is open'',
     MODIFY COLUMN suggestion      TEXT NULL COMMENT ''the model, its guesses and the words that spoke for them; NULL: it was not asked''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal_event' AND column_name = 'text' AND data_type = 'varchar') > 0,
  'ALTER TABLE appeal_event
     MODIFY COLUMN text    TEXT NOT NULL DEFAULT '''',
     MODIFY COLUMN numbers BLOB NULL COMMENT ''sealed: personal numbers taken out of the text, bound to the salt''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;

-- Kept answers lie in the order they come in, and are removed in: by caller and key each new one fell into a page of large rows
-- anywhere, and every few split it.
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics
                WHERE table_schema = DATABASE() AND table_name = 'idempotency' AND index_name = 'idempotency_age') > 0,
  'ALTER TABLE idempotency
     DROP PRIMARY KEY,
     DROP KEY idempotency_age,
     ADD PRIMARY KEY (created_at, caller_id, operation, key_hash),
     ADD UNIQUE KEY idempotency_key (caller_id, operation, key_hash)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
