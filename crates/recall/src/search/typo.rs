//! Forgiving typos where nothing matches: the nearest terms that occur.

use rusqlite::Connection;

use super::query::Query;
use crate::Result;

/// Terms looked at for one typo; the vocabulary of a first letter is seldom larger.
const MAX_LOOKED_AT: usize = 200_000;

/// Puts the nearest known terms in place of unknown ones. Returns the replacements.
pub(super) fn correct(connection: &Connection, query: &mut Query) -> Result<Vec<String>> {
    let mut corrected = Vec::new();
    // A code or number with another digit is another one.
    let is_word = |text: &str| !text.contains(|c: char| c.is_numeric());
    for term in query
        .terms
        .iter_mut()
        .filter(|term| !term.is_prefix && is_word(&term.text))
    {
        if let Some(nearest) = nearest(connection, &term.text)? {
            corrected.push(format!("`{nearest}`"));
            term.text.clone_from(&nearest);
            term.typed = nearest;
        }
    }
    Ok(corrected)
}

/// The most frequent of the terms nearest to a word, which share its first letter.
fn nearest(connection: &Connection, word: &str) -> Result<Option<String>> {
    let length = word.chars().count();
    let allowed = match length {
        0..4 => return Ok(None),
        4..8 => 1,
        _ => 2,
    };
    let Some(first) = word.chars().next() else {
        return Ok(None);
    };
    let mut best: Option<(usize, i64, String)> = None;
    for table in ["prose_vocabulary", "payload_vocabulary"] {
        let sql = format!("SELECT term, doc FROM {table} WHERE term >= ?1 AND term < ?2");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([first.to_string(), format!("{first}\u{10ffff}")])?;
        let mut looked_at = 0;
        while let Some(row) = rows.next()? {
            let term = row.get_ref(0)?.as_str().unwrap_or_default();
            looked_at += 1;
            if looked_at > MAX_LOOKED_AT {
                break;
            }
            if term.chars().count().abs_diff(length) > allowed {
                continue;
            }
            let Some(distance) = distance(word, term, allowed) else {
                continue;
            };
            let count: i64 = row.get(1)?;
            let better = best
                .as_ref()
                .is_none_or(|(d, c, _)| distance < *d || distance == *d && count > *c);
            if better {
                best = Some((distance, count, term.to_owned()));
            }
        }
    }
    Ok(best.map(|(_, _, term)| term))
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
