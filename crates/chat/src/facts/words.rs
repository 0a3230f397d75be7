//! A text as words between single spaces, in which phrases are looked for.

/// The words of a text in lower case, with a space before, between and behind them.
pub(super) struct SpacedWords(String);

impl SpacedWords {
    pub(super) fn of(text: &str) -> Self {
        let mut spaced = String::with_capacity(text.len() + 2);
        spaced.push(' ');
        for c in text.chars().flat_map(char::to_lowercase) {
            match c {
                '’' | '\'' | '`' => spaced.push('\''),
                '-' => spaced.push('-'),
                c if c.is_alphanumeric() => spaced.push(c),
                _ if spaced.ends_with(' ') => {}
                _ => spaced.push(' '),
            }
        }
        if !spaced.ends_with(' ') {
            spaced.push(' ');
        }
        Self(spaced)
    }

    /// Where a phrase of whole words begins.
    pub(super) fn find(&self, phrase: &str) -> Option<usize> {
        self.0.match_indices(phrase).map(|(at, _)| at).find(|at| {
            let end = at + phrase.len();
            self.0[..*at].ends_with(' ') && self.0[end..].starts_with(' ')
        })
    }

    /// Whether any of the phrases is in it, which have `|` between them.
    pub(super) fn has(&self, phrases: &str) -> bool {
        phrases.split('|').any(|phrase| self.find(phrase).is_some())
    }

    /// The words.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|word| !word.is_empty())
    }
}
