-- Version 8: documents of knowledge. A document is a conversation of the source `knowledge`, its
-- sections are messages; this is what it has beside them.
CREATE TABLE document (
  conversation INTEGER PRIMARY KEY,
  -- Whose it is: 0 for every conversation, 1 a character's, 2 a project's, 3 one conversation's; and the name
  -- or id of that.
  scope INTEGER NOT NULL,
  owner TEXT NOT NULL,
  -- How it came: `file`, `url`, `upload`; and its path, address or name there.
  origin TEXT NOT NULL,
  place TEXT NOT NULL,
  format TEXT NOT NULL,
  -- SHA-256 of its bytes, in hexadecimal.
  hash TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  modified INTEGER,
  pages INTEGER,
  added INTEGER NOT NULL,
  indexed INTEGER NOT NULL,
  -- As a JSON object: what of it couldn't be read.
  detail TEXT NOT NULL DEFAULT '{}',
  UNIQUE (scope, owner, origin, place)
);

CREATE TABLE document_section (
  message INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  -- From 0.
  number INTEGER NOT NULL,
  -- The length of its text.
  bytes INTEGER NOT NULL,
  -- Whether the first paragraph of the message is the headings that it stands under.
  has_heading INTEGER NOT NULL,
  -- As a JSON object: where it stands in the document.
  detail TEXT NOT NULL
);
CREATE INDEX document_section_number ON document_section (conversation, number);
