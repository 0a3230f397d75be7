//! The settings file: TOML in, raw values out. A key that nobody declared is a fault, with its line
//! and the key that was probably meant.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::declare::DeclaredSetting;
use super::layers::{FileValue, FileValues};
use super::nearest::nearest;
use super::value::Raw;
use crate::fault::Fault;

/// Bytes of a settings file at most.
pub(super) const MAX_FILE_BYTES: u64 = 16 << 20;

/// Reads the file; one that doesn't exist has no values.
pub(super) fn read(path: &Path, declared: &'static [DeclaredSetting]) -> (FileValues, Vec<Fault>) {
    match files::read_text(path, MAX_FILE_BYTES) {
        Ok(text) => parse(&text, &path.display().to_string(), declared),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Default::default(),
        Err(error) => (
            FileValues::new(),
            vec![Fault::usage(format!("settings: {error}"))],
        ),
    }
}

/// Takes the values out of the text of a settings file, which faults name so.
fn parse(text: &str, file: &str, declared: &'static [DeclaredSetting]) -> (FileValues, Vec<Fault>) {
    let mut reading = FileReader {
        text,
        file,
        declared,
        values: FileValues::new(),
        faults: Vec::new(),
    };
    match DeTable::parse(text) {
        Ok(table) => reading.top(table.get_ref()),
        Err(error) => {
            let line = reading.line(error.span().map_or(0, |span| span.start));
            let what = error.message().lines().collect::<Vec<_>>().join(", ");
            reading.fault(line, &what, None);
        }
    }
    (reading.values, reading.faults)
}

struct FileReader<'a> {
    text: &'a str,
    /// Its whole path: there may be several settings files on a machine.
    file: &'a str,
    declared: &'static [DeclaredSetting],
    values: FileValues,
    faults: Vec<Fault>,
}

impl FileReader<'_> {
    fn top(&mut self, table: &DeTable<'_>) {
        for (section, value) in table {
            let line = self.line(section.span().start);
            let name = section.get_ref().as_ref();
            let known = self
                .declared
                .iter()
                .any(|declared| declared.section() == name);
            match value.get_ref().as_table() {
                Some(table) if known => self.section(name, table),
                None if known => {
                    let what = format!("`{name}` is a table of settings, not a value");
                    self.fault(
                        line,
                        &what,
                        Some(format!("write `[{name}]` on a line of its own")),
                    );
                }
                _ => self.unknown(
                    line,
                    name,
                    self.declared.iter().map(DeclaredSetting::section),
                ),
            }
        }
    }

    fn section(&mut self, section: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let line = self.line(name.span().start);
            let key = format!("{section}.{}", name.get_ref());
            match self.declared.iter().find(|declared| declared.key == key) {
                Some(declared) => {
                    let value = FileValue {
                        line,
                        item_lines: self.item_lines(value.get_ref()),
                        raw: raw(value.get_ref()),
                    };
                    self.values.insert(declared.key, value);
                }
                None => self.unknown(
                    line,
                    &key,
                    self.declared.iter().map(|declared| declared.key),
                ),
            }
        }
    }

    fn unknown(&mut self, line: usize, key: &str, known: impl Iterator<Item = &'static str>) {
        let hint = match nearest(key, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`lorekeep config docs` lists all settings".to_owned(),
        };
        self.fault(line, &format!("no setting `{key}`"), Some(hint));
    }

    fn fault(&mut self, line: usize, what: &str, hint: Option<String>) {
        let fault = Fault::usage(format!("{}, line {line}: {what}", self.file));
        self.faults.push(Fault { hint, ..fault });
    }

    fn item_lines(&self, value: &DeValue<'_>) -> Vec<usize> {
        match value {
            DeValue::Array(items) => {
                let line = |item: &toml::Spanned<DeValue<'_>>| self.line(item.span().start);
                items.iter().map(line).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The line, from 1, of a byte offset.
    fn line(&self, offset: usize) -> usize {
        1 + self
            .text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count()
    }
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Raw::Other("a number out of range"), Raw::Whole),
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .map_or(Raw::Other("a number out of range"), Raw::Number),
        DeValue::Boolean(on) => Raw::Switch(*on),
        DeValue::Array(items) => items
            .iter()
            .map(|item| item.get_ref().as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map_or(Raw::Other("a list of other things than strings"), Raw::List),
        DeValue::Datetime(_) => Raw::Other("a time"),
        DeValue::Table(_) => Raw::Other("a table"),
    }
}
