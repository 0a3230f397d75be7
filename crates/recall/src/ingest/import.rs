//! Imports logs into the archive.
//!
//! One thread reads and prepares messages, the caller's thread writes them; a bounded channel between them
//! keeps memory small whatever the input. Files that changed last come first. It is written in steps of a
//! few megabytes, each a transaction that also records how far its files were read, so that a kill at any
//! point loses nothing and repeats nothing.

mod discover;
mod input;
mod files;
mod prepare;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rustc_hash::FxHashSet;
use transcript::{FactKind, Millis, Registry, Source};

pub(crate) use self::discover::{FoundLog, Stamp, discover, is_log_name, mtime_of, trees};
use self::files::{FileRow, FileState};
pub(crate) use self::files::{KnownFiles, SWEPT_DIRECTORIES_KEY, mask_paths, read_all_again};
use self::prepare::{Packet, PacketContent, WantedSources};
use crate::guards::ArchiveGuards;
use crate::ingest::write::Writer;
use crate::projects::learn_homes;
use crate::store::{scrubbed, set_meta};
use crate::{
    ImportReport, ImportRequest, NoProgress, ProblemAt, Progress, Result, Roots, Skipped,
    SourceReport, Stage, Stop,
};

/// Bytes of log after which a step is committed.
const STEP_BYTES: u64 = 8 << 20;

/// Time after which a step is committed: what was read must be found soon.
const STEP_TIME: Duration = Duration::from_millis(500);

/// The same for the first step where somebody waits for it; each step may take twice as long as the
/// one before.
const FIRST_STEP_TIME: Duration = Duration::from_millis(25);

/// Packets that may wait between the threads.
const MAX_WAITING_PACKETS: usize = 3;

/// Problems listed in a report, for each source.
const LISTED_PROBLEMS: usize = 100;

/// Imports what is new in the files that the request means.
pub(crate) fn run(
    connection: &mut Connection,
    guards: &ArchiveGuards,
    request: &ImportRequest,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<ImportReport> {
    let mut report = ReportBuilder::default();
    let found = discover(request, &mut report.skipped);
    let registry = request.roots.registry();
    let known = KnownFiles::load(connection, guards, registry)?;
    let mut changed = Vec::new();
    for file in found {
        match known.unchanged(&file, request.source) {
            Some(source) => report.unchanged(source, request.source),
            None => changed.push(file),
        }
    }
    if !changed.is_empty() {
        learn_homes(connection, request.roots.all())?;
        let sources = WantedSources {
            registry,
            only: request.source,
            exclusions: request.roots.exclusions(),
        };
        let work = ImportWork::new(changed, known, sources, STEP_TIME);
        work.run(connection, guards, &mut report, stop, progress)?;
        set_meta(connection, "last_import", &request.now.to_string())?;
    }
    Ok(report.finish(guards, registry, stop.is_set()))
}

/// Imports what is new in these files, in steps that are short at first: somebody waits for it.
pub(crate) fn files(
    connection: &mut Connection,
    guards: &ArchiveGuards,
    roots: &Roots,
    found: Vec<FoundLog>,
    now: Millis,
    stop: &Stop,
) -> Result<ImportReport> {
    learn_homes(connection, roots.all())?;
    let registry = roots.registry();
    let mut report = ReportBuilder::default();
    let known = KnownFiles::of(connection, guards, registry, &found)?;
    let sources = WantedSources {
        registry,
        only: None,
        exclusions: roots.exclusions(),
    };
    let work = ImportWork::new(found, known, sources, FIRST_STEP_TIME);
    work.run(connection, guards, &mut report, stop, &NoProgress)?;
    set_meta(connection, "last_import", &now.to_string())?;
    Ok(report.finish(guards, registry, stop.is_set()))
}

/// Files to import.
struct ImportWork<'a> {
    files: Vec<FoundLog>,
    known: KnownFiles<'a>,
    sources: WantedSources<'a>,
    first_step: Duration,
}

impl<'a> ImportWork<'a> {
    fn new(
        mut files: Vec<FoundLog>,
        known: KnownFiles<'a>,
        sources: WantedSources<'a>,
        first_step: Duration,
    ) -> Self {
        // Newest first: what was said last is asked for first.
        files.sort_by_key(|file| std::cmp::Reverse(file.mtime));
        Self {
            files,
            known,
            sources,
            first_step,
        }
    }

    fn run(
        &self,
        connection: &mut Connection,
        guards: &ArchiveGuards,
        report: &mut ReportBuilder,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<()> {
        let left = |file: &FoundLog| file.size - self.known.offset(file).min(file.size);
        let total = self.files.iter().map(left).sum();
        let (sender, receiver) = sync_channel(MAX_WAITING_PACKETS);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let out = (stop, &sender);
                prepare::read_files(&self.files, &self.known, self.sources, guards, out);
            });
            // Moved in here, so that it is gone when writing fails: the reading thread's next send
            // then finds nobody listening, and it ends.
            let receiver = receiver;
            let meter = Meter { progress, total };
            self.write_packets((connection, guards), &receiver, report, &meter)
        })
    }
}

/// Tells how far the work is.
struct Meter<'a> {
    progress: &'a dyn Progress,
    total: u64,
}

