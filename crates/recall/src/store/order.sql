-- Version 4: what makes an archive the same in whatever order logs were imported. Which log a title was
-- read from (import/input.rs), and where in its log a run of messages begins.
ALTER TABLE conversation ADD COLUMN title_log INTEGER;
ALTER TABLE span ADD COLUMN at INTEGER;
CREATE INDEX span_order ON span (conversation, log, at);
