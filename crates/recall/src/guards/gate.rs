//! Texts on their way out: what older rules missed is masked, and what tries to instruct the reader
//! is replaced by a note that says so, unless it was asked for.

use std::borrow::Cow;
use std::ops::Range;

use guard::{Action, Finding, Judged, Kind, Policy};
use transcript::{MessageKind, Role};

use super::archive_guards::{ArchiveGuards, BLOCKED_NOTE, WITHHELD_NOTE, policy};

/// Bytes around a cut that are judged with it: what is cut off may be what makes it an instruction.
const MARGIN_BYTES: usize = 900;

/// Something that a guard found in a text of a [`Hit`](crate::Hit) or [`MessageView`](crate::MessageView),
/// and in which field the text stands.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldFinding {
    /// The field, with a dot and the index, from 0, for an element of a list: `excerpt`, `title`,
    /// `results.0.output`.
    pub field: String,
    /// What was found. Its `start` and `end` are bytes of the text as it is shown: those of the whole note or
    /// placeholder if one stands there in place of what was found.
    pub finding: Finding,
    /// What the guards did about it, by the policy for recalled text: flag (the text is as it was), mask (a
    /// placeholder stands for what was found), quarantine (a note stands for what was found, unless the
    /// request asks for quarantined text) or block (a note stands for the whole text).
    pub action: Action,
}

/// The strongest action of findings.
pub(crate) fn strongest(findings: &[FieldFinding]) -> Action {
    let all = findings.iter().map(|finding| finding.action);
    all.max().unwrap_or_default()
}

/// Whose words a text is. Only text from elsewhere is quarantined: a person must be able to read what they
/// said themselves, and so must their assistant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// What a person typed: instructions in it are flagged and shown.
    Person,
    /// What an assistant said, thought or gave to a tool: as a person's words, unless the instructions are
    /// hidden from people's eyes, which no assistant does by itself.
    Assistant,
    /// All else: results of tools, pages, files, what programs put in.
    Elsewhere,
}

impl Voice {
    /// Whose words the text of a message is.
    pub(crate) fn of(role: Role, kind: MessageKind) -> Self {
        match (role, kind) {
            (_, MessageKind::Injected) => Self::Elsewhere,
            // A summary of compaction is the assistant's, whoever it is logged for.
            (Role::Assistant, _) | (_, MessageKind::Summary) => Self::Assistant,
            (Role::User, _) => Self::Person,
            (Role::System | Role::Tool, _) => Self::Elsewhere,
        }
    }

    /// Whose words a note is that was stored on purpose. One that an assistant stored may repeat what
    /// planted text told it to, and is handed to later assistants without being asked for.
    pub(crate) fn of_note(role: Role) -> Self {
        match role {
            Role::User => Self::Person,
            _ => Self::Elsewhere,
        }
    }

    /// Whether a finding in such words may be quarantined.
    fn may_quarantine(self, finding: &Finding) -> bool {
        match self {
            Self::Elsewhere => true,
            _ if finding.kind != Kind::Injection => true,
            Self::Person => false,
            Self::Assistant => finding.entity == HIDDEN_TEXT_ENTITY,
        }
    }
}

/// The entity of instructions that only a program reads.
const HIDDEN_TEXT_ENTITY: &str = "HIDDEN_TEXT";

/// What all text that leaves the archive goes through: it judges by the guards' policies for recalled text,
/// masks secrets that older rules missed and puts notes in the place of quarantined text.
#[derive(Clone, Copy)]
pub(crate) struct Gate<'a> {
    guards: &'a ArchiveGuards,
    reveals: bool,
    /// Whether characters that no reader sees, such as zero-width ones, stay in the text.
    is_faithful: bool,
    voice: Voice,
    policy: &'a Policy,
}

/// A text as it may be shown.
#[derive(Debug, Default)]
pub(crate) struct SeenText<'t> {
    pub(crate) text: Cow<'t, str>,
    pub(crate) findings: Vec<Judged>,
}

