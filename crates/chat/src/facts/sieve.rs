//! What of a model's proposals may be a fact: only what the person said of themselves, and meant. A model's word is
//! never enough; each rule here is of words and structure, the same for the same text.

use guard::{Engine, Kind, Place, Policy};
use memory::fact_terms;

use super::lexicon as words;
use super::own_text::OwnText;
use super::proposal::FactProposal;
use super::words::SpacedWords;

/// How long a fact may be.
const MAX_CHARACTERS: usize = 300;
const MAX_WORDS: usize = 40;

/// How much of a fact's own words must stand in what the person said.
const MIN_GROUNDED: f32 = 0.6;

/// Words of a sentence that only takes back the one before, at most.
const MAX_RETRACTION_WORDS: usize = 8;

/// Why a proposal is no fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactRefusal {
    /// It is empty, too long, or holds markup: no statement.
    Malformed,
    /// The quote doesn't stand in the person's own words.
    Unanchored,
    /// It stands there between quotation marks.
    Quoted,
    /// Its words aren't those of the person.
    Ungrounded,
    /// A guard finds a secret or personal data, or the statement is about one.
    Secret,
    /// It gives orders to whoever reads it.
    Order,
    /// It was asked and not said.
    Question,
    /// It was only supposed.
    Hypothetical,
    /// It was said in a game.
    Play,
    /// It was a joke.
    Joke,
    /// It passes by itself.
    Passing,
    /// It is about somebody else, or somebody else says so.
    SomebodyElse,
    /// The person denied it, or denied what is said here.
    Denied,
}

impl FactRefusal {
    /// Why, in words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Malformed => "it is empty, too long, or no statement",
            Self::Unanchored | Self::Ungrounded => "the person didn't say that in their message",
            Self::Quoted => "they only quoted it",
            Self::Secret => "it holds a secret or personal data",
            Self::Order => "it is an order, and no fact",
            Self::Question => "they asked it",
            Self::Hypothetical => "they only supposed it",
            Self::Play => "it was said in a game",
            Self::Joke => "it was a joke",
            Self::Passing => "it passes by itself",
            Self::SomebodyElse => "it is about somebody else",
            Self::Denied => "they denied it",
        }
    }
}

/// What judges proposals.
pub(super) struct FactSieve<'a> {
    pub(super) engine: &'a Engine,
    /// The person's own words, in which the statement was made.
    pub(super) own: &'a OwnText,
    /// Whether they speak as somebody else.
    pub(super) is_playing: bool,
}

impl FactSieve<'_> {
    /// Lets a proposal through, or says why not.
    pub(super) fn check(&self, proposal: &FactProposal) -> Result<(), FactRefusal> {
        let fact = proposal.text.trim();
        check_form(fact)?;
        let range = self
            .own
            .find(&proposal.quote)
            .ok_or(FactRefusal::Unanchored)?;
        if self.own.is_quoted(&range) {
            return Err(FactRefusal::Quoted);
        }
        let said = SaidHere {
            quote: SpacedWords::of(&proposal.quote),
            clause_text: self.own.clause(&range),
            clause: SpacedWords::of(self.own.clause(&range)),
            sentence_text: self.own.sentence(&range),
            sentence: SpacedWords::of(self.own.sentence(&range)),
            next: SpacedWords::of(self.own.next_sentence(&range)),
        };
        let fact_words = SpacedWords::of(fact);
        self.check_guards(fact, &fact_words, &said)?;
        self.check_ground(fact)?;
        said.check_meant(self.is_playing)?;
        said.check_lasting(&fact_words, &proposal.kind)?;
        said.check_whose(&fact_words)?;
        said.check_denial(&fact_words)
    }

    fn check_guards(
        &self,
        fact: &str,
        fact_words: &SpacedWords,
        said: &SaidHere<'_>,
    ) -> Result<(), FactRefusal> {
        if fact_words.has(words::SECRET_PHRASES) || said.sentence.has(words::SECRET_PHRASES) {
            return Err(FactRefusal::Secret);
        }
        if fact_words.has(words::ORDER_PHRASES) || said.clause.has(words::ORDER_PHRASES) {
            return Err(FactRefusal::Order);
        }
        let policy = Policy::of(Place::Scan);
        for text in [fact, said.sentence_text] {
            let judgement = self.engine.judge(text, &policy);
            if !judgement.failures.is_empty() {
                return Err(FactRefusal::Secret);
            }
            for judged in &judgement.findings {
                match judged.finding.kind {
                    Kind::Secret => return Err(FactRefusal::Secret),
                    Kind::Pii if judged.finding.entity != "DATE_OF_BIRTH" => {
                        return Err(FactRefusal::Secret);
                    }
                    Kind::Injection => return Err(FactRefusal::Order),
                    Kind::Pii | Kind::Content => {}
                }
            }
        }
        Ok(())
    }

    /// A fact's words are those of the person, and every number in it is.
    fn check_ground(&self, fact: &str) -> Result<(), FactRefusal> {
        let own = fact_terms(self.own.as_str());
        let terms = fact_terms(fact);
        let telling: Vec<&String> = terms
            .iter()
            .filter(|term| !words::holds(words::GENERIC_STEMS, term))
            .collect();
        let is_number = |term: &str| term.chars().any(|c| c.is_ascii_digit());
        let stands = |term: &str| {
            own.iter()
                .any(|own| own == term || (!is_number(term) && is_form_of(own, term)))
        };
        let has_same =
            |term: &str| words::same_as(term).is_some_and(|same| same.split('|').any(stands));
        let grounded = telling
            .iter()
            .filter(|term| stands(term) || has_same(term) || is_denial(term))
            .count();
        let has_foreign_number = telling.iter().any(|term| is_number(term) && !stands(term));
        let is_grounded = !telling.is_empty()
            && telling.iter().any(|term| stands(term))
            && grounded as f32 >= MIN_GROUNDED * telling.len() as f32;
        match is_grounded && !has_foreign_number {
            true => Ok(()),
            false => Err(FactRefusal::Ungrounded),
        }
    }
}

