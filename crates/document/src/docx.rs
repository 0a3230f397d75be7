//! Documents of Word: Office Open XML (ECMA-376), of which paragraphs, headings and tables are read.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::section::SectionPlace;
use crate::splitter::Splitter;

/// Files in the archive that are looked at.
const MAX_ENTRIES: usize = 10_000;

/// How long a file in the archive may be, unpacked, in bytes, whatever the archive says of it.
const MAX_PART_BYTES: u64 = 64 << 20;

/// Text of one paragraph, in bytes.
const MAX_PARAGRAPH_BYTES: usize = 1 << 20;

/// How deep tables and text boxes are read inside of each other.
const MAX_NESTING: usize = 32;

/// Reads a document. Returns its title.
///
/// # Errors
/// Why nothing of it can be read, as one line.
pub(crate) fn read(bytes: &[u8], splitter: &mut Splitter<'_>) -> Result<Option<String>, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| format!("is no ZIP archive: {error}"))?;
    if archive.len() > MAX_ENTRIES {
        return Err(format!("has more than {MAX_ENTRIES} files in it"));
    }
    let styles = part(&mut archive, "word/styles.xml").unwrap_or_default();
    let styles = heading_styles(&styles);
    let body = part(&mut archive, "word/document.xml")?;
    let mut page = WordPage {
        splitter,
        styles,
        paragraph: String::new(),
        level: None,
        number: 0,
        row: None,
        outer: Vec::new(),
        boxed: Vec::new(),
        skipped: 0,
        is_too_deep: false,
        is_text: false,
        title: None,
    };
    let outcome = page.read(&body);
    page.write_boxed();
    if let Err(why) = outcome {
        page.splitter
            .problem(format!("after paragraph {}: {why}", page.number));
    }
    if page.is_too_deep {
        page.splitter.problem(format!(
            "tables or text boxes more than {MAX_NESTING} deep inside of each other were left out"
        ));
    }
    Ok(page.title)
}

fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<String, String> {
    let file = archive
        .by_name(name)
        .map_err(|error| format!("has no `{name}` that can be read: {error}"))?;
    let mut bytes = Vec::new();
    file.take(MAX_PART_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("has a `{name}` that can't be unpacked: {error}"))?;
    if bytes.len() as u64 > MAX_PART_BYTES {
        return Err(format!(
            "has a `{name}` of more than {} MiB",
            MAX_PART_BYTES >> 20
        ));
    }
    Ok(crate::decode::text(&bytes).0.into_owned())
}

