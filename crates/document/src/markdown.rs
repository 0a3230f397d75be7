//! Markdown: cut along its headings, outside of code.

use std::collections::HashMap;

use crate::splitter::Splitter;
use crate::text::lines_place;

/// Reads Markdown. Returns its first heading.
pub(crate) fn read(text: &str, splitter: &mut Splitter<'_>) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut page = MarkdownPage {
        splitter,
        block: Vec::new(),
        first: 0,
        anchor: None,
        anchors: HashMap::new(),
        title: None,
    };
    let mut at = front_matter(&lines);
    let mut fence: Option<&str> = None;
    while at < lines.len() && !page.splitter.is_full() {
        let line = lines[at];
        if let Some(open) = fence {
            page.add(at, line);
            if line.trim_start().starts_with(open) {
                fence = None;
            }
        } else if let Some(open) = opens_fence(line) {
            fence = Some(open);
            page.add(at, line);
        } else if let Some((level, heading)) = atx(line) {
            page.heading(level, heading);
        } else if let Some(level) = lines.get(at + 1).and_then(|next| setext(line, next)) {
            if page.block.is_empty() {
                page.heading(level, line);
                at += 1;
            } else {
                page.add(at, line);
            }
        } else if line.trim().is_empty() {
            page.end_block();
        } else {
            page.add(at, line);
        }
        at += 1;
    }
    page.end_block();
    page.title
}

struct MarkdownPage<'s, 'a, 't> {
    splitter: &'s mut Splitter<'a>,
    block: Vec<&'t str>,
    /// The first line of the block, from 1.
    first: u32,
    anchor: Option<String>,
    /// How often each anchor was given.
    anchors: HashMap<String, u32>,
    title: Option<String>,
}

impl<'t> MarkdownPage<'_, '_, 't> {
    fn add(&mut self, at: usize, line: &'t str) {
        if self.block.is_empty() {
            self.first = u32::try_from(at + 1).unwrap_or(u32::MAX);
        }
        self.block.push(line);
    }

    fn end_block(&mut self) {
        let text = self.block.join("\n");
        self.block.clear();
        let mut place = lines_place(self.first, &text);
        place.anchor.clone_from(&self.anchor);
        self.splitter.block(&text, &place);
    }

    fn heading(&mut self, level: u8, text: &str) {
        self.end_block();
        let (text, own) = own_anchor(text.trim());
        if self.title.is_none() && !text.is_empty() {
            self.title = Some(text.to_owned());
        }
        let slug = own.map_or_else(|| slug(text), str::to_owned);
        let count = self.anchors.entry(slug.clone()).or_insert(0);
        let anchor = match *count {
            0 => slug,
            again => format!("{slug}-{again}"),
        };
        *count += 1;
        self.anchor = (!anchor.is_empty()).then_some(anchor);
        self.splitter.heading(level, text);
    }
}

/// Lines of settings at the start, which are no text.
fn front_matter(lines: &[&str]) -> usize {
    const MAX_LINES: usize = 200;
    if lines.first().is_none_or(|line| line.trim_end() != "---") {
        return 0;
    }
    let end = lines
        .iter()
        .skip(1)
        .take(MAX_LINES)
        .position(|line| line.trim_end() == "---");
    end.map_or(0, |end| end + 2)
}

fn opens_fence(line: &str) -> Option<&'static str> {
    let line = line.trim_start();
    ["```", "~~~"]
        .into_iter()
        .find(|fence| line.starts_with(fence))
}

/// A heading that begins with `#`: its level and its text.
fn atx(line: &str) -> Option<(u8, &str)> {
    let trimmed = line.trim_start_matches(' ');
    if line.len() - trimmed.len() > 3 {
        return None;
    }
    let level = trimmed.bytes().take_while(|byte| *byte == b'#').count();
    let rest = &trimmed[level..];
    let is_heading = (1..=6).contains(&level) && (rest.is_empty() || rest.starts_with([' ', '\t']));
    let level = u8::try_from(level).ok().filter(|_| is_heading)?;
    Some((level, rest.trim().trim_end_matches('#').trim_end()))
}

/// The level of a heading that is underlined by the next line.
fn setext(line: &str, next: &str) -> Option<u8> {
    let under = next.trim_end();
    let is_text = !line.trim().is_empty()
        && !line.starts_with("    ")
        && !line.starts_with(['-', '*', '|', '>']);
    let is_line_of = |sign: char| under.len() >= 2 && under.chars().all(|c| c == sign);
    match () {
        () if !is_text => None,
        () if is_line_of('=') => Some(1),
        () if is_line_of('-') => Some(2),
        () => None,
    }
}

/// The text of a heading, and the anchor that it gives itself: `Title {#anchor}`.
fn own_anchor(text: &str) -> (&str, Option<&str>) {
    let own = text
        .strip_suffix('}')
        .and_then(|text| text.rsplit_once("{#"));
    match own {
        Some((text, anchor)) if !anchor.contains(char::is_whitespace) => {
            (text.trim_end(), Some(anchor))
        }
        _ => (text, None),
    }
}

/// The anchor that renderers give a heading: letters and digits in lower case, spaces as hyphens.
pub(crate) fn slug(text: &str) -> String {
    let letters = text.to_lowercase();
    let letters = letters.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c),
        _ => None,
    });
    letters.collect()
}