fn is_denial(term: &str) -> bool {
    words::holds(words::DENIAL_STEMS, term)
}

/// Whether two words are forms of one, as far as their beginnings tell: `toco` and `toca`, `klettere` and `klettert`.
fn is_form_of(one: &str, other: &str) -> bool {
    let shared = one
        .chars()
        .zip(other.chars())
        .take_while(|(one, other)| one == other)
        .count();
    let (one, other) = (one.chars().count(), other.chars().count());
    shared >= 3 && shared + 1 >= one.min(other) && one.abs_diff(other) <= 2
}

fn check_form(fact: &str) -> Result<(), FactRefusal> {
    let word_count = fact.split_whitespace().count();
    let is_form = fact.chars().count() <= MAX_CHARACTERS
        && word_count <= MAX_WORDS
        && (word_count >= 2 || fact.chars().count() >= 6)
        && !fact.contains(['\n', '<', '>', '{', '}', '[', ']', '`', '|', '?', '*'])
        && fact.chars().any(char::is_alphabetic);
    match is_form {
        true => Ok(()),
        false => Err(FactRefusal::Malformed),
    }
}

/// Where a quote stands.
struct SaidHere<'a> {
    quote: SpacedWords,
    clause_text: &'a str,
    clause: SpacedWords,
    sentence_text: &'a str,
    sentence: SpacedWords,
    next: SpacedWords,
}

