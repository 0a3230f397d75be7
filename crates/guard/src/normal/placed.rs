//! Characters with their places, which each step of normalising changes.

/// A character and where it comes from: the byte of the original where it starts.
pub(super) type PlacedChar = (char, u32);
