//! How far around a finding the recognisers of personal data look, which whoever cuts a text must know.

/// Bytes left of a finding's start that decide about it: no recogniser looks further back.
pub const CONTEXT_LEFT_BYTES: usize = 96;

/// Bytes right of a finding's end that decide about it: no recogniser looks further ahead.
pub const CONTEXT_RIGHT_BYTES: usize = 48;

/// The longest finding, in bytes, but for e-mail addresses, which may have up to 320.
pub const MAX_FINDING_BYTES: usize = 128;
