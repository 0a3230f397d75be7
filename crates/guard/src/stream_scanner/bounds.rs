//! How much text decides on what was found in it.

/// Bytes after a place that may decide on what is found in it, from the start of a finding's last part on.
pub const BYTES_AFTER: usize = 256;

/// Bytes that a block with a beginning and an end of its own, such as a private key, may have.
pub const BLOCK_BYTES: usize = 65 << 10;
