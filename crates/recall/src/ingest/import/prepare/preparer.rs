//! From what a source's reader read to what may be written: secrets masked, ids and projects made.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use guard::collapse;
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::{FileHint, Message, Problem, ReadBatch, Source};

use super::packet::{LogPart, Packet};
use crate::guards::{ArchiveGuards, Cleaner};
use crate::index::TermBuilder;
use crate::ingest::write::PreparedMessage;
use crate::project::{Basis, Resolver, is_below};
use crate::store::{content_hash, id_key, id_of_number, id_of_place};
use crate::{Exclusions, Stop};

/// How the reading of a file ended.
pub(super) enum Flow {
    /// The next file comes.
    Goes,
    /// The file is no log, and the next one comes.
    Unknown,
    /// The person excluded the file, and the next one comes.
    Excluded,
    /// Nobody wants more.
    Ends,
}

/// The log at hand.
pub(super) struct OpenedLog {
    /// Place in the list of files.
    pub(super) file: usize,
    pub(super) source: Source,
    /// The source's name, shared by all messages that name no other.
    pub(super) name: Arc<str>,
    /// Which log it is; see [`Input::log`](crate::ingest::import::input::Input::log).
    pub(super) log: i64,
    pub(super) hint: FileHint,
    /// Whether an earlier import read it up to somewhere, so that its sessions may have begun before.
    pub(super) is_begun: bool,
}

/// What makes messages ready to be written, and where they go then.
pub(super) struct Preparer<'a> {
    resolver: Resolver,
    /// The conversations of the log at hand, by its number, whose start was seen, each with the key of the
    /// project that they started in.
    started: (i64, FxHashMap<Arc<str>, Arc<str>>),
    pub(super) cleaner: Cleaner<'a>,
    terms: TermBuilder,
    exclusions: &'a Exclusions,
    pub(super) stop: &'a Stop,
    pub(super) packets: &'a SyncSender<Packet>,
}

impl<'a> Preparer<'a> {
    pub(super) fn new(
        (guards, exclusions): (&'a ArchiveGuards, &'a Exclusions),
        stop: &'a Stop,
        packets: &'a SyncSender<Packet>,
    ) -> Self {
        Self {
            resolver: Resolver::default(),
            started: (0, FxHashMap::default()),
            cleaner: Cleaner::new(guards),
            terms: TermBuilder::new(),
            exclusions,
            stop,
            packets,
        }
    }

    /// What was read from `start` on, as it may be written. What a guard failed at is a problem of its
    /// record, whose line `line_of` tells by its offset.
    pub(super) fn part(
        &mut self,
        log: &OpenedLog,
        batch: ReadBatch,
        start: u64,
        line_of: &dyn Fn(u64) -> u64,
    ) -> LogPart {
        let failure = |offset: u64, guard: &str| Problem {
            offset,
            line: line_of(offset),
            what: format!("the guard `{guard}` failed; what it couldn't check was not kept"),
        };
        let mut problems = batch.problems;
        let mut part = LogPart {
            log: log.log,
            is_selective: !self.exclusions.is_empty(),
            ..LogPart::default()
        };
        let mut excluded = FxHashSet::default();
        for message in batch.messages {
            let offset = message.offset;
            match self.prepare(log, message) {
                message if self.is_excluded(&message) => {
                    excluded.insert(Arc::clone(&message.message.conversation));
                }
                message => part.messages.push(message),
            }
            let failures = self.cleaner.take_failures();
            problems.extend(failures.iter().map(|guard| failure(offset, guard)));
        }
        part.hides = !excluded.is_empty();
        for message in &part.messages {
            excluded.remove(&message.message.conversation);
        }
        for fact in batch.facts {
            let fact = self.cleaner.mask(fact);
            let source = fact.source.as_ref().unwrap_or(&log.name);
            if excluded.contains(&fact.conversation) || self.exclusions.has_source(source) {
                continue;
            }
            part.facts.push((Arc::clone(source), fact));
        }
        let mut problems: Vec<_> = problems
            .into_iter()
            .map(|problem| self.cleaner.mask(problem))
            .collect();
        // Of a title or a problem nobody knows the record any more.
        let failures = self.cleaner.take_failures();
        let failures = failures.iter().map(|guard| failure(start, guard));
        problems.extend(failures.map(|problem| self.cleaner.mask(problem)));
        part.problems = problems;
        part
    }

    /// Whether a message is excluded: by its source, which an export names, its directory or its project, or
    /// that of the directory in which its session started, which holds those below it.
    fn is_excluded(&self, prepared: &PreparedMessage) -> bool {
        let directory = prepared.message.cwd.as_deref();
        let started = self.started.1.get(&prepared.message.conversation);
        let is_in = |started: &&Arc<str>| {
            prepared.project.basis == Basis::Path && is_below(&prepared.project.key, started)
        };
        if started
            .filter(is_in)
            .is_some_and(|key| self.exclusions.has_project(key))
        {
            return true;
        }
        !self.exclusions.is_empty()
            && (self.exclusions.has_source(&prepared.source)
                || self.exclusions.has_place(directory, &prepared.project.key))
    }

    /// Whether a message is the first of its conversation that tells where it was said. A sub-agent starts
    /// wherever the main one went.
    fn is_start(&self, log: &OpenedLog, message: &Message) -> bool {
        if log.is_begun || message.agent.is_some() || message.cwd.is_none() {
            return false;
        }
        self.started.0 != log.log || !self.started.1.contains_key(&message.conversation)
    }

    fn prepare(&mut self, log: &OpenedLog, message: Message) -> PreparedMessage {
        let is_start = self.is_start(log, &message);
        let project = self
            .resolver
            .of_message(&message, is_start, &mut self.cleaner);
        if is_start {
            if self.started.0 != log.log {
                self.started = (log.log, FxHashMap::default());
            }
            let started = &mut self.started.1;
            started.insert(Arc::clone(&message.conversation), Arc::clone(&project.key));
        }
        // A reader makes ids of the conversation's and a number.
        let made = message.id.strip_prefix(&*message.conversation);
        let made = made.filter(|rest| !rest.is_empty()).map(str::to_owned);
        let mut message = self.cleaner.mask(message);
        let source = message.source.clone();
        let source = source.unwrap_or_else(|| Arc::clone(&log.name));
        let mut former_key = None;
        let conversation = collapse(&message.conversation);
        if message.id.is_empty() || made.is_some() && conversation != *message.conversation {
            let (id, former) = match made {
                None => (
                    id_of_place(&message, &conversation),
                    id_of_place(&message, &message.conversation),
                ),
                Some(rest) => (id_of_number(&conversation, &rest), message.id.clone()),
            };
            former_key = (former != id).then(|| id_key(&source, &former));
            message.rename(id);
        }
        PreparedMessage {
            key: id_key(&source, &message.id),
            former_key,
            replaces: message.replaces.as_deref().map(|id| id_key(&source, id)),
            log: Some(log.log),
            content: content_hash(&message),
            source,
            project,
            terms: self.terms.terms(&message),
            message,
        }
    }
}

/// Runs a source's own code. It reads what others wrote, in formats that change: where it panics, one
/// record is lost and not the import.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// What is told where a source's code panicked.
pub(super) fn failed(source: Source) -> String {
    format!(
        "the reader of `{}` failed, which is a bug in it",
        source.name()
    )
}

pub(super) fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