impl SaidHere<'_> {
    /// It was said, and meant.
    fn check_meant(&self, is_playing: bool) -> Result<(), FactRefusal> {
        let is_in_earnest = self.sentence.has(words::PLAY_CLOSINGS);
        if !is_in_earnest && (is_playing || self.sentence.has(words::PLAY_OPENINGS)) {
            return Err(FactRefusal::Play);
        }
        if self.sentence.has(words::HYPOTHETICAL_PHRASES) || self.clause.has(words::UNSURE_PHRASES)
        {
            return Err(FactRefusal::Hypothetical);
        }
        let takes_back = self.next.words().count() <= MAX_RETRACTION_WORDS;
        if self.sentence.has(words::JOKE_PHRASES)
            || (takes_back && self.next.has(words::JOKE_PHRASES))
        {
            return Err(FactRefusal::Joke);
        }
        let is_asked =
            self.sentence_text.ends_with(['?', '？']) || self.sentence_text.contains('¿');
        let is_last = self.clause_text.ends_with(['?', '？']);
        let first = self.clause.words().next().unwrap_or_default();
        if is_asked && (is_last || words::holds(words::ASKING_WORDS, first)) {
            return Err(FactRefusal::Question);
        }
        Ok(())
    }

    /// It doesn't pass by itself.
    fn check_lasting(&self, fact: &SpacedWords, kind: &str) -> Result<(), FactRefusal> {
        let is_lasting = self.sentence.has(words::LASTING_PHRASES);
        let is_liking = matches!(kind, "like" | "dislike");
        let is_mood =
            self.clause.has(words::STATE_PHRASES) && fact.has(words::MOOD_WORDS) && !is_liking;
        if !is_lasting && (is_mood || self.sentence.has(words::PASSING_TIMES)) {
            return Err(FactRefusal::Passing);
        }
        Ok(())
    }

    /// It is about the person.
    fn check_whose(&self, fact: &SpacedWords) -> Result<(), FactRefusal> {
        let is_unspaced = |text: &str| text.contains(['我', '私', '僕', '俺']);
        let is_own = self.clause.has(words::OWN_WORDS) || is_unspaced(self.clause_text);
        let is_own = is_own || self.sentence.has(words::OWN_WORDS);
        if !is_own || self.sentence.has(words::REPORTING_PHRASES) {
            return Err(FactRefusal::SomebodyElse);
        }
        let subject = words::SUBJECT_WORDS
            .split('|')
            .filter_map(|word| self.clause.find(word))
            .min();
        let is_opinion = self.clause.has(words::OPINION_PHRASES);
        let own_subject = subject.filter(|_| !is_opinion);
        if own_subject.is_none()
            && self.clause.has(words::THIRD_PERSONS)
            && !fact.has(words::RELATION_WORDS)
        {
            return Err(FactRefusal::SomebodyElse);
        }
        for relation in words::RELATION_WORDS.split('|') {
            let Some(at) = self.clause.find(relation) else {
                continue;
            };
            let is_of_both = self.clause.has("and i|und ich|y yo|et moi");
            let is_named = fact.find(relation).is_some() || fact.has(words::RELATION_WORDS);
            let is_subject =
                own_subject.is_some_and(|own| own < at) && !self.clause.has("who|whose|that");
            if !is_named && !is_of_both && !is_subject {
                return Err(FactRefusal::SomebodyElse);
            }
        }
        Ok(())
    }

    /// What is denied is denied in the fact too, and nothing else is.
    fn check_denial(&self, fact: &SpacedWords) -> Result<(), FactRefusal> {
        let is_whole = self.quote.has(words::OWN_WORDS) && self.quote.words().count() >= 3;
        let said = match is_whole {
            true => &self.quote,
            false => &self.clause,
        };
        let (is_denied, denies) = (
            said.has(words::NEGATION_WORDS),
            fact.has(words::NEGATION_WORDS),
        );
        let is_flexible = fact.has(words::DENYING_WORDS) || said.has(words::DENYING_WORDS);
        match is_denied == denies || is_flexible {
            true => Ok(()),
            false => Err(FactRefusal::Denied),
        }
    }
}

/// Whether a person speaks as somebody else, after all of their messages in a conversation, the oldest first.
pub(super) fn is_playing<'a>(messages: impl Iterator<Item = &'a str>) -> bool {
    let mut is_playing = false;
    for message in messages {
        let said = SpacedWords::of(message);
        if said.has(words::PLAY_CLOSINGS) {
            is_playing = false;
        } else if said.has(words::PLAY_OPENINGS) || has_action(message) {
            is_playing = true;
        }
    }
    is_playing
}

/// Whether a message describes what its speaker does, as in role play: `*draws the sword*`.
fn has_action(message: &str) -> bool {
    message.lines().any(|line| {
        let Some(rest) = line.trim_start().strip_prefix('*') else {
            return false;
        };
        let is_marked = |end: usize| rest[..end].split_whitespace().count() >= 2;
        !rest.starts_with([' ', '*']) && rest.find('*').is_some_and(is_marked)
    })
}

/// Whether a message may say something of its person that lasts: whoever only asks or greets costs no call.
pub(super) fn may_state(own: &OwnText) -> bool {
    own.sentences().iter().any(|sentence| {
        let said = SpacedWords::of(sentence);
        let is_own =
            said.has(words::OWN_WORDS) || sentence.contains(['我', '私', '僕', '俺', '나', '저']);
        let is_bare_question =
            sentence.ends_with(['?', '？']) && !sentence.contains([',', ';', ':']);
        is_own && !is_bare_question && said.words().count() >= 2
    })
}
