//! Forgiving typos where nothing matches: the nearest terms that occur.

use rusqlite::{Connection, params};

use rustc_hash::FxHashSet;

use super::exact::{payload_of, text_of};
use super::excerpt::places;
use super::query::Query;
use crate::Result;
use crate::index::TermRow;
use crate::store::{MessageId, Reader, Row};
use crate::text::Analyzer;

/// Terms looked at for one typo; the vocabulary of a first letter is seldom larger.
const MAX_LOOKED_AT: i64 = 200_000;

/// What finding the words that were meant needs.
pub(super) struct TypoContext<'a> {
    pub(super) connection: &'a Connection,
    pub(super) reader: &'a mut Reader,
    pub(super) analyzer: &'a mut Analyzer,
    pub(super) in_scope: &'a dyn Fn(MessageId) -> bool,
}

/// Puts the nearest terms that occur in scope in place of unknown ones. Returns each as it was typed, with the
/// word that was taken for it as a message has it.
pub(super) fn correct(
    context: &mut TypoContext<'_>,
    query: &mut Query,
) -> Result<Vec<(String, String)>> {
    let mut corrected = Vec::new();
    // A code or number with another digit is another one.
    let is_word = |text: &str| !text.contains(|c: char| c.is_numeric());
    for term in query
        .terms
        .iter_mut()
        .filter(|term| !term.is_prefix && is_word(&term.text))
    {
        if let Some((nearest, message)) = nearest(context, &term.text)? {
            let word = context.word(&nearest, message)?;
            let typed = std::mem::replace(&mut term.typed, word.clone());
            corrected.push((typed, word));
            term.text = nearest;
        }
    }
    Ok(corrected)
}

impl TypoContext<'_> {
    /// A term of the index, which is a stem, as a word of a message that has it.
    fn word(&mut self, term: &str, message: MessageId) -> Result<String> {
        let Some(row) = Row::get(self.connection, message)? else {
            return Ok(term.to_owned());
        };
        let terms = FxHashSet::from_iter([term]);
        for read in [text_of, payload_of] {
            let text = read(self.connection, self.reader, &row)?;
            if let Some(place) = places(&text, &terms, &[], self.analyzer).first() {
                return Ok(text[place.clone()].to_lowercase());
            }
        }
        Ok(term.to_owned())
    }
}

/// The most frequent of the terms nearest to a word, which share its first letter, and a message that has it.
fn nearest(context: &TypoContext<'_>, word: &str) -> Result<Option<(String, MessageId)>> {
    let mut near = near(context.connection, word)?;
    near.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
    for (_, _, term) in near {
        if let Some(message) = first_with(context, &term)? {
            return Ok(Some((term, message)));
        }
    }
    Ok(None)
}

/// The terms near a word, each with its distance and in how many passages it is.
fn near(connection: &Connection, word: &str) -> Result<Vec<(usize, i64, String)>> {
    let length = word.chars().count();
    let allowed = match length {
        0..5 => return Ok(Vec::new()),
        5..9 => 1,
        _ => 2,
    };
    let first: String = word.chars().take(1).collect();
    let mut found = Vec::new();
    for table in ["prose_vocabulary", "payload_vocabulary"] {
        let sql = format!("SELECT term, doc FROM {table} WHERE term >= ?1 AND term < ?2 LIMIT ?3");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows =
            statement.query(params![first, format!("{first}\u{10ffff}"), MAX_LOOKED_AT])?;
        while let Some(row) = rows.next()? {
            let term = row.get_ref(0)?.as_str().unwrap_or_default();
            if term.chars().count().abs_diff(length) > allowed {
                continue;
            }
            if let Some(distance) = distance(word, term, allowed) {
                found.push((distance, row.get(1)?, term.to_owned()));
            }
        }
    }
    Ok(found)
}

/// A message in scope in which a term stands.
fn first_with(context: &TypoContext<'_>, term: &str) -> Result<Option<MessageId>> {
    for table in ["prose_terms", "payload_terms"] {
        let sql = format!("SELECT doc FROM {table} WHERE term = ?1");
        let mut statement = context.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([term])?;
        while let Some(row) = rows.next()? {
            let message = TermRow(row.get(0)?).passage().message();
            if (context.in_scope)(message) {
                return Ok(Some(message));
            }
        }
    }
    Ok(None)
}

/// Edits between two words, neighbours swapped counting as one; `None` beyond `most`.
fn distance(left: &str, right: &str, most: usize) -> Option<usize> {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let width = right.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for i in 1..=left.len() {
        let mut row = vec![i; width];
        for j in 1..width {
            let substitute = last[j - 1] + usize::from(left[i - 1] != right[j - 1]);
            row[j] = substitute.min(last[j] + 1).min(row[j - 1] + 1);
            let swapped =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if swapped {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        if row.iter().min()? > &most {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    Some(last[width - 1]).filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!(distance("retyr", "retri", 2), Some(2));
        assert_eq!(distance("reslove", "resolve", 1), Some(1));
        assert_eq!(distance("polici", "polici", 0), Some(0));
        assert_eq!(distance("abcdef", "uvwxyz", 2), None);
    }
}
