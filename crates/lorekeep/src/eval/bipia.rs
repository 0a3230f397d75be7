//! Sets of BIPIA's shape: contexts in one file, sentences to plant in another. Contexts alone are
//! harmless; each context with each sentence, at its start, in its middle or at its end, is not.

use std::path::{Path, PathBuf};

use guard::Kind;
use serde_json::Value;

use super::content::FileContent;
use super::set::{LabelledSet, LabelledText, SkippedSet, Truth};

/// What there is in a directory to put together.
#[derive(Default)]
pub(super) struct BipiaParts {
    contexts: Vec<BipiaPart>,
    attacks: Vec<BipiaPart>,
}

struct BipiaPart {
    path: PathBuf,
    texts: Vec<String>,
    is_code: bool,
}

impl BipiaParts {
    /// Takes a file if it is one of contexts or of sentences.
    pub(super) fn take(&mut self, path: &Path, content: &FileContent) -> bool {
        let path = path.to_owned();
        match content {
            FileContent::Rows(rows) => {
                let texts: Option<Vec<String>> = rows.iter().map(context).collect();
                let Some(texts) = texts.filter(|texts| !texts.is_empty()) else {
                    return false;
                };
                let is_code = rows.iter().all(|row| row.get("code").is_some());
                self.contexts.push(BipiaPart {
                    path,
                    texts,
                    is_code,
                });
            }
            FileContent::Object(object) => {
                let lists: Option<Vec<Vec<String>>> = object.values().map(strings).collect();
                let Some(lists) = lists.filter(|lists| !lists.is_empty()) else {
                    return false;
                };
                let texts = lists.concat();
                let with_code = texts.iter().filter(|text| text.contains("```")).count();
                let is_code = with_code * 2 > texts.len();
                self.attacks.push(BipiaPart {
                    path,
                    texts,
                    is_code,
                });
            }
        }
        true
    }

    /// The sets: contexts alone and, where their directory has sentences for them, with those.
    pub(super) fn sets(self, root: &Path, skipped: &mut Vec<SkippedSet>) -> Vec<LabelledSet> {
        let name = |path: &Path| {
            let below = path.strip_prefix(root).unwrap_or(path);
            below.to_string_lossy().into_owned()
        };
        let mut sets = Vec::new();
        let mut used = vec![false; self.attacks.len()];
        for context in &self.contexts {
            let alone = context.texts.iter().map(|text| row(text.clone(), false));
            let mut rows: Vec<LabelledText> = alone.collect();
            for (attack, used) in self.attacks.iter().zip(&mut used) {
                if attack.is_code == context.is_code
                    && attack.path.parent() == context.path.parent()
                {
                    rows.extend(together(&context.texts, &attack.texts));
                    *used = true;
                }
            }
            sets.push(LabelledSet {
                name: name(&context.path),
                kind: Kind::Injection,
                rows,
            });
        }
        for (attack, used) in self.attacks.iter().zip(used) {
            if !used {
                skipped.push(SkippedSet {
                    path: name(&attack.path),
                    why: "sentences without contexts to plant them in".to_owned(),
                });
            }
        }
        sets
    }
}

fn row(text: String, label: bool) -> LabelledText {
    LabelledText {
        text,
        truth: Truth::Label(label),
    }
}

/// The text of a context: an e-mail, or what was asked about a piece of code.
fn context(value: &Value) -> Option<String> {
    let object = value.as_object()?;
    match object.get("context")? {
        Value::String(text) if object.len() <= 4 && !object.contains_key("label") => {
            Some(text.clone())
        }
        lines @ Value::Array(_) => Some(strings(lines)?.join("\n")),
        _ => None,
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    let items = value.as_array()?.iter();
    items.map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Each context with each sentence, whose place goes round.
fn together(contexts: &[String], attacks: &[String]) -> Vec<LabelledText> {
    let mut rows = Vec::with_capacity(contexts.len() * attacks.len());
    for (context, at) in contexts.iter().zip(0..) {
        for (attack, place) in attacks.iter().zip(at..) {
            let text = match place % 3 {
                0 => format!("{attack}\n{context}"),
                1 => within(context, attack),
                _ => format!("{context}\n{attack}"),
            };
            rows.push(row(text, true));
        }
    }
    rows
}

/// The sentence in the middle of the context, between words.
fn within(context: &str, attack: &str) -> String {
    let middle = context.floor_char_boundary(context.len() / 2);
    let break_at = context[middle..].find(char::is_whitespace);
    let (before, after) = context.split_at(break_at.map_or(context.len(), |at| middle + at));
    format!("{before}\n{attack}\n{}", after.trim_start())
}
