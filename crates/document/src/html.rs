//! Pages of the web: as a reader sees them, cut along their headings.

use html2text::render::{TaggedLine, TaggedLineElement, TextDecorator};

use crate::section::SectionPlace;
use crate::splitter::Splitter;

/// Columns of a line: lines aren't wrapped, and wide tables stay tables.
const LINE_COLUMNS: usize = 4_000;

/// What begins a heading while the page is read: one of these letters for each level. They are in the area of
/// Unicode that nobody uses for text.
const HEADING_SIGNS: [char; 6] = [
    '\u{f5d1}', '\u{f5d2}', '\u{f5d3}', '\u{f5d4}', '\u{f5d5}', '\u{f5d6}',
];

/// Reads a page. Returns its title.
///
/// # Errors
/// What can't be read of it, as one line.
pub(crate) fn read(html: &str, splitter: &mut Splitter<'_>) -> Result<Option<String>, String> {
    let config = html2text::config::with_decorator(PageDecorator)
        .no_table_borders()
        .allow_width_overflow();
    let failed = |error: html2text::Error| format!("can't be read: {error}");
    let page = config.parse_html(html.as_bytes()).map_err(failed)?;
    let tree = config.dom_to_render_tree(&page).map_err(failed)?;
    // Each of these takes many times the page's bytes.
    drop(page);
    let lines = config.render_to_lines(tree, LINE_COLUMNS).map_err(failed)?;
    let mut block = String::new();
    let mut place = SectionPlace::default();
    for line in &lines {
        if splitter.is_full() {
            break;
        }
        let (text, [before, behind]) = parts(line);
        if before.is_some() {
            end_block(&mut block, &place, splitter);
            place.anchor = before;
        }
        let (level, text) = heading(&text);
        if let Some(level) = level {
            end_block(&mut block, &place, splitter);
            splitter.heading(level, text);
        } else if text.trim().is_empty() {
            end_block(&mut block, &place, splitter);
        } else {
            if !block.is_empty() {
                block.push('\n');
            }
            block.push_str(&narrow(text));
        }
        // What stands behind a line is of what comes next.
        if behind.is_some() {
            end_block(&mut block, &place, splitter);
            place.anchor = behind;
        }
    }
    end_block(&mut block, &place, splitter);
    Ok(title(html))
}

fn end_block(block: &mut String, place: &SectionPlace, splitter: &mut Splitter<'_>) {
    splitter.block(block, place);
    block.clear();
}

/// The text of a line, and the last names before and behind it that links can end with.
fn parts(line: &TaggedLine<Vec<()>>) -> (String, [Option<String>; 2]) {
    let (mut text, mut anchors) = (String::new(), [None, None]);
    for element in line.iter() {
        match element {
            TaggedLineElement::Str(piece) => text.push_str(&piece.s),
            TaggedLineElement::FragmentStart(name) if !name.is_empty() && name.len() < 200 => {
                anchors[usize::from(!text.trim().is_empty())] = Some(name.clone());
            }
            TaggedLineElement::FragmentStart(_) => {}
        }
    }
    (text, anchors)
}

fn heading(line: &str) -> (Option<u8>, &str) {
    let trimmed = line.trim_start();
    let level = HEADING_SIGNS
        .iter()
        .position(|sign| trimmed.starts_with(*sign));
    let level = level.and_then(|at| u8::try_from(at + 1).ok());
    (level, trimmed.trim_start_matches(HEADING_SIGNS))
}

/// A line of a table without the space that its columns are filled with.
fn narrow(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    let mut narrow = " ".repeat(indent.min(8));
    let mut spaces = 0;
    for c in line.trim().chars() {
        spaces = if c == ' ' { spaces + 1 } else { 0 };
        if spaces <= 2 {
            narrow.push(c);
        }
    }
    narrow
}

/// The title in the head of a page, which isn't shown in it.
fn title(html: &str) -> Option<String> {
    const MAX_HEAD_BYTES: usize = 64 << 10;
    let head = &html[..html.floor_char_boundary(MAX_HEAD_BYTES.min(html.len()))];
    let lower = head.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let text = html2text::config::plain_no_decorate()
        .string_from_read(&head.as_bytes()[start..end], LINE_COLUMNS)
        .ok()?;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// Marks headings, lists and quotes, and nothing else.
struct PageDecorator;

impl TextDecorator for PageDecorator {
    type Annotation = ();

    fn decorate_link_start(&mut self, _: &str) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        String::new()
    }

    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _: &str, title: &str) -> (String, ()) {
        match title.trim() {
            "" => (String::new(), ()),
            title => (format!("[{title}]"), ()),
        }
    }

    fn header_prefix(&self, level: usize) -> String {
        HEADING_SIGNS[level.clamp(1, 6) - 1].to_string()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "- ".to_owned()
    }

    fn ordered_item_prefix(&self, number: i64) -> String {
        format!("{number}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        Self
    }

    fn finalise(&mut self, _: Vec<String>) -> Vec<TaggedLine<()>> {
        Vec::new()
    }
}
