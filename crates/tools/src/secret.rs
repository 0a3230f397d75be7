//! Values that may hold a secret: what was written is shown, what it stands for is not.

use std::fmt;

/// From which length on a value is taken out of texts, in bytes.
const TELLING_BYTES: usize = 6;

/// The same for a word of it: `Basic` and `Bearer` aren't secret.
const TELLING_WORD: usize = 8;

/// A value of the configuration in which variables were replaced. `Debug` and `Display` show it as it is written in
/// the file, with `${NAME}` where a variable stands, or nothing of it if the file itself has the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Guarded {
    value: String,
    shown: String,
}

impl Guarded {
    /// A value that holds no secret of its own: it is shown as `written`.
    #[must_use]
    pub fn new(value: String, written: &str) -> Self {
        Self {
            value,
            shown: written.to_owned(),
        }
    }

    /// A value of which nothing is shown but the variables in it.
    #[must_use]
    pub fn hidden(value: String, written: &str) -> Self {
        let shown = match written.contains("${") {
            true => written.to_owned(),
            false => "…".to_owned(),
        };
        Self { value, shown }
    }

    /// The value itself, for whom it is meant and nobody else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.value
    }

    /// The text without this value and its words, such as the key behind `Bearer`, if they are long enough that they
    /// can't stand there by chance.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        if self.value == self.shown {
            return text.to_owned();
        }
        let words = self
            .value
            .split_whitespace()
            .filter(|word| word.len() >= TELLING_WORD);
        let whole = Some(&*self.value).filter(|value| value.len() >= TELLING_BYTES);
        whole
            .into_iter()
            .chain(words)
            .fold(text.to_owned(), |text, secret| {
                text.replace(secret, "[secret]")
            })
    }
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.shown)
    }
}

impl fmt::Display for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}
