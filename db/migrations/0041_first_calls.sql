-- When the reporter has to be called first, where a clock rule says so; empty: as the configuration says. A small table.
ALTER TABLE clock_rule ADD COLUMN IF NOT EXISTS contact VARCHAR(16) NOT NULL DEFAULT '' COMMENT 'empty: [appeals] contact_within';
