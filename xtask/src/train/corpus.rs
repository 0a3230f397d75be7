//! Labelled texts, and the files that they come in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::repo;

/// A text and what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Example {
    pub(super) text: String,
    /// For each output whether it applies, where that is known.
    pub(super) targets: Vec<Option<bool>>,
    /// How much it counts.
    pub(super) weight: f32,
    /// Where it comes from: what is left out together when a model is tested.
    pub(super) family: String,
}

impl Example {
    pub(super) fn new(
        text: impl Into<String>,
        targets: &[Option<bool>],
        family: impl Into<String>,
    ) -> Self {
        Self {
            text: text.into(),
            targets: targets.to_vec(),
            weight: 1.0,
            family: family.into(),
        }
    }
}

/// The texts of `xtask/training/MODEL/LABEL/**/*.txt`, with the name of their file: one a line,
/// `\n` for a line's end, `\\` for a backslash; lines that start with `#` say where the texts come
/// from.
pub(super) fn written(model: &str, label: &str) -> anyhow::Result<Vec<(String, String)>> {
    let dir = repo::root().join("xtask/training").join(model).join(label);
    let mut texts = Vec::new();
    for file in files_in(&dir)? {
        let inner = file.strip_prefix(&dir)?.with_extension("");
        let family: Vec<_> = inner.iter().map(|part| part.to_string_lossy()).collect();
        for line in fs_err::read_to_string(&file)?.lines() {
            if !line.trim().is_empty() && !line.starts_with('#') {
                texts.push((family.join("/"), unescape(line)));
            }
        }
    }
    Ok(texts)
}

pub(super) fn unescape(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some('\\')) => out.push('\\'),
            _ => {
                out.push(c);
                continue;
            }
        }
        chars.next();
    }
    out
}

/// The files below a directory, in the order of their names; none if there is no such directory.
pub(super) fn files_in(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let entries = fs_err::read_dir(dir)?.map(|entry| Ok(entry?.path()));
    let mut entries = entries.collect::<anyhow::Result<Vec<_>>>()?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        if entry.is_dir() {
            files.extend(files_in(&entry)?);
        } else {
            files.push(entry);
        }
    }
    Ok(files)
}

/// The rows of a CSV file with a header, by column.
pub(super) fn csv(path: &Path) -> anyhow::Result<Vec<BTreeMap<String, String>>> {
    let mut reader = csv::Reader::from_reader(fs_err::File::open(path)?);
    let rows = reader.deserialize().collect::<Result<Vec<_>, _>>();
    rows.with_context(|| format!("{}", path.display()))
}

/// The objects of a file with one JSON object a line.
pub(super) fn json_lines(path: &Path) -> anyhow::Result<Vec<serde_json::Value>> {
    let text = fs_err::read_to_string(path)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let values = lines.map(serde_json::from_str).collect::<Result<_, _>>();
    values.with_context(|| format!("{}", path.display()))
}

/// A JSON file.
pub(super) fn json(path: &Path) -> anyhow::Result<serde_json::Value> {
    serde_json::from_slice(&fs_err::read(path)?).with_context(|| format!("{}", path.display()))
}

/// Prints how many examples each family has of each output.
pub(super) fn report(examples: &[Example], outputs: &[&str]) {
    let mut families: BTreeMap<&str, (usize, Vec<usize>)> = BTreeMap::new();
    for example in examples {
        let (all, yes) = families.entry(&example.family).or_default();
        *all += 1;
        yes.resize(outputs.len(), 0);
        for (count, target) in yes.iter_mut().zip(&example.targets) {
            *count += usize::from(*target == Some(true));
        }
    }
    for (family, (all, yes)) in families {
        let yes = outputs.iter().zip(yes).filter(|(_, count)| *count > 0);
        let yes: Vec<_> = yes.map(|(name, count)| format!("{name} {count}")).collect();
        println!("{family:<32} {all:>6}  {}", yes.join(", "));
    }
    println!("{:<32} {:>6}", "all", examples.len());
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescape(r"a\nb\\n\tc\d"), "a\nb\\n\tc\\d");
    }
}
