//! Addresses of machines: IPv4, IPv6 and MAC.
//!
//! Every address counts, whatever its range, but for those that stand for no machine where the text
//! doesn't call them an address: `0.0.0.0`, `127.0.0.1`, net masks, `::` and `::1`, which every
//! configuration and log is full of. Four numbers that a text calls a version are one.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::context::Nearby;
use super::hit::PiiHit;
use super::word::{DigitWord, is_word};
use super::words::Topics;

/// The longest IPv6 address, with the four numbers of an IPv4 one at its end.
const MAX_ADDRESS_BYTES: usize = 45;

/// Finds IPv4 addresses that begin with a word.
pub(super) fn find_dotted(word: &DigitWord<'_>, hits: &mut Vec<PiiHit>) {
    let bytes = word.bytes();
    if !word.is_number || word.end - word.start > 3 || bytes.get(word.end) != Some(&b'.') {
        return;
    }
    let Some((end, address)) = dotted(word.text, word.start) else {
        return;
    };
    if is_part(bytes, word.start, end) || is_named(bytes, word.start) {
        return;
    }
    let context = word.nearby.context(word.start, end);
    let network = prefix(bytes, end, 32);
    let is_within = |words| context.distance(Topics::IP).is_some_and(|far| far <= words);
    let is_called = network > 0 || is_within(6);
    let is_version = context.distance(Topics::VERSION).is_some_and(|version| {
        version <= 3 && context.distance(Topics::IP).is_none_or(|ip| version < ip)
    });
    let is_nobody = address.is_unspecified() || address.is_loopback() || is_mask(address);
    let has_port = bytes.get(end) == Some(&b':');
    let is_missed = if is_nobody {
        has_port || !(network > 0 || is_within(1))
    } else {
        is_version_like(address) && !is_called
    };
    if is_version || is_missed {
        return;
    }
    let score = if is_called { 0.95 } else { 0.8 };
    hits.push(hit(
        "IP_ADDRESS",
        "ipv4",
        (word.start, end + network),
        score,
        "four numbers from 0 to 255 that nothing calls a version",
    ));
}

fn hit(
    entity: &'static str,
    rule: &'static str,
    (start, end): (usize, usize),
    score: f32,
    why: &'static str,
) -> PiiHit {
    PiiHit {
        entity,
        rule,
        start,
        end,
        score,
        why,
    }
}

/// The length of what says how many bits name the network, such as `/24`.
fn prefix(bytes: &[u8], end: usize, most: u32) -> usize {
    let Some(rest) = bytes.get(end + 1..).filter(|_| bytes[end] == b'/') else {
        return 0;
    };
    let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit());
    let (count, bits) = digits.fold((0, 0), |(count, bits), byte| {
        (count + 1, bits * 10 + u32::from(byte - b'0'))
    });
    let is_whole = (1..4).contains(&count) && bits <= most;
    let follows = rest
        .get(count)
        .is_some_and(|byte| is_word(*byte) || *byte == b'/');
    if is_whole && !follows { count + 1 } else { 0 }
}

/// The address at `start` and its end.
fn dotted(text: &str, start: usize) -> Option<(usize, Ipv4Addr)> {
    let rest = &text.as_bytes()[start..];
    let length = rest
        .iter()
        .take(16)
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .count();
    let candidate = text[start..start + length].trim_end_matches('.');
    Some((start + candidate.len(), candidate.parse().ok()?))
}

/// Whether what is around the address makes it part of a longer number or word.
fn is_part(bytes: &[u8], start: usize, end: usize) -> bool {
    let before = |back: usize| start.checked_sub(back).map(|at| bytes[at]);
    let left = match before(1) {
        Some(b'.' | b'-' | b'_') => before(2).is_some_and(is_word),
        Some(byte) => is_word(byte),
        None => false,
    };
    let right = match bytes.get(end) {
        Some(b'.' | b'-' | b'+') => bytes.get(end + 1).is_some_and(|byte| is_word(*byte)),
        Some(byte) => is_word(*byte),
        None => false,
    };
    left || right
}

/// Whether a name and a slash come before it, as in `Chrome/120.0.0.0`, or a version's sign.
fn is_named(bytes: &[u8], start: usize) -> bool {
    let before = |back: usize| start.checked_sub(back).map(|at| bytes[at]);
    match before(1) {
        Some(b'/') => before(2).is_some_and(|byte| byte.is_ascii_alphabetic()),
        Some(b'^' | b'~') => true,
        Some(b'=') => matches!(before(2), Some(b'=' | b'>' | b'<' | b'~')),
        _ => false,
    }
}

/// Whether the numbers are as small as versions and object identifiers have them.
fn is_version_like(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let is_small = a != 10 && [a, b, c, d].iter().all(|number| *number < 30);
    let is_uniform = a == b && b == c && c == d;
    let is_object = matches!([a, b, c], [2, 5, 4 | 29] | [1, 3, 6] | [1, 2, _]);
    is_small && !is_uniform || is_object || [b, c, d] == [0, 0, 0] && a < 10
}

