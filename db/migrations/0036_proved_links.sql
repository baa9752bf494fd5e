-- Who answers for a part without an account is said by the part's own row, which is proved; links that are out have to be made anew. What
-- a follower was told stands in its timeline, so nothing need be kept of it that could be written past the product.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal_part' AND column_name = 'link_hash') = 0,
  'ALTER TABLE appeal_part
     ADD COLUMN link_id   BINARY(16) NULL COMMENT ''of who answers by the link; NULL: there is none'',
     ADD COLUMN link_hash BINARY(32) NULL COMMENT ''of its token'',
     ADD UNIQUE KEY part_link (link_hash)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

DROP TABLE IF EXISTS part_link;

SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal_follower' AND column_name = 'told_seq') = 1,
  'ALTER TABLE appeal_follower DROP COLUMN told_seq',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
