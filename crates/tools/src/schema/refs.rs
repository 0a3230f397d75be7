//! References within a schema.

use serde_json::{Map, Value};

/// What a reference such as `#/$defs/Name` points to; `None` if there is nothing, or if it leads out of the schema.
pub(super) fn resolve<'a>(root: &'a Map<String, Value>, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix("#/")?;
    let mut steps = pointer.split('/').map(|step| {
        let step = percent_encoding::percent_decode_str(step).decode_utf8_lossy();
        step.replace("~1", "/").replace("~0", "~")
    });
    let mut at = root.get(&steps.next()?)?;
    for step in steps {
        at = match at {
            Value::Object(object) => object.get(&step)?,
            Value::Array(list) => list.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(at)
}
