//! How far the archive is behind the logs, as a document and in words.

use recall::Lag;
use serde::Serialize;

use crate::number::{size, thousands};

/// How far the archive is behind the logs that assistants write: what was said and can't be found yet. All
/// zero, `false` and `null` if it has everything.
#[derive(Serialize)]
pub struct LagDoc {
    /// The number of log files with something that isn't in the archive.
    files: u64,
    /// The number of bytes of it.
    bytes: u64,
    /// Whether the look at the logs wasn't done in time, so that there may be more.
    unsure: bool,
    /// Why new messages can't be read at all, in words; `null` if they can.
    problem: Option<String>,
}

impl From<&Lag> for LagDoc {
    fn from(lag: &Lag) -> Self {
        Self {
            files: lag.files,
            bytes: lag.bytes,
            unsure: lag.unsure,
            problem: lag.problem.clone(),
        }
    }
}

/// A note for a person that an answer may lack the latest messages: how many files and bytes are still to be
/// read, that there was no time to look, or why they can't be read. `None` if the archive has all that the
/// logs have.
pub fn lag_note(lag: &Lag) -> Option<String> {
    if let Some(problem) = &lag.problem {
        return Some(format!("what was said last may be missing: {problem}"));
    }
    let what = match lag.files {
        0 if lag.unsure => {
            return Some(
                "the index perhaps lags: there was no time to look for what is new".to_owned(),
            );
        }
        0 => return None,
        1 => "1 file".to_owned(),
        files => format!("{} files", thousands(files)),
    };
    let bytes = size(lag.bytes);
    Some(format!(
        "the index lags: {what} ({bytes}) with something new are still being read"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_told_in_words() {
        let lag = |files, bytes| Lag {
            files,
            bytes,
            ..Lag::default()
        };
        assert_eq!(lag_note(&lag(0, 0)), None);
        let unsure = Lag {
            unsure: true,
            ..lag(0, 0)
        };
        assert!(lag_note(&unsure).is_some_and(|note| note.contains("perhaps lags")));
        assert_eq!(
            lag_note(&lag(1_200, 3_400_000)).unwrap_or_default(),
            "the index lags: 1,200 files (3.4 MB) with something new are still being read"
        );
    }
}
