//! What becomes of a fact beside those that are known: it is new, known already, or takes the place of some.

use memory::{FoundFact, fact_terms};

use super::lexicon::{self as words, FACT_KINDS, SINGLE_KINDS};
use super::words::SpacedWords;

/// From this cosine on two statements say the same, unless numbers, denial or kind tell them apart.
const SAME_COSINE: f32 = 0.9;

/// From this cosine on they are about the same, so that a change of one is told by the other.
const NEAR_COSINE: f32 = 0.6;

/// How much of the words of the shorter one must stand in the other, for the same.
const NEAR_WORDS: f32 = 0.6;

/// What becomes of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FactMerge {
    /// It is kept beside the others.
    New,
    /// The fact of this id says the same, or more.
    Known(String),
    /// It is kept in the place of these.
    Replaces(Vec<String>),
}

/// A statement as it is compared.
struct Statement {
    terms: Vec<String>,
    numbers: Vec<String>,
    denies: bool,
}

impl Statement {
    fn of(text: &str) -> Self {
        let mut terms: Vec<String> = fact_terms(text)
            .iter()
            .map(|term| {
                let same = words::same_as(term).and_then(|same| same.split('|').next());
                same.unwrap_or(term).to_owned()
            })
            .filter(|term| !words::holds(words::GENERIC_STEMS, term))
            .filter(|term| !words::holds(words::DENIAL_STEMS, term))
            .collect();
        let is_number = |term: &String| term.chars().all(|c| c.is_ascii_digit());
        let numbers = terms
            .iter()
            .filter(|term| is_number(term))
            .cloned()
            .collect();
        terms.retain(|term| !is_number(term));
        terms.sort_unstable();
        terms.dedup();
        Self {
            terms,
            numbers,
            denies: SpacedWords::of(text).has(words::NEGATION_WORDS),
        }
    }

    fn shared(&self, other: &Self) -> usize {
        let is_shared = |term: &&String| other.terms.binary_search(term).is_ok();
        self.terms.iter().filter(is_shared).count()
    }
}

/// Compares a fact with all that are known. `said` is the sentence in which it was said.
pub(super) fn merge(text: &str, kind: &str, said: &str, known: &[FoundFact]) -> FactMerge {
    let new = Statement::of(text);
    let said = SpacedWords::of(said);
    let mut replaced = Vec::new();
    for found in known {
        let relation = Pair {
            new: &new,
            old: &Statement::of(&found.fact.text),
            kinds: (kind, &found.fact.origin.kind),
            cosine: found.cosine.unwrap_or(0.0),
            said: &said,
        }
        .relation();
        match relation {
            PairRelation::Apart => {}
            PairRelation::Same => return FactMerge::Known(found.fact.id.clone()),
            PairRelation::Replaces => replaced.push(found.fact.id.clone()),
        }
    }
    match replaced.is_empty() {
        true => FactMerge::New,
        false => FactMerge::Replaces(replaced),
    }
}

enum PairRelation {
    Apart,
    Same,
    Replaces,
}

/// Two facts that are compared.
struct Pair<'a> {
    new: &'a Statement,
    old: &'a Statement,
    kinds: (&'a str, &'a str),
    cosine: f32,
    said: &'a SpacedWords,
}

impl Pair<'_> {
    fn relation(&self) -> PairRelation {
        let shared = self.new.shared(self.old);
        let (new, old) = (self.new.terms.len(), self.old.terms.len());
        let shorter = new.min(old);
        let words = match shorter {
            0 => 0.0,
            shorter => shared as f32 / shorter as f32,
        };
        let is_near = words >= NEAR_WORDS || self.cosine >= NEAR_COSINE;
        let is_one_kind = self.kinds.0 == self.kinds.1 && !self.kinds.0.is_empty();
        let may_be_one_kind = is_one_kind || self.kinds.0.is_empty() || self.kinds.1.is_empty();
        if self.new.denies != self.old.denies {
            return match is_near {
                true => PairRelation::Replaces,
                false => PairRelation::Apart,
            };
        }
        let is_within = shorter > 0 && shared == shorter;
        if self.new.numbers != self.old.numbers {
            let is_amount =
                is_within && !self.new.numbers.is_empty() && !self.old.numbers.is_empty();
            if is_amount || (is_one_kind && self.is_single()) {
                return PairRelation::Replaces;
            }
        }
        if is_within && self.new.numbers == self.old.numbers {
            if new == old {
                return PairRelation::Same;
            }
            if shorter >= 2 || may_be_one_kind {
                // The one that says more stays.
                return match new > old {
                    true => PairRelation::Replaces,
                    false => PairRelation::Same,
                };
            }
        }
        if is_one_kind && self.is_single() {
            return match self.said.has(words::ADDITION_WORDS) {
                true => PairRelation::Apart,
                false => PairRelation::Replaces,
            };
        }
        if self.new.numbers == self.old.numbers && self.cosine >= SAME_COSINE && may_be_one_kind {
            return PairRelation::Same;
        }
        let has_changed =
            self.said.has(words::CHANGE_PHRASES) && !self.said.has(words::ADDITION_WORDS);
        if has_changed && may_be_one_kind && is_near && shared > 0 {
            return PairRelation::Replaces;
        }
        PairRelation::Apart
    }

    /// Whether only one thing of its kind is true at a time.
    fn is_single(&self) -> bool {
        FACT_KINDS[..SINGLE_KINDS].contains(&self.kinds.0)
    }
}
