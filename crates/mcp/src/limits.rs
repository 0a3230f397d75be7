//! How much a client may send at once, over whatever it is connected.

/// Bytes of a line, or of an HTTP body.
pub(crate) const MAX_MESSAGE_BYTES: usize = 4 << 20;

/// JSON values in a line or a body. A list of some millions of tiny ones would fit in the bytes, and take
/// hundreds of megabytes once it is parsed.
pub(crate) const MAX_JSON_VALUES: usize = 16 << 10;
