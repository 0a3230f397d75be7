-- Also of version 8: facts about the person. A fact is a message in a conversation of its own, of the source `fact`; this is what it
-- has beside its text. Whether it still holds is said by its marks.
CREATE TABLE fact (
  message INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  -- One a line, each line ended.
  topics TEXT NOT NULL,
  -- Which kind of statement it is, such as `home`; empty if that isn't known.
  kind TEXT NOT NULL DEFAULT '',
  -- Where the person said it: the ids of the conversation of the chat, of its message and of the turn.
  conversation TEXT,
  said TEXT,
  turn TEXT,
  -- Which character it was said to.
  character TEXT,
  created INTEGER NOT NULL,
  updated INTEGER,
  -- The fact that took its place.
  superseded_by TEXT,
  -- Rises with each change of any fact (meta `facts.version`).
  version INTEGER NOT NULL DEFAULT 0,
  -- The batch of vectors that holds it.
  vectors INTEGER
);
CREATE INDEX fact_created ON fact (created);
CREATE INDEX fact_said ON fact (said);

-- Whether facts are still to be drawn from a message: NULL for no, else how often that was tried.
ALTER TABLE chat_message ADD COLUMN drawing INTEGER;
CREATE INDEX chat_message_drawing ON chat_message (drawing) WHERE drawing IS NOT NULL;
