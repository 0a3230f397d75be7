//! Guards around one request of a program that asks a model through the gateway: what it sends is judged and
//! masked before a model sees it, and what the model says on its way back. Nothing is kept here.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use guard::{Action, Judged, Kind, Kinds, Mask, Masker, Place, Policy, Stream};
use jiff::Zoned;
use memory::Memory;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::guards::{ChatGuards, FoundHere, GuardRefusal, Side, refusal};
use crate::recollect::RecallOptions;
use crate::recollections::Recollections;
use crate::vault::{PlaceholderVault, Revealer};

/// Texts that are known to hold nothing. Programs send the whole conversation with every request.
const MAX_CLEAN_TEXTS: usize = 50_000;

/// What stands in the place of a tool's result that gives the model orders.
const WITHHELD: &str =
    "[withheld by the guards of Lorekeep: this result tries to instruct the model]";

/// What is masked, whatever else becomes of it.
const MASKED_KINDS: Kinds = Kinds::NONE.with(Kind::Secret).with(Kind::Pii);

/// Guards for requests of programs: what is common to all of one person's.
pub struct Screens {
    guards: ChatGuards,
    /// For what comes from elsewhere, such as a tool's result.
    foreign: Policy,
    masker: Masker,
    /// Hashes of texts in which nothing was found, with whose text each was.
    clean: Mutex<HashSet<[u8; 16]>>,
    recollections: Recollections,
}

/// What was let through of a text of the model, as it may be kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeardText {
    /// With placeholders in the place of what is masked.
    pub text: String,
    /// What was found.
    pub findings: Vec<FoundHere>,
}

/// The guards of one request.
pub struct Screen {
    screens: Arc<Screens>,
    vault: PlaceholderVault,
}

/// A text that may go on.
#[derive(Clone, Debug, PartialEq)]
pub struct ScreenedText {
    /// With placeholders in the place of what is masked; `None` if it is as it was.
    pub changed: Option<String>,
    /// What was found.
    pub findings: Vec<FoundHere>,
}

impl ScreenedText {
    const CLEAN: Self = Self {
        changed: None,
        findings: Vec::new(),
    };
}

/// Whose text it is; each has a policy of its own.
#[derive(Clone, Copy)]
enum Author {
    Person,
    Tool,
    Model,
}

impl Screens {
    /// Guards with a key of their own: placeholders stay the same as long as the process runs, so that a
    /// conversation that is sent again begins with the same bytes.
    ///
    /// # Errors
    ///
    /// If the system gives no randomness.
    pub fn new(guards: ChatGuards) -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        let masker = Masker::new(&key, Mask::Placeholder);
        Ok(Self::with_masker(guards, masker))
    }

    /// Guards with the placeholders of an archive, for calls that are recorded in it.
    #[must_use]
    pub fn with_masker(guards: ChatGuards, masker: Masker) -> Self {
        Self {
            guards,
            foreign: Policy::of(Place::Recall),
            masker,
            clean: Mutex::default(),
            recollections: Recollections::default(),
        }
    }

    /// The guards of one request.
    #[must_use]
    pub fn begin(self: &Arc<Self>) -> Screen {
        Screen {
            screens: Arc::clone(self),
            vault: PlaceholderVault::default(),
        }
    }

    fn policy(&self, author: Author) -> Cow<'_, Policy> {
        match author {
            Author::Person => Cow::Borrowed(self.guards.input_in(None)),
            Author::Tool => Cow::Borrowed(&self.foreign),
            Author::Model => Cow::Owned(self.guards.input_in(None).clone().only(MASKED_KINDS)),
        }
    }

    fn key_of(author: Author, text: &str) -> [u8; 16] {
        let mut hash = Sha256::new();
        hash.update([author as u8]);
        hash.update(text);
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        key
    }

    fn is_clean(&self, key: &[u8; 16]) -> bool {
        let clean = self.clean.lock().unwrap_or_else(PoisonError::into_inner);
        clean.contains(key)
    }

    fn note_clean(&self, key: [u8; 16]) {
        let mut clean = self.clean.lock().unwrap_or_else(PoisonError::into_inner);
        if clean.len() >= MAX_CLEAN_TEXTS {
            clean.clear();
        }
        clean.insert(key);
    }
}

