//! The fixtures of every source that is registered: `tests/fixtures/NAME/` holds files as the source
//! writes them. Of a database it holds rows instead, in files that end with `.rows.json`: a list of
//! `[QUERY, [CELL, …]]`, the queries counted from 0.

use std::sync::LazyLock;

use transcript::{Cell, FileHint, Framing, ReadBatch, Registry, Source};

/// A file as a source writes it.
pub(crate) struct Fixture {
    pub(crate) source: Source,
    /// Its name.
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

/// All fixtures, by source and name.
pub(crate) static FIXTURES: LazyLock<Vec<Fixture>> =
    LazyLock::new(|| Registry::shipped().all().iter().flat_map(of).collect());

/// The fixtures that are read by lines.
pub(crate) fn lines() -> Vec<&'static Fixture> {
    let fixtures = FIXTURES.iter();
    fixtures
        .filter(|fixture| matches!(fixture.framing(), Framing::Lines(_)))
        .collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the fixtures are of this repository"
)]
fn of(source: &Source) -> Vec<Fixture> {
    let directory = format!(
        "{}/tests/fixtures/{}",
        env!("CARGO_MANIFEST_DIR"),
        source.name()
    );
    let entries = fs_err::read_dir(&directory).expect("a directory of fixtures for each source");
    let mut fixtures: Vec<Fixture> = entries
        .map(|entry| {
            let path = entry.expect("a fixture").path();
            Fixture {
                source: *source,
                bytes: fs_err::read(&path).expect("a fixture"),
                path: path
                    .file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned(),
            }
        })
        .collect();
    fixtures.sort_by(|one, other| one.path.cmp(&other.path));
    fixtures
}

impl Fixture {
    /// How the source reads it. Rows stand for a database of the same name.
    pub(crate) fn framing(&self) -> Framing {
        let name = self
            .path
            .strip_suffix(".rows.json")
            .map_or(self.path.as_str(), |name| name);
        self.source.framing(name).expect("a kind of files")
    }

    /// Everything in it, read at one go.
    pub(crate) fn read(&self) -> ReadBatch {
        let file = FileHint {
            path: self.path.clone(),
        };
        let mut batch = ReadBatch::default();
        match self.framing() {
            Framing::Lines(open) => {
                open(&file, "").read(&self.bytes, 0, 1, true, &mut batch);
            }
            Framing::Document(read) => read(&file, &self.bytes, &mut batch),
            Framing::Rows(_, open) => {
                let mut reader = open(&file, "");
                let rows: Vec<(usize, Vec<serde_json::Value>)> =
                    serde_json::from_slice(&self.bytes).expect("rows");
                for (query, cells) in &rows {
                    let cells: Vec<Cell<'_>> = cells.iter().map(cell).collect();
                    reader
                        .row(*query, &cells, &mut batch)
                        .expect("a row of the source");
                }
                reader.end(&mut batch);
            }
        }
        batch
    }
}

fn cell(value: &serde_json::Value) -> Cell<'_> {
    match value {
        serde_json::Value::String(text) => Cell::Text(text),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Cell::Integer(number),
            None => Cell::Real(number.as_f64().unwrap_or_default()),
        },
        _ => Cell::Null,
    }
}
