-- What categories ask of who reports, which an import fills, and what was answered. The column comes at the end, which copies no table
-- where the server can do without.
CREATE TABLE IF NOT EXISTS form_question (
  id          INT UNSIGNED     NOT NULL PRIMARY KEY COMMENT 'in the order in which they are asked',
  category_id INT UNSIGNED     NOT NULL,
  code        VARCHAR(32)      NOT NULL,
  kind        TINYINT UNSIGNED NOT NULL COMMENT '1 yes_no, 2 choice, 3 choices, 4 number, 5 date, 6 time, 7 text, 8 phone',
  required    TINYINT UNSIGNED NOT NULL,
  label       VARCHAR(60)      NOT NULL,
  label_en    VARCHAR(120)     NOT NULL,
  help        VARCHAR(200)     NOT NULL DEFAULT '',
  help_en     VARCHAR(300)     NOT NULL DEFAULT '',
  low         INT              NOT NULL COMMENT 'of a number; characters of a text; how many choices',
  high        INT              NOT NULL,
  unit        VARCHAR(20)      NOT NULL DEFAULT '' COMMENT 'of a number',
  unit_en     VARCHAR(40)      NOT NULL DEFAULT '',
  shown_when  VARCHAR(700)     NOT NULL DEFAULT '' COMMENT 'question=choice,choice; empty: always',
  KEY form_question_category (category_id, id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS form_choice (
  question_id INT UNSIGNED     NOT NULL,
  n           TINYINT UNSIGNED NOT NULL,
  code        VARCHAR(32)      NOT NULL,
  name        VARCHAR(40)      NOT NULL,
  name_en     VARCHAR(80)      NOT NULL,
  urgency     TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'what the matter is at least',
  ends        TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '1: the text ends the form; 0: it is advice',
  text        VARCHAR(200)     NOT NULL DEFAULT '',
  text_en     VARCHAR(300)     NOT NULL DEFAULT '',
  phone       VARCHAR(20)      NOT NULL DEFAULT '',
  link        VARCHAR(300)     NOT NULL DEFAULT '',
  PRIMARY KEY (question_id, n)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

SET @step = IF((SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name = 'appeal' AND column_name = 'form') = 0,
  'ALTER TABLE appeal ADD COLUMN form TEXT NULL COMMENT ''answers to what its category asks, in the words of that day''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
