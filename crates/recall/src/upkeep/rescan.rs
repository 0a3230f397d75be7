//! The rules of today on what is stored already: what they mask is masked in every text of the archive,
//! and in all that is derived from it.
//!
//! It goes on in short steps, each a transaction that also holds how far it is: whenever it ends, what
//! was done is done whole, and the next one goes on from there. What was replaced is gone from the
//! files when the last step is done.

mod tables;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior, params};
use rustc_hash::FxHashMap;
use transcript::Message;

use super::walk::count;
use crate::guards::{ArchiveGuards, Cleaner, Masked};
use crate::index::vectors::{ArchiveState, VectorIndex};
use crate::index::{self, TermBuilder};
use crate::ingest::remove::rewrite_messages;
use crate::project::names;
use crate::projects;
use crate::store::{
    Counter, MessageId, ProjectFilter, ProjectId, Reader, Row, Span, Spans, empty_log, id_key,
    is_embeddable, meta, set_meta,
};
use crate::{Error, Progress, Rescan, RescanReport, Result, Stage, Stop};

/// The version of the rules by which all of the archive was checked.
const CHECKED_RULES_KEY: &str = "guard.rules";
/// The version of the patterns and exceptions of the settings by which all of it was checked, if there were any.
const CHECKED_OWN_KEY: &str = "guard.own_rules";
/// How far a rescan got: the versions of its rules, and the last message.
const RESUME_KEY: &str = "guard.rescan";

/// How long a step takes, about, since others can't write meanwhile; and how many messages it looks at.
const STEP_TIME: Duration = Duration::from_millis(200);
const STEP_MESSAGES: u64 = 1_000;

/// The version of the rules by which all of the archive was checked; 0 where it never was.
pub(crate) fn checked_by(connection: &Connection) -> Result<u32> {
    Ok(meta(connection, CHECKED_RULES_KEY)?
        .and_then(|number| number.parse().ok())
        .unwrap_or(0))
}

/// The same for the patterns and exceptions of the settings; 0 where there were none.
pub(crate) fn checked_by_own(connection: &Connection) -> Result<u32> {
    let version = meta(connection, CHECKED_OWN_KEY)?;
    Ok(version.and_then(|number| number.parse().ok()).unwrap_or(0))
}

/// Remembers that an archive without messages holds nothing that wasn't checked.
pub(crate) fn begin_checked(connection: &Connection, guards: &ArchiveGuards) -> Result<()> {
    let is_known = checked_by(connection)? == guard::RULES_VERSION
        && checked_by_own(connection)? == guards.own_rules();
    if !is_known && count(connection, "SELECT EXISTS (SELECT 1 FROM span)")? == 0 {
        set_checked(connection, guards)?;
    }
    Ok(())
}

fn set_checked(connection: &Connection, guards: &ArchiveGuards) -> Result<()> {
    let rules = guard::RULES_VERSION.to_string();
    set_meta(connection, CHECKED_RULES_KEY, &rules)?;
    set_meta(connection, CHECKED_OWN_KEY, &guards.own_rules().to_string())
}

/// What tells the rules of a rescan from others.
fn rules(guards: &ArchiveGuards) -> String {
    format!("{}+{}", guard::RULES_VERSION, guards.own_rules())
}

