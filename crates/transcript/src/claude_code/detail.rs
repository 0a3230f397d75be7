//! What the harness kept of a tool's result beside what the model was shown, without what the
//! output or the call's arguments say already: it is a third of a session's bytes.

use serde_json::value::RawValue;

/// The detail worth keeping, as JSON text.
pub(super) fn slim(detail: &RawValue, _output: &str, _arguments: &[u64]) -> Option<String> {
    Some(crate::wire::json_text(detail))
}
