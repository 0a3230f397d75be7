//! Masks: what is put in the place of a finding, and how placeholders are recognised in a text.

use std::borrow::Cow;
use std::collections::HashMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::finding::Finding;

/// What a placeholder begins with.
pub(crate) const PLACEHOLDER_START: &str = "[masked:";

/// Hexadecimal digits of a placeholder that tell one value from another.
const PLACEHOLDER_HEX_DIGITS: usize = 8;

/// Bytes of an entity's name in a placeholder.
const MAX_ENTITY_BYTES: usize = 56;

/// What is put in the place of a finding.
///
/// Only a placeholder can be told from what it stands for, so only with it is masking a masked text
/// sure to change nothing: it is what is used at rest. A hash under the name of a secret looks like
/// a secret, and the last four letters may be part of one with what stands around them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mask {
    /// `[masked:API_KEY:1f0c93aa]`: the entity, and the first eight hexadecimal digits of the value's
    /// HMAC-SHA256. The same value, entity and key give the same placeholder.
    #[default]
    Placeholder,
    /// As many `*` as the value has characters.
    SameLength,
    /// The value's HMAC-SHA256 in 64 hexadecimal digits.
    Hash,
    /// `*` for all letters and digits but the last four, or for all if there are fewer than twelve; other
    /// characters, such as `-` and `@`, stay.
    LastFour,
}

impl Mask {
    /// Every mask, the default first.
    pub const ALL: [Self; 4] = [
        Self::Placeholder,
        Self::SameLength,
        Self::Hash,
        Self::LastFour,
    ];

    /// The mask's name as settings write it: `placeholder`, `same-length`, `hash` or `last-four`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Placeholder => "placeholder",
            Self::SameLength => "same-length",
            Self::Hash => "hash",
            Self::LastFour => "last-four",
        }
    }

    /// The mask that [`Mask::name`] calls so; `None` for any other word; case counts.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mask| mask.name() == name)
    }
}

/// Replaces findings by masks that depend on a secret key, so that whoever sees a placeholder can't
/// test guesses of the value without the key.
#[derive(Clone)]
pub struct Masker {
    mac: Hmac<Sha256>,
    mask: Mask,
}

impl std::fmt::Debug for Masker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Masker")
            .field("mask", &self.mask)
            .finish_non_exhaustive()
    }
}

impl Masker {
    /// A masker with this key of 32 bytes, which should be kept apart from what is masked with it.
    #[must_use]
    pub fn new(key: &[u8; 32], mask: Mask) -> Self {
        // HMAC fills a short key up with zeros to the hash's block anyway.
        let mut block = [0; 64];
        block[..32].copy_from_slice(key);
        let mac = Hmac::new(&block.into());
        Self { mac, mask }
    }

