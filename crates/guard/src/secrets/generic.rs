//! Values that their name alone gives away: `password`, `api_key`, `client_secret`. What counts is
//! that a name ends in such a word, and that its value is one that chance or a person chose, rather
//! than a word, a variable, a path or a number.

mod lists;

use lists::{NAME_HEADS, NAME_TAILS, NO_PASSWORD, OWNER_WORDS};

use super::assignment::Assignment;
use super::value::{
    Sorts, entropy, is_hex, is_stand_in_of_any_length, is_uuid, is_weak, is_wordy, stands_in,
    wordiness,
};
use super::written::Style;

/// What a name is for, as far as its word tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretSort {
    /// A person may have chosen it.
    Password,
    /// Chance chose it.
    Token,
    /// Perhaps chance chose it, and perhaps it isn't secret.
    KeyRule,
    /// Part of an address that lets in whoever has it.
    Signature,
}

/// The words by which names are found.
pub(super) fn words() -> impl Iterator<Item = (&'static str, SecretSort)> {
    let lists = [
        (lists::PASSWORD_WORDS, SecretSort::Password),
        (lists::TOKEN_WORDS, SecretSort::Token),
        (lists::KEY_WORDS, SecretSort::KeyRule),
        (lists::SIGNATURE_WORDS, SecretSort::Signature),
    ];
    let words = |(words, sort): (&'static [&'static str], SecretSort)| {
        words.iter().map(move |word| (*word, sort))
    };
    lists.into_iter().flat_map(words)
}

/// How sure it is that what is assigned is a secret, if it is one. `hit` is where the word is in the
/// text; without one, the name is another.
pub(super) fn judge(
    text: &[u8],
    found: &Assignment,
    hit: (usize, usize),
    sort: SecretSort,
) -> Option<f32> {
    let name = &text[found.name.clone()];
    let head = &text[found.name.start..hit.0.max(found.name.start)];
    let tail = text.get(hit.1..found.name.end).unwrap_or_default();
    let heads = if sort == SecretSort::Password {
        NO_PASSWORD
    } else {
        NAME_HEADS
    };
    if !tail_fits(tail) || !head_fits(head, heads) || is_path(text, found) {
        return None;
    }
    if is_bare_pass(&text[hit.0..hit.1]) && !pass_head_fits(head) {
        return None;
    }
    let value = &text[found.value.clone()];
    let is_named =
        name.iter().any(u8::is_ascii_uppercase) && !name.iter().any(u8::is_ascii_lowercase);
    match sort {
        SecretSort::Password => password(value, found.style, is_named).or_else(|| {
            is_of_connection(text, found)
                .then(|| connecting(value))
                .flatten()
        }),
        SecretSort::Token => chance(value, found.style, 16).or_else(|| {
            let in_environment = is_named && found.style == Style::Equals;
            let settled = found.style == Style::Quoted || in_environment;
            settled.then(|| short_secret(value, found.style)).flatten()
        }),
        SecretSort::KeyRule if !is_hex(value) && !is_uuid(value) => chance(value, found.style, 20),
        SecretSort::KeyRule => None,
        SecretSort::Signature => {
            let is_query = head.is_empty()
                && matches!(
                    text.get(found.name.start.wrapping_sub(1)),
                    Some(b'?' | b'&' | b';')
                );
            let escaped = head.is_empty() && text[..found.name.start].ends_with(b"\\u0026");
            (is_query || escaped)
                .then(|| chance(value, found.style, 16))
                .flatten()
        }
    }
}

/// Whether what is assigned is a part of a connection string: `Server=db;User ID=sa;Pwd=…;`.
fn is_of_connection(text: &[u8], found: &Assignment) -> bool {
    const PARTS: &[&[u8]] = &[
        b"user id=",
        b"userid=",
        b"uid=",
        b"user=",
        b"username=",
        b"server=",
        b"data source=",
        b"host=",
    ];
    if found.style != Style::Equals {
        return false;
    }
    let start = found.name.start.saturating_sub(CONNECTION_BYTES);
    let end = text.len().min(found.value.end + CONNECTION_BYTES);
    let around = text[start..end].to_ascii_lowercase();
    let is_parted = text[..found.name.start].trim_ascii_end().ends_with(b";")
        || text[found.value.end..].starts_with(b";");
    let has = |part: &&[u8]| memchr::memmem::find(&around, part).is_some();
    is_parted && PARTS.iter().filter(|part| has(part)).count() >= 2
}

