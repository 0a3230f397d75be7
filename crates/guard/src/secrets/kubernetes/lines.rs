//! The lines of YAML around a place, whether its line feeds are real or written as an escape.

use std::ops::Range;

/// A line of YAML.
#[derive(Debug)]
pub(super) struct Line {
    /// Where its text begins, after blanks and dashes, and ends, without blanks.
    pub(super) start: usize,
    pub(super) end: usize,
    /// How far its text is indented.
    pub(super) column: usize,
    /// Whether a dash of a list stands before its text.
    pub(super) has_dash: bool,
    /// Whether it is empty or a remark.
    pub(super) is_blank: bool,
}

/// Lines up to where the document ends that they are part of.
pub(super) struct Lines {
    pub(super) all: Vec<Line>,
}

impl Lines {
    /// Those around a place.
    pub(super) fn around(text: &[u8], place: usize, within: Range<usize>) -> Self {
        let feed = feed(text, place, within.clone());
        let mut all: Vec<Line> = Vec::new();
        let mut at = within.start;
        while at < within.end {
            let next = memchr::memmem::find(&text[at..within.end], feed);
            let end = next.map_or(within.end, |next| at + next);
            let is_border = text[at..end].starts_with(b"---");
            if is_border && at > place {
                break;
            }
            if is_border {
                all.clear();
            } else {
                all.push(Line::of(text, at, end));
            }
            at = end + feed.len();
        }
        Self { all }
    }
}

/// How lines end around a place.
fn feed(text: &[u8], place: usize, within: Range<usize>) -> &'static [u8] {
    let before = &text[within.start..place];
    let indent = before
        .iter()
        .rev()
        .take_while(|b| b" -\t".contains(b))
        .count();
    let before = &before[..before.len() - indent];
    let after = &text[place..within.end];
    let escaped = memchr::memmem::find(after, b"\\n").unwrap_or(usize::MAX);
    let real = memchr::memchr(b'\n', after).unwrap_or(usize::MAX);
    match before {
        [.., b'\n'] => b"\n",
        [.., b'\\', b'\\', b'n'] => b"\\\\n",
        [.., b'\\', b'n'] => b"\\n",
        _ if escaped < real => b"\\n",
        _ => b"\n",
    }
}

impl Line {
    fn of(text: &[u8], start: usize, end: usize) -> Self {
        let blank = |b: &u8| matches!(b, b' ' | b'\t');
        let mut at = start + text[start..end].iter().take_while(|b| blank(b)).count();
        let mut has_dash = false;
        while text[at..end].starts_with(b"- ") {
            has_dash = true;
            at += 1;
            at += text[at..end].iter().take_while(|b| blank(b)).count();
        }
        let trimmed = text[at..end].trim_ascii_end();
        Self {
            start: at,
            end: at + trimmed.len(),
            column: at - start,
            has_dash,
            is_blank: trimmed.is_empty() || trimmed.starts_with(b"#"),
        }
    }

    pub(super) fn contains(&self, place: usize) -> bool {
        (self.start..self.end).contains(&place)
    }

    /// Its key, without quotes, if it has one.
    pub(super) fn key(&self, text: &[u8]) -> Option<Range<usize>> {
        let line = &text[self.start..self.end];
        let colon = line
            .windows(2)
            .position(|two| two[0] == b':' && b" \t".contains(&two[1]))
            .or_else(|| line.ends_with(b":").then(|| line.len() - 1))?;
        let quote = |b: &u8| b"\"'\\".contains(b);
        let start = line[..colon].iter().take_while(|b| quote(b)).count();
        let end = colon
            - line[start..colon]
                .iter()
                .rev()
                .take_while(|b| quote(b))
                .count();
        let key = &line[start..end];
        let of_key = |b: &u8| b.is_ascii_alphanumeric() || b"._-".contains(b);
        (!key.is_empty() && key.iter().all(of_key)).then_some(self.start + start..self.start + end)
    }

    /// What stands behind its key.
    pub(super) fn after_key(&self, text: &[u8], key: &Range<usize>) -> Range<usize> {
        let rest = &text[key.end..self.end];
        let gap = rest.iter().take_while(|b| b"\"'\\".contains(b)).count() + 1;
        let from = (key.end + gap).min(self.end);
        let blanks = text[from..self.end]
            .iter()
            .take_while(|b| b" \t".contains(b))
            .count();
        from + blanks..self.end
    }
}
