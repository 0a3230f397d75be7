-- Version 5: what is known of a directory apart from the project that it belongs to now, so that this can
-- be found out anew (projects/belonging.rs). `place`: the path as it is compared, without the part of a
-- worktree. `found`: the key that a repository or a remote gave it. `flags`: projects/facts.rs.
ALTER TABLE directory ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE directory ADD COLUMN found TEXT;
ALTER TABLE directory ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;
CREATE INDEX directory_place ON directory (place);
-- The first commit of a project's repository, empty where it couldn't be told: what is left to recognise a
-- repository without remote by once it was moved.
ALTER TABLE project ADD COLUMN root_commit TEXT;
-- What a person said about projects, by their keys, the latest last: `merge` into the project of key `value`,
-- `rename` to `value`. It counts for more than what is found out.
CREATE TABLE project_word (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  project TEXT NOT NULL,
  value TEXT NOT NULL
);
CREATE INDEX project_word_project ON project_word (project, kind);
-- Which messages a merge moved: not all of them say where they belong.
CREATE TABLE merged (
  word INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (word, first)
) WITHOUT ROWID;
