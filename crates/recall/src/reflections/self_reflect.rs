//! Reads the reflections that Claude Self-Reflect, another program, has stored: points of collections in
//! the vector database Qdrant, and since its version 9 a SQLite file.

use std::path::Path;
use std::time::Instant;

use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use rustc_hash::FxHashMap;
use serde_json::Value;
use transcript::{MarkStatus, Marking, Millis};

use super::bounds::ForeignBounds;
use super::foreign::ForeignReflection;
use crate::store::open_foreign;
use crate::{Error, Result};

/// Tags that name a reflection's project and conversation.
const PROJECT_TAG: &str = "project_";
const CONVERSATION_TAG: &str = "conv_";

/// Bytes of a row; a longer one is an error of the database.
const MAX_ROW_BYTES: i32 = 16 << 20;

/// Tags of a reflection; of one with more none is taken.
const MAX_TAGS: usize = 1024;

/// Numbers from here on are milliseconds, below it seconds: 1e11 seconds are the year 5138.
const MILLIS_FROM: i64 = 100_000_000_000;

/// The reflection in a point of a collection of Claude Self-Reflect, as the REST interface of Qdrant (a
/// vector database) gives it; `None` if the point has no id, payload or text.
///
/// `collection` is the collection's name, which becomes part of the key. The payloads of all versions are
/// understood. Times without a time zone are taken as times of `zone`: the machine's, if the store is
/// local.
#[must_use]
pub fn self_reflect_point(
    collection: &str,
    point: &Value,
    zone: &TimeZone,
) -> Option<ForeignReflection> {
    let payload = point.get("payload")?;
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let content = ["text", "content"].into_iter().filter_map(text);
    let content = content.max_by_key(|content| content.trim().len())?;
    let id = match point.get("id")? {
        Value::String(id) => id.clone(),
        id => id.to_string(),
    };
    let tags = match payload.get("tags") {
        Some(Value::String(tags)) => tags_of(tags),
        tags => strings(tags),
    };
    let time = match payload.get("timestamp") {
        Some(Value::String(time)) => time_of(time, zone),
        Some(time) => time.as_f64().and_then(time_of_number),
        None => None,
    };
    Some(foreign(
        format!("{collection}/{id}"),
        content,
        tags,
        // The oldest versions numbered points by the second in which they were made.
        time.or_else(|| id.parse().ok().and_then(time_of_number)),
        text("project"),
        text("project_path"),
    ))
}

/// The reflections, each with its marks (what was noted of it later: resolved or still open), from the SQLite
/// file in which Claude Self-Reflect has kept them since its version 9, in the order in which they were
/// stored. A `timestamp` without a time zone is taken as a time of `zone`; `created_at`, which stands in for
/// one that is missing, as UTC. Without a plain table of marks there are none. The file isn't changed.
///
/// # Errors
/// [`Error::NotSelfReflect`] if it has no plain table of reflections (a view, or one with triggers, is
/// none); [`Error::StoreTooLarge`] if it holds more than [`ForeignBounds`] allows; another error if it
/// can't be read, isn't a regular file or has a row of more than 16 MiB.
pub fn self_reflect_database(path: &Path, zone: &TimeZone) -> Result<Vec<ForeignReflection>> {
    let connection = open_foreign(path, MAX_ROW_BYTES)?;
    let mut bounds = ForeignBounds::new(Instant::now());
    let columns = ["id", "content", "tags", "timestamp", "created_at"];
    match has(&connection, "reflections", &columns) {
        Ok(true) => {}
        Ok(false) => return Err(Error::NotSelfReflect(path.to_owned())),
        Err(Error::Database(error))
            if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) =>
        {
            return Err(Error::NotSelfReflect(path.to_owned()));
        }
        Err(error) => return Err(error),
    }
    let mut marks = match has(&connection, "resolution_ledger", &LEDGER_COLUMNS)? {
        true => marks(&connection, zone, &mut bounds)?,
        false => FxHashMap::default(),
    };
    let mut found = Vec::new();
    let sql = "SELECT id, content, tags, timestamp, created_at FROM reflections ORDER BY rowid";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        bounds.take(1, bytes_of(row, columns.len())?)?;
        let id = text(row, 0)?;
        let mut reflection = foreign(
            format!("csr-engine/{id}"),
            &text(row, 1)?,
            tags_of(&text(row, 2)?),
            time(row, 3, zone)?.or(time(row, 4, &TimeZone::UTC)?),
            None,
            None,
        );
        reflection.marks = marks.remove(&id).unwrap_or_default();
        found.push(reflection);
    }
    Ok(found)
}

/// What the ledger of marks has.
const LEDGER_COLUMNS: [&str; 7] = [
    "id",
    "chunk_id",
    "status",
    "evidence",
    "claim",
    "source",
    "created_at",
];

/// Whether there is a table with these columns. What a view selects could go on for ever, so only a
/// plain table counts, and none that triggers hang on: those of version 9 have none.
fn has(connection: &Connection, table: &str, wanted: &[&str]) -> Result<bool> {
    let sql = "SELECT type, coalesce(sql, '') FROM sqlite_schema
         WHERE tbl_name = ?1 COLLATE NOCASE AND type IN ('table', 'view', 'trigger')";
    let mut statement = connection.prepare(sql)?;
    let entries = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let entries: Vec<(String, String)> = entries.collect::<rusqlite::Result<_>>()?;
    let is_virtual = |sql: &str| {
        let mut words = sql.split_whitespace();
        words
            .nth(1)
            .is_some_and(|word| word.eq_ignore_ascii_case("virtual"))
    };
    if !matches!(entries.as_slice(), [(kind, sql)] if kind == "table" && !is_virtual(sql)) {
        return Ok(false);
    }
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    let names: Vec<String> = names.collect::<rusqlite::Result<_>>()?;
    Ok(wanted
        .iter()
        .all(|wanted| names.iter().any(|name| name == wanted)))
}

