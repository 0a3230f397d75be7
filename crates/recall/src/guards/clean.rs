//! Masks texts on their way into the archive: in every field, what the policy says is replaced by
//! placeholders, and a field that couldn't be checked is replaced by a note.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use guard::{Action, Policy};
use rustc_hash::FxHashMap;
use transcript::{Fact, FactKind, FactOrigin, Marking, Message, Problem, Reflected};

use super::archive_guards::{ArchiveGuards, BLOCKED_NOTE, WITHHELD_NOTE};
use super::json;
use super::masked::Masked;
use super::uuid::is_uuid;

/// Short texts that are remembered: logs repeat few directories, models and branches many times.
const MAX_REMEMBERED: usize = 4096;

/// Bytes of a value that is masked wherever its message repeats it, and how many such values a message
/// can have.
const MIN_VALUE_BYTES: usize = 8;
const MAX_VALUES: usize = 64;

/// A value that may be written into the archive once a [`Cleaner`] has masked its texts.
pub(crate) trait Inbound {
    /// Masks every text in it.
    fn mask(&mut self, cleaner: &mut Cleaner<'_>);
}

/// Masks texts that are about to be written, by the policy of the project that they belong to.
pub(crate) struct Cleaner<'a> {
    guards: &'a ArchiveGuards,
    policy: &'a Policy,
    known: FxHashMap<Arc<str>, Arc<str>>,
    failures: Vec<String>,
    counts: BTreeMap<Cow<'static, str>, u64>,
    /// Values that were masked in the message at hand, and what stands for them.
    values: Vec<(String, String)>,
}

impl<'a> Cleaner<'a> {
    /// A cleaner that masks by the default policy, until [`Self::in_project`] names a project.
    pub(crate) fn new(guards: &'a ArchiveGuards) -> Self {
        Self {
            guards,
            policy: guards.store(&[]),
            known: FxHashMap::default(),
            failures: Vec::new(),
            counts: BTreeMap::new(),
            values: Vec::new(),
        }
    }

    /// From here on masks by the policy of a project. `names` returns the forms of its name, the shortest
    /// first; it is called only if any project has a policy of its own.
    pub(crate) fn in_project(&mut self, names: impl FnOnce() -> Vec<String>) {
        if self.guards.rules.store.projects.is_empty() {
            return;
        }
        let policy = self.guards.store(&names());
        if !std::ptr::eq(policy, self.policy) {
            self.policy = policy;
            self.known.clear();
        }
    }

    /// Names of the guards that failed since the last call of this, each once.
    pub(crate) fn take_failures(&mut self) -> Vec<String> {
        let mut failures = std::mem::take(&mut self.failures);
        failures.sort_unstable();
        failures.dedup();
        failures
    }

