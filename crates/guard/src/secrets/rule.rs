//! What rules are made of.

/// A key or token of a provider.
pub(super) const API_KEY: &str = "API_KEY";
/// A token that gives access for a while.
pub(super) const ACCESS_TOKEN: &str = "ACCESS_TOKEN";
/// A password.
pub(super) const PASSWORD_ENTITY: &str = "PASSWORD";
/// A private key.
pub(super) const PRIVATE_KEY: &str = "PRIVATE_KEY";
/// The secret part of a connection string.
pub(super) const CONNECTION_STRING: &str = "CONNECTION_STRING";
/// A JSON web token.
pub(super) const JWT_ENTITY: &str = "JWT";
/// An address that gives access to whoever knows it.
pub(super) const WEBHOOK_URL: &str = "WEBHOOK_URL";

/// The form of a UUID.
pub(super) const UUID_SHAPE: &str = "[H]{8}-[H]{4}-[H]{4}-[H]{4}-[H]{12}";

/// A key that its own form gives away.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyRule {
    /// The rule's id; that of gitleaks where it has the same rule.
    pub id: &'static str,
    /// What it is, for a person.
    pub what: &'static str,
    /// Its form.
    pub shape: &'static str,
    /// Whether its form begins before the literal that it is looked for by.
    pub open: bool,
    /// Where in its form that literal is.
    pub literal: (usize, usize),
    /// What it is in the field's names.
    pub entity: &'static str,
    /// A checksum that tells real ones from others.
    pub checksum: Option<fn(&[u8]) -> bool>,
    /// Whether only part of what the form matches is the secret: what follows the last of this byte.
    pub after: Option<u8>,
    /// Whether it is looked for by the six letters between two dots in it, since its literal is in many words.
    pub by_dots: bool,
}

/// A key.
pub(super) const fn key(id: &'static str, what: &'static str, shape: &'static str) -> KeyRule {
    let literal = literal(shape.as_bytes());
    KeyRule {
        id,
        what,
        shape,
        open: literal.0 > 0,
        literal,
        entity: API_KEY,
        checksum: None,
        after: None,
        by_dots: false,
    }
}

/// Where the literal is that a form is looked for by: after `^`, else at the start or after the first
/// run.
const fn literal(shape: &[u8]) -> (usize, usize) {
    let mut start = 0;
    let mut at = 0;
    while at < shape.len() {
        if shape[at] == b'^' || (shape[at] == b'}' && start == 0 && shape[0] == b'[') {
            start = at + 1;
        }
        at += 1;
    }
    let mut end = start;
    while end < shape.len() && shape[end] != b'[' {
        end += 1;
    }
    (start, end)
}

impl KeyRule {
    /// The literal that its form is looked for by.
    pub(super) fn literal(&self) -> &'static str {
        &self.shape[self.literal.0..self.literal.1]
    }
}

/// A token.
pub(super) const fn token(id: &'static str, what: &'static str, shape: &'static str) -> KeyRule {
    key(id, what, shape).of(ACCESS_TOKEN)
}

impl KeyRule {
    /// This rule for another entity.
    pub(super) const fn of(mut self, entity: &'static str) -> Self {
        self.entity = entity;
        self
    }

    /// This rule with a checksum that tells real keys from others.
    pub(super) const fn checked(mut self, checksum: fn(&[u8]) -> bool) -> Self {
        self.checksum = Some(checksum);
        self
    }

    /// This rule where only what follows the last `byte` is secret.
    pub(super) const fn after(mut self, byte: u8) -> Self {
        self.after = Some(byte);
        self
    }

    /// This rule looked for by the dots in its form.
    pub(super) const fn by_dots(mut self) -> Self {
        self.by_dots = true;
        self
    }
}

/// A key that looks like any other, and that the name before it tells apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct NamedKeyRule {
    /// The rule's id; that of gitleaks where it has the same rule.
    pub id: &'static str,
    /// What it is, for a person.
    pub what: &'static str,
    /// What its name has in it, in lower case.
    pub names: &'static [&'static str],
    /// Its form.
    pub shape: &'static str,
}

/// A key with a name.
pub(super) const fn named(
    id: &'static str,
    what: &'static str,
    names: &'static [&'static str],
    shape: &'static str,
) -> NamedKeyRule {
    NamedKeyRule {
        id,
        what,
        names,
        shape,
    }
}

/// What something is, with the article that it has when it is said: `an AWS access key`, `a Stripe secret key`.
pub(super) fn with_article(what: &str) -> String {
    const SAID_WITH_A_VOWEL: &[&str] = &["NVIDIA", "npm", "SMTP", "SSH"];
    const SAID_WITH_A_CONSONANT: &[&str] = &["One", "Uni", "Use", "UUID", "Eu"];
    let starts = |words: &[&str]| words.iter().any(|word| what.starts_with(word));
    let is_vowel = what.starts_with(['A', 'E', 'I', 'O', 'U', 'a', 'e', 'i', 'o', 'u']);
    let takes_an = starts(SAID_WITH_A_VOWEL) || (is_vowel && !starts(SAID_WITH_A_CONSONANT));
    format!("{} {what}", if takes_an { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::with_article;

    #[test]
    fn the_article_is_that_of_the_sound() {
        for (what, said) in [
            ("AWS access key id", "an AWS access key id"),
            ("OpenAI API key", "an OpenAI API key"),
            ("OneSignal API key", "a OneSignal API key"),
            ("NVIDIA API key", "an NVIDIA API key"),
            ("age secret key", "an age secret key"),
            ("GitHub OAuth token", "a GitHub OAuth token"),
        ] {
            assert_eq!(with_article(what), said);
        }
    }
}
