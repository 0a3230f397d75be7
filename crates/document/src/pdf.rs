//! PDF: page by page, with lines in larger type as headings.
//!
//! A section never goes on over the end of a page, so that a citation opens where all of it stands. Which lines are
//! headings is told by the first pages; the rest are handed out as they are read, so that a page that ends its reader
//! loses none of those before it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Document, MediaBox, OutputDev, OutputError, Transform};

use crate::section::SectionPlace;
use crate::splitter::Splitter;

/// Pages that are read.
const MAX_PAGES: usize = 10_000;

/// Pages with text by which headings are told. They are handed out once all of them are read.
const SAMPLE_PAGES: usize = 30;

/// Text of a page, in bytes: more is no page.
const MAX_PAGE_BYTES: usize = 1 << 20;

/// How much larger than most of a document the type of a heading is.
const HEADING_SCALE: f64 = 1.12;

/// The length up to which a line is a heading, in characters.
const MAX_HEADING_CHARS: usize = 120;

/// Reads a PDF. Returns the number of its pages, and its title.
///
/// # Errors
/// Why nothing of it can be read, as one line.
pub(crate) fn read(
    bytes: &[u8],
    splitter: &mut Splitter<'_>,
) -> Result<(u32, Option<String>), String> {
    let mut document =
        Document::load_mem(bytes).map_err(|error| format!("can't be read as PDF: {error}"))?;
    if document.is_encrypted() && document.decrypt("").is_err() {
        return Err("is encrypted and needs a password".to_owned());
    }
    let numbers: Vec<u32> = document.get_pages().keys().copied().collect();
    let mut pages = PdfPages {
        document: &document,
        left: (1..).zip(numbers.iter().copied().take(MAX_PAGES)),
        silent: Vec::new(),
        broken: Vec::new(),
    };
    let sample = pages.sample(splitter);
    let sizes = Sizes::of(&sample);
    for (page, lines) in &sample {
        page_sections(*page, lines, &sizes, splitter);
    }
    drop(sample);
    while !splitter.is_full()
        && let Some((page, lines)) = pages.next(splitter)
    {
        page_sections(page, &lines, &sizes, splitter);
    }
    if numbers.len() > MAX_PAGES {
        splitter.problem(format!(
            "has more than {MAX_PAGES} pages: the rest is left out"
        ));
    }
    pages.tell(splitter);
    let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    Ok((count, title(&document)))
}

/// The pages of a document, each read once, and what is wrong with those that were.
struct PdfPages<'d, N> {
    document: &'d Document,
    /// The pages that are left, from 1, with their numbers in the library.
    left: N,
    /// Pages without text.
    silent: Vec<u32>,
    broken: Vec<(u32, String)>,
}

impl<N: Iterator<Item = (u32, u32)>> PdfPages<'_, N> {
    /// The next page with text.
    fn next(&mut self, splitter: &mut Splitter<'_>) -> Option<(u32, Vec<PdfLine>)> {
        for (page, number) in self.left.by_ref() {
            splitter.at(page);
            match lines_of(self.document, number) {
                Ok(lines) if lines.is_empty() => self.silent.push(page),
                Ok(lines) => return Some((page, lines)),
                Err(why) => self.broken.push((page, why)),
            }
        }
        None
    }

    /// The first pages with text.
    fn sample(&mut self, splitter: &mut Splitter<'_>) -> Vec<(u32, Vec<PdfLine>)> {
        let (mut sample, mut bytes) = (Vec::new(), 0);
        while sample.len() < SAMPLE_PAGES
            && bytes <= splitter.text_limit()
            && let Some((page, lines)) = self.next(splitter)
        {
            bytes += lines.iter().map(|line| line.text.len()).sum::<usize>();
            sample.push((page, lines));
        }
        sample
    }

    /// Tells which pages had no text or couldn't be read.
    fn tell(&self, splitter: &mut Splitter<'_>) {
        if !self.silent.is_empty() {
            splitter.problem(format!(
                "no text layer on {}: it is a picture there, or empty",
                ranges(&self.silent)
            ));
        }
        tell_broken(&self.broken, splitter);
    }
}

/// Pages that can't be read, those for the same reason together.
fn tell_broken(broken: &[(u32, String)], splitter: &mut Splitter<'_>) {
    let mut reasons: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (page, why) in broken {
        reasons.entry(why).or_default().push(*page);
    }
    for (why, pages) in reasons {
        splitter.problem(format!("{} can't be read: {why}", ranges(&pages)));
    }
}

/// The sizes of type of a document.
struct Sizes {
    /// That of most of its text.
    body: f64,
    /// Those of headings, the largest first.
    headings: Vec<f64>,
}

impl Sizes {
    /// The sizes of these pages, of which each has text.
    fn of(pages: &[(u32, Vec<PdfLine>)]) -> Self {
        let mut letters: BTreeMap<i64, usize> = BTreeMap::new();
        for line in pages.iter().flat_map(|(_, lines)| lines) {
            *letters.entry(tenths(line.size)).or_default() += line.text.len();
        }
        let body = letters
            .iter()
            .max_by_key(|(_, count)| **count)
            .map_or(0, |(size, _)| *size);
        let body = body as f64 / 10.0;
        let larger = letters.keys().rev().map(|size| *size as f64 / 10.0);
        Self {
            body,
            headings: larger
                .filter(|size| *size >= body * HEADING_SCALE)
                .take(6)
                .collect(),
        }
    }