/// Bytes around a password in which the other parts of a connection string are looked for.
const CONNECTION_BYTES: usize = 128;

/// A password that stands where there is no doubt that one does; words that stand for one are none.
fn connecting(value: &[u8]) -> Option<f32> {
    let sorts = Sorts::of(value);
    let is_mixed = sorts.digits > 0 && sorts.symbols > 0 && sorts.letters() > 0;
    let is_long = sorts.letters() >= 8 && !is_weak(value);
    let fits = sorts.length >= 6 && (is_mixed || is_long) && !is_harmless(value, Style::Quoted);
    (fits && sorts.blanks == 0).then_some(0.55)
}

/// Whether a name is the end of a path, `AWS::Service::ApiKey`, or a type follows it and the value
/// after that.
fn is_path(text: &[u8], found: &Assignment) -> bool {
    text[..found.name.start].ends_with(b":")
        || (found.style == Style::Colon && text[found.value.end..].starts_with(b" ="))
}

/// Whether a word is `pass`, which means many things, rather than `password`.
fn is_bare_pass(word: &[u8]) -> bool {
    let word = word
        .strip_prefix(b"_")
        .or(word.strip_prefix(b"-"))
        .unwrap_or(word);
    word.eq_ignore_ascii_case(b"pass")
}

/// Whether what stands before `pass` makes it a password's name.
fn pass_head_fits(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let last = head
        .split(|c: char| !c.is_ascii_alphanumeric())
        .rfind(|part| !part.is_empty());
    last.is_none_or(|last| OWNER_WORDS.contains(&last))
}

fn tail_fits(tail: &[u8]) -> bool {
    let tail = String::from_utf8_lossy(tail).to_ascii_lowercase();
    tail.split(|c: char| !c.is_ascii_alphabetic())
        .all(|part| part.is_empty() || NAME_TAILS.contains(&part))
}

fn head_fits(head: &[u8], heads: &[&str]) -> bool {
    let mut parts = head.chunk_by(|a, b| {
        a.is_ascii_alphanumeric()
            && b.is_ascii_alphanumeric()
            && !(a.is_ascii_lowercase() && b.is_ascii_uppercase())
    });
    !parts.any(|part| {
        heads
            .iter()
            .any(|word| part.eq_ignore_ascii_case(word.as_bytes()))
    })
}

/// What no secret is, whoever chose it.
fn is_harmless(value: &[u8], style: Style) -> bool {
    let has = |mark: &[u8]| memchr::memmem::find(value, mark).is_some();
    (stands_in(value) && !is_chosen(value))
        || has(b"://")
        || has(b"process.env")
        || has(b"os.environ")
        || has(b"getenv")
        || matches!(value, [b'/' | b'~', ..] | [b'.', b'/' | b'.', ..])
        || (style != Style::Quoted && is_code(value))
        || [
            &b"arn:"[..],
            b"vault:",
            b"op:",
            b"ssm:",
            b"env:",
            b"file:",
            b"ENC[",
            b"sha256-",
            b"sha512-",
            b"sha1-",
            b"sha384-",
            b"data:",
            b"--",
        ]
        .iter()
        .any(|start| value.starts_with(start))
}

/// Whether a value is a password of a person's own, though it has the words of a stand-in in it:
/// `My_STRONG_password(!)`.
fn is_chosen(value: &[u8]) -> bool {
    let sorts = Sorts::of(value);
    sorts.length >= 12
        && sorts.symbols >= 2
        && sorts.upper > 0
        && sorts.lower > 0
        && !is_stand_in_of_any_length(value)
}

