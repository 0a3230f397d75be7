//! Turns the result of a replay into the answer: for each line its source, how sure that is, and why.

use std::ops::Range;

use rusqlite::Connection;
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::{LoggedChange, Millis};

use super::commits::FoundMaker;
use super::edits::ReplayedEdit;
use super::git::FileCommit;
use super::lines::{LineId, LineTable};
use super::replay::{FileLine, LineHistory, ReplayEnd, TextMatch};
use super::report::{BlamedLines, Certainty, CommitInfo, CommitMaker, LineSource, WritingCall};
use crate::Result;
use crate::guards::Gate;
use crate::projects::Names;
use crate::query::conversation::Conversation;
use crate::store::{ConversationId, MessageId, ProjectFilter, Reader, Row, shown_id};

pub(super) struct Judge<'a> {
    connection: &'a Connection,
    gate: Gate<'a>,
    edits: &'a [ReplayedEdit],
    ended: &'a ReplayEnd,
    lines: &'a LineTable,
    /// The commit of each line.
    commits: &'a [Option<&'a FileCommit>],
    /// The projects that the answer must not leave.
    projects: ProjectFilter,
    /// The conversations that made commits.
    pub(super) makers: FxHashMap<String, FoundMaker>,
    pub(super) is_repository: bool,
    /// For each text of a line, white space aside: how many edits brought it in, and how often it stands in
    /// the file.
    writers: FxHashMap<LineId, u32>,
    standing: FxHashMap<LineId, u32>,
    names: Names,
    reader: Reader,
    conversations: FxHashMap<ConversationId, Conversation>,
}

