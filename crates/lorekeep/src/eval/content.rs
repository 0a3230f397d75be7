//! A file as JSON values: JSON lines, JSON or CSV, perhaps packed with gzip.

use std::io::Read as _;
use std::path::Path;

use serde_json::{Value, json};

/// Bytes that a file may have, unpacked.
const MAX_FILE_BYTES: u64 = 512 << 20;

/// A file as its values.
pub(super) enum FileContent {
    /// JSON lines, or a JSON array.
    Rows(Vec<Value>),
    /// A JSON object.
    Object(serde_json::Map<String, Value>),
}

/// Reads a file, or says why it is none of the formats.
pub(super) fn content(path: &Path) -> Result<FileContent, String> {
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
        return csv_rows(&text).map(FileContent::Rows);
    }
    if inner.ends_with(".jsonl") {
        return lines(&text).map(FileContent::Rows);
    }
    match serde_json::from_str(&text) {
        Ok(Value::Array(rows)) => Ok(FileContent::Rows(rows)),
        Ok(Value::Object(object)) => Ok(FileContent::Object(object)),
        Ok(_) => Err("neither a list nor an object".to_owned()),
        // JSON lines are often called so too.
        Err(error) => lines(&text)
            .map(FileContent::Rows)
            .map_err(|_| error.to_string()),
    }
}

fn text(path: &Path, is_packed: bool) -> Result<String, String> {
    let read = || -> std::io::Result<Vec<u8>> {
        let file = files::open(path)?;
        let mut bytes = Vec::new();
        if is_packed {
            let unpacked = flate2::read::MultiGzDecoder::new(file);
            unpacked.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        } else {
            file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    };
    let bytes = read().map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("more than {MAX_FILE_BYTES} bytes"));
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

/// The rows of a CSV file with a heading, as objects.
fn csv_rows(text: &str) -> Result<Vec<Value>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heading = reader.headers().map_err(|error| error.to_string())?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let fields = heading.iter().zip(record.iter());
        let fields = fields.map(|(name, value)| (name.trim().to_owned(), json!(value)));
        rows.push(Value::Object(fields.collect()));
    }
    Ok(rows)
}