/// Whether a value without quotes is code: a call, a path of names, a type.
fn is_code(value: &[u8]) -> bool {
    let called = value.contains(&b'(') || value.contains(&b'[') || value.contains(&b'{');
    let path = memchr::memmem::find(value, b"::").is_some()
        || value.windows(2).any(|two| {
            two[0] == b'$' && (two[1].is_ascii_alphabetic() || b"{(_".contains(&two[1]))
        });
    let dotted = value.contains(&b'.')
        && value.split(|b| *b == b'.').all(|part| {
            part.first()
                .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
                && part.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
                && (part.len() < 10 || is_wordy(part))
        });
    // `Option<&str>`
    let open = memchr::memchr(b'<', value);
    let generic = open.is_some_and(|open| {
        value[..open].iter().all(u8::is_ascii_alphabetic)
            && value.first().is_some_and(u8::is_ascii_uppercase)
            && value
                .get(open + 1)
                .is_some_and(|next| next.is_ascii_alphabetic() || b"&'".contains(next))
    });
    called || path || dotted || generic || value.ends_with(b"]") || value.ends_with(b")")
}

/// A password that a person chose.
pub(super) fn password(value: &[u8], style: Style, is_named: bool) -> Option<f32> {
    let value = if style == Style::Prose {
        trimmed(value)
    } else {
        value
    };
    let sorts = Sorts::of(value);
    if !(5..=128).contains(&sorts.length) || is_weak(value) || is_harmless(value, style) {
        return None;
    }
    if sorts.blanks > 0 || sorts.letters() + sorts.digits < 3 {
        return None;
    }
    // PINs, numbers of versions, dates.
    if sorts.letters() == 0 && (sorts.symbols == 0 || sorts.length < 8) {
        return None;
    }
    let mixed = sorts.digits > 0 && sorts.letters() > 0;
    let strong = sorts.classes() >= 3 && sorts.length >= 8;
    if matches!(style, Style::Prose | Style::Blank) {
        if style == Style::Blank && !strong {
            return None;
        }
        let fits = (mixed || (sorts.symbols > 0 && strong)) && !is_term(value);
        return fits.then_some(if strong { 0.8 } else { 0.6 });
    }
    if strong && (mixed || sorts.symbols > 0) && !is_phrase(value, sorts) {
        return Some(0.85);
    }
    if mixed && sorts.length >= 6 && !is_name_with_number(value, sorts) {
        return Some(if sorts.length >= 8 { 0.7 } else { 0.55 });
    }
    let chosen = is_gibberish(value, sorts) || is_passphrase(value, sorts);
    if chosen {
        return Some(0.5);
    }
    // `DB_PASSWORD=correcthorse`: in such a file everything is a value.
    let in_environment = is_named && style == Style::Equals && sorts.length >= 8;
    (in_environment && sorts.symbols == 0 && !value.contains(&b'.')).then_some(0.5)
}

/// Without the full stop of the sentence.
fn trimmed(value: &[u8]) -> &[u8] {
    let end = value.iter().rposition(|b| !b".,;:".contains(b));
    &value[..end.map_or(0, |end| end + 1)]
}

/// Whether a word with a digit in it is a term: `sha256`, `base64`, `8-character`.
fn is_term(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let starts = [
        &b"sha"[..],
        b"md5",
        b"md4",
        b"base64",
        b"utf",
        b"aes",
        b"rsa",
        b"http",
        b"oauth",
        b"bcrypt",
        b"argon",
        b"pbkdf",
        b"x509",
        b"ed25519",
        b"ascii",
        b"iso",
        b"rfc",
        b"ipv",
        b"ntlm",
        b"scrypt",
    ];
    if value.iter().any(|b| b"!@#$%^&*?".contains(b)) {
        return false;
    }
    let counted = lower[0].is_ascii_digit()
        && (lower.iter().filter(|b| b.is_ascii_digit()).count() < 3)
        && (memchr::memmem::find(&lower, b"char").is_some() || lower.contains(&b'-'));
    counted || starts.iter().any(|start| lower.starts_with(start))
}

