-- Who found an appeal's category, and what the classifier made of its text: in the appeal's own row, which is written anyway and has
-- the MAC over it. Nothing is known of those that are there already. Both columns are added without a copy of the table.
SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'suggestion') = 0,
  'ALTER TABLE appeal
     ADD COLUMN classified_by TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT ''1 reporter, 2 model, 3 words, 4 staff; 0: nobody, or not known'',
     ADD COLUMN suggestion VARCHAR(1000) NULL COMMENT ''the model, its guesses and the words that spoke for them; NULL: it was not asked''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
