//! Encodings undone where what comes out reads like text.

use std::ops::Range;

use super::part::{HiddenPart, MAX_PARTS};

/// Fewer bytes of code are not looked at, and no more than this of one place.
const MIN_ENCODED_BYTES: usize = 16;
const MAX_ENCODED_BYTES: usize = 16 << 10;

/// Adds what is encoded in a text.
pub(super) fn find(text: &str, out: &mut Vec<HiddenPart>) {
    let mut add = |range: Range<usize>, text: Option<String>, how: &'static str| {
        if let Some(text) = text.filter(|text| reads_like_text(text))
            && out.len() < MAX_PARTS
        {
            out.push(HiddenPart {
                text,
                start: range.start,
                end: range.end,
                how,
            });
        }
    };
    let is_code = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte);
    for range in runs(text, is_code) {
        let run = &text[range.clone()];
        if run.len().is_multiple_of(2) && run.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            add(range, hex(run), "hex");
        } else {
            add(range, base64(run), "base64");
        }
    }
    for range in runs(text, |byte| matches!(byte, b'0' | b'1' | b' ')) {
        add(range.clone(), binary(&text[range]), "binary");
    }
    if !text.is_ascii() {
        let (range, tags) = tags(text);
        add(range, Some(tags), "tags");
    }
    for (mark, how) in [
        ("%", "percent"),
        ("&#", "entity"),
        ("\\u", "escape"),
        ("\\x", "escape"),
    ] {
        if text.matches(mark).take(4).count() == 4 {
            let start = text.find(mark).unwrap_or_default();
            let end = text.rfind(mark).map_or(text.len(), |at| word_end(text, at));
            if end - start <= MAX_ENCODED_BYTES {
                let plain = unescape(&text[start..end], mark);
                // The sign alone, as in arithmetic, changes little.
                if plain.len() * 10 <= (end - start) * 7 {
                    add(start..end, Some(plain), how);
                }
            }
        }
    }
    turned(text, &mut add);
}

/// Whether decoded bytes are words rather than noise.
fn reads_like_text(text: &str) -> bool {
    let (mut letters, mut all) = (0, 0);
    for c in text.chars() {
        all += 1;
        letters += usize::from(c.is_alphabetic() || c == ' ');
        if c.is_control() && !c.is_whitespace() {
            return false;
        }
    }
    all >= 6 && letters * 10 >= all * 7
}

/// Stretches of bytes of one sort, long enough to say something.
fn runs(text: &str, is_part: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for (at, byte) in text.bytes().chain([0]).enumerate() {
        if !is_part(byte) {
            if (MIN_ENCODED_BYTES..=MAX_ENCODED_BYTES).contains(&(at - start))
                && out.len() < 4 * MAX_PARTS
            {
                out.push(start..at);
            }
            start = at + 1;
        }
    }
    out
}

fn base64(run: &str) -> Option<String> {
    // Words and names are longer than a line of digits and letters in mixed case would be.
    let has = |test: fn(&u8) -> bool| run.as_bytes().iter().any(test);
    if !has(u8::is_ascii_uppercase) || !has(u8::is_ascii_lowercase) {
        return None;
    }
    let mut bytes = Vec::with_capacity(run.len() * 3 / 4);
    let (mut value, mut bits) = (0_u32, 0);
    for byte in run.bytes().take_while(|byte| *byte != b'=') {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        value = value << 6 | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((value >> bits).to_le_bytes()[0]);
        }
    }
    String::from_utf8(bytes).ok()
}