    /// How often each rule had something masked.
    pub(crate) fn counts(&self) -> &BTreeMap<Cow<'static, str>, u64> {
        &self.counts
    }

    /// What is to be kept instead of a text; nothing where it may be kept as it is.
    fn instead(&mut self, text: &str) -> Option<String> {
        let judgement = self.guards.judge(text, self.policy);
        if !judgement.failures.is_empty() && self.policy.on_failure > Action::Flag {
            let failed = judgement.failures.into_iter().map(|failure| failure.guard);
            self.failures.extend(failed);
            return Some(WITHHELD_NOTE.to_owned());
        }
        if judgement.action == Action::Block {
            return Some(BLOCKED_NOTE.to_owned());
        }
        let findings = judgement.with(Action::Mask);
        if findings.is_empty() {
            return None;
        }
        let masked = self.guards.masker.mask(text, &findings).into_owned();
        for finding in findings {
            self.remember(finding.of(text), &finding.entity);
            *self.counts.entry(finding.rule).or_default() += 1;
        }
        Some(masked)
    }

    /// Remembers a value that is long enough to be no other by chance.
    fn remember(&mut self, value: &str, entity: &str) {
        let is_known = |(known, _): &(String, String)| known == value;
        if value.len() >= MIN_VALUE_BYTES
            && self.values.len() < MAX_VALUES
            && !self.values.iter().any(is_known)
        {
            let instead = self.guards.masker.instead(entity, value);
            self.values.push((value.to_owned(), instead));
        }
    }

    /// Masks a text.
    pub(crate) fn text(&mut self, text: &mut String) {
        if let Some(instead) = self.instead(text) {
            *text = instead;
        }
    }

    /// Masks a text that is usually JSON; if it is, it still is afterwards.
    pub(crate) fn json(&mut self, text: &mut String) {
        if text.contains('\\')
            && let Some(masked) = json::strings(text, &mut |plain| self.instead(plain))
        {
            *text = masked;
        }
        let Some(instead) = self.instead(text) else {
            return;
        };
        let was_value = json::is_value(text);
        *text = if was_value && !json::is_value(&instead) {
            json::string(&instead)
        } else {
            instead
        };
    }

    /// Masks a short text that many messages repeat, such as a directory; results are remembered.
    pub(crate) fn short(&mut self, text: &mut Arc<str>) {
        if text.is_empty() {
            return;
        }
        if let Some(known) = self.known.get(text) {
            text.clone_from(known);
            return;
        }
        let instead = self
            .instead(text)
            .map_or_else(|| Arc::clone(text), Arc::from);
        if self.known.len() == MAX_REMEMBERED {
            self.known.clear();
        }
        self.known.insert(Arc::clone(text), Arc::clone(&instead));
        *text = instead;
    }

    /// As [`Self::short`], if there is a text.
    pub(crate) fn short_if_any(&mut self, text: &mut Option<Arc<str>>) {
        if let Some(text) = text {
            self.short(text);
        }
    }

    /// Masks a text, if there is one.
    pub(crate) fn text_if_any(&mut self, text: &mut Option<String>) {
        if let Some(text) = text {
            self.text(text);
        }
    }

    /// Masks an id; most can't hold anything.
    fn id(&mut self, id: &mut String) {
        if !is_uuid(id) {
            self.text(id);
        }
    }

    /// Masks a value, which may be written then.
    pub(crate) fn mask<T: Inbound>(&mut self, mut value: T) -> Masked<T> {
        value.mask(self);
        Masked::new(value)
    }

    /// Masks what was masked in one field in the others too, where nothing around it told: a password
    /// that a command was given stands in its output without a name.
    fn repeated(&mut self, message: &mut Message) {
        // A longer value may hold a shorter one.
        self.values
            .sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        let inputs = message.tools.iter_mut().map(|call| &mut call.input);
        let outputs = message.results.iter_mut().flat_map(|result| {
            [&mut result.output]
                .into_iter()
                .chain(result.detail.as_mut())
        });
        let paths = message.files.iter_mut().map(|touch| &mut touch.path);
        let texts = [&mut message.text, &mut message.thinking];
        for text in texts.into_iter().chain(inputs).chain(outputs).chain(paths) {
            for (value, instead) in &self.values {
                if text.contains(value.as_str()) {
                    *text = text.replace(value.as_str(), instead);
                }
            }
        }
    }

    /// Masks every field of a message in place.
    fn fields(&mut self, message: &mut Message) {
        self.id(&mut message.id);
        self.text_if_any(&mut message.parent);
        if let Some(id) = &mut message.replaces {
            self.id(id);
        }
        self.short(&mut message.conversation);
        self.text(&mut message.text);
        self.text(&mut message.thinking);
        for call in &mut message.tools {
            self.id(&mut call.id);
            self.text(&mut call.name);
            self.json(&mut call.input);
        }
        for result in &mut message.results {
            self.id(&mut result.call);
            self.text(&mut result.output);
            if let Some(detail) = &mut result.detail {
                self.json(detail);
            }
        }
        for touch in &mut message.files {
            self.text(&mut touch.path);
        }
        for attachment in &mut message.attachments {
            self.text(&mut attachment.media_type);
        }
        for text in [
            &mut message.turn,
            &mut message.speaker,
            &mut message.cwd,
            &mut message.source,
            &mut message.project,
            &mut message.branch,
            &mut message.remote,
            &mut message.model,
            &mut message.agent,
        ] {
            self.short_if_any(text);
        }
    }
}

impl Inbound for Message {
    fn mask(&mut self, cleaner: &mut Cleaner<'_>) {
        cleaner.values.clear();
        cleaner.fields(self);
        cleaner.repeated(self);
    }
}

impl Inbound for Fact {
    fn mask(&mut self, cleaner: &mut Cleaner<'_>) {
        cleaner.short(&mut self.conversation);
        cleaner.short_if_any(&mut self.source);
        match &mut self.what {
            FactKind::Title { text, .. } => cleaner.text(text),
            FactKind::Parent { conversation, .. } => cleaner.short(conversation),
            FactKind::Repeats { message } => cleaner.id(message),
            FactKind::Link(link) => cleaner.text(link),
            FactKind::Reflection { message, about } => {
                cleaner.id(message);
                about.mask(cleaner);
            }
            FactKind::AboutPerson { message, origin } => {
                cleaner.id(message);
                origin.mask(cleaner);
            }
            FactKind::Mark { message, mark } => {
                cleaner.id(message);
                mark.mask(cleaner);
            }
        }
    }
}

impl Inbound for Reflected {
    fn mask(&mut self, cleaner: &mut Cleaner<'_>) {
        self.tags.iter_mut().for_each(|tag| cleaner.text(tag));
        cleaner.text_if_any(&mut self.author);
        cleaner.text_if_any(&mut self.conversation);
    }
}

impl Inbound for FactOrigin {
    fn mask(&mut self, cleaner: &mut Cleaner<'_>) {
        self.topics.iter_mut().for_each(|topic| cleaner.text(topic));
        cleaner.text(&mut self.kind);
        cleaner.text_if_any(&mut self.conversation);
        cleaner.text_if_any(&mut self.said);
        cleaner.text_if_any(&mut self.turn);
        cleaner.text_if_any(&mut self.character);
        cleaner.text_if_any(&mut self.superseded_by);
    }
}

impl Inbound for Marking {
    fn mask(&mut self, cleaner: &mut Cleaner<'_>) {
        cleaner.text_if_any(&mut self.evidence);
        cleaner.text_if_any(&mut self.claim);
        cleaner.text_if_any(&mut self.who);
    }
}

impl Inbound for Problem {
    /// What is told of a problem may quote the record.
    fn mask(&mut self, cleaner: &mut Cleaner<'_>) {
        cleaner.text(&mut self.what);
    }
}
