//! Passwords in addresses: `scheme://user:password@host`. The host and the user stay readable.

use std::ops::Range;

use super::value::{Sorts, is_weak, is_wordy, stands_in};

/// What stands between an address' scheme and what follows.
pub(super) const SCHEME_MARK: &str = "://";

/// Bytes of a user and a password.
pub(super) const MAX_URL_BYTES: usize = 512;

/// A password in an address.
pub(super) struct Password {
    pub range: Range<usize>,
    /// Whether the scheme is one of a database, queue or mail server rather than of the web.
    pub is_connection: bool,
    /// Whether it is a gem server's of Sidekiq.
    pub is_sidekiq: bool,
}

/// The password of the address whose `://` is at `at`.
pub(super) fn find(text: &[u8], at: usize) -> Option<Password> {
    let before = text[..at].iter().rev().take(24);
    let length = before
        .take_while(|b| b.is_ascii_alphanumeric() || b"+.-".contains(b))
        .count();
    let scheme = &text[at - length..at];
    let start = at + SCHEME_MARK.len();
    let rest = &text[start..text.len().min(start + MAX_URL_BYTES)];
    let ends = |b: &u8| b.is_ascii_whitespace() || b"\"'`\\<>|/".contains(b) || *b < 32;
    let authority = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let is_web = matches!(
        scheme,
        b"http" | b"https" | b"git" | b"ssh" | b"ws" | b"wss" | b"git+https" | b"socks5" | b"ftp"
    );
    let authority = if has_host(authority) {
        authority
    } else {
        with_raw_signs(rest).unwrap_or(authority)
    };
    let authority_end = memchr::memrchr(b'@', authority)?;
    let colon = memchr::memchr(b':', &authority[..authority_end])?;
    let (user, password) = (&authority[..colon], &authority[colon + 1..authority_end]);
    let host = &authority[authority_end + 1..];
    if length == 0 || host.is_empty() || !is_password(user, password, is_web) {
        return None;
    }
    let from = start + colon + 1;
    Some(Password {
        range: from..from + password.len(),
        is_connection: !is_web,
        is_sidekiq: host.ends_with(b"contribsys.com")
            || host.starts_with(b"gems.contribsys.com")
            || host.starts_with(b"enterprise.contribsys.com"),
    })
}

/// Whether what follows the last `@` may be a host with a port.
fn has_host(authority: &[u8]) -> bool {
    let Some(at) = memchr::memrchr(b'@', authority) else {
        return false;
    };
    let host = &authority[at + 1..];
    match memchr::memrchr(b':', host) {
        Some(_) if host.starts_with(b"[") || host.contains(&b',') => true,
        Some(colon) => host[colon + 1..]
            .iter()
            .all(|b| b.is_ascii_digit() || b"${}".contains(b)),
        None => !host.is_empty(),
    }
}

/// The user, password and host of an address whose password has signs in it that should be escaped: `/`, `?`,
/// `#`. What looks like a host and a port, or a path, before the last `@` is none.
fn with_raw_signs(rest: &[u8]) -> Option<&[u8]> {
    let ends = |b: &u8| b.is_ascii_whitespace() || b"\"'`\\<>".contains(b) || *b < 32;
    let word = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let at = memchr::memrchr(b'@', word)?;
    let host = &word[at + 1..];
    let of_host = |b: &u8| b.is_ascii_alphanumeric() || b".-_:[]".contains(b);
    let length = host.iter().take_while(|b| of_host(b)).count();
    let whole = &word[..at + 1 + length];
    let colon = memchr::memchr(b':', &whole[..at])?;
    let (user, password) = (&whole[..colon], &whole[colon + 1..at]);
    let of_user = |b: &u8| b.is_ascii_alphanumeric() || b"_.+%-".contains(b);
    let port = password.iter().take_while(|b| b.is_ascii_digit()).count();
    let is_port = port > 0 && password.get(port).is_none_or(|b| b"/?#".contains(b));
    let is_path = matches!(password.first(), None | Some(b'/'));
    (length > 0 && has_host(whole) && user.iter().all(of_user) && !is_port && !is_path)
        .then_some(whole)
}

fn is_password(user: &[u8], password: &[u8], is_web: bool) -> bool {
    let sorts = Sorts::of(password);
    if sorts.length < 3 || stands_in(password) || is_weak(password) || user == password {
        return false;
    }
    if password.iter().any(|b| b"{}[](),".contains(b)) && sorts.length < 12 {
        return false;
    }
    // In an address of the web, words are an example's.
    let made_up =
        sorts.digits == 0 && sorts.symbols == 0 && (sorts.length < 8 || is_wordy(password));
    !made_up || (!is_web && sorts.length >= 6)
}
