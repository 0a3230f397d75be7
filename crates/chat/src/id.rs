//! Ids of conversations, messages and turns: random, so that nobody can guess one.

/// A new id: 128 random bits in the form of a UUID of version 4.
pub(crate) fn new_id() -> String {
    let mut bytes = [0; 16];
    // The system's generator fails only where there is none; ids that repeat would be worse than an end.
    getrandom::fill(&mut bytes).expect("the system has a source of random numbers");
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}

/// Whether a text has the form of an id of this program's.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