impl ImportWork<'_> {
    fn write_packets(
        &self,
        (connection, guards): (&mut Connection, &ArchiveGuards),
        packets: &Receiver<Packet>,
        report: &mut ReportBuilder,
        meter: &Meter<'_>,
    ) -> Result<()> {
        let mut writer = Writer::new()?;
        let mut done = 0;
        let mut step_time = self.first_step;
        while let Ok(first) = packets.recv() {
            let begun = Instant::now();
            let mut step = writer.step(connection, guards)?;
            let mut bytes = 0;
            let mut next = Some(first);
            while let Some(packet) = next.take() {
                bytes += packet.bytes;
                let found = &self.files[packet.file];
                let path = guards.as_kept(&found.shown()).into_owned();
                write_packet(&mut step, (found, &path), packet, report)?;
                if bytes < STEP_BYTES && begun.elapsed() < step_time {
                    next = packets.recv().ok();
                }
            }
            step.commit()?;
            step_time = (step_time * 2).min(STEP_TIME);
            done += bytes;
            meter
                .progress
                .at(Stage::Import, done.min(meter.total), meter.total);
        }
        Ok(())
    }
}

fn write_packet(
    step: &mut crate::ingest::write::Step<'_>,
    (found, path): (&FoundLog, &str),
    packet: Packet,
    report: &mut ReportBuilder,
) -> Result<()> {
    let Packet { content, bytes, .. } = packet;
    let (source, part) = match content {
        PacketContent::Unreadable(problem) => {
            report.skipped.push(problem);
            return Ok(());
        }
        PacketContent::Unknown => {
            FileRow::write_unknown(step.connection(), found, path)?;
            // Told once: from then on the file is known, until it changes.
            report.skipped.push(Skipped {
                path: path.to_owned(),
                what: "not a conversation log of a known source".into(),
                is_named: found.named,
            });
            return Ok(());
        }
        PacketContent::Excluded => {
            FileRow::write_unknown(step.connection(), found, path)?;
            if found.named {
                report.skipped.push(Skipped {
                    path: path.to_owned(),
                    what: "excluded by the settings".into(),
                    is_named: true,
                });
            }
            return Ok(());
        }
        PacketContent::Read { source, part } => (source, part),
    };
    let mut state = part.state;
    if part.hides {
        state.state = scrubbed(&state.state, &mut |_| Ok(true))?.into_owned();
    }
    let file = FileRow::write(
        step.connection(),
        (found, path),
        source,
        &state,
        part.is_last,
    )?;
    if let Some(from) = part.problems_from {
        FileState::clear_problems(step.connection(), file, from)?;
    }
    let entry = report.source(source);
    entry.report.bytes += bytes;
    if part.is_first {
        entry.report.files += 1;
        entry.report.changed += 1;
    }
    // First, since what a fork copied belongs to the conversation that it was forked from.
    let (parents, others): (Vec<_>, Vec<_>) = part
        .facts
        .iter()
        .partition(|(_, fact)| matches!(fact.what, FactKind::Parent { .. }));
    for (source, fact) in parents {
        step.learn(source, (file, part.log), fact)?;
    }
    for mut prepared in part.messages {
        entry.report.messages += 1;
        if step.add(file, &mut prepared)? {
            entry.report.added += 1;
            let conversation = Arc::clone(&prepared.message.conversation);
            entry.conversations.insert(conversation);
        } else {
            entry.report.duplicates += 1;
        }
    }
    // After the messages, some of which they are about.
    for (source, fact) in others {
        if part.is_selective && !step.has_messages(source, &fact.conversation)? {
            continue;
        }
        step.learn(source, (file, part.log), fact)?;
    }
    for problem in part.problems {
        FileState::add_problem(step.connection(), file, &problem)?;
        entry.report.problem_count += 1;
        if entry.report.problems.len() < LISTED_PROBLEMS {
            entry.report.problems.push(ProblemAt {
                path: path.to_owned(),
                line: problem.line,
                what: problem.what.clone(),
            });
        }
    }
    Ok(())
}

/// A report as it grows.
#[derive(Default)]
struct ReportBuilder {
    sources: Vec<(Source, SourceEntry)>,
    skipped: Vec<Skipped>,
}

#[derive(Default)]
struct SourceEntry {
    report: SourceReport,
    conversations: FxHashSet<std::sync::Arc<str>>,
}

impl ReportBuilder {
    fn source(&mut self, source: Source) -> &mut SourceEntry {
        let at = self
            .sources
            .iter()
            .position(|(of, _)| *of == source)
            .unwrap_or_else(|| {
                self.sources.push((source, SourceEntry::default()));
                self.sources.len() - 1
            });
        &mut self.sources[at].1
    }

    fn unchanged(&mut self, source: Option<Source>, only: Option<Source>) {
        if let Some(source) = source.filter(|source| only.is_none_or(|only| only == *source)) {
            self.source(source).report.files += 1;
        }
    }

    /// The report, in which paths are as they are kept.
    fn finish(mut self, guards: &ArchiveGuards, registry: Registry, stopped: bool) -> ImportReport {
        for Skipped { path, what, .. } in &mut self.skipped {
            *path = guards.as_kept(path).into_owned();
            *what = guards.as_kept(what).into_owned();
        }
        let place = |source| registry.all().iter().position(|other| *other == source);
        self.sources.sort_by_key(|(source, _)| place(*source));
        let sources = self
            .sources
            .into_iter()
            .map(|(source, entry)| SourceReport {
                source: source.name().to_owned(),
                conversations: entry.conversations.len() as u64,
                ..entry.report
            });
        ImportReport {
            sources: sources.collect(),
            skipped: self.skipped,
            stopped,
        }
    }
}
