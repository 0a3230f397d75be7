-- Version 6: conversations that repeat messages of others, as forks and resumed sessions do.

-- A message that stands in a further conversation, beside the one that its span says: in which project,
-- when, and where in which log (as in `span`). `place` is how it was said there (store/body.rs), NULL where
-- that is the same.
CREATE TABLE copy (
  conversation INTEGER NOT NULL,
  message INTEGER NOT NULL,
  project INTEGER NOT NULL,
  time INTEGER,
  log INTEGER,
  at INTEGER,
  place BLOB,
  PRIMARY KEY (conversation, message)
) WITHOUT ROWID;
CREATE INDEX copy_message ON copy (message);

-- How a conversation came out of its parent (store/relation.rs), and when its last message was said,
-- which tells what was resumed from what goes on with it.
ALTER TABLE conversation ADD COLUMN relation INTEGER;
ALTER TABLE conversation ADD COLUMN ended INTEGER;
UPDATE conversation SET relation = CASE
    WHEN substr(key, 1, length(parent) + 1) = parent || '/' THEN 0 ELSE 1
  END WHERE parent IS NOT NULL;
UPDATE conversation SET ended = (
  SELECT max(time) FROM span JOIN message ON message.id BETWEEN first AND last
  WHERE span.conversation = conversation.id
);

-- Logs are read once more, for what is repeated in them. Where something was forgotten they aren't:
-- what today's readers find beside it would come back.
UPDATE file SET mtime = -9223372036854775808, offset = 0, line = 0, prefix = 0, state = ''
  WHERE source IN ('claude-code', 'codex') AND NOT EXISTS (SELECT 1 FROM key WHERE message = 0);
