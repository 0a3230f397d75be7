-- Which logs changed of late, without reading of all that there ever were.
CREATE INDEX file_mtime ON file (mtime);
