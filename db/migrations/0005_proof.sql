-- The appeal's own MAC. minhuctl migrate then gives one to each appeal that is there (ctl/renew.c), before it notes that this
-- migration is applied. MySQL has no ADD COLUMN IF NOT EXISTS.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'mac') = 0,
  'ALTER TABLE appeal ADD COLUMN mac BINARY(32) NOT NULL DEFAULT '''' COMMENT ''of the whole row: what was written past the product is found''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