impl Screen {
    /// A text that a person wrote.
    ///
    /// # Errors
    ///
    /// Why it must not go on.
    pub fn said(&self, text: &str) -> Result<ScreenedText, Box<GuardRefusal>> {
        self.check(text, Author::Person)
    }

    /// The result of a tool, or another text from elsewhere. One that gives orders is withheld, not refused.
    ///
    /// # Errors
    ///
    /// If a guard failed.
    pub fn brought(&self, text: &str) -> Result<ScreenedText, Box<GuardRefusal>> {
        match self.check(text, Author::Tool) {
            Err(refused) if refused.trigger == "prompt_injection" => Ok(ScreenedText {
                changed: Some(WITHHELD.to_owned()),
                findings: refused.findings,
            }),
            screened => screened,
        }
    }

    /// A text of the model in the history: whoever asked saw the values behind its placeholders, which the model
    /// must not see now.
    ///
    /// # Errors
    ///
    /// If a guard failed.
    pub fn answered(&self, text: &str) -> Result<ScreenedText, Box<GuardRefusal>> {
        self.check(text, Author::Model)
    }

    /// A whole answer, as whoever asked may see it; what may be kept of it goes to `heard`.
    ///
    /// # Errors
    ///
    /// Why it must not be shown.
    pub fn heard(
        &self,
        text: &str,
        heard: &Arc<Mutex<HeardText>>,
    ) -> Result<String, Box<GuardRefusal>> {
        let mut listener = self.listen(heard);
        let mut shown = listener.push(text)?;
        shown.push_str(&listener.finish()?.0);
        Ok(shown)
    }

    /// An answer that comes in pieces; what may be kept of it goes to `heard`.
    #[must_use]
    pub fn listen(&self, heard: &Arc<Mutex<HeardText>>) -> Listener<'_> {
        let guards = &self.screens.guards;
        Listener {
            heard: Arc::clone(heard),
            stream: Stream::new(&guards.engine, guards.output_in(None), &self.screens.masker),
            reveals: Revealer::new(self.vault.clone()),
            taken: 0,
            given: 0,
            has_masked: false,
        }
    }

    /// The arguments of a tool's call that come in pieces: values are put back into them as JSON has them.
    #[must_use]
    pub fn listen_to_arguments(&self) -> ArgumentListener {
        ArgumentListener(Revealer::for_json(self.vault.clone()))
    }

    /// Puts what the person's memory has about the newest message of theirs before it, as quoted history, and
    /// before earlier ones what was put there then; nothing where there is nothing relevant. Everything else of
    /// the messages stays as it is. What was said in `conversation`, the record of these messages, doesn't count.
    ///
    /// # Errors
    ///
    /// If the archive can't be read.
    pub fn remember(
        &self,
        memory: (&Memory, &RecallOptions),
        messages: &mut [Value],
        (now, conversation): (&Zoned, &str),
    ) -> memory::Result<()> {
        let mask = |context: String| {
            let masked = self.check(&context, Author::Model).ok()?;
            Some(masked.changed.unwrap_or(context))
        };
        let recollections = &self.screens.recollections;
        recollections.put(memory, messages, (now, conversation), mask)
    }

    fn check(&self, text: &str, author: Author) -> Result<ScreenedText, Box<GuardRefusal>> {
        if text.trim().is_empty() {
            return Ok(ScreenedText::CLEAN);
        }
        let screens = &self.screens;
        let key = Screens::key_of(author, text);
        if screens.is_clean(&key) {
            return Ok(ScreenedText::CLEAN);
        }
        let judgement = screens.guards.engine.judge(text, &screens.policy(author));
        if judgement.action >= Action::Quarantine {
            let refused = refusal(Side::Input, &judgement.findings, &judgement.failures);
            return Err(Box::new(refused));
        }
        if judgement.findings.is_empty() && judgement.failures.is_empty() {
            screens.note_clean(key);
            return Ok(ScreenedText::CLEAN);
        }
        let to_mask = judgement.with(Action::Mask);
        Ok(ScreenedText {
            changed: (!to_mask.is_empty())
                .then(|| self.vault.mask(&screens.masker, text, &to_mask)),
            findings: judgement.findings.iter().map(FoundHere::new).collect(),
        })
    }
}

