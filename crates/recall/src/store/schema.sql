-- Version 1. Never edit a version that was released: add the next one.

CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- Where work happened. `key` identifies it: `git:<remote>`, `dir:<path>` or `name:<given name>`.
CREATE TABLE project (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  path TEXT
);

-- Working directories as logs have them, each with the project that it belongs to.
CREATE TABLE directory (path TEXT PRIMARY KEY, project INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE conversation (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  title TEXT,
  title_rank INTEGER NOT NULL DEFAULT -1,
  parent TEXT,
  links TEXT,
  file INTEGER,
  UNIQUE (source, key)
);

-- Runs of consecutive messages of one conversation in one project: the only place that says which
-- message belongs where. Moving messages to another project touches nothing else.
CREATE TABLE span (
  first INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  conversation INTEGER NOT NULL,
  project INTEGER NOT NULL
);
CREATE INDEX span_conversation ON span (conversation, first);
CREATE INDEX span_project ON span (project, first);

-- `flags`: role, kind and what is indexed (store/message.rs). `text` and `body` name blocks.
CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  time INTEGER,
  flags INTEGER NOT NULL,
  text INTEGER,
  body INTEGER NOT NULL
);

-- Compressed texts and payloads of neighbouring messages (store/block.rs).
CREATE TABLE block (id INTEGER PRIMARY KEY, data BLOB NOT NULL);

-- Hash of a source's own message id -> message.
CREATE TABLE key (hash INTEGER PRIMARY KEY, message INTEGER NOT NULL);

-- Tools and touched files, for scopes; each a term of its own.
CREATE TABLE label (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, value TEXT NOT NULL, UNIQUE (kind, value));
CREATE TABLE labelled (label INTEGER NOT NULL, message INTEGER NOT NULL, PRIMARY KEY (label, message)) WITHOUT ROWID;

CREATE TABLE file (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  source TEXT NOT NULL,
  size INTEGER NOT NULL,
  mtime INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  line INTEGER NOT NULL,
  prefix INTEGER NOT NULL,
  state TEXT NOT NULL
);

CREATE TABLE problem (
  file INTEGER NOT NULL,
  line INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  what TEXT NOT NULL,
  PRIMARY KEY (file, offset, what)
) WITHOUT ROWID;

-- What people and assistants said, a row a passage; terms come ready from text.rs.
CREATE VIRTUAL TABLE prose USING fts5 (
  terms, content = '', contentless_delete = 1, detail = full, tokenize = 'ascii'
);
-- Tool calls, their output, and thoughts: only which terms occur.
CREATE VIRTUAL TABLE payload USING fts5 (
  terms, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
-- Titles of conversations, a row each.
CREATE VIRTUAL TABLE title USING fts5 (
  terms, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE title_terms USING fts5vocab (title, instance);
CREATE VIRTUAL TABLE prose_terms USING fts5vocab (prose, instance);
CREATE VIRTUAL TABLE payload_terms USING fts5vocab (payload, instance);
CREATE VIRTUAL TABLE prose_vocabulary USING fts5vocab (prose, row);
CREATE VIRTUAL TABLE payload_vocabulary USING fts5vocab (payload, row);

-- Messages that wait to be embedded, newest first.
CREATE TABLE pending (time INTEGER NOT NULL, message INTEGER NOT NULL, PRIMARY KEY (time, message)) WITHOUT ROWID;

-- A row for each batch of passages that was embedded (index/vectors.rs).
CREATE TABLE vectors (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  model TEXT NOT NULL,
  count INTEGER NOT NULL,
  data BLOB NOT NULL
);