/// The styles that are headings, with their levels: by what they say of the outline, or by their names.
fn heading_styles(xml: &str) -> HashMap<String, u8> {
    let mut styles = HashMap::new();
    let mut reader = Reader::from_str(xml);
    let mut style = None;
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => match local(&tag) {
                "style" => style = attribute(&tag, "styleId"),
                "name" => {
                    let name = attribute(&tag, "val")
                        .unwrap_or_default()
                        .to_ascii_lowercase();
                    let level = match name.strip_prefix("heading ") {
                        Some(level) => level.parse().ok(),
                        None => (name == "title").then_some(1),
                    };
                    if let (Some(style), Some(level)) = (&style, level) {
                        styles.insert(style.clone(), level);
                    }
                }
                "outlineLvl" => {
                    let level: Option<u8> =
                        attribute(&tag, "val").and_then(|level| level.parse().ok());
                    if let (Some(style), Some(level @ 0..=8)) = (&style, level) {
                        styles.insert(style.clone(), level + 1);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    styles
}

/// What is under way around a table or a text box, and goes on after it.
struct OuterState {
    is_around_box: bool,
    paragraph: String,
    level: Option<u8>,
    row: Option<Vec<String>>,
}

struct WordPage<'s, 'a> {
    splitter: &'s mut Splitter<'a>,
    styles: HashMap<String, u8>,
    paragraph: String,
    /// The level of the paragraph as a heading.
    level: Option<u8>,
    /// The number of the paragraph, from 1. Rows of tables count as one.
    number: u32,
    /// The cells of the row of a table that is read.
    row: Option<Vec<String>>,
    /// What is under way around the tables and text boxes that are open, the outermost first.
    outer: Vec<OuterState>,
    /// Paragraphs of text boxes, with their levels, which come after the paragraph that the box hangs on.
    boxed: Vec<(Option<u8>, String)>,
    /// Open elements of a part that is skipped.
    skipped: usize,
    is_too_deep: bool,
    is_text: bool,
    title: Option<String>,
}

impl WordPage<'_, '_> {
    fn read(&mut self, xml: &str) -> Result<(), String> {
        let mut reader = Reader::from_str(xml);
        loop {
            let event = reader
                .read_event()
                .map_err(|error| format!("is broken: {error}"))?;
            match event {
                Event::Eof => return Ok(()),
                Event::Start(_) if self.skipped > 0 => self.skipped += 1,
                Event::End(_) if self.skipped > 0 => self.skipped -= 1,
                _ if self.skipped > 0 => {}
                Event::Start(tag) => self.open(&tag),
                Event::Empty(tag) => self.empty(&tag),
                Event::End(tag) => self.close(after_colon(tag.name().as_ref())),
                Event::Text(text) if self.is_text => self.say(&text),
                Event::CData(text) if self.is_text => self.say(&text),
                Event::GeneralRef(name) if self.is_text => self.refer(&name),
                _ => {}
            }
            if self.splitter.is_full() {
                return Ok(());
            }
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) {
        match local(tag) {
            // What older programs show in the place of what stands before it: the same once more.
            "Fallback" => self.skipped = 1,
            name @ ("tbl" | "txbxContent" | "txBody") => self.enter(name != "tbl"),
            "p" if self.row.is_none() => {
                self.paragraph.clear();
                self.level = None;
            }
            "tr" => self.row = Some(Vec::new()),
            "tc" => self.paragraph.clear(),
            "t" => self.is_text = true,
            _ => self.empty(tag),
        }
    }

    fn empty(&mut self, tag: &BytesStart<'_>) {
        match local(tag) {
            "pStyle" => {
                let style = attribute(tag, "val").unwrap_or_default();
                self.level = self.styles.get(&style).copied().or_else(|| {
                    let level = style.to_ascii_lowercase();
                    level
                        .strip_prefix("heading")
                        .and_then(|level| level.parse().ok())
                });
            }
            "outlineLvl" => {
                let level: Option<u8> = attribute(tag, "val").and_then(|level| level.parse().ok());
                if let Some(level @ 0..=8) = level {
                    self.level = Some(level + 1);
                }
            }
            "tab" => self.say("\t"),
            "br" | "cr" => self.say("\n"),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" => self.is_text = false,
            "tbl" | "txbxContent" | "txBody" => self.leave(),
            "p" if self.row.is_some() => self.say(" "),
            "p" => self.end_paragraph(),
            "tc" => {
                let cell = self
                    .paragraph
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ");
                self.paragraph.clear();
                if let Some(row) = &mut self.row {
                    row.push(cell);
                }
            }
            "tr" => {
                if let Some(row) = self.row.take() {
                    // Inside of a cell the row must not look like cells of the row around it.
                    self.paragraph = match self.is_in_cell() {
                        true => format!("{};", row.join(", ")),
                        false => row.join(" | "),
                    };
                    self.level = None;
                    self.end_paragraph();
                }
            }
            _ => {}
        }
    }

    /// Begins a table or a text box, which stands inside of a paragraph or a cell.
    fn enter(&mut self, is_around_box: bool) {
        if self.outer.len() == MAX_NESTING {
            self.is_too_deep = true;
            self.skipped = 1;
            return;
        }
        self.outer.push(OuterState {
            is_around_box,
            paragraph: std::mem::take(&mut self.paragraph),
            level: self.level.take(),
            row: self.row.take(),
        });
    }

    /// Ends a table or a text box: what stood around it goes on.
    fn leave(&mut self) {
        if let Some(outer) = self.outer.pop() {
            self.paragraph = outer.paragraph;
            self.level = outer.level;
            self.row = outer.row;
        }
    }

    /// Whether what is read stands in a table or a text box inside of a cell.
    fn is_in_cell(&self) -> bool {
        self.outer.iter().any(|outer| outer.row.is_some())
    }

    fn is_in_box(&self) -> bool {
        self.outer.iter().any(|outer| outer.is_around_box)
    }

    /// Ends a paragraph: it goes into the cell around it, waits for the paragraph around it, or is written.
    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.paragraph);
        let level = self.level.take();
        if self.is_in_cell() {
            if let Some(outer) = self.outer.last_mut()
                && outer.paragraph.len() < MAX_PARAGRAPH_BYTES
            {
                outer.paragraph.extend([" ", text.trim(), " "]);
            }
        } else if self.is_in_box() {
            self.boxed.push((level, text));
        } else {
            self.write(level, &text);
            self.write_boxed();
        }
    }

    fn write_boxed(&mut self) {
        for (level, text) in std::mem::take(&mut self.boxed) {
            self.write(level, &text);
        }
    }

    fn write(&mut self, level: Option<u8>, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        self.number += 1;
        match level {
            Some(level) => {
                self.splitter.heading(level, text);
                self.title.get_or_insert_with(|| text.trim().to_owned());
            }
            None => {
                let place = SectionPlace {
                    paragraphs: Some((self.number, self.number)),
                    ..SectionPlace::default()
                };
                self.splitter.block(text, &place);
            }
        }
    }

    fn say(&mut self, text: &str) {
        if self.paragraph.len() < MAX_PARAGRAPH_BYTES {
            self.paragraph.push_str(text);
        }
    }

    fn refer(&mut self, name: &str) {
        let number =
            name.strip_prefix('#')
                .and_then(|number| match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => number.parse().ok(),
                });
        match (name, number.and_then(char::from_u32)) {
            ("amp", _) => self.say("&"),
            ("lt", _) => self.say("<"),
            ("gt", _) => self.say(">"),
            ("quot", _) => self.say("\""),
            ("apos", _) => self.say("'"),
            (_, Some(letter)) => self.say(letter.encode_utf8(&mut [0; 4])),
            _ => {}
        }
    }
}

/// The name of an element without what says whose it is.
fn local<'t>(tag: &'t BytesStart<'_>) -> &'t str {
    after_colon(tag.name().into_inner())
}

fn after_colon(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn attribute(tag: &BytesStart<'_>, wanted: &str) -> Option<String> {
    let mut all = tag.attributes().filter_map(Result::ok);
    let found = all.find(|attribute| after_colon(attribute.key.as_ref()) == wanted)?;
    Some(found.value.to_string())
}