/// Checks what is stored by the rules of today.
pub(crate) fn rescan(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    vectors: &dyn VectorIndex,
    request: &Rescan,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<RescanReport> {
    let (within, _) = projects::of_scope(connection, &request.scope)?;
    let is_whole = within == ProjectFilter::All;
    let from = if request.dry_run || !is_whole {
        0
    } else {
        resume(connection, guards)?
    };
    let total = count(connection, "SELECT count(*) FROM message")?;
    let mut work = RescanRun {
        vectors,
        cleaner: Cleaner::new(guards),
        reader: Reader::new()?,
        terms: TermBuilder::new(),
        rewritten: Vec::new(),
        embedded_anew: Vec::new(),
        keys: projects::by_key(connection, |key| Some(key.to_owned()))?,
        report: RescanReport::default(),
        dry_run: request.dry_run,
    };
    let mut next = from + 1;
    loop {
        if stop.is_set() {
            work.report.stopped = true;
            break;
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let spans = Spans::of(&transaction, within)?;
        let last = work.step(&transaction, &spans, next)?;
        let Some(last) = last else {
            work.rest(&transaction, within)?;
            if work.dry_run {
                break;
            }
            transaction.commit()?;
            break;
        };
        next = last + 1;
        if !work.dry_run {
            if is_whole {
                let at = format!("{} {last}", rules(guards));
                set_meta(&transaction, RESUME_KEY, &at)?;
            }
            transaction.commit()?;
        }
        progress.at(Stage::Check, work.report.messages, total);
    }
    let mut report = work.finish();
    if !request.dry_run && !report.stopped {
        if report.is_changed() || from > 0 {
            index::forget_removed(connection)?;
        }
        report.log_emptied = empty_log(connection);
        if is_whole && report.failures.is_empty() {
            set_checked(connection, guards)?;
        }
        connection.execute("DELETE FROM meta WHERE key = ?1", [RESUME_KEY])?;
    }
    Ok(report)
}

/// The last message of a rescan by the same rules that was ended before it was done.
fn resume(connection: &Connection, guards: &ArchiveGuards) -> Result<i64> {
    let Some(at) = meta(connection, RESUME_KEY)? else {
        return Ok(0);
    };
    let Some((begun_by, last)) = at.split_once(' ') else {
        return Ok(0);
    };
    let is_same = begun_by == rules(guards);
    Ok(last.parse().ok().filter(|_| is_same).unwrap_or(0))
}

/// A rescan under way.
struct RescanRun<'a> {
    vectors: &'a dyn VectorIndex,
    cleaner: Cleaner<'a>,
    reader: Reader,
    terms: TermBuilder,
    /// Messages of the step that changed.
    rewritten: Vec<(Row, Masked<Message>)>,
    /// Of these, messages whose vectors are void.
    embedded_anew: Vec<MessageId>,
    keys: FxHashMap<ProjectId, Arc<str>>,
    report: RescanReport,
    dry_run: bool,
}

impl RescanRun<'_> {
    /// Checks messages from one on, for as long as a step takes; the last one, or nothing at the end.
    fn step(&mut self, connection: &Connection, spans: &Spans, from: i64) -> Result<Option<i64>> {
        let begun = Instant::now();
        let enough = self.report.messages + STEP_MESSAGES;
        let mut last = None;
        let at = spans.0.partition_point(|span| span.last.0 < from);
        for span in &spans.0[at..] {
            if let Some(key) = self.keys.get(&span.project) {
                self.cleaner.in_project(|| names(key, None));
            }
            for id in span.first.0.max(from)..=span.last.0 {
                self.message(connection, span, MessageId(id))?;
                last = Some(id);
                if begun.elapsed() >= STEP_TIME || self.report.messages >= enough {
                    self.write(connection)?;
                    return Ok(last);
                }
            }
        }
        self.write(connection)?;
        Ok(last)
    }

    /// Writes the messages of a step that changed.
    fn write(&mut self, connection: &Connection) -> Result<()> {
        rewrite_messages(connection, &self.rewritten)?;
        self.rewritten.clear();
        self.vectors
            .erase(&ArchiveState::new(connection), &self.embedded_anew)?;
        self.embedded_anew.clear();
        // It keeps blocks unpacked.
        self.reader.clear();
        Ok(())
    }

    fn message(&mut self, connection: &Connection, span: &Span, id: MessageId) -> Result<()> {
        let Some(row) = Row::get(connection, id)? else {
            return Ok(());
        };
        self.report.messages += 1;
        let before = match self.reader.message(connection, &row) {
            Ok(before) => before,
            // What is damaged can't be checked; `verify` tells of it.
            Err(Error::Damaged(_)) => {
                self.report.unreadable += 1;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let after = self.cleaner.mask(before.clone());
        let failures = self.cleaner.take_failures();
        if !failures.is_empty() {
            // What couldn't be checked is left as it is: it was kept once, and may be all there is.
            add_failures(&mut self.report, failures);
            return Ok(());
        }
        if before == *after {
            return Ok(());
        }
        self.report.changed += 1;
        if self.dry_run {
            return Ok(());
        }
        let (old, new) = (self.terms.terms(&before), self.terms.terms(&after));
        index::replace_terms(connection, id, &new)?;
        let ((prose, payload), (new_prose, new_payload)) = (old.counts(), new.counts());
        let difference = |new: u64, old: u64| new.cast_signed() - old.cast_signed();
        Counter::Prose.add(connection, difference(new_prose, prose))?;
        Counter::Payload.add(connection, difference(new_payload, payload))?;
        let is_searchable = |prose, payload| u64::from(prose + payload > 0);
        let searchable = difference(
            is_searchable(new_prose, new_payload),
            is_searchable(prose, payload),
        );
        Counter::Searchable.add(connection, searchable)?;
        if before.id != after.id {
            self.key(connection, span, id, &after.id)?;
        }
        if is_embeddable(&after) && before.text != after.text {
            self.embed_anew(connection, &row)?;
        }
        self.rewritten.push((row, after));
        Ok(())
    }

    /// A message's id is masked, too: it is known by what stands for it from then on.
    fn key(&self, connection: &Connection, span: &Span, id: MessageId, new: &str) -> Result<()> {
        let source: String = connection
            .prepare_cached("SELECT source FROM conversation WHERE id = ?1")?
            .query_row([span.conversation.0], |row| row.get(0))?;
        connection
            .prepare_cached("UPDATE OR IGNORE key SET hash = ?2 WHERE message = ?1")?
            .execute(params![id.0, id_key(&source, new).cast_signed()])?;
        Ok(())
    }

    fn embed_anew(&mut self, connection: &Connection, row: &Row) -> Result<()> {
        self.embedded_anew.push(row.id);
        let is_new = connection
            .prepare_cached("INSERT OR IGNORE INTO pending (time, message) VALUES (?1, ?2)")?
            .execute(params![row.time.unwrap_or(0), row.id.0])?
            == 1;
        Counter::Embedded.add(connection, -i64::from(is_new))
    }

    /// Checks what isn't a part of messages.
    fn rest(&mut self, connection: &Connection, within: ProjectFilter) -> Result<()> {
        let key = match within {
            ProjectFilter::One(project) => self.keys.get(&project),
            ProjectFilter::All | ProjectFilter::None => None,
        };
        self.cleaner
            .in_project(|| key.map_or_else(Vec::new, |key| names(key, None)));
        self.report.other += tables::clean(connection, &mut self.cleaner, self.dry_run, within)?;
        let failures = self.cleaner.take_failures();
        add_failures(&mut self.report, failures);
        Ok(())
    }

    fn finish(mut self) -> RescanReport {
        let counts = self.cleaner.counts();
        self.report.rules = counts
            .iter()
            .map(|(rule, count)| (rule.clone().into_owned(), *count))
            .collect();
        self.report
    }
}

/// Adds the guards that failed to those of the report, each once.
fn add_failures(report: &mut RescanReport, guards: Vec<String>) {
    for guard in guards {
        if !report.failures.contains(&guard) {
            report.failures.push(guard);
        }
    }
}
