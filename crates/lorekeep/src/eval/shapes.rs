//! The shapes of sets that are in use: which keys the rows have tells what they are.

use guard::Kind;
use serde_json::{Map, Value};

use super::content::FileContent;
use super::set::{LabelledSet, LabelledText, Truth, TruthSpan};

/// Columns of moderation sets and the categories that they are for.
const CATEGORY_COLUMNS: [(&str, &str); 8] = [
    ("S", "sexual"),
    ("H", "hate"),
    ("V", "violence"),
    ("HR", "harassment"),
    ("SH", "self-harm"),
    ("S3", "sexual/minors"),
    ("H2", "hate/threatening"),
    ("V2", "violence/graphic"),
];

/// The sets of a file, or why it is none.
pub(super) fn sets(name: &str, content: FileContent) -> Result<Vec<LabelledSet>, String> {
    let FileContent::Rows(values) = content else {
        return Err("no set of a known shape".to_owned());
    };
    let mut sets: Vec<LabelledSet> = Vec::new();
    let mut unlabelled = 0;
    for (value, number) in values.iter().zip(1..) {
        let read = row(value).map_err(|what| format!("row {number}: {what}"))?;
        let Some((kind, part, row)) = read else {
            unlabelled += 1;
            continue;
        };
        let name = match part {
            Some(part) => format!("{name}#{part}"),
            None => name.to_owned(),
        };
        match sets
            .iter_mut()
            .find(|set| set.name == name && set.kind == kind)
        {
            Some(set) => set.rows.push(row),
            None => sets.push(LabelledSet {
                name,
                kind,
                rows: vec![row],
            }),
        }
    }
    if sets.is_empty() {
        return Err(match unlabelled {
            0 => "it is empty".to_owned(),
            _ => "no set of a known shape".to_owned(),
        });
    }
    Ok(sets)
}

type LabelledRow = Option<(Kind, Option<String>, LabelledText)>;

fn row(value: &Value) -> Result<LabelledRow, String> {
    let object = match value {
        // A list of texts without labels is a list of attacks.
        Value::String(text) => {
            return Ok(Some((Kind::Injection, None, labelled(text, true))));
        }
        Value::Object(object) => object,
        _ => return Err("neither a text nor an object".to_owned()),
    };
    let text = ["text", "prompt", "full_text"].iter().find_map(|key| {
        let text = object.get(*key)?.as_str()?;
        Some(text.to_owned())
    });
    let Some(text) = text else {
        return Ok(None);
    };
    let part = object.get("set").and_then(Value::as_str).map(str::to_owned);
    let kind = object.get("kind").and_then(Value::as_str);
    let kind = match kind.map(|kind| Kind::from_name(kind).ok_or(kind)) {
        Some(Err(kind)) => return Err(format!("no kind `{kind}`")),
        Some(Ok(kind)) => Some(kind),
        None => None,
    };
    let Some((usual, truth)) = truth(object, &text)? else {
        return Ok(None);
    };
    Ok(Some((
        kind.unwrap_or(usual),
        part,
        LabelledText { text, truth },
    )))
}

fn labelled(text: &str, label: bool) -> LabelledText {
    LabelledText {
        text: text.to_owned(),
        truth: Truth::Label(label),
    }
}

