//! The archive, its indexes, import and search.
