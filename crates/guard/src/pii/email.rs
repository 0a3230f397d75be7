//! E-mail addresses.
//!
//! Left alone: the user of a URL (`https://user:key@host`), which is a secret's matter; accounts
//! that all share, such as `git@` and `noreply@`; names of files such as `icon@2x.png`; packages
//! with a version (`left-pad@1.3.0`); hosts without a top-level domain.

use super::hit::PiiHit;

/// The most bytes before and behind the `@`.
const MAX_LOCAL_BYTES: usize = 64;
const MAX_DOMAIN_BYTES: usize = 255;

/// Local parts that reach nobody or everybody.
const SHARED_MAILBOXES: &[&str] = &[
    "git",
    "hg",
    "svn",
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
];

/// Ends of file names that are no top-level domain.
const FILE_ENDINGS: &[&str] = &[
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "bmp",
    "ico",
    "pdf",
    "css",
    "scss",
    "html",
    "js",
    "mjs",
    "cjs",
    "jsx",
    "ts",
    "tsx",
    "json",
    "yml",
    "yaml",
    "toml",
    "xml",
    "txt",
    "log",
    "cpp",
    "hpp",
    "rb",
    "java",
    "jar",
    "exe",
    "dll",
    "local",
    "localdomain",
    "internal",
    "localhost",
    "service",
    "target",
    "socket",
    "timer",
];

pub(super) fn find(text: &str, at: usize, hits: &mut Vec<PiiHit>) {
    let (Some(start), Some(end)) = (local(text, at), domain(text, at + 1)) else {
        return;
    };
    let name = text[start..at].to_ascii_lowercase();
    if SHARED_MAILBOXES.contains(&name.as_str()) || is_url_user(text, start) {
        return;
    }
    hits.push(PiiHit {
        entity: "EMAIL_ADDRESS",
        rule: "email",
        start,
        end,
        score: 1.0,
        why: "a mailbox at a domain name",
    });
}

fn local(text: &str, at: usize) -> Option<usize> {
    let mut start = at;
    for (place, c) in text[..at].char_indices().rev() {
        let fits = c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'');
        if !fits || is_escaped(text, place) {
            break;
        }
        if at - place > MAX_LOCAL_BYTES {
            return None;
        }
        start = place;
    }
    let skipped = text[start..at].find(|c: char| c.is_alphanumeric() || c == '_')?;
    let start = start + skipped;
    let inner = &text[start..at];
    let is_sound = !inner.contains("..")
        && inner.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+'));
    is_sound.then_some(start)
}

/// Whether the character is the `n` of a quoted string's `\n`, or the last of its `\u003c`.
fn is_escaped(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let is_line = matches!(bytes[at], b'n' | b'r' | b't') && at > 0 && bytes[at - 1] == b'\\';
    let is_sign = at >= 5
        && bytes[at - 5..].starts_with(b"\\u00")
        && bytes[at - 3..=at].iter().all(u8::is_ascii_hexdigit);
    is_line || is_sign
}

/// Where the domain name at `start` ends.
fn domain(text: &str, start: usize) -> Option<usize> {
    let mut end = start;
    for (place, c) in text[start..].char_indices() {
        if !(c.is_alphanumeric() || matches!(c, '.' | '-')) {
            break;
        }
        if place > MAX_DOMAIN_BYTES {
            return None;
        }
        end = start + place + c.len_utf8();
    }
    let name = text[start..end].trim_end_matches(['.', '-']);
    let (host, top) = name.rsplit_once('.')?;
    let is_label =
        |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    let is_top = top.starts_with("xn--")
        || (2..=24).contains(&top.chars().count()) && top.chars().all(char::is_alphabetic);
    let is_file = FILE_ENDINGS
        .iter()
        .any(|file| top.eq_ignore_ascii_case(file))
        || is_scale(host);
    (host.split('.').all(is_label) && is_top && !is_file).then_some(start + name.len())
}

/// Whether it is the `2x` of `icon@2x.png`.
fn is_scale(host: &str) -> bool {
    host.strip_suffix('x')
        .is_some_and(|number| number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether it is the user, or the key, of a URL.
fn is_url_user(text: &str, start: usize) -> bool {
    let window = start.saturating_sub(super::bounds::CONTEXT_LEFT_BYTES);
    let before = &text.as_bytes()[window..start];
    let token = before
        .iter()
        .rposition(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'('));
    let token = &before[token.map_or(0, |at| at + 1)..];
    match memchr::memmem::rfind(token, b"://") {
        Some(scheme) => !token[scheme + 3..]
            .iter()
            .any(|byte| matches!(byte, b'/' | b'?' | b'#')),
        None => false,
    }
}
