//! Which texts the answers of the archive hold: each goes through the gate on its way out.
//!
//! Titles, excerpts and quotes are not here: they went through it when they were cut, together with
//! what stood around them.

use std::sync::Arc;

use guard::Action;
use transcript::{Marking, Message};

use super::Gate;
use super::clean::is_uuid;
use super::gate::FieldFinding;
use crate::{
    BlameReport, ConceptReport, ConversationView, FileHistory, Hit, Learnings, LineSource,
    MessageView, Recap, RecentWork, Reflection, SearchResponse, Timeline, WorkGroup,
};

/// Bytes of an id that is too short to say anything.
const SHORT_ID: usize = 12;

impl Gate<'_> {
    /// Lets a text through.
    fn pass(self, text: &mut String) {
        let seen = self.whole(text).text;
        if let std::borrow::Cow::Owned(seen) = seen {
            *text = seen;
        } else if seen.len() != text.len() {
            *text = seen.into_owned();
        }
    }

    fn pass_all<'t>(self, texts: impl IntoIterator<Item = &'t mut String>) {
        texts.into_iter().for_each(|text| self.pass(text));
    }

    fn pass_field(self, name: &str, text: &mut String, all: &mut Vec<FieldFinding>) {
        let mut seen = self.whole(text);
        seen.tell(name, all);
        if *seen.text != **text {
            *text = seen.text.into_owned();
        }
    }

    fn pass_short(self, text: &mut Option<Arc<str>>) {
        if let Some(text) = text {
            let seen = self.whole(text).text;
            if *seen != **text {
                *text = seen.into();
            }
        }
    }

    /// Lets an id through: most hold nothing but a number.
    fn pass_id(self, id: &mut String) {
        if id.len() > SHORT_ID && !is_uuid(id) {
            self.pass(id);
        }
    }

    fn marking(self, marking: &mut Marking) {
        let texts = [&mut marking.evidence, &mut marking.claim, &mut marking.who];
        self.pass_all(texts.into_iter().flatten());
    }

    /// Lets a message through; its findings are told by field.
    pub(crate) fn message(self, view: &mut MessageView) {
        let gate = self.of_project(&view.project);
        let mut found = std::mem::take(&mut view.findings);
        gate.fields(&mut view.message, &mut found);
        gate.pass_all(&mut view.links);
        if let Some(about) = &mut view.reflection {
            gate.pass_all(about.tags.iter_mut().chain(&mut about.author));
        }
        view.marks.iter_mut().for_each(|mark| gate.marking(mark));
        view.findings = found;
    }

    fn fields(self, message: &mut Message, found: &mut Vec<FieldFinding>) {
        let called = message.tools.iter_mut().map(|call| &mut call.id);
        let answered = message.results.iter_mut().map(|result| &mut result.call);
        let own = [&mut message.id].into_iter().chain(&mut message.parent);
        for id in own.chain(called).chain(answered) {
            self.pass_id(id);
        }
        self.pass_field("text", &mut message.text, found);
        self.pass_field("thinking", &mut message.thinking, found);
        for (at, call) in message.tools.iter_mut().enumerate() {
            self.pass_field(&format!("tools.{at}.name"), &mut call.name, found);
            self.pass_field(&format!("tools.{at}.input"), &mut call.input, found);
        }
        for (at, result) in message.results.iter_mut().enumerate() {
            self.pass_field(&format!("results.{at}.output"), &mut result.output, found);
            if let Some(detail) = &mut result.detail {
                self.pass_field(&format!("results.{at}.detail"), detail, found);
            }
        }
        for touch in &mut message.files {
            self.pass_field("files", &mut touch.path, found);
        }
        for attachment in &mut message.attachments {
            self.pass_field("attachments", &mut attachment.media_type, found);
        }
        for text in [
            &mut message.turn,
            &mut message.speaker,
            &mut message.cwd,
            &mut message.branch,
            &mut message.remote,
            &mut message.model,
            &mut message.agent,
        ] {
            self.pass_short(text);
        }
    }

    /// Lets a hit through, but for what was cut for it.
    fn hit(self, hit: &mut Hit) {
        let gate = self.of_project(&hit.project);
        if let Some(reflection) = &mut hit.reflection {
            gate.pass_all(reflection.tags.iter_mut().chain(&mut reflection.author));
        }
        if let Some(status) = &mut hit.status {
            gate.marking(status);
        }
        for view in hit.before.iter_mut().chain(&mut hit.after) {
            gate.message(view);
        }
    }

    /// Lets the answer to a search through.
    pub(crate) fn response(self, response: &mut SearchResponse) {
        response.hits.iter_mut().for_each(|hit| self.hit(hit));
    }

    /// Lets what is known of a conversation through.
    pub(crate) fn conversation(self, view: &mut ConversationView) {
        self.of_project(&view.project).pass_all(&mut view.links);
    }

    /// Lets a reflection through.
    pub(crate) fn reflection(self, reflection: &mut Reflection) {
        let gate = self.of_project(&reflection.project);
        gate.pass(&mut reflection.content);
        gate.pass_all(reflection.tags.iter_mut().chain(&mut reflection.author));
        if let Some(status) = &mut reflection.status {
            gate.marking(status);
        }
    }

    fn group(self, group: &mut WorkGroup) {
        self.pass_all(&mut group.files);
    }

    /// Lets recent work through.
    pub(crate) fn recent(self, work: &mut RecentWork) {
        work.groups.iter_mut().for_each(|group| self.group(group));
    }

    /// Lets a recap through; its reflections went through where they were read.
    pub(crate) fn recap(self, recap: &mut Recap) {
        recap.work.iter_mut().for_each(|group| self.group(group));
    }

    /// Lets a timeline through.
    pub(crate) fn timeline(self, timeline: &mut Timeline) {
        for period in &mut timeline.periods {
            let named = period.files.iter_mut().chain(&mut period.tools);
            self.pass_all(named.map(|(name, _)| name));
        }
    }

    /// Lets what was learnt in a session through.
    pub(crate) fn learnings(self, learnings: &mut Learnings) {
        self.conversation(&mut learnings.conversation);
        self.pass_all(learnings.files.iter_mut().map(|(path, _)| path));
    }

    /// Lets the history of a file through.
    pub(crate) fn file_history(self, history: &mut FileHistory) {
        self.pass_all(history.paths.iter_mut().chain(&mut history.renamed_from));
        for of in &mut history.uses {
            let tools = of.tools.iter_mut().map(|(name, _)| name);
            self.of_project(&of.project)
                .pass_all(of.paths.iter_mut().chain(tools));
        }
    }

    /// Lets what was said of a concept through.
    pub(crate) fn concept(self, report: &mut ConceptReport) {
        self.pass_all(report.files.iter_mut().map(|(path, _)| path));
        for hit in &mut report.hits {
            self.hit(&mut hit.hit);
            self.pass_all(&mut hit.files);
        }
    }

    /// Lets a file's lines and where they come from through. What the file itself says counts as
    /// recalled here, too: most of it was written by a tool.
    pub(crate) fn blame(self, report: &mut BlameReport) {
        for lines in &mut report.lines {
            self.pass(&mut lines.text);
            let commit = match &mut lines.source {
                LineSource::Written(written) => {
                    let gate = self.of_project(&written.project);
                    gate.pass_all(&mut written.evidence);
                    gate.pass(&mut written.tool);
                    gate.pass_all(written.model.iter_mut().chain(&mut written.agent));
                    written.commit.as_mut()
                }
                LineSource::Commit(commit) => Some(&mut **commit),
                LineSource::Unknown { why } => {
                    self.pass(why);
                    None
                }
            };
            if let Some(commit) = commit {
                self.pass_all([&mut commit.author, &mut commit.subject]);
                if let Some(maker) = &mut commit.conversation {
                    self.pass(&mut maker.evidence);
                }
            }
        }
        self.pass_all(&mut report.notes);
    }
}

impl Hit {
    /// The strongest action of its findings.
    #[must_use]
    pub fn guard(&self) -> Action {
        strongest(&self.findings)
    }
}

impl MessageView {
    /// The strongest action of its findings.
    #[must_use]
    pub fn guard(&self) -> Action {
        strongest(&self.findings)
    }
}

fn strongest(findings: &[FieldFinding]) -> Action {
    let all = findings.iter().map(|finding| finding.action);
    all.max().unwrap_or_default()
}
