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
    let Some(end) = domain(text, at + 1) else {
        return;
    };
    let Some(start) = quoted(text, at).or_else(|| local(text, at)) else {
        return;
    };
    let name = text[start..at].to_ascii_lowercase();
    if SHARED_MAILBOXES.contains(&name.as_str())
        || is_url_user(text, start)
        || is_password(text, start, at, end)
    {
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
        if !fits || is_escaped(text, place) || ends_sentence(text, place, c) {
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

/// The name in quotes before the `@`: `"john doe"@example.com`.
fn quoted(text: &str, at: usize) -> Option<usize> {
    let before = text[..at].strip_suffix('"')?;
    let near = before.floor_char_boundary(before.len().saturating_sub(MAX_LOCAL_BYTES));
    let open = near + before[near..].rfind('"')?;
    let name = &before[open + 1..];
    let fits = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '_' | '-' | '+');
    (!name.is_empty() && name.chars().all(fits)).then_some(open)
}

/// Whether a letter ends what stands before a name in another script, without a space between them:
/// `联系alice@…`, `пишитенаivan@…`. One or two letters that look like Latin ones are the name's.
fn ends_sentence(text: &str, place: usize, c: char) -> bool {
    let after = text[place + c.len_utf8()..].chars().next();
    if !is_foreign(c) || !after.is_some_and(|after| after.is_ascii_alphanumeric()) {
        return false;
    }
    is_wide(c)
        || text[..place]
            .chars()
            .rev()
            .take(2)
            .filter(|c| is_foreign(*c))
            .count()
            == 2
}

/// Whether a letter is of a script other than the Latin one.
fn is_foreign(c: char) -> bool {
    c.is_alphanumeric()
        && c >= '\u{370}'
        && !matches!(c, '\u{1e00}'..='\u{1eff}' | '\u{ff00}'..='\u{ff5e}')
}

/// Whether a letter is of a script that puts no spaces between words.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}')
}

/// Whether it is a password that has an `@` in it: `P@ssw0rd.x`, `Pwd=x@y.zz`.
fn is_password(text: &str, start: usize, at: usize, end: usize) -> bool {
    let host = &text.as_bytes()[at + 1..end];
    let is_word = at - start <= 4
        && host.len() > 4
        && host[..2].eq_ignore_ascii_case(b"ss")
        && host[2..5].iter().any(|b| b.eq_ignore_ascii_case(&b'w'));
    let window = start.saturating_sub(24);
    let before = text.as_bytes()[window..start].to_ascii_lowercase();
    let assigned = before.trim_ascii_end().strip_suffix(b"=");
    let names = [
        &b"password"[..],
        b"passwd",
        b"pwd",
        b"pass",
        b"passwort",
        b"secret",
    ];
    is_word
        || assigned.is_some_and(|name| names.iter().any(|end| name.trim_ascii_end().ends_with(end)))
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
        let before = text[start..start + place].chars().next_back();
        let is_glued = is_foreign(c) && before.is_some_and(|before| before.is_ascii_alphanumeric());
        if is_glued || !(c.is_alphanumeric() || matches!(c, '.' | '-')) {
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
