//! Changing lists of the settings file: everything else in it stays as it is, comments too.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use toml_edit::{Array, DocumentMut, Item, Table, Value};

use super::file::MAX_FILE_BYTES;
use crate::fault::Fault;

/// Changes lists of a section: `change` gets each list by its key, and may add or take away. The file is
/// made if it is missing, and stays as it is where nothing changed.
pub(crate) fn change_lists(
    path: &Path,
    section: &str,
    keys: &[&str],
    change: &mut dyn FnMut(&str, &mut Vec<String>),
) -> anyhow::Result<()> {
    // A link to the file stays one.
    let path = &fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let text = match files::read_text(path, MAX_FILE_BYTES) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error.into()),
    };
    let what = || format!("`{}` is not changed", path.display());
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| Fault::usage(format!("{}: {error}", what())))?;
    let table = document
        .entry(section)
        .or_insert(Item::Table(Table::new()))
        .as_table_like_mut()
        .ok_or_else(|| Fault::usage(format!("{}: `{section}` is no table", what())))?;
    let mut is_changed = false;
    for key in keys {
        let before: Vec<String> = match table.get(key) {
            None => Vec::new(),
            Some(item) => strings(item).ok_or_else(|| {
                Fault::usage(format!("{}: `{key}` is no list of strings", what()))
            })?,
        };
        let mut after = before.clone();
        change(key, &mut after);
        if after == before {
            continue;
        }
        is_changed = true;
        if after.is_empty() {
            table.remove(key);
        } else {
            let array: Array = after.into_iter().collect();
            table.insert(key, Item::Value(Value::Array(array)));
        }
    }
    if !is_changed {
        return Ok(());
    }
    if let Some(directory) = path.parent() {
        files::create_dir(directory)?;
    }
    let mut draft = files::Draft::new(path, files::Access::Private)?;
    draft.write_all(document.to_string().as_bytes())?;
    draft.replace()?;
    Ok(())
}

fn strings(item: &Item) -> Option<Vec<String>> {
    if let Some(text) = item.as_str() {
        return Some(text.split(',').map(|part| part.trim().to_owned()).collect());
    }
    let texts = item
        .as_array()?
        .iter()
        .map(|value| value.as_str().map(str::to_owned));
    texts.collect()
}