/// What lines must have in common to be told together.
#[derive(Clone, Copy, PartialEq)]
struct LineGroup<'a> {
    edit: Option<usize>,
    certainty: Certainty,
    how: LineHistory,
    is_filling: bool,
    commit: Option<&'a str>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        (connection, gate): (&'a Connection, Gate<'a>),
        edits: &'a [ReplayedEdit],
        ended: &'a ReplayEnd,
        lines: &'a LineTable,
        commits: &'a [Option<&'a FileCommit>],
        projects: ProjectFilter,
    ) -> Result<Self> {
        let (mut writers, mut standing) = (FxHashMap::default(), FxHashMap::default());
        let mut seen = FxHashSet::default();
        for brought in ended.all() {
            let text = lines.loose(brought.id);
            if seen.insert((text, brought.edit)) {
                *writers.entry(text).or_default() += 1;
            }
        }
        for slot in &ended.slots {
            *standing.entry(lines.loose(slot.id)).or_default() += 1;
        }
        Ok(Self {
            connection,
            gate,
            edits,
            ended,
            lines,
            commits,
            projects,
            makers: FxHashMap::default(),
            is_repository: false,
            writers,
            standing,
            names: Names::load(connection)?,
            reader: Reader::new()?,
            conversations: FxHashMap::default(),
        })
    }

    /// The sources of lines, neighbours of one source together.
    pub(super) fn lines(
        &mut self,
        texts: &[&str],
        wanted: Range<usize>,
    ) -> Result<Vec<BlamedLines>> {
        let mut blamed = Vec::new();
        let mut first = wanted.start;
        while first < wanted.end {
            let kind = self.kind(first);
            let same = (first..wanted.end).take_while(|at| self.kind(*at) == kind);
            let end = first + same.count();
            blamed.push(BlamedLines {
                first: number(first),
                last: number(end - 1),
                text: texts[first..end].join("\n"),
                source: self.source(first..end, kind)?,
            });
            first = end;
        }
        Ok(blamed)
    }

    fn edit(&self, slot: &FileLine) -> Option<usize> {
        slot.by.map(|by| self.ended.brought(by).edit)
    }

    fn kind(&self, at: usize) -> LineGroup<'a> {
        let slot = &self.ended.slots[at];
        let commit = self
            .commits
            .get(at)
            .copied()
            .flatten()
            .map(|commit| commit.hash.as_str());
        let Some(edit) = self.edit(slot) else {
            let (certainty, how) = (Certainty::Possible, LineHistory::default());
            return LineGroup {
                edit: None,
                certainty,
                how,
                is_filling: false,
                commit,
            };
        };
        let is_filling = !self.lines.is_telling(slot.id);
        let own = self.certainty(slot, edit);
        let certainty = if is_filling {
            self.beside(at, edit, own)
        } else {
            own
        };
        LineGroup {
            edit: Some(edit),
            certainty,
            how: slot.how,
            is_filling: is_filling && certainty != own,
            commit,
        }
    }

    /// How sure it is of a line by itself.
    fn certainty(&self, slot: &FileLine, edit: usize) -> Certainty {
        let (how, edit) = (slot.how, &self.edits[edit]);
        let is_scrap = matches!(edit.change, LoggedChange::Scraps(_));
        if is_scrap || how.matched == Some(TextMatch::Poorly) {
            return Certainty::Possible;
        }
        let is_changed = how.spaced || how.reshaped || how.moved || how.regained || how.ambiguous;
        if is_changed || !edit.is_confirmed || !edit.is_exact {
            return Certainty::Likely;
        }
        let text = self.lines.loose(slot.id);
        let is_only =
            |counts: &FxHashMap<LineId, u32>| counts.get(&text).is_none_or(|count| *count < 2);
        let is_unique = is_only(&self.writers) && is_only(&self.standing);
        match how.matched {
            Some(_) if !is_unique => Certainty::Likely,
            _ => Certainty::Certain,
        }
    }

    /// A line that says nothing is as sure as its neighbours of the same edit.
    fn beside(&self, at: usize, edit: usize, own: Certainty) -> Certainty {
        let slots = &self.ended.slots;
        let of_edit = |slot: &&FileLine| self.edit(slot) == Some(edit);
        let tells = |slot: &&FileLine| self.lines.is_telling(slot.id);
        let before = slots[..at].iter().rev().take_while(of_edit).find(tells);
        let after = slots[at + 1..].iter().take_while(of_edit).find(tells);
        let best = [before, after]
            .into_iter()
            .flatten()
            .map(|slot| self.certainty(slot, edit))
            .max();
        match best {
            Some(best) if slots[at].how.matched.is_some() => best,
            Some(best) => own.min(best),
            None => own.min(Certainty::Likely),
        }
    }

    fn source(&mut self, range: Range<usize>, kind: LineGroup<'a>) -> Result<LineSource> {
        let commit = self.commits.get(range.start).copied().flatten();
        let info = commit.map(|commit| self.commit(commit)).transpose()?;
        let Some(edit) = kind.edit else {
            return Ok(match info {
                Some(info) => LineSource::Commit(Box::new(info)),
                None => LineSource::Unknown {
                    why: self.why_unknown(),
                },
            });
        };
        let edit = &self.edits[edit];
        let evidence = self.evidence(range, kind, edit, commit);
        let message = self.message_id(edit.message)?;
        let conversation = self.conversation(edit.span.conversation)?;
        Ok(LineSource::Written(Box::new(WritingCall {
            conversation: conversation.key,
            source: conversation.source,
            title: conversation.title,
            message,
            call: edit.call.clone(),
            tool: edit.tool.clone(),
            time: edit.time,
            project: self.names.get(edit.span.project).to_owned(),
            model: edit.model.clone(),
            agent: edit.agent.clone(),
            certainty: kind.certainty,
            evidence,
            commit: info,
        })))
    }

    fn why_unknown(&self) -> String {
        let place = if self.is_repository {
            "not committed, and no"
        } else {
            "no"
        };
        let known = match self.edits.len() {
            0 => "edit of this file is in the archive",
            _ => "edit in the archive brought this in: typed by hand, or by another program",
        };
        format!("{place} {known}")
    }

    fn evidence(
        &self,
        range: Range<usize>,
        kind: LineGroup<'_>,
        edit: &ReplayedEdit,
        commit: Option<&FileCommit>,
    ) -> Vec<String> {
        let mut evidence = vec![self.part(range, edit)];
        let how = kind.how;
        let mut say = |is_so: bool, what: &str| evidence.extend(is_so.then(|| what.to_owned()));
        let is_scrap = matches!(edit.change, LoggedChange::Scraps(_));
        say(
            edit.before.is_some() && how.matched.is_none() && !how.regained,
            "replayed on the file as it was then, which the log holds",
        );
        say(
            is_scrap,
            "the command names the file and holds this text; a script may have written it",
        );
        say(
            how.matched == Some(TextMatch::Well),
            "found by its text, with what stands around it",
        );
        say(
            how.matched == Some(TextMatch::Poorly) && !is_scrap,
            "found by its text alone",
        );
        say(how.ambiguous, "another place or time is possible");
        say(how.spaced, "its white space was changed since");
        say(how.reshaped, "it was broken or joined since");
        say(how.moved, "it was moved since");
        say(how.regained, "it was gone for a while and came back");
        say(!edit.is_confirmed, "the log has no result of the call");
        say(
            !edit.is_exact && !is_scrap,
            "the shell may have expanded something in it",
        );
        say(
            kind.is_filling,
            "says little by itself; its neighbours are from the same call",
        );
        if let Some(commit) = commit {
            let later = commit.made * 1000 + 999 - edit.applied;
            evidence.push(format!(
                "committed {} in `{}`",
                span_of(later),
                &commit.hash[..8]
            ));
        } else if self.is_repository {
            evidence.push("not committed yet".to_owned());
        }
        evidence
    }

    /// Which lines of what the call wrote these are.
    fn part(&self, range: Range<usize>, edit: &ReplayedEdit) -> String {
        let numbers = self.ended.slots[range].iter();
        let numbers = numbers
            .filter_map(|slot| slot.by)
            .map(|by| self.ended.brought(by).line);
        let (first, last) = numbers.fold((usize::MAX, 0), |(first, last), line| {
            (first.min(line), last.max(line))
        });
        match first == last {
            true => format!("line {first} of its `{}`", edit.part),
            false => format!("lines {first} to {last} of its `{}`", edit.part),
        }
    }

    fn commit(&mut self, commit: &FileCommit) -> Result<CommitInfo> {
        let maker = match self.makers.get(&commit.hash) {
            Some(FoundMaker {
                message,
                span,
                evidence,
            }) => {
                let (message, span, evidence) = (*message, *span, evidence.clone());
                let conversation = self.conversation(span.conversation)?;
                Some(CommitMaker {
                    conversation: conversation.key,
                    title: conversation.title,
                    message: self.message_id(message)?,
                    evidence,
                })
            }
            None => None,
        };
        Ok(CommitInfo {
            hash: commit.hash.clone(),
            author: commit.author.clone(),
            time: commit.written * 1000,
            subject: commit.subject.clone(),
            conversation: maker,
        })
    }

    fn conversation(&mut self, id: ConversationId) -> Result<Conversation> {
        if let Some(known) = self.conversations.get(&id) {
            return Ok(known.clone());
        }
        let conversation = Conversation::within(self.connection, self.gate, id, self.projects)?;
        self.conversations.insert(id, conversation.clone());
        Ok(conversation)
    }

    fn message_id(&mut self, id: MessageId) -> Result<String> {
        let Some(row) = Row::get(self.connection, id)? else {
            return Ok(shown_id(id, String::new()));
        };
        let message = self.reader.message(self.connection, &row)?;
        Ok(shown_id(id, message.id))
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at + 1).unwrap_or(u32::MAX)
}

/// `5 minutes later`.
fn span_of(later: Millis) -> String {
    let (number, unit) = match later / 60_000 {
        ..1 => return "within a minute".to_owned(),
        minutes @ 1..60 => (minutes, "minute"),
        minutes @ 60..2880 => (minutes / 60, "hour"),
        minutes => (minutes / 1440, "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural} later")
}
