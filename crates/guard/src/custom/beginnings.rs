//! What matches of a regular expression may begin with: every text that more text could make a match of.

use regex::Regex;
use regex_syntax::hir::{Hir, HirKind, Repetition};

/// Parts within parts of an expression that are followed; what is deeper may be anything.
const MAX_DEPTH: usize = 160;

/// Bytes that a compiled expression of beginnings may take.
const MAX_COMPILED_BYTES: usize = 4 << 20;

/// Finds at the end of a text the earliest place from which on it is the beginning of a match, or a match;
/// the empty one is a beginning, too. Assertions such as `\b` count as fulfilled, since that may depend on
/// what follows. `None` if the expression is none, or takes too much memory.
pub(super) fn at_the_end(pattern: &str) -> Option<Regex> {
    let whole = regex_syntax::parse(pattern).ok()?;
    let beginnings = beginnings(&whole, 0);
    let nested = u32::try_from(8 * MAX_DEPTH).ok()?;
    regex::RegexBuilder::new(&format!("(?:{beginnings})\\z"))
        .size_limit(MAX_COMPILED_BYTES)
        .dfa_size_limit(MAX_COMPILED_BYTES)
        .nest_limit(nested)
        .build()
        .ok()
}

/// An expression for all beginnings of matches of another, the empty one and whole matches among them.
fn beginnings(whole: &Hir, depth: usize) -> Hir {
    if depth > MAX_DEPTH {
        return anything();
    }
    match whole.kind() {
        HirKind::Empty | HirKind::Look(_) => Hir::empty(),
        HirKind::Literal(literal) => {
            let Ok(text) = std::str::from_utf8(&literal.0) else {
                return anything();
            };
            if text.chars().count() == 1 {
                return optional(whole.clone());
            }
            let letters = text
                .chars()
                .map(|c| Hir::literal(c.to_string().into_bytes()));
            of_sequence(&letters.collect::<Vec<_>>(), depth)
        }
        HirKind::Class(_) => optional(whole.clone()),
        HirKind::Repetition(repetition) => {
            if repetition.max == Some(0) {
                return Hir::empty();
            }
            let before = Hir::repetition(Repetition {
                min: 0,
                max: repetition.max.map(|max| max - 1),
                greedy: true,
                sub: Box::new(without_looks(&repetition.sub)),
            });
            Hir::concat(vec![before, beginnings(&repetition.sub, depth + 1)])
        }
        HirKind::Capture(capture) => beginnings(&capture.sub, depth + 1),
        HirKind::Concat(parts) => of_sequence(parts, depth),
        HirKind::Alternation(parts) => {
            let parts = parts.iter().map(|part| beginnings(part, depth + 1));
            Hir::alternation(parts.collect())
        }
    }
}

/// Beginnings of parts that follow one another: a beginning of the first, or all of it and a beginning of
/// the rest.
fn of_sequence(parts: &[Hir], depth: usize) -> Hir {
    let Some((first, rest)) = parts.split_first() else {
        return Hir::empty();
    };
    if depth > MAX_DEPTH {
        return anything();
    }
    let own = beginnings(first, depth + 1);
    if rest.is_empty() {
        return own;
    }
    let further = Hir::concat(vec![without_looks(first), of_sequence(rest, depth + 1)]);
    Hir::alternation(vec![further, own])
}

fn optional(part: Hir) -> Hir {
    Hir::repetition(Repetition {
        min: 0,
        max: Some(1),
        greedy: true,
        sub: Box::new(part),
    })
}

fn anything() -> Hir {
    Hir::repetition(Repetition {
        min: 0,
        max: None,
        greedy: true,
        sub: Box::new(Hir::dot(regex_syntax::hir::Dot::AnyChar)),
    })
}

/// An expression without its assertions and groups.
fn without_looks(part: &Hir) -> Hir {
    match part.kind() {
        HirKind::Look(_) => Hir::empty(),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            sub: Box::new(without_looks(&repetition.sub)),
            ..repetition.clone()
        }),
        HirKind::Capture(capture) => without_looks(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(without_looks).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(without_looks).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => part.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::at_the_end;

    #[track_caller]
    fn check(pattern: &str, text: &str, begun: &str) {
        let found = at_the_end(pattern).expect("an expression of a bearable size");
        let start = found.find(text).map_or(text.len(), |found| found.start());
        assert_eq!(&text[start..], begun, "{pattern} in {text:?}");
    }

    #[test]
    fn what_may_become_a_match_is_told() {
        check("project mongoose", "our project mon", "project mon");
        check(
            "project mongoose",
            "our project mongoose",
            "project mongoose",
        );
        check("project mongoose", "our project mongoose ", "");
        check("project mongoose", "our project mouse", "");
        check(r"\bEMP-[0-9]{6}\b", "an EMP-12", "EMP-12");
        check(r"\bEMP-[0-9]{6}\b", "an EMP-123456", "EMP-123456");
        check(r"\bEMP-[0-9]{6}\b", "an EMP-1234567", "");
        check(r"EMP(?:[ -]\d{2,4}){2,5}", "EMP 12-3456 ", "EMP 12-3456 ");
        check(r"EMP(?:[ -]\d{2,4}){2,5}", "EMP 12-3456 x", "");
        check("(?i)straße|weg", "die STRASx", "");
        check("(?i)straße|weg", "die STRAß", "STRAß");
        check("a|aab", "xaa", "aa");
        check("a*", "baa", "aa");
        check("", "abc", "");
        check("^(?:)$", "abc", "");
        check("(?s)begin.*?end", "begin and on", "begin and on");
        check("(?s)begin.*?end", "begin, end, on", "begin, end, on");
        check("日本語", "日本", "日本");
    }

    #[test]
    fn long_expressions_are_bounded() {
        let long = "word ".repeat(200);
        assert!(at_the_end(&long).is_some_and(|found| found.is_match("word wo")));
        let deep = format!("{}a{}", "(".repeat(100), ")*".repeat(100));
        assert!(at_the_end(&deep).is_none_or(|found| found.is_match("aaa")));
        assert!(
            at_the_end(&"(?:a{1,50}b?){1,50}".repeat(8)).is_none_or(|found| found.is_match(""))
        );
    }
}