    /// `text` with each finding replaced. Where findings overlap, one mask takes the place of all,
    /// named after the first of them by kind and then by place. The findings must be of this text.
    ///
    /// # Panics
    ///
    /// If a finding reaches beyond the text or begins or ends within a character.
    #[must_use]
    pub fn mask<'a>(&self, text: &'a str, findings: &[Finding]) -> Cow<'a, str> {
        replace(text, findings, |entity, value| self.instead(entity, value))
    }

    /// What is put in the place of `value`, which is of the entity `entity`, such as `API_KEY`, in the form
    /// of this masker's [`Mask`]; always the same for the same value, entity and key. With
    /// [`Mask::LastFour`] a part of the value stays readable. In a placeholder the entity is cut after 56
    /// bytes, and has `_` for characters other than ASCII letters, digits, `_`, `-` and `/`.
    #[must_use]
    pub fn instead(&self, entity: &str, value: &str) -> String {
        match self.mask {
            Mask::Placeholder => {
                let digits = &self.digest(value)[..PLACEHOLDER_HEX_DIGITS];
                format!("{PLACEHOLDER_START}{}:{digits}]", entity_name(entity))
            }
            Mask::SameLength => "*".repeat(value.chars().count()),
            Mask::Hash => self.digest(value),
            Mask::LastFour => last_four(value),
        }
    }

    fn digest(&self, value: &str) -> String {
        let mut mac = self.mac.clone();
        mac.update(value.as_bytes());
        let bytes = mac.finalize().into_bytes();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn last_four(value: &str) -> String {
    let count = value.chars().filter(|c| c.is_alphanumeric()).count();
    let hidden = if count < 12 { count } else { count - 4 };
    let mut seen = 0;
    let instead = |c: char| {
        if !c.is_alphanumeric() {
            return c;
        }
        seen += 1;
        if seen <= hidden { '*' } else { c }
    };
    value.chars().map(instead).collect()
}

/// Replaces findings and joins those that overlap.
fn replace<'a>(
    text: &'a str,
    findings: &[Finding],
    mut instead: impl FnMut(&str, &str) -> String,
) -> Cow<'a, str> {
    if findings.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| (finding.start, std::cmp::Reverse(finding.end)));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    let mut rest = sorted.into_iter().peekable();
    while let Some(mut first) = rest.next() {
        let start = first.start;
        let mut end = first.end;
        while let Some(next) = rest.next_if(|next| next.start < end) {
            end = end.max(next.end);
            if next.kind < first.kind {
                first = next;
            }
        }
        out.push_str(&text[done..start]);
        out.push_str(&instead(&first.entity, &text[start..end]));
        done = end;
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// Numbered placeholders (`<EMAIL_ADDRESS_1>`) that can be undone as long as the vault lives: for
/// one conversation, whose model sees placeholders and whose person sees values. It holds the values in
/// memory only.
#[derive(Debug, Default)]
pub struct Vault {
    placeholders: HashMap<(String, String), String>,
    values: HashMap<String, String>,
    counts: HashMap<String, usize>,
}

impl Vault {
    /// `text` with each finding replaced by a placeholder, whose value this vault remembers. The same value
    /// of the same entity has the same placeholder each time; findings that overlap become one.
    ///
    /// # Panics
    ///
    /// As [`Masker::mask`].
    pub fn mask<'a>(&mut self, text: &'a str, findings: &[Finding]) -> Cow<'a, str> {
        replace(text, findings, |entity, value| {
            self.placeholder(text, entity, value)
        })
    }

    fn placeholder(&mut self, text: &str, entity: &str, value: &str) -> String {
        let key = (entity.to_owned(), value.to_owned());
        if let Some(known) = self.placeholders.get(&key) {
            return known.clone();
        }
        let count = self.counts.entry(entity.to_owned()).or_default();
        // What the text itself says must not be taken for a placeholder afterwards.
        let placeholder = loop {
            *count += 1;
            let placeholder = format!("<{entity}_{count}>");
            if !text.contains(&placeholder) {
                break placeholder;
            }
        };
        self.placeholders.insert(key, placeholder.clone());
        self.values.insert(placeholder.clone(), value.to_owned());
        placeholder
    }

    /// `text` with each placeholder that this vault gave replaced by the value that it stands for; other
    /// text, placeholders of other vaults too, stays.
    #[must_use]
    pub fn reveal<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.values.is_empty() || !text.contains('<') {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('<') {
            out.push_str(&rest[..open]);
            rest = &rest[open..];
            let known = rest
                .find('>')
                .map(|close| &rest[..=close])
                .and_then(|whole| Some((whole.len(), self.values.get(whole)?)));
            let taken = match known {
                Some((length, value)) => {
                    out.push_str(value);
                    length
                }
                None => {
                    out.push('<');
                    1
                }
            };
            rest = &rest[taken..];
        }
        out.push_str(rest);
        Cow::Owned(out)
    }
}

/// Where placeholders of [`Mask::Placeholder`] stand in a text: start and end of each.
pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = (usize, usize)> {
    memchr::memmem::find_iter(text.as_bytes(), PLACEHOLDER_START).filter_map(|start| {
        let rest = &text[start + PLACEHOLDER_START.len()..];
        let length = rest
            .bytes()
            .take(64 + PLACEHOLDER_HEX_DIGITS)
            .position(|byte| byte == b']')?;
        let (entity, digits) = rest[..length].rsplit_once(':')?;
        let is_ours = !entity.is_empty()
            && entity.chars().all(is_of_name)
            && digits.len() == PLACEHOLDER_HEX_DIGITS
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_ours.then_some((start, start + PLACEHOLDER_START.len() + length + 1))
    })
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/')
}

/// An entity's name as it stands in placeholders, which are recognised by it.
fn entity_name(entity: &str) -> Cow<'_, str> {
    if (1..=MAX_ENTITY_BYTES).contains(&entity.len()) && entity.chars().all(is_of_name) {
        return Cow::Borrowed(entity);
    }
    let known = |c| if is_of_name(c) { c } else { '_' };
    let name: String = entity.chars().map(known).take(MAX_ENTITY_BYTES).collect();
    if name.is_empty() {
        "_".into()
    } else {
        name.into()
    }
}

/// `text` with every placeholder of [`Mask::Placeholder`], or several of them side by side, as one
/// `[masked:]`: two texts that are alike but for what was masked, under which rule and key, and in how many
/// parts, become the same. For comparing texts that were masked at different times.
#[must_use]
pub fn collapse(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    for (start, end) in placeholders(text) {
        if done == 0 || start > done {
            out.push_str(&text[done..start]);
            out.push_str("[masked:]");
        }
        done = end;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}
