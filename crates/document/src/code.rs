//! Source code: cut along its definitions, and within long ones at blank lines.

use crate::splitter::{MAX_SECTION_BYTES, Splitter};
use crate::text::lines_place;

/// Words that begin a definition, in many languages.
const DEFINING_WORDS: &[&str] = &[
    "fn",
    "def",
    "class",
    "struct",
    "enum",
    "trait",
    "impl",
    "mod",
    "macro_rules!",
    "func",
    "function",
    "interface",
    "type",
    "module",
    "namespace",
    "object",
    "protocol",
    "extension",
    "record",
    "sub",
    "proc",
    "defmodule",
    "defp",
    "contract",
    "message",
    "service",
    "resource",
    "table",
    "view",
    "procedure",
    "trigger",
    "union",
];

/// Words that may stand before these.
const MODIFIERS: &[&str] = &[
    "pub",
    "pub(crate)",
    "pub(super)",
    "async",
    "unsafe",
    "const",
    "static",
    "export",
    "default",
    "public",
    "private",
    "protected",
    "internal",
    "final",
    "abstract",
    "override",
    "virtual",
    "inline",
    "extern",
    "open",
    "sealed",
    "data",
    "create",
    "or",
    "replace",
    "declare",
    "local",
    "partial",
    "readonly",
    "suspend",
    "case",
];

/// What is shown of a definition, in bytes.
const MAX_TITLE_BYTES: usize = 100;

/// Reads source code.
pub(crate) fn read(text: &str, splitter: &mut Splitter<'_>) {
    let lines: Vec<&str> = text.lines().collect();
    let mut first = 0;
    for end in unit_ends(&lines) {
        unit(&lines[first..end], first, splitter);
        first = end;
        if splitter.is_full() {
            return;
        }
    }
}

/// Where units end: before a line at the margin that follows a blank one and doesn't close what is open.
fn unit_ends(lines: &[&str]) -> Vec<usize> {
    let starts = |at: &usize| {
        let (before, line) = (lines[at - 1], lines[*at]);
        let is_at_margin = line.starts_with(|c: char| !c.is_whitespace());
        before.trim().is_empty() && is_at_margin && !line.starts_with(['}', ')', ']'])
    };
    (1..lines.len())
        .filter(starts)
        .chain([lines.len()])
        .collect()
}

/// A definition, or lines between two.
fn unit(lines: &[&str], first: usize, splitter: &mut Splitter<'_>) {
    let title = lines.iter().find_map(|line| title(line));
    match &title {
        Some(title) => splitter.heading(1, title),
        // Lines that define nothing are put together, but not with a definition before them.
        None if splitter.has_heading() => splitter.heading(1, ""),
        None => {}
    }
    let length: usize = lines.iter().map(|line| line.len() + 1).sum();
    if length <= MAX_SECTION_BYTES || title.is_none() {
        block(lines, first, splitter);
        return;
    }
    // A long one in parts, each under what it defines itself, such as a method.
    let mut from = 0;
    for at in 1..=lines.len() {
        if at < lines.len() && !lines[at - 1].trim().is_empty() {
            continue;
        }
        let part = &lines[from..at];
        if from > 0
            && let Some(inner) = part.iter().find_map(|line| self::title(line))
        {
            splitter.heading(2, &inner);
        }
        block(part, first + from, splitter);
        from = at;
    }
}

fn block(lines: &[&str], first: usize, splitter: &mut Splitter<'_>) {
    let blank = lines
        .iter()
        .take_while(|line| line.trim().is_empty())
        .count();
    let text = lines[blank..].join("\n");
    let text = text.trim_end();
    let first = u32::try_from(first + blank + 1).unwrap_or(u32::MAX / 2);
    splitter.block(text, &lines_place(first, text));
}

/// What a line defines, if it defines anything: the line without what opens its body.
fn title(line: &str) -> Option<String> {
    let line = line.trim();
    let mut words = line
        .split(|c: char| c.is_whitespace() || "({<:".contains(c))
        .filter(|word| !word.is_empty());
    let word = words.by_ref().find(|word| {
        let lower = word.to_ascii_lowercase();
        !MODIFIERS.contains(&lower.as_str())
    })?;
    let is_defining = DEFINING_WORDS.contains(&word.to_ascii_lowercase().as_str());
    if !is_defining || words.next().is_none() || line.ends_with(['.', ',']) {
        return None;
    }
    let title = line.trim_end_matches(['{', ':', ' ', '(', ';']);
    let end = title.floor_char_boundary(MAX_TITLE_BYTES.min(title.len()));
    Some(title[..end].to_owned())
}
