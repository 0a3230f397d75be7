//! The files below a directory, each as the set that its shape says it is. A file that no shape
//! fits is told, and why.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::shapes::{self, csv_rows};
use super::{Set, bipia};

/// Bytes that a file may have.
const MOST: u64 = 512 << 20;

/// A file that is no set.
#[derive(Debug)]
pub(crate) struct Skipped {
    /// The path below the directory.
    pub(crate) path: String,
    /// Why.
    pub(crate) why: String,
}

/// A file as its values.
pub(super) enum Content {
    /// JSON lines, or a JSON array.
    Rows(Vec<Value>),
    /// A JSON object.
    Object(serde_json::Map<String, Value>),
}

/// Reads all sets below a directory, in the order of their paths.
pub(crate) fn read(root: &Path) -> std::io::Result<(Vec<Set>, Vec<Skipped>)> {
    let mut paths = Vec::new();
    list(root, &mut paths)?;
    paths.sort();
    let mut sets = Vec::new();
    let mut skipped = Vec::new();
    let mut parts = bipia::Parts::default();
    for path in paths {
        let name = path.strip_prefix(root).unwrap_or(&path);
        let name = name.to_string_lossy().into_owned();
        let result = content(&path).and_then(|content| {
            if parts.take(&path, &content) {
                return Ok(());
            }
            sets.extend(shapes::sets(&name, content)?);
            Ok(())
        });
        if let Err(why) = result {
            skipped.push(Skipped { path: name, why });
        }
    }
    sets.extend(parts.sets(root, &mut skipped));
    Ok((sets, skipped))
}

fn list(directory: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs_err::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            list(&entry.path(), paths)?;
        } else {
            paths.push(entry.path());
        }
    }
    Ok(())
}

fn content(path: &Path) -> Result<Content, String> {
    let name = path.to_string_lossy();
    let (inner, is_packed) = match name.strip_suffix(".gz") {
        Some(inner) => (inner, true),
        None => (&*name, false),
    };
    let known = [".jsonl", ".json", ".csv"];
    if !known.iter().any(|ending| inner.ends_with(ending)) {
        return Err("neither JSON lines, JSON nor CSV by its name".to_owned());
    }
    let text = text(path, is_packed)?;
    if inner.ends_with(".csv") {
        return csv_rows(&text).map(Content::Rows);
    }
    if inner.ends_with(".jsonl") {
        return lines(&text).map(Content::Rows);
    }
    match serde_json::from_str(&text) {
        Ok(Value::Array(rows)) => Ok(Content::Rows(rows)),
        Ok(Value::Object(object)) => Ok(Content::Object(object)),
        Ok(_) => Err("neither a list nor an object".to_owned()),
        // JSON lines are often called so too.
        Err(error) => lines(&text)
            .map(Content::Rows)
            .map_err(|_| error.to_string()),
    }
}

fn text(path: &Path, is_packed: bool) -> Result<String, String> {
    let read = || -> std::io::Result<Vec<u8>> {
        let file = files::open(path)?;
        let mut bytes = Vec::new();
        if is_packed {
            let unpacked = flate2::read::MultiGzDecoder::new(file);
            unpacked.take(MOST + 1).read_to_end(&mut bytes)?;
        } else {
            file.take(MOST + 1).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    };
    let bytes = read().map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST {
        return Err(format!("more than {MOST} bytes"));
    }
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn lines(text: &str) -> Result<Vec<Value>, String> {
    let mut rows = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        if line.trim().is_empty() {
            continue;
        }
        let row = serde_json::from_str(line);
        rows.push(row.map_err(|error| format!("line {number}: {error}"))?);
    }
    Ok(rows)
}