impl SeenText<'_> {
    /// Adds the findings to those of other fields.
    pub(crate) fn tell(&mut self, field: &str, all: &mut Vec<FieldFinding>) {
        all.extend(self.findings.drain(..).map(|judged| FieldFinding {
            field: field.to_owned(),
            finding: judged.finding,
            action: judged.action,
        }));
    }
}

impl<'a> Gate<'a> {
    /// A gate for most answers: by the policy for recalled text, text is let through, masked, or replaced
    /// by a note.
    pub(crate) fn new(guards: &'a ArchiveGuards) -> Self {
        Self {
            guards,
            reveals: false,
            is_faithful: false,
            voice: Voice::Elsewhere,
            policy: &guards.rules.recall.default,
        }
    }

    /// A gate that also lets quarantined text through if `reveals`, for a reader who asked for it on
    /// purpose.
    pub(crate) fn revealing(guards: &'a ArchiveGuards, reveals: bool) -> Self {
        Self {
            reveals,
            ..Self::new(guards)
        }
    }

    /// A gate for exports: texts stay as they are kept, with quarantined ones and characters that no reader
    /// sees; only values are masked, and blocked texts replaced.
    pub(crate) fn faithful(guards: &'a ArchiveGuards) -> Self {
        Self {
            is_faithful: true,
            ..Self::revealing(guards, true)
        }
    }

    /// This gate with the policy of a project, by its short name.
    pub(crate) fn of_project(self, project: &str) -> Self {
        let policies = &self.guards.rules.recall;
        if policies.projects.is_empty() {
            return self;
        }
        let names = [project.to_owned()];
        Self {
            policy: policy(policies, &names),
            ..self
        }
    }

    /// This gate for words of somebody else; those of a new gate are from elsewhere.
    pub(crate) fn for_words_of(self, voice: Voice) -> Self {
        Self { voice, ..self }
    }

