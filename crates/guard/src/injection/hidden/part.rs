//! A part of a text that is hidden from people.

/// What was hidden.
#[derive(Debug)]
pub(in crate::injection) struct HiddenPart {
    pub(in crate::injection) text: String,
    /// Where it is hidden, in bytes of the text.
    pub(in crate::injection) start: usize,
    pub(in crate::injection) end: usize,
    /// How it is hidden.
    pub(in crate::injection) how: &'static str,
}

/// The most hidden parts of a text that are looked into.
pub(super) const MAX_PARTS: usize = 24;