/// The guards on an answer that comes in pieces.
pub struct Listener<'a> {
    heard: Arc<Mutex<HeardText>>,
    stream: Stream<'a>,
    reveals: Revealer,
    taken: usize,
    given: usize,
    has_masked: bool,
}

impl Listener<'_> {
    /// Takes the next piece; what may be shown by now.
    ///
    /// # Errors
    ///
    /// Why nothing more may be shown.
    pub fn push(&mut self, piece: &str) -> Result<String, Box<GuardRefusal>> {
        self.taken += piece.len();
        let released = self.stream.push(piece);
        self.heed(&released)?;
        Ok(self.reveals.push(&released.text))
    }

    /// The rest, and whether all of the text was let through as it was.
    ///
    /// # Errors
    ///
    /// As [`Self::push`].
    pub fn finish(self) -> Result<(String, bool), Box<GuardRefusal>> {
        let mut reveals = self.reveals;
        let released = self.stream.finish();
        keep(&self.heard, &released);
        refuse(&released)?;
        let is_even = !self.has_masked && !has_masked(&released);
        let mut shown = reveals.push(&released.text);
        shown.push_str(&reveals.finish());
        Ok((shown, is_even))
    }

    /// Whether nothing came yet.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.taken == 0
    }

    /// Whether all that came was let through as it was.
    #[must_use]
    pub fn is_even(&self) -> bool {
        !self.has_masked && self.taken == self.given
    }

    fn heed(&mut self, released: &guard::ReleasedText) -> Result<(), Box<GuardRefusal>> {
        self.given += released.text.len();
        self.has_masked |= has_masked(released);
        keep(&self.heard, released);
        refuse(released)
    }
}

/// Notes what was let through, and what was found.
fn keep(heard: &Mutex<HeardText>, released: &guard::ReleasedText) {
    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    heard.text.push_str(&released.text);
    let found = all_findings(released).map(FoundHere::new);
    heard.findings.extend(found);
}

/// What rules found, and what models said, which comes apart from it.
fn all_findings(released: &guard::ReleasedText) -> impl Iterator<Item = &Judged> {
    let verdicts = released.verdicts.iter();
    let said = verdicts.flat_map(|verdict| &verdict.findings);
    released.findings.iter().chain(said)
}

fn has_masked(released: &guard::ReleasedText) -> bool {
    let mut findings = released.findings.iter();
    findings.any(|judged| judged.action == Action::Mask)
}

fn refuse(released: &guard::ReleasedText) -> Result<(), Box<GuardRefusal>> {
    if released.action < Action::Quarantine {
        return Ok(());
    }
    let verdicts = released.verdicts.iter();
    let failed = verdicts.flat_map(|verdict| &verdict.failures);
    let findings: Vec<_> = all_findings(released).cloned().collect();
    let failures: Vec<_> = released.failures.iter().chain(failed).cloned().collect();
    Err(Box::new(refusal(Side::Output, &findings, &failures)))
}

/// Puts values back into arguments that come in pieces.
pub struct ArgumentListener(Revealer);

impl ArgumentListener {
    /// Takes the next piece; what is complete by now.
    pub fn push(&mut self, piece: &str) -> String {
        self.0.push(piece)
    }

    /// The rest.
    pub fn finish(&mut self) -> String {
        self.0.finish()
    }
}