    /// The level of a line as a heading; `None` where it is none.
    fn level(&self, line: &PdfLine) -> Option<u8> {
        let is_short = line.text.chars().count() <= MAX_HEADING_CHARS;
        let has_words = line.text.chars().filter(|c| c.is_alphabetic()).count() >= 2;
        if !is_short || !has_words || line.size < self.body * HEADING_SCALE {
            return None;
        }
        let size = tenths(line.size);
        let at = self
            .headings
            .iter()
            .position(|known| tenths(*known) <= size);
        Some(u8::try_from(at.unwrap_or(5)).unwrap_or(5) + 1)
    }
}

fn tenths(size: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "sizes are small, and `as` cuts others to the nearest"
    )]
    let tenths = (size * 10.0).round() as i64;
    tenths
}

/// The sections of a page.
fn page_sections(page: u32, lines: &[PdfLine], sizes: &Sizes, splitter: &mut Splitter<'_>) {
    let place = SectionPlace {
        page: Some(page),
        ..SectionPlace::default()
    };
    let mut paragraph = String::new();
    let mut before: Option<u8> = None;
    let mut heading = String::new();
    for line in lines {
        let level = sizes.level(line);
        // A heading of several lines is one.
        if let Some(open) = before
            && level != before
        {
            splitter.heading(open, &heading);
            heading.clear();
        }
        match level {
            Some(_) => {
                splitter.block(&paragraph, &place);
                paragraph.clear();
                heading.push_str(&line.text);
                heading.push(' ');
            }
            None => {
                if line.is_apart {
                    splitter.block(&paragraph, &place);
                    paragraph.clear();
                }
                if !paragraph.is_empty() {
                    paragraph.push('\n');
                }
                paragraph.push_str(&line.text);
            }
        }
        before = level;
    }
    splitter.block(&paragraph, &place);
    splitter.cut();
    if let Some(open) = before {
        splitter.heading(open, &heading);
    }
}

/// A line of a page.
struct PdfLine {
    text: String,
    /// The size of its type, in points; of several the largest.
    size: f64,
    /// Whether there is space between it and the line before.
    is_apart: bool,
}

/// The lines of a page. The library panics at some files.
fn lines_of(document: &Document, number: u32) -> Result<Vec<PdfLine>, String> {
    let mut page = PageLines::default();
    let read = catch_unwind(AssertUnwindSafe(|| {
        pdf_extract::output_doc_page(document, &mut page, number)
    }));
    let mut lines = page.finish();
    lines.retain(|line| !line.text.trim().is_empty());
    match read {
        Ok(Ok(())) => Ok(lines),
        // What was read of a page before it broke is better than nothing.
        _ if !lines.is_empty() => Ok(lines),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("it is broken".to_owned()),
    }
}

/// Puts the letters of a page into lines.
#[derive(Default)]
struct PageLines {
    lines: Vec<PdfLine>,
    line: String,
    size: f64,
    is_apart: bool,
    /// Where the last letter ended.
    end: f64,
    /// Where the last letter stood, upwards.
    y: f64,
    begins_word: bool,
    bytes: usize,
}

impl PageLines {
    fn end_line(&mut self, is_apart: bool) {
        if !self.line.trim().is_empty() {
            self.lines.push(PdfLine {
                text: self.line.trim_end().to_owned(),
                size: self.size,
                is_apart: self.is_apart,
            });
            self.is_apart = false;
        }
        self.line.clear();
        self.size = 0.0;
        self.is_apart |= is_apart;
    }

    fn finish(mut self) -> Vec<PdfLine> {
        self.end_line(false);
        self.lines
    }
}

impl OutputDev for PageLines {
    fn begin_page(
        &mut self,
        _: u32,
        _: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        place: &Transform,
        width: f64,
        _: f64,
        font_size: f64,
        letter: &str,
    ) -> Result<(), OutputError> {
        if self.bytes > MAX_PAGE_BYTES {
            return Ok(());
        }
        // The side of a square of the same area as the letter's box.
        let (across, up) = (place.m11 + place.m21, place.m12 + place.m22);
        let size = (font_size * across * font_size * up).abs().sqrt();
        let (x, y) = (place.m31, place.m32);
        if self.begins_word {
            let drop = (self.y - y).abs();
            let is_new_line = drop > size * 1.5 || (x < self.end && drop > size * 0.5);
            if is_new_line {
                // More space than lines of one paragraph have between each other.
                self.end_line(drop > size * 1.6);
            } else if x > self.end + size * 0.1
                && !self.line.is_empty()
                && !self.line.ends_with(' ')
            {
                self.line.push(' ');
            }
        }
        self.bytes += letter.len();
        self.line.push_str(letter);
        if !letter.trim().is_empty() {
            self.size = self.size.max(size);
        }
        self.begins_word = false;
        self.y = y;
        self.end = x + width * size;
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        self.begins_word = true;
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

/// What a document calls itself.
fn title(document: &Document) -> Option<String> {
    let info = document.trailer.get(b"Info").ok()?;
    let info = match info.as_reference() {
        Ok(id) => document.get_object(id).ok()?,
        Err(_) => info,
    };
    let bytes = info.as_dict().ok()?.get(b"Title").ok()?.as_str().ok()?;
    let text = match bytes {
        [0xfe, 0xff, ..] => crate::decode::text(bytes).0.into_owned(),
        bytes => String::from_utf8_lossy(bytes).into_owned(),
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty() && text.len() < 400).then_some(text)
}

/// Pages in words: `pages 1–12, 15`.
fn ranges(pages: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for page in pages {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *page => *last = *page,
            _ => runs.push((*page, *page)),
        }
    }
    let runs: Vec<String> = runs
        .iter()
        .map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first}–{last}"),
        })
        .collect();
    let plural = if pages.len() == 1 { "" } else { "s" };
    format!("page{plural} {}", runs.join(", "))
}
