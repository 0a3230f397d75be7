//! A text that was said and the line of a log that it stands in, as the second reading has them.

use std::path::PathBuf;

/// A text that somebody said.
pub(super) struct Said {
    /// `user` or `assistant`.
    pub(super) role: &'static str,
    /// The text, with runs of white space made one.
    pub(super) text: String,
    /// Equal for repeats of one message, within a file and across files.
    pub(super) identity: String,
    /// Whether leaving it out is a loss. Otherwise the formats' description allows either.
    pub(super) required: bool,
    /// Whether its id tells it apart. Where somebody has blacked out the ids of a log, nobody can
    /// say how often a text was said.
    pub(super) countable: bool,
    /// File and line.
    pub(super) place: LogLine,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct LogLine {
    /// The file.
    pub(super) path: PathBuf,
    /// The line, from 1.
    pub(super) line: usize,
}

/// A text with every run of white space made one space. What a terminal would obey doesn't count:
/// an importer may drop it.
pub(super) fn squeezed(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| {
            if c.is_control() || c == '\u{feff}' {
                ' '
            } else {
                c
            }
        })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::squeezed;

    #[test]
    fn white_space_does_not_count() {
        assert_eq!(squeezed(" a\n\tb "), "a b");
    }
}
