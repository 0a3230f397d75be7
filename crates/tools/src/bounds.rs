//! How much one JSON text of another program may take in memory: a list of tiny values takes fifty times the bytes
//! that it was sent as, and a deep one the stack.

/// How many values a message may hold.
pub(crate) const MAX_VALUES: usize = 500_000;

/// How deep values may be nested.
const MAX_DEPTH: usize = 100;

/// Why a text isn't parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    Values,
    Depth,
}

/// Counts values and depth without parsing, in one pass.
pub(crate) fn check(text: &[u8], max_values: usize) -> Result<(), Excess> {
    let (mut depth, mut values) = (0_usize, 0_usize);
    let (mut in_string, mut is_escaped) = (false, false);
    for byte in text {
        if in_string {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                values += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(Excess::Depth);
        }
        if values > max_values {
            return Err(Excess::Values);
        }
    }
    Ok(())
}
