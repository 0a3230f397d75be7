//! How far around a place it is decided what is found there.

/// Bytes before a place that may decide on what is found in it.
pub const BYTES_BEFORE: usize = 6 << 10;

/// Bytes after a place that may decide on what is found in it, from the start of a finding's last part on.
pub const BYTES_AFTER: usize = 256;

/// Bytes that a block with a beginning and an end of its own, such as a private key, may have.
pub const BLOCK_BYTES: usize = 65 << 10;
