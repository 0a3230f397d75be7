-- Version 2: what was stored on purpose, and what became of what was said.

-- A reflection is a message in a conversation of its own, of the source `reflection`; this is what it
-- has beside its text. Spans say which project it belongs to, as for every message.
CREATE TABLE reflection (
  message INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  -- One a line, each line ended.
  tags TEXT NOT NULL,
  author TEXT,
  created INTEGER NOT NULL,
  updated INTEGER,
  -- The conversation that it came from, by its source's id.
  conversation TEXT,
  -- The batch of vectors that holds it.
  vectors INTEGER
);
CREATE INDEX reflection_created ON reflection (created);

-- What was found out about a message: only ever added to, the latest counts.
CREATE TABLE mark (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message INTEGER NOT NULL,
  status INTEGER NOT NULL,
  evidence TEXT,
  claim TEXT,
  who TEXT,
  time INTEGER NOT NULL
);
CREATE INDEX mark_message ON mark (message, time);
