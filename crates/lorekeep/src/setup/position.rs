//! Where in a text a fault is, as editors count.

use crate::fault::Fault;

/// A fault at a byte of a text: `line 3, column 7: what`, both from 1, columns in characters.
pub(super) fn fault_at(text: &str, offset: usize, what: &str) -> Fault {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before[start..].chars().count() + 1;
    Fault::failure(format!("line {line}, column {column}: {what}"))
}