    /// The guards.
    pub(crate) fn guards(self) -> &'a ArchiveGuards {
        self.guards
    }

    /// A text as it may be shown.
    pub(crate) fn whole(self, text: &str) -> SeenText<'_> {
        self.judge(text, 0..text.len())
    }

    /// A part of a text as it may be shown; what stands around it is judged with it.
    pub(crate) fn part(self, text: &str, part: Range<usize>) -> SeenText<'_> {
        let from = text.floor_char_boundary(part.start.saturating_sub(MARGIN_BYTES));
        let to = text.ceil_char_boundary(part.end.saturating_add(MARGIN_BYTES).min(text.len()));
        self.judge(&text[from..to], part.start - from..part.end - from)
    }

    /// A line of a text, given as a part of it.
    pub(crate) fn line<'t>(self, text: &'t str, line: &'t str) -> Cow<'t, str> {
        let start = line.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        if start.saturating_add(line.len()) > text.len() {
            debug_assert!(false, "the line is a part of the text");
            return self.whole(line).text;
        }
        self.part(text, start..start + line.len()).text
    }

    /// Enough of the start of a text to cut so many characters of it.
    pub(crate) fn start(self, text: &str, characters: usize) -> SeenText<'_> {
        // Space is left out of what is cut, so that more may be needed than four bytes each.
        let end = text.floor_char_boundary((characters * 8).min(text.len()));
        self.part(text, 0..end)
    }

    /// Judges a part of a text with what stands around it. What no reader sees is taken out first:
    /// taken out later it could put together what was judged in pieces.
    fn judge<'t>(self, window: &'t str, part: Range<usize>) -> SeenText<'t> {
        if self.is_faithful {
            return self.judge_visible(window, part);
        }
        let pieces = [0..part.start, part.clone(), part.end..window.len()]
            .map(|piece| guard::without_hidden(&window[piece]));
        if pieces.iter().all(|piece| matches!(piece, Cow::Borrowed(_))) {
            return self.judge_visible(window, part);
        }
        let start = pieces[0].len();
        let part = start..start + pieces[1].len();
        let window = pieces.concat();
        let seen = self.judge_visible(&window, part);
        SeenText {
            text: seen.text.into_owned().into(),
            findings: seen.findings,
        }
    }

    fn judge_visible<'t>(self, window: &'t str, part: Range<usize>) -> SeenText<'t> {
        let judgement = self.guards.judge(window, self.policy);
        let seen = &window[part.clone()];
        if !judgement.failures.is_empty() && self.policy.on_failure > Action::Flag {
            return SeenText {
                text: WITHHELD_NOTE.into(),
                findings: Vec::new(),
            };
        }
        let mut findings = judgement.findings;
        findings
            .retain(|judged| judged.finding.start < part.end && part.start < judged.finding.end);
        if findings.is_empty() {
            return SeenText {
                text: seen.into(),
                findings,
            };
        }
        for judged in &mut findings {
            if judged.action == Action::Quarantine && !self.voice.may_quarantine(&judged.finding) {
                judged.action = Action::Flag;
            }
        }
        self.rewrite(window, part, findings)
    }

    /// Puts notes and placeholders where findings were, and moves findings to where these stand.
    fn rewrite<'t>(self, window: &str, part: Range<usize>, found: Vec<Judged>) -> SeenText<'t> {
        if let Some(blocked) = found.iter().find(|judged| judged.action == Action::Block) {
            let mut blocked = blocked.clone();
            (blocked.finding.start, blocked.finding.end) = (0, BLOCKED_NOTE.len());
            return SeenText {
                text: BLOCKED_NOTE.into(),
                findings: vec![blocked],
            };
        }
        let mut out = String::with_capacity(part.len());
        let mut done = part.start;
        let mut findings: Vec<Judged> = Vec::new();
        let mut rest = found.into_iter().peekable();
        while let Some(first) = rest.next() {
            let mut group = vec![first];
            let mut end = group[0].finding.end;
            while let Some(next) = rest.next_if(|next| next.finding.start < end) {
                end = end.max(next.finding.end);
                group.push(next);
            }
            let start = group[0].finding.start.max(part.start);
            out.push_str(&window[done..start]);
            let at = out.len();
            self.instead(window, start..end.min(part.end), end, &group, &mut out);
            for mut judged in group {
                (judged.finding.start, judged.finding.end) = (at, out.len());
                findings.push(judged);
            }
            done = end.min(part.end);
        }
        out.push_str(&window[done..part.end]);
        SeenText {
            text: out.into(),
            findings,
        }
    }

    /// What stands for findings that overlap; `range` is what of them is shown, `end` their end.
    fn instead(
        self,
        window: &str,
        range: Range<usize>,
        end: usize,
        group: &[Judged],
        out: &mut String,
    ) {
        let of = |action| group.iter().filter(move |judged| judged.action == action);
        if !self.reveals {
            let lengths = of(Action::Quarantine).map(|one| one.finding.of(window).chars().count());
            if let Some(longest) = lengths.max() {
                out.push_str(&note(longest));
                return;
            }
        }
        // A value that is cut stands for itself, not for what is seen of it.
        let start = group[0].finding.start;
        let masked = of(Action::Mask).map(|judged| Finding {
            start: judged.finding.start - start,
            end: judged.finding.end - start,
            ..judged.finding.clone()
        });
        let masked: Vec<Finding> = masked.collect();
        if masked.is_empty() {
            out.push_str(&window[range]);
        } else {
            let text = &window[start..end];
            out.push_str(&self.guards.masker.mask(text, &masked));
        }
    }
}

/// What stands for quarantined text.
fn note(characters: usize) -> String {
    let plural = if characters == 1 { "" } else { "s" };
    format!("[quarantined: {characters} character{plural} of text that instructs its reader]")
}
