-- What staff search matters by: written by a job, a matter's rows at most some seconds late. Makes empty tables; the job fills them
-- afterwards.

-- One row for each matter: its place in the order of the search, the newest last, and what the postings have of it that can change.
CREATE TABLE IF NOT EXISTS search_matter (
  doc       INT UNSIGNED   NOT NULL PRIMARY KEY,
  appeal_id BINARY(16)     NOT NULL,
  traits    VARBINARY(720) NOT NULL COMMENT 'terms, eight bytes each (rules/terms.h)',
  words     VARCHAR(320)   NOT NULL COMMENT 'address and place as they can be found',
  UNIQUE KEY search_appeal (appeal_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which of 16384 matters have a term (rules/postings.h): two bytes each, or one bit, whichever is less.
CREATE TABLE IF NOT EXISTS search_posting (
  term  BIGINT UNSIGNED NOT NULL,
  block INT UNSIGNED    NOT NULL COMMENT 'doc div 16384',
  docs  VARBINARY(2048) NOT NULL,
  PRIMARY KEY (term, block)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