fn is_mask(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    bits.leading_ones() >= 8 && bits.leading_ones() + bits.trailing_zeros() >= 32
}

/// Finds what has the colon at `at` in it, and gives where it ends.
pub(super) fn find_colons(
    nearby: &Nearby<'_>,
    text: &str,
    at: usize,
    hits: &mut Vec<PiiHit>,
) -> usize {
    let bytes = text.as_bytes();
    let fits = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b':';
    let left = bytes[..at]
        .iter()
        .rev()
        .take(5)
        .take_while(|byte| fits(byte))
        .count();
    let start = at - left;
    let right = bytes[at..]
        .iter()
        .take(MAX_ADDRESS_BYTES + 1)
        .take_while(|byte| fits(byte) || **byte == b'.')
        .count();
    let end = at + right;
    // `d::e::f` and times have no more to them than their letters.
    let is_bound = start == 0
        || !is_word(bytes[start - 1]) && bytes[start - 1] != b':' && bytes[start - 1] != b'.';
    if !is_bound || right > MAX_ADDRESS_BYTES || bytes.get(end).is_some_and(|byte| is_word(*byte)) {
        return end;
    }
    let token = text[start..end].trim_end_matches('.');
    let token = if token.ends_with("::") {
        token
    } else {
        token.trim_end_matches(':')
    };
    let range = (start, start + token.len());
    if is_mac(token, ':') {
        hits.push(mac(range));
    } else if let Ok(address) = token.parse::<Ipv6Addr>() {
        let network = prefix(bytes, range.1, 128);
        if network > 0 || is_likely(nearby, text, range, address) {
            let range = (range.0, range.1 + network);
            let why = "groups of an IPv6 address";
            hits.push(hit("IP_ADDRESS", "ipv6", range, 0.9, why));
        }
    }
    end
}

/// Whether it is more than the `::` of a path in code.
fn is_likely(
    nearby: &Nearby<'_>,
    text: &str,
    (start, end): (usize, usize),
    address: Ipv6Addr,
) -> bool {
    let token = &text[start..end];
    let is_long = token.split(':').filter(|group| !group.is_empty()).count() >= 3;
    let has_digit = token.bytes().any(|byte| byte.is_ascii_digit());
    let is_named = |words| {
        let context = nearby.context(start, end);
        context.distance(Topics::IP).is_some_and(|far| far <= words)
    };
    if address.is_loopback() || address.is_unspecified() {
        let has_port = text[end..].starts_with("]:");
        return !has_port && is_named(1);
    }
    let is_prefixed = [
        "fe80:", "2001:", "2a", "fd", "fc", "ff0", "2400:", "2600:", "2606:", "2607:", "64:ff9b",
    ]
    .iter()
    .any(|prefix| token.len() > 4 && token.to_ascii_lowercase().starts_with(prefix));
    has_digit && (is_long || is_prefixed || is_named(6))
}

/// Finds hardware addresses with `-` or `.` in them, of which `at` is the first one.
pub(super) fn find_mac(text: &str, at: usize, hits: &mut Vec<PiiHit>) {
    let bytes = text.as_bytes();
    let (width, length) = if bytes[at] == b'-' { (2, 17) } else { (4, 14) };
    let Some(start) = at.checked_sub(width) else {
        return;
    };
    if bytes.get(at + 1 + width) != Some(&bytes[at]) {
        return;
    }
    let end = start + length;
    let before = start.checked_sub(1).map(|place| bytes[place]);
    let is_part = |byte: u8| is_word(byte) || matches!(byte, b'-' | b'.');
    let follows = bytes.get(end).is_some_and(|byte| is_word(*byte))
        || bytes.get(end) == Some(&bytes[at])
            && bytes.get(end + 1).is_some_and(|byte| is_word(*byte));
    if before.is_some_and(is_part) || follows {
        return;
    }
    if text
        .get(start..end)
        .is_some_and(|token| is_mac(token, char::from(bytes[at])))
    {
        hits.push(mac((start, end)));
    }
}

fn is_mac(token: &str, mark: char) -> bool {
    let (groups, width) = if mark == '.' { (3, 4) } else { (6, 2) };
    let mut count = 0;
    for group in token.split(mark) {
        if group.len() != width || !group.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return false;
        }
        count += 1;
    }
    let mut letters = token.bytes().filter(|byte| *byte != mark as u8);
    let first = letters.next();
    // Everybody's address and nobody's.
    let is_uniform = letters.all(|byte| Some(byte) == first);
    let is_digits = mark == '.'
        && token
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    count == groups && !is_uniform && !is_digits
}

fn mac(range: (usize, usize)) -> PiiHit {
    hit(
        "MAC_ADDRESS",
        "mac",
        range,
        0.9,
        "six bytes as hardware addresses are written",
    )
}
