//! Cuts a document into sections: along headings, and where one has more than fits into a section, at ends of
//! paragraphs, sentences or words.

use crate::limits::ExtractLimits;
use crate::section::{ExtractRecord, ExtractedSection, SectionPlace};

/// The length of a section, in bytes of text. Some 400 to 500 tokens: few enough to put several before a model.
pub(crate) const MAX_SECTION_BYTES: usize = 2_000;

/// A heading is cut there, in bytes.
const MAX_HEADING_BYTES: usize = 200;

/// How deep headings are told.
const MAX_HEADINGS: usize = 6;

/// What takes the records of a document.
pub(crate) type RecordSink<'a> = &'a mut dyn FnMut(ExtractRecord);

/// A document under way.
pub(crate) struct Splitter<'a> {
    sink: RecordSink<'a>,
    limits: ExtractLimits,
    /// Headings that hold, with their levels.
    headings: Vec<(u8, String)>,
    text: String,
    place: SectionPlace,
    number: u32,
    bytes: usize,
    is_full: bool,
}

impl<'a> Splitter<'a> {
    pub(crate) fn new(sink: RecordSink<'a>, limits: ExtractLimits) -> Self {
        Self {
            sink,
            limits,
            headings: Vec::new(),
            text: String::new(),
            place: SectionPlace::default(),
            number: 0,
            bytes: 0,
            is_full: false,
        }
    }

    /// Whether no more is taken: whoever reads can end.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// The bytes of text that are taken in all.
    #[cfg(feature = "pdf")]
    pub(crate) fn text_limit(&self) -> usize {
        self.limits.text_bytes
    }

    /// A heading: what comes next stands under it.
    pub(crate) fn heading(&mut self, level: u8, text: &str) {
        self.cut();
        self.headings.retain(|(above, _)| *above < level);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let end = text.floor_char_boundary(MAX_HEADING_BYTES.min(text.len()));
        if !text.is_empty() && self.headings.len() < MAX_HEADINGS {
            self.headings.push((level, text[..end].to_owned()));
        }
    }

    /// Whether what comes next stands under a heading.
    pub(crate) fn has_heading(&self) -> bool {
        !self.headings.is_empty()
    }

    /// Text that belongs together, such as a paragraph. Its lines are counted from the first of its place.
    pub(crate) fn block(&mut self, text: &str, place: &SectionPlace) {
        let text = text.trim_end();
        if text.trim().is_empty() || self.is_full {
            return;
        }
        if !self.text.is_empty() && self.text.len() + 2 + text.len() > MAX_SECTION_BYTES {
            self.cut();
        }
        if text.len() <= MAX_SECTION_BYTES {
            self.add(text, place);
            return;
        }
        // Lines are counted on from piece to piece: a paragraph may be a whole file.
        let (mut at, mut before) = (0, 0);
        while at < text.len() {
            let end = at + piece(&text[at..]);
            let mut own = place.clone();
            own.lines = place.lines.map(|(first, _)| {
                let inside = newlines(text[at..end].trim_end_matches('\n'));
                (first + before, first + before + inside)
            });
            self.add(&text[at..end], &own);
            before += newlines(&text[at..end]);
            at = end;
            if at < text.len() {
                self.cut();
            }
        }
    }

    fn add(&mut self, text: &str, place: &SectionPlace) {
        if text.trim().is_empty() {
            return;
        }
        if self.text.is_empty() {
            self.place = place.clone();
            self.text.push_str(text.trim_matches('\n').trim_end());
        } else {
            self.place.extend(place);
            self.text.push_str("\n\n");
            self.text.push_str(text.trim_matches('\n').trim_end());
        }
    }

    /// Ends the section at hand.
    pub(crate) fn cut(&mut self) {
        if self.text.is_empty() || self.is_full {
            self.text.clear();
            return;
        }
        self.bytes += self.text.len();
        if self.bytes > self.limits.text_bytes || self.number >= self.limits.sections {
            self.is_full = true;
            self.text.clear();
            let limit = match self.bytes > self.limits.text_bytes {
                true => format!("{} MiB of text", self.limits.text_bytes >> 20),
                false => format!("{} sections", self.limits.sections),
            };
            self.problem(format!("is longer than {limit}: the rest is left out"));
            return;
        }
        let section = ExtractedSection {
            number: self.number,
            heading: self.headings.iter().map(|(_, text)| text.clone()).collect(),
            text: std::mem::take(&mut self.text),
            place: std::mem::take(&mut self.place),
        };
        self.number += 1;
        (self.sink)(ExtractRecord::Section(section));
    }

    /// Tells something that couldn't be read.
    pub(crate) fn problem(&mut self, what: impl Into<String>) {
        let what = what.into().split_whitespace().collect::<Vec<_>>().join(" ");
        (self.sink)(ExtractRecord::Problem { what });
    }

    /// Tells which page is read now.
    #[cfg(feature = "pdf")]
    pub(crate) fn at(&mut self, page: u32) {
        (self.sink)(ExtractRecord::At { page });
    }

    /// Ends the document.
    pub(crate) fn finish(mut self, pages: Option<u32>, title: Option<String>) {
        // A document of nothing but headings has these as its text.
        if self.number == 0 && self.text.is_empty() && !self.headings.is_empty() {
            self.text = self
                .headings
                .iter()
                .map(|(_, text)| text.as_str())
                .collect::<Vec<_>>()
                .join("\n");
        }
        self.cut();
        if self.number == 0 && !self.is_full {
            self.problem("has no text");
        }
        (self.sink)(ExtractRecord::Done { pages, title });
    }
}

fn newlines(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

/// How many bytes of a text that is too long go into the next section: up to the end of a line, a sentence or a
/// word, the later the better.
fn piece(text: &str) -> usize {
    if text.len() <= MAX_SECTION_BYTES {
        return text.len();
    }
    let end = text.floor_char_boundary(MAX_SECTION_BYTES);
    let window = &text[..end];
    let far_enough = |at: &usize| *at > MAX_SECTION_BYTES / 3;
    let after = |pattern: &str| {
        window
            .rfind(pattern)
            .map(|at| at + pattern.len())
            .filter(far_enough)
    };
    let sentence = [". ", "! ", "? ", "。", "; "]
        .iter()
        .filter_map(|end| after(end))
        .max();
    after("\n")
        .or(sentence)
        .or_else(|| after(" "))
        .unwrap_or_else(|| end.max(1))
}