fn foreign(
    key: String,
    content: &str,
    tags: Vec<String>,
    created: Option<Millis>,
    project: Option<&str>,
    directory: Option<&str>,
) -> ForeignReflection {
    let tagged = |prefix: &str| tags.iter().find_map(|tag| tag.strip_prefix(prefix));
    let project = project.or_else(|| tagged(PROJECT_TAG)).map(project_name);
    ForeignReflection {
        key,
        content: content.to_owned(),
        created,
        directory: directory.map(str::to_owned),
        project: project.map(str::to_owned),
        conversation: tagged(CONVERSATION_TAG).map(str::to_owned),
        tags,
        marks: Vec::new(),
    }
}

/// A project's name without what the places of logs add to it: `-home-ada-projects-shop` is `shop`.
fn project_name(name: &str) -> &str {
    let last = name.rsplit(['/', '\\']).find(|part| !part.is_empty());
    let last = last.unwrap_or(name);
    match last.rsplit_once("projects-") {
        Some((before, name)) if before.starts_with('-') && !name.is_empty() => name,
        _ => last,
    }
}

/// What the ledger says, by id of what it is said of, the newest last.
fn marks(
    connection: &Connection,
    zone: &TimeZone,
    bounds: &mut ForeignBounds,
) -> Result<FxHashMap<String, Vec<Marking>>> {
    let sql = "SELECT chunk_id, status, evidence, claim, source, created_at
         FROM resolution_ledger ORDER BY id";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut found: FxHashMap<String, Vec<Marking>> = FxHashMap::default();
    while let Some(row) = rows.next()? {
        bounds.take(1, bytes_of(row, 6)?)?;
        let some = |at| -> Result<Option<String>> {
            Ok(Some(text(row, at)?).filter(|text| !text.is_empty()))
        };
        let marks = found.entry(text(row, 0)?).or_default();
        // The ledger's order counts there, time here: an entry is never older than the one before.
        let before = marks.last().map_or(0, |mark: &Marking| mark.time);
        marks.push(Marking {
            status: match text(row, 1)?.as_str() {
                "resolved" => MarkStatus::Resolved,
                // Still open, or open again.
                _ => MarkStatus::Open,
            },
            evidence: some(2)?,
            claim: some(3)?,
            who: some(4)?,
            time: time(row, 5, zone)?.unwrap_or(0).max(before),
        });
    }
    Ok(found)
}

/// The bytes of a row's texts.
fn bytes_of(row: &Row<'_>, columns: usize) -> Result<usize> {
    (0..columns).try_fold(0, |sum: usize, at| {
        Ok(match row.get_ref(at)? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => sum.saturating_add(bytes.len()),
            _ => sum.saturating_add(8),
        })
    })
}

/// A value as text, whatever its type.
fn text(row: &Row<'_>, at: usize) -> Result<String> {
    Ok(match row.get_ref(at)? {
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Null => String::new(),
    })
}

fn time(row: &Row<'_>, at: usize, zone: &TimeZone) -> Result<Option<Millis>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Integer(number) => time_of_number(number as f64),
        ValueRef::Real(number) => time_of_number(number),
        _ => time_of(&text(row, at)?, zone),
    })
}

/// A time with or without a zone.
fn time_of(text: &str, zone: &TimeZone) -> Option<Millis> {
    let text = text.trim();
    let zoned = text.parse::<Timestamp>().ok();
    let time = zoned.or_else(|| {
        let local = text.parse::<DateTime>().ok()?;
        Some(zone.to_zoned(local).ok()?.timestamp())
    });
    time.map(Timestamp::as_millisecond)
}

/// Seconds or milliseconds since 1970.
fn time_of_number(number: f64) -> Option<Millis> {
    let is_time = number.is_finite() && number > 0.0 && number < 1e15;
    let millis = if number < MILLIS_FROM as f64 {
        number * 1000.0
    } else {
        number
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "its bounds were checked, and fractions of a millisecond are of no use"
    )]
    is_time.then_some(millis as i64)
}

fn strings(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Tags in one text: a list in JSON, else with commas between.
fn tags_of(text: &str) -> Vec<String> {
    if !transcript::has_at_most_values(text.as_bytes(), MAX_TAGS) {
        return Vec::new();
    }
    match serde_json::from_str(text) {
        Ok(list @ Value::Array(_)) => strings(Some(&list)),
        _ => text.split(',').map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_version_are_read() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let of = |text: &str| time_of(text, &zone);
        let noon = Some(1_756_720_800_000);
        assert_eq!(of("2025-09-01T10:00:00Z"), noon);
        assert_eq!(of("2025-09-01T10:00:00.000000+00:00"), noon);
        assert_eq!(of("2025-09-01T12:00:00.000000"), noon);
        assert_eq!(of("2025-09-01 12:00:00"), noon);
        assert_eq!(of("some day"), None);
        assert_eq!(time_of_number(1_756_720_800.0), noon);
        assert_eq!(time_of_number(1_756_720_800_000.0), noon);
        assert_eq!(time_of_number(f64::NAN), None);
    }

    #[test]
    fn projects_are_named_as_people_name_them() {
        assert_eq!(project_name("-home-ada-projects-shop"), "shop");
        assert_eq!(project_name("acme/shop"), "shop");
        assert_eq!(project_name("shop"), "shop");
        assert_eq!(project_name("my-projects-page"), "my-projects-page");
    }
}