/// What a row says of its text, and the kind that this is usually about.
fn truth(object: &Map<String, Value>, text: &str) -> Result<Option<(Kind, Truth)>, String> {
    if let Some(spans) = object.get("spans").and_then(Value::as_array) {
        let spans = spans.iter().map(|span| self::span(span, text));
        let spans = spans.collect::<Result<_, _>>()?;
        return Ok(Some((Kind::Pii, Truth::Spans(spans))));
    }
    if let Some(categories) = object.get("categories").and_then(Value::as_array) {
        let names = categories.iter().filter_map(Value::as_str);
        let truth = Truth::Categories(names.map(str::to_owned).collect());
        return Ok(Some((Kind::Content, truth)));
    }
    if object.contains_key("expected_len") {
        return Ok(case(object, text).map(|truth| (Kind::Pii, truth)));
    }
    if let Some(label) = object.get("label") {
        let label = is_positive(label).ok_or_else(|| format!("no label `{label}`"))?;
        return Ok(Some((Kind::Injection, Truth::Label(label))));
    }
    if let Some(label) = object.get("is_toxic") {
        let label = is_positive(label).ok_or_else(|| format!("no label `{label}`"))?;
        return Ok(Some((Kind::Content, Truth::Label(label))));
    }
    if object.contains_key("severity_rating") {
        return Ok(Some((Kind::Content, Truth::Label(true))));
    }
    let columns: Vec<(&Value, &str)> = CATEGORY_COLUMNS
        .iter()
        .filter_map(|(column, category)| Some((object.get(*column)?, *category)))
        .collect();
    if !columns.is_empty() {
        let set = columns
            .iter()
            .filter(|(value, _)| is_positive(value) == Some(true));
        let names = set.map(|(_, category)| (*category).to_owned());
        return Ok(Some((Kind::Content, Truth::Categories(names.collect()))));
    }
    // Texts of a table without labels, as collections of attacks are.
    let is_bare = object
        .keys()
        .all(|key| matches!(key.as_str(), "id" | "text"));
    Ok(is_bare.then_some((Kind::Injection, Truth::Label(true))))
}

fn is_positive(label: &Value) -> Option<bool> {
    match label {
        Value::Bool(label) => Some(*label),
        Value::Number(number) => match number.as_f64()? {
            0.0 => Some(false),
            1.0 => Some(true),
            _ => None,
        },
        Value::String(label) => match label.trim().to_lowercase().as_str() {
            "0" | "benign" | "safe" | "legit" | "harmless" | "not toxic" | "false" | "negative" => {
                Some(false)
            }
            "1" | "attack" | "injection" | "jailbreak" | "malicious" | "unsafe" | "toxic"
            | "true" | "positive" => Some(true),
            _ => None,
        },
        _ => None,
    }
}

/// `{entity, start, end}` in bytes, or Presidio's `{entity_type, start_position, end_position}` in
/// characters.
fn span(span: &Value, text: &str) -> Result<TruthSpan, String> {
    let number = |key: &str| {
        span.get(key)?
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
    };
    let name = |key: &str| span.get(key).and_then(Value::as_str).map(str::to_owned);
    let ours = || Some((name("entity")?, number("start")?, number("end")?));
    let theirs = || {
        let (start, end) = (number("start_position")?, number("end_position")?);
        Some((name("entity_type")?, byte(text, start), byte(text, end)))
    };
    let (entity, start, end) = ours()
        .or_else(theirs)
        .ok_or_else(|| format!("no span `{span}`"))?;
    if start >= end || text.get(start..end).is_none() {
        return Err(format!("{start} to {end} is no part of the text"));
    }
    Ok(TruthSpan {
        entity,
        bytes: start..end,
    })
}

/// The byte of a character.
fn byte(text: &str, at: usize) -> usize {
    let found = text.char_indices().nth(at);
    found.map_or(text.len(), |(byte, _)| byte)
}

/// A case of one of Presidio's recognisers: what is found of one entity, and where.
fn case(object: &Map<String, Value>, text: &str) -> Option<Truth> {
    let entities = object.get("entities")?.as_array()?;
    let [entity] = entities.as_slice() else {
        return None;
    };
    let entity = entity.as_str()?.to_owned();
    let expected = object.get("expected_len")?.as_u64()?;
    let positions = object.get("expected_positions").and_then(Value::as_array);
    let positions = positions.map(Vec::as_slice).unwrap_or_default();
    let spans: Vec<TruthSpan> = positions
        .iter()
        .filter_map(|position| {
            let at = |end: usize| usize::try_from(position.get(end)?.as_u64()?).ok();
            let (start, end) = (byte(text, at(0)?), byte(text, at(1)?));
            (start < end).then(|| TruthSpan {
                entity: entity.clone(),
                bytes: start..end,
            })
        })
        .collect();
    // Some cases say how many, not where.
    (spans.len() as u64 == expected).then_some(Truth::Only(entity, spans))
}
