-- How many photos of one person wait for a submission is counted at each upload.
SET @step = IF((SELECT COUNT(*) FROM information_schema.statistics
                WHERE table_schema = DATABASE() AND table_name = 'attachment' AND index_name = 'attachment_of_owner') = 0,
  'ALTER TABLE attachment ADD KEY attachment_of_owner (owner_id, appeal_id)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
