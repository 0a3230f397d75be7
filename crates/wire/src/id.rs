//! Ids as they are shown.

/// Enough of an id to be told apart, and little enough to be copied.
///
/// A UUID made at random differs in its first 8 digits; one made from the time (version 7) only
/// after the 12 that count milliseconds. Of other ids nothing is known.
pub fn short_id(id: &str) -> &str {
    let is_uuid = id.len() == 36
        && id.bytes().enumerate().all(|(i, byte)| match i {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    match id.as_bytes().get(14) {
        Some(b'7') if is_uuid => &id[..18],
        Some(_) if is_uuid => &id[..8],
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::short_id;

    #[test]
    fn ids_are_short_where_that_tells_them_apart() {
        assert_eq!(short_id("3f2a9c1d-0000-4000-8000-000000000000"), "3f2a9c1d");
        assert_eq!(
            short_id("019a1b2c-3d4e-7abc-8000-000000000000"),
            "019a1b2c-3d4e-7abc"
        );
        assert_eq!(short_id("agent-a1"), "agent-a1");
    }
}
