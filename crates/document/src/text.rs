//! Text without a structure: cut at blank lines.

use crate::section::SectionPlace;
use crate::splitter::Splitter;

/// Reads text.
pub(crate) fn read(text: &str, splitter: &mut Splitter<'_>) {
    for (first, paragraph) in paragraphs(text) {
        splitter.block(&paragraph, &lines_place(first, &paragraph));
        if splitter.is_full() {
            return;
        }
    }
}

/// Paragraphs with the number of their first line, from 1.
fn paragraphs(text: &str) -> impl Iterator<Item = (u32, String)> {
    let mut lines = (1..).zip(text.lines()).peekable();
    std::iter::from_fn(move || {
        while lines.next_if(|(_, line)| line.trim().is_empty()).is_some() {}
        let (first, line) = lines.next()?;
        let mut paragraph = line.to_owned();
        while let Some((_, line)) = lines.next_if(|(_, line)| !line.trim().is_empty()) {
            paragraph.push('\n');
            paragraph.push_str(line);
        }
        Some((first, paragraph))
    })
}

/// The place of lines that begin with this one.
pub(crate) fn lines_place(first: u32, text: &str) -> SectionPlace {
    let more = text
        .trim_end_matches('\n')
        .bytes()
        .filter(|byte| *byte == b'\n')
        .count();
    SectionPlace {
        lines: Some((
            first,
            first + u32::try_from(more).unwrap_or(u32::MAX - first),
        )),
        ..SectionPlace::default()
    }
}
