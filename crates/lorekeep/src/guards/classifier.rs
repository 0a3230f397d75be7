//! A second opinion on prompt injection, by a classifier that the person brings along.

use std::path::PathBuf;
use std::sync::OnceLock;

use embed::Classifier;
use guard::{Finding, Kind, SecondOpinion};

/// Bytes that are classified at once: less than the 512 tokens that such networks read.
const PIECE_BYTES: usize = 1500;

/// Pieces of a text that are classified at most: the first ones and the last ones, since each takes
/// tens of milliseconds.
const FIRST_PIECES: usize = 12;
const LAST_PIECES: usize = 4;

/// The classifier, loaded when it is first asked.
pub(super) struct ClassifierOpinion {
    directory: PathBuf,
    score: f64,
    classifier: OnceLock<Result<Classifier, String>>,
}

impl ClassifierOpinion {
    /// The classifier in a directory; it finds what has at least this score.
    pub(super) fn new(directory: PathBuf, score: f64) -> Self {
        Self {
            directory,
            score,
            classifier: OnceLock::new(),
        }
    }

    fn classifier(&self) -> Result<&Classifier, String> {
        let open = || Classifier::open(&self.directory, 1).map_err(|error| error.to_string());
        self.classifier
            .get_or_init(open)
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl SecondOpinion for ClassifierOpinion {
    fn name(&self) -> &'static str {
        "classifier"
    }

    fn kind(&self) -> Kind {
        Kind::Injection
    }

    fn find(&self, text: &str) -> Result<Vec<Finding>, String> {
        let classifier = self.classifier()?;
        let mut findings = Vec::new();
        for (start, end) in pieces(text) {
            let piece = &text[start..end];
            let score = classifier.score(piece).map_err(|error| error.to_string())?;
            if f64::from(score) >= self.score {
                findings.push(Finding {
                    kind: Kind::Injection,
                    entity: "PROMPT_INJECTION".into(),
                    rule: "classifier".into(),
                    start,
                    end,
                    score,
                    why: "the classifier of the settings takes it for an attack".into(),
                });
            }
        }
        Ok(findings)
    }
}

/// Where the pieces of a text are that are classified, cut between words.
fn pieces(text: &str) -> Vec<(usize, usize)> {
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let whole = text.floor_char_boundary(start + PIECE_BYTES);
        let is_last = whole == text.len();
        let space = text[start..whole].rfind(char::is_whitespace);
        let end = match space {
            Some(at) if !is_last && at > 0 => start + at,
            _ => whole,
        };
        if !text[start..end].trim().is_empty() {
            pieces.push((start, end));
        }
        start = end;
    }
    if pieces.len() > FIRST_PIECES + LAST_PIECES {
        pieces.drain(FIRST_PIECES..pieces.len() - LAST_PIECES);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PIECES, LAST_PIECES, PIECE_BYTES, pieces};

    #[test]
    fn pieces_cover_a_text_and_few_of_a_long_one() {
        let text = "wörter und mehr ".repeat(300);
        let found = pieces(&text);
        assert_eq!(found.first().map(|piece| piece.0), Some(0));
        assert_eq!(found.last().map(|piece| piece.1), Some(text.len()));
        assert!(found.windows(2).all(|pair| pair[0].1 == pair[1].0));
        assert!(found.iter().all(|(start, end)| end - start <= PIECE_BYTES));
        assert_eq!(
            pieces(&"ä".repeat(100_000)).len(),
            FIRST_PIECES + LAST_PIECES
        );
        assert_eq!(pieces(" \n "), []);
    }
}
