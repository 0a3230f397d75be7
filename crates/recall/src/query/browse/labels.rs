//! Which files and tools messages have, from the labels beside them.

use rusqlite::params;
use rustc_hash::FxHashMap;

use super::scene::Scene;
use crate::Result;
use crate::index::Label;
use crate::store::Row;

/// How often each label of one kind stands at some messages.
#[derive(Default)]
pub(super) struct Counted(FxHashMap<i64, (u64, i64)>);

impl Counted {
    /// Counts a label at a message.
    pub(super) fn add(&mut self, label: i64, message: i64) {
        let (count, last) = self.0.entry(label).or_default();
        *count += 1;
        *last = (*last).max(message);
    }

    /// Counts what was counted elsewhere.
    pub(super) fn merge(&mut self, other: &Self) {
        for (label, (count, last)) in &other.0 {
            let own = self.0.entry(*label).or_default();
            own.0 += count;
            own.1 = own.1.max(*last);
        }
    }

    /// How often there is any.
    pub(super) fn sum(&self) -> u64 {
        self.0.values().map(|(count, _)| count).sum()
    }

    /// How many different ones there are.
    pub(super) fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// The most frequent ones with their counts; of equal ones the latest first.
    pub(super) fn most(&self, scene: &Scene<'_>, limit: usize) -> Result<Vec<(String, u64)>> {
        let mut all: Vec<(i64, u64, i64)> = self
            .0
            .iter()
            .map(|(label, (count, last))| (*label, *count, *last))
            .collect();
        all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(b.2.cmp(&a.2)).then(a.0.cmp(&b.0)));
        all.truncate(limit);
        all.into_iter()
            .map(|(label, count, _)| Ok((scene.label(label)?, count)))
            .collect()
    }
}

/// Hands each label of a kind with its message to `each`, for messages from one id to another.
pub(super) fn between(
    scene: &Scene<'_>,
    kind: Label,
    first: i64,
    last: i64,
    each: &mut dyn FnMut(i64, i64),
) -> Result<()> {
    let sql = "SELECT label, message FROM labelled JOIN label ON label.id = label
         WHERE message BETWEEN ?1 AND ?2 AND kind = ?3";
    let mut statement = scene.connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![first, last, kind as i64])?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?, row.get(1)?);
    }
    Ok(())
}

/// The labels of a kind at messages whose rows these are, ascending.
pub(super) fn of_rows(scene: &Scene<'_>, kind: Label, rows: &[Row]) -> Result<Counted> {
    let mut counted = Counted::default();
    for (first, last) in runs(rows) {
        between(scene, kind, first, last, &mut |label, message| {
            counted.add(label, message);
        })?;
    }
    Ok(counted)
}

/// The edited files and the tools at messages whose rows these are, ascending.
pub(super) fn edited_and_tools(scene: &Scene<'_>, rows: &[Row]) -> Result<(Counted, Counted)> {
    let (mut edited, mut tools) = (Counted::default(), Counted::default());
    let sql = "SELECT label, message, kind FROM labelled JOIN label ON label.id = label
         WHERE message BETWEEN ?1 AND ?2 AND kind IN (?3, ?4)";
    let mut statement = scene.connection.prepare_cached(sql)?;
    for (first, last) in runs(rows) {
        let kinds = (Label::Edited as i64, Label::Tool as i64);
        let mut found = statement.query(params![first, last, kinds.0, kinds.1])?;
        while let Some(row) = found.next()? {
            let (label, message): (i64, i64) = (row.get(0)?, row.get(1)?);
            if row.get::<_, i64>(2)? == kinds.0 {
                edited.add(label, message);
            } else {
                tools.add(label, message);
            }
        }
    }
    Ok((edited, tools))
}

/// Runs of consecutive ids, so that a range asks for many messages at once.
fn runs(rows: &[Row]) -> Vec<(i64, i64)> {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for row in rows {
        match runs.last_mut() {
            Some(last) if last.1 + 1 == row.id.0 => last.1 = row.id.0,
            _ => runs.push((row.id.0, row.id.0)),
        }
    }
    runs
}