/// Whether letters alone are of no language.
fn is_gibberish(value: &[u8], sorts: Sorts) -> bool {
    let (share, pairs) = wordiness(value);
    sorts.letters() == sorts.length && sorts.length >= 8 && pairs >= 5 && share <= 0.6
}

/// Whether words follow one another without a blank, as they do in no label and no name.
fn is_passphrase(value: &[u8], sorts: Sorts) -> bool {
    let dashes = value.iter().filter(|b| **b == b'-').count();
    let lower = sorts.lower + dashes == sorts.length;
    let apart = dashes >= 3 && sorts.length >= 20;
    let joined = dashes == 0 && sorts.length >= 18;
    let names = [
        &b"password"[..],
        b"passwd",
        b"token",
        b"secret",
        b"field",
        b"input",
    ];
    lower
        && (apart || joined)
        && !names
            .iter()
            .any(|name| memchr::memmem::find(value, name).is_some())
}

/// Whether symbols only join words: `user:name`, `a/b`.
fn is_phrase(value: &[u8], sorts: Sorts) -> bool {
    let (share, pairs) = wordiness(value);
    sorts.digits == 0
        && share > 0.8
        && pairs >= 5
        && value.iter().all(|b| !b"!@#$%^&*?".contains(b))
}

/// Whether a value is a name with a number: `value_1`, `password2_field`.
fn is_name_with_number(value: &[u8], sorts: Sorts) -> bool {
    let is_name = value
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b));
    let joined = value.iter().any(|b| b"_-.".contains(b));
    is_name && joined && sorts.digits <= 2 && is_wordy(value)
}

/// A value that chance chose.
fn chance(value: &[u8], style: Style, least: usize) -> Option<f32> {
    let sorts = Sorts::of(value);
    let is_text = value.iter().all(|b| b.is_ascii_graphic());
    if !(least..=1024).contains(&sorts.length) || !is_text || sorts.letters() == 0 {
        return None;
    }
    if is_harmless(value, style) || is_wordy(value) || is_listing(value) {
        return None;
    }
    let loose = matches!(style, Style::Prose | Style::Blank);
    if loose && (sorts.digits == 0 || sorts.length < 20) {
        return None;
    }
    if sorts.digits == 0 && (sorts.length < 24 || sorts.upper == 0 || sorts.lower == 0) {
        return None;
    }
    if is_hex(value) && sorts.length < 20 {
        return None;
    }
    let needed = if is_hex(value) { 2.9 } else { 3.3 };
    let entropy = entropy(value);
    if entropy < needed {
        return None;
    }
    Some(if entropy > 4.0 || sorts.length >= 32 {
        0.8
    } else {
        0.65
    })
}

/// Whether a value is a path, a list or a sentence in code.
fn is_listing(value: &[u8]) -> bool {
    let parts = value.split(|b| b"_-./:,".contains(b));
    let (mut words, mut others) = (0, 0);
    for part in parts.filter(|part| part.len() > 1) {
        let (share, pairs) = wordiness(part);
        let letters = part.iter().all(u8::is_ascii_alphabetic);
        if letters && (pairs < 3 || share > 0.6) {
            words += part.len();
        } else {
            others += part.len();
        }
    }
    words > others
}

/// A secret that is too short for chance to be told from names, but has signs in it that names lack.
fn short_secret(value: &[u8], style: Style) -> Option<f32> {
    let sorts = Sorts::of(value);
    let fits = (8..16).contains(&sorts.length)
        && sorts.classes() >= 3
        && sorts.digits >= 2
        && sorts.blanks == 0
        && sorts.symbols <= 3
        && !value.iter().any(|b| b":/,;()[]{}<>=".contains(b));
    (fits
        && !is_harmless(value, style)
        && !is_weak(value)
        && !is_wordy(value)
        && entropy(value) >= 2.9)
        .then_some(0.5)
}
