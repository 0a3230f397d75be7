-- Version 7: what only the chat has. Its conversations are rows of `conversation` (source `lorekeep`), and
-- what was said in them are rows of `message`; this is what it has beside them.
CREATE TABLE chat (
  conversation INTEGER PRIMARY KEY,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  -- Rises with each change; writers name the one that they know.
  version INTEGER NOT NULL,
  -- The message at the end of the branch that is shown.
  head INTEGER,
  pinned INTEGER NOT NULL DEFAULT 0,
  archived INTEGER NOT NULL DEFAULT 0,
  -- One a line, each line ended.
  tags TEXT NOT NULL DEFAULT '',
  project TEXT,
  -- What the chat's caller keeps for it, as a JSON object.
  settings TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX chat_updated ON chat (updated);

-- What a person wants in every conversation of a project.
CREATE TABLE chat_project (
  name TEXT PRIMARY KEY,
  instructions TEXT NOT NULL,
  -- Rises with each change.
  version INTEGER NOT NULL,
  updated INTEGER NOT NULL
);

-- Where a message stands among the branches of its conversation, and what the chat knows of it.
CREATE TABLE chat_message (
  message INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  -- Its number when it was added: a message whose text is changed gets another number and keeps its place.
  place INTEGER NOT NULL,
  parent INTEGER,
  turn TEXT,
  state INTEGER NOT NULL,
  -- As a JSON object: raw parts and calls, findings, what was recalled.
  detail TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX chat_message_conversation ON chat_message (conversation, place);

-- A request to the chat, from its question until its answer stands.
CREATE TABLE turn (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conversation INTEGER NOT NULL,
  -- The message that is answered, and the one that answers.
  question INTEGER,
  answer TEXT NOT NULL,
  state INTEGER NOT NULL,
  began INTEGER NOT NULL,
  ended INTEGER,
  model TEXT,
  -- What names the process that it is under way in.
  process TEXT NOT NULL DEFAULT '',
  -- What of the answer has come so far, while it comes.
  text TEXT NOT NULL DEFAULT '',
  thinking TEXT NOT NULL DEFAULT '',
  -- As a JSON object: tokens, times, cost, errors.
  detail TEXT NOT NULL DEFAULT '{}',
  -- What was sent to the model, compressed; gone as soon as anything is forgotten.
  request BLOB
);
CREATE INDEX turn_conversation ON turn (conversation);
CREATE INDEX turn_state ON turn (state) WHERE state = 0;
