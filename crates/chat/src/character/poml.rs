//! Prompts in POML, as Chattr has them, as Markdown.
//!
//! Format: <https://microsoft.github.io/poml/>. Read is what prompts of characters use: sections, lists, emphasis, line
//! breaks. What is between other tags is kept as text, and told. Nothing is loaded, run or looked up.

use quick_xml::Reader;
use quick_xml::events::Event;

/// How deep elements may stand in each other.
const MAX_DEPTH: usize = 64;

/// Elements that begin a section of the prompt, and its heading.
const SECTION_HEADINGS: [(&str, &str); 7] = [
    ("role", "Role"),
    ("task", "Task"),
    ("context", "Context"),
    ("stepwise-instructions", "Steps"),
    ("output-format", "Form of the answer"),
    ("hint", "Hint"),
    ("examples", "Examples"),
];

/// A prompt as Markdown, and what of it isn't understood.
///
/// # Errors
/// Where the XML is broken, by its line.
pub(super) fn markdown(text: &str) -> Result<(String, Vec<String>), String> {
    let mut reader = Reader::from_str(text);
    let mut page = Page::default();
    loop {
        let event = reader.read_event().map_err(|error| {
            let at = usize::try_from(reader.error_position()).unwrap_or(0);
            let before = text.get(..at).unwrap_or(text);
            format!("line {}: {error}", before.matches('\n').count() + 1)
        })?;
        match event {
            Event::Eof => break,
            Event::Start(tag) => {
                let name = tag.name().as_ref().to_ascii_lowercase();
                page.open(&name)?;
            }
            Event::End(tag) => {
                let name = tag.name().as_ref().to_ascii_lowercase();
                page.close(&name);
            }
            Event::Empty(tag) => {
                let name = tag.name().as_ref().to_ascii_lowercase();
                if name == "br" {
                    page.out.push('\n');
                }
            }
            Event::Text(text) => page.text(&text),
            Event::CData(text) => page.text(&text),
            Event::GeneralRef(name) => page.reference(&name),
            _ => {}
        }
    }
    page.unknown.sort_unstable();
    page.unknown.dedup();
    let problems = page
        .unknown
        .iter()
        .map(|name| format!("`<{name}>` isn't known; its text is kept"));
    Ok((page.out.trim().to_owned(), problems.collect()))
}

#[derive(Default)]
struct Page {
    out: String,
    depth: usize,
    unknown: Vec<String>,
}

impl Page {
    fn open(&mut self, name: &str) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!(
                "has elements more than {MAX_DEPTH} deep in each other"
            ));
        }
        if let Some((_, heading)) = SECTION_HEADINGS.iter().find(|(known, _)| *known == name) {
            self.block();
            self.out.push_str("# ");
            self.out.push_str(heading);
            self.out.push('\n');
            return Ok(());
        }
        match name {
            "poml" | "p" | "list" | "section" | "cp" => self.block(),
            "item" => {
                self.line();
                self.out.push_str("- ");
            }
            "b" | "h" => self.out.push_str("**"),
            "i" => self.out.push('*'),
            "code" => self.out.push('`'),
            _ => self.unknown.push(name.to_owned()),
        }
        Ok(())
    }

    fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        match name {
            "b" | "h" => self.out.push_str("**"),
            "i" => self.out.push('*'),
            "code" => self.out.push('`'),
            "item" => self.line(),
            _ if SECTION_HEADINGS.iter().any(|(known, _)| *known == name) => self.block(),
            "p" | "list" | "section" | "cp" => self.block(),
            _ => {}
        }
    }

    /// White space is one space, as XML has it.
    fn text(&mut self, text: &str) {
        let begins_with_space = text.starts_with(char::is_whitespace);
        let words: Vec<&str> = text.split_whitespace().collect();
        let is_at_start = self.out.is_empty() || self.out.ends_with(['\n', ' ']);
        if begins_with_space && !is_at_start {
            self.out.push(' ');
        }
        self.out.push_str(&words.join(" "));
        if text.ends_with(char::is_whitespace) && !words.is_empty() {
            self.out.push(' ');
        }
    }

    fn reference(&mut self, name: &str) {
        let stands_for = match name {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            _ => "",
        };
        self.out.push_str(stands_for);
    }

    fn line(&mut self) {
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn block(&mut self) {
        self.line();
        if !self.out.is_empty() && !self.out.ends_with("\n\n") && !self.out.ends_with("# ") {
            self.out.push('\n');
        }
    }
}
