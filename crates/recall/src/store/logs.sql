-- Version 3: which log the messages of a run were read from (import/input.rs), so that a conversation
-- of several logs is in the same order however they were imported.
ALTER TABLE span ADD COLUMN log INTEGER;
-- Version 3: what was forked from a conversation.
CREATE INDEX conversation_parent ON conversation (parent);