fn hex(run: &str) -> Option<String> {
    let pairs = run.as_bytes().chunks_exact(2);
    let bytes = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

fn binary(run: &str) -> Option<String> {
    let digits: String = run.chars().filter(|c| *c != ' ').collect();
    if digits.len() < 64 || !digits.len().is_multiple_of(8) {
        return None;
    }
    let bytes = digits.as_bytes().chunks_exact(8);
    let bytes = bytes.map(|byte| u8::from_str_radix(std::str::from_utf8(byte).ok()?, 2).ok());
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

/// Characters of the block of tags, which nothing shows, and variation selectors used as bytes.
fn tags(text: &str) -> (Range<usize>, String) {
    let mut range: Option<Range<usize>> = None;
    let mut out = String::new();
    for (at, c) in text.char_indices() {
        let byte = match u32::from(c) {
            tag @ 0xe0020..=0xe007e => tag - 0xe0000,
            selector @ 0xe0110..=0xe017e => selector - 0xe0100 + 16,
            _ => continue,
        };
        out.extend(char::from_u32(byte));
        let end = at + c.len_utf8();
        range = Some(range.map_or(at, |range| range.start)..end);
    }
    (range.unwrap_or_default(), out)
}

/// The end of the word that starts or goes on at `at`.
fn word_end(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    rest.find(char::is_whitespace)
        .map_or(text.len(), |end| at + end)
}

/// Undoes `%69`, `&#105;`, `&#x69;`, `\u0069`, `\x69`.
fn unescape(text: &str, mark: &str) -> String {
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(mark) {
        bytes.extend(rest[..at].bytes());
        let after = &rest[at + mark.len()..];
        let (radix, digits, skip) = match mark {
            "&#" if after.starts_with(['x', 'X']) => (16, until(&after[1..], ';'), 2),
            "&#" => (10, until(after, ';'), 1),
            "\\u" => (16, after.get(..4), 0),
            _ => (16, after.get(..2), 0),
        };
        let value = digits
            .and_then(|digits| Some((digits.len(), u32::from_str_radix(digits, radix).ok()?)));
        rest = match value {
            Some((length, value)) => {
                match u8::try_from(value) {
                    Ok(byte) if mark == "%" || mark == "\\x" || byte.is_ascii() => bytes.push(byte),
                    _ => {
                        let c = char::from_u32(value).unwrap_or(' ');
                        bytes.extend(c.to_string().bytes());
                    }
                }
                &after[length + skip..]
            }
            None => {
                bytes.extend(mark.bytes());
                after
            }
        };
    }
    bytes.extend(rest.bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

fn until(text: &str, end: char) -> Option<&str> {
    text.find(end).filter(|at| *at <= 7).map(|at| &text[..at])
}

/// Words of attacks in ROT13, and backwards.
const ROTATED_WORDS: &[&str] = &[
    "vtaber",
    "vafgehpgvba",
    "cerivbhf",
    "cebzcg",
    "flfgrz",
    "cnffjbeq",
    "erirny",
];
const REVERSED_WORDS: &[&str] = &[
    "erongi",
    "snoitcurtsni",
    "suoiverp",
    "tpmorp",
    "metsys",
    "drowssap",
    "laever",
];

/// Adds lines in which words of attacks stand in ROT13 or backwards.
fn turned(text: &str, add: &mut impl FnMut(Range<usize>, Option<String>, &'static str)) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.trim_end().len();
        start += line.len();
        if line.len() > MAX_ENCODED_BYTES || range.is_empty() {
            continue;
        }
        let lower = line.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if has(ROTATED_WORDS) {
            add(
                range.clone(),
                Some(text[range.clone()].chars().map(rotate).collect()),
                "rot13",
            );
        }
        if has(REVERSED_WORDS) {
            add(
                range.clone(),
                Some(text[range].chars().rev().collect()),
                "reversed",
            );
        }
    }
}

fn rotate(c: char) -> char {
    let turn = |c: char, base: u8| {
        let nth = u8::try_from(c).map_or(0, |byte| byte - base);
        char::from(base + (nth + 13) % 26)
    };
    match c {
        'a'..='z' => turn(c, b'a'),
        'A'..='Z' => turn(c, b'A'),
        _ => c,
    }
}
