//! What a text does with the words that could be meant badly: whether it says them, or quotes, rejects or denies
//! them, speaks of things rather than people, praises, or calls itself so. The model weighs words; this weighs
//! how they stand, which thousands of examples say little about.

mod phrases;

use std::sync::OnceLock;

use regex::Regex;

use super::category::Category;
use super::words::{self, ListedWord, Lists};
use crate::unready::Unready;
use phrases::{ATTRIBUTION, DISAPPROVAL, EVALUATION, HOMONYMS, REJECTION, SHARING, SPEECH};

/// Words before another in which a negation denies it.
const NEGATED_WORDS: usize = 7;

/// Words before another in which a negation withholds it.
const WITHHELD_WORDS: usize = 4;

/// Words between a group of people and what is said of it.
const NEAR_WORDS: usize = 6;

/// Words before or after a word of contempt in which it is said of the speaker.
const NEAR_OWN_WORDS: usize = 4;

/// Words that stand in most English texts: without any the lists know too little of the language.
const ENGLISH_WORDS: [&str; 22] = [
    "the", "a", "an", "is", "are", "to", "of", "and", "you", "i", "my", "in", "for", "with",
    "that", "this", "it", "be", "what", "how", "why", "we",
];

/// By how much what a text does counts against a category, in the model's margin.
const NEVER: f32 = -6.0;
const STRONGLY: f32 = -2.0;
const CLEARLY: f32 = -1.2;
/// And how much a group of people beside words of contempt counts for it.
const LIKELY: f32 = 1.0;

/// What a text does, as far as words show it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stance {
    /// Its words of contempt are quoted or named to reject them.
    is_rejected: bool,
    /// Every word that could be meant badly is denied.
    is_denied: bool,
    /// It praises, and no word could be meant badly.
    is_praise: bool,
    /// No word could be meant badly, nor is anything denied.
    is_calm: bool,
    /// Its words of contempt are what the speaker calls themselves.
    is_own: bool,
    /// It names no group of people.
    has_no_group: bool,
    /// It asks about something that happened.
    is_past_question: bool,
    /// It is about a game or a story.
    is_played: bool,
    /// It names nobody.
    has_nobody: bool,
    /// It names a group of people and has words of contempt or violence.
    is_contempt: bool,
    /// It denies a group of people what others have: rights, worth, a place.
    is_withheld: bool,
}

struct StanceLists {
    bad: Lists,
    good: Lists,
    group: Lists,
    slur: Lists,
    negation: Lists,
    own: Lists,
    people: Lists,
    contempt: Lists,
    violence: Lists,
    will: Lists,
}

fn lists() -> &'static StanceLists {
    static LISTS: OnceLock<StanceLists> = OnceLock::new();
    LISTS.get_or_init(|| StanceLists {
        bad: words::lists(&[
            "insult", "slur", "crude", "scorn", "kill", "hurt", "weapon", "gore", "hard", "abuse",
        ]),
        good: words::lists(&["praise", "counter"]),
        group: words::lists(&["group", "slur", "hard"]),
        slur: words::lists(&["slur", "hard"]),
        negation: words::lists(&["negation"]),
        own: words::lists(&["i"]),
        contempt: words::lists(&["insult", "scorn", "crude", "hard"]),
        violence: words::lists(&["kill", "hurt"]),
        will: words::lists(&["will"]),
        people: words::lists(&["slur", "hard", "you", "minor"]),
    })
}

fn matches(
    pattern: &'static OnceLock<Result<Regex, Unready>>,
    source: &str,
    line: &str,
) -> Result<bool, Unready> {
    let ready =
        pattern.get_or_init(|| Regex::new(source).map_err(|_| Unready::Rule("content-stance")));
    ready
        .as_ref()
        .map(|ready| ready.is_match(line))
        .map_err(|unready| *unready)
}

impl Stance {
    /// The most that [`Stance::shift`] adds.
    pub(super) const MAX_SHIFT: f32 = LIKELY;

    /// The stance of a text that is normalised, and its words.
    pub(super) fn of(text: &str, words: &[ListedWord<'_>]) -> Result<Self, Unready> {
        let is_english = words
            .iter()
            .any(|word| ENGLISH_WORDS.contains(&word.text.as_ref()));
        if !is_english {
            return Ok(Self::default());
        }
        let lists = lists();
        let all = words.iter().fold(0, |all, word| all | word.lists);
        let bad: Vec<usize> = (0..words.len()).filter(|at| is_bad(&words[*at])).collect();
        let is_negated = all & lists.negation != 0;
        let praise = words::lists(&["praise"]);
        let has_group = (0..words.len()).any(|at| is_group(words, at));
        let nobody = !has_group
            && all & lists.people == 0
            && !words.iter().any(|word| is_of(word, phrases::PERSON_WORDS));
        let is_denied = !bad.is_empty() && bad.iter().all(|at| is_denied(words, *at));
        Ok(Self {
            is_rejected: !bad.is_empty() && is_rejected(text, words)?,
            is_denied,
            is_past_question: is_past_question(words),
            is_praise: bad.is_empty() && !is_negated && all & praise != 0,
            is_calm: bad.is_empty() && !is_negated,
            is_own: is_own(words) || is_homonym(words)?,
            has_no_group: !has_group,
            is_played: words.iter().any(|word| is_of(word, phrases::PLAY_WORDS)),
            has_nobody: nobody,
            is_contempt: (0..words.len()).any(|at| is_contempt(words, at)),
            is_withheld: has_group && (0..words.len()).any(|at| is_withheld(words, at)),
        })
    }

    /// What is added to a category's margin.
    pub(super) fn shift(self, category: Category) -> f32 {
        let is_hate = matches!(category, Category::Hate | Category::HateThreatening);
        let is_harassment = matches!(
            category,
            Category::Harassment | Category::HarassmentThreatening
        );
        let is_violence = matches!(category, Category::Violence | Category::Harassment);
        let of_people = is_hate || is_harassment;
        let mut shift = if (self.is_contempt || self.is_withheld) && is_hate {
            LIKELY
        } else {
            0.0
        };
        let mut is = |fits: bool, by: f32| {
            if fits {
                shift = shift.min(by);
            }
        };
        is(self.is_rejected && (of_people || is_violence), NEVER);
        is(self.is_praise && of_people, STRONGLY);
        is(self.is_calm && of_people, STRONGLY);
        is(self.is_denied && (of_people || is_violence), STRONGLY);
        is(self.is_own && of_people, STRONGLY);
        is(self.has_no_group && is_hate, STRONGLY);
        is(self.is_past_question && (of_people || is_violence), CLEARLY);
        is(self.is_played && is_violence, CLEARLY);
        is(self.has_nobody && (is_harassment || is_violence), CLEARLY);
        is(self.is_praise && category == Category::SelfHarm, CLEARLY);
        shift
    }

    /// Whether a rule that names contempt for groups of people, of a category, counts.
    pub(super) fn is_meant(self, category: Category) -> bool {
        let is_threat_denied = self.is_denied && category == Category::HateThreatening;
        !self.is_rejected && !self.is_own && !is_threat_denied
    }
}

fn is_bad(word: &ListedWord<'_>) -> bool {
    word.lists & lists().bad != 0 && word.lists & lists().good == 0
}

/// Whether a word names a group of people: colours and the like only beside a word for people.
fn is_group(words: &[ListedWord<'_>], at: usize) -> bool {
    let word = &words[at];
    if word.lists & lists().group == 0 || is_of(word, phrases::NO_GROUPS) {
        return false;
    }
    let is_of_people = |next: &ListedWord<'_>| {
        next.lists & lists().group != 0
            || is_of(next, phrases::PERSON_WORDS)
            || is_of(next, phrases::PEOPLE_WORDS)
    };
    !is_of(word, phrases::COLOUR_WORDS) || words.get(at + 1).is_none_or(is_of_people)
}

/// Whether a text asks about something that happened: `why did they attack`, `what was`.
fn is_past_question(words: &[ListedWord<'_>]) -> bool {
    let asks = words
        .first()
        .is_some_and(|first| is_of(first, phrases::QUESTION_WORDS));
    asks && words
        .iter()
        .take(5)
        .any(|word| is_of(word, phrases::PAST_WORDS))
}

/// Whether a word names a group of people and words of contempt stand near it, or words of violence and
/// of what should or will be.
fn is_contempt(words: &[ListedWord<'_>], at: usize) -> bool {
    if !is_group(words, at) {
        return false;
    }
    let near = &words[at.saturating_sub(NEAR_WORDS)..words.len().min(at + 1 + NEAR_WORDS)];
    let any = |of: Lists| near.iter().any(|word| word.lists & of != 0 && is_bad(word));
    any(lists().contempt)
        || any(lists().violence) && near.iter().any(|word| word.lists & lists().will != 0)
}

/// Whether a word is of what everybody has, and denied shortly before: `do not deserve`, `no right`.
fn is_withheld(words: &[ListedWord<'_>], at: usize) -> bool {
    let before = &words[at.saturating_sub(WITHHELD_WORDS)..at];
    let is_negated = before.iter().any(|word| word.lists & lists().negation != 0);
    is_of(&words[at], phrases::DUE_WORDS) && is_negated
}

/// Whether a negation stands shortly before a word that denies it.
fn is_denied(words: &[ListedWord<'_>], at: usize) -> bool {
    // `Is it not obvious that they are …?` denies nothing.
    if words
        .first()
        .is_some_and(|first| is_of(first, phrases::RHETORICAL_WORDS))
    {
        return false;
    }
    let before = &words[at.saturating_sub(NEGATED_WORDS)..at];
    let negation = before
        .iter()
        .rposition(|word| word.lists & lists().negation != 0 && word.text != "against");
    negation.is_some_and(|nth| {
        let is_of_all = matches!(
            before[nth].text.as_ref(),
            "nobody" | "none" | "nothing" | "no"
        );
        let between = &before[nth + 1..];
        // `I can't stand them` and `nobody is as dirty` deny nothing.
        !between.iter().any(|word| {
            is_of(word, phrases::IDIOM_WORDS) || is_of_all && is_of(word, phrases::COMPARING_WORDS)
        })
    })
}

fn is_of(word: &ListedWord<'_>, list: &[&str]) -> bool {
    list.contains(&word.text.as_ref())
}

/// Whether contempt is quoted or named to reject it.
fn is_rejected(text: &str, words: &[ListedWord<'_>]) -> Result<bool, Unready> {
    static REJECTED: OnceLock<Result<Regex, Unready>> = OnceLock::new();
    static DISAPPROVED: OnceLock<Result<Regex, Unready>> = OnceLock::new();
    static NAMED: OnceLock<Result<Regex, Unready>> = OnceLock::new();
    static SHARED: OnceLock<Result<Regex, Unready>> = OnceLock::new();
    if let Some(outside) = outside_quotes(text) {
        let around = words::words(&outside);
        let line = joined(&around);
        let is_said = around.iter().any(|word| word.lists & lists().slur != 0);
        let is_rejected = matches(&DISAPPROVED, DISAPPROVAL, &line)?
            || !around.iter().any(is_bad) && matches(&NAMED, SPEECH, &line)?;
        return Ok(!is_said && is_rejected && !matches(&SHARED, SHARING, &line)?);
    }
    let line = joined(words);
    static ATTRIBUTED: OnceLock<Result<Regex, Unready>> = OnceLock::new();
    static EVALUATED: OnceLock<Result<Regex, Unready>> = OnceLock::new();
    // Somebody who is told that they are hated is insulted by it.
    let line = line.replace(" hates you ", " ").replace(" hate you ", " ");
    let is_judged = matches(&REJECTED, REJECTION, &line)?
        || matches(&ATTRIBUTED, ATTRIBUTION, &line)? && matches(&EVALUATED, EVALUATION, &line)?;
    Ok(is_judged && !matches(&SHARED, SHARING, &line)?)
}

/// What of a text stands outside of quotation marks; `None` if nothing is quoted.
fn outside_quotes(text: &str) -> Option<String> {
    let mut outside = String::new();
    let mut rest = text;
    let mut is_quoted = false;
    while let Some(at) = rest.find(['"', '“', '„', '«']) {
        let mark = rest[at..].chars().next()?;
        let after = &rest[at + mark.len_utf8()..];
        let Some(end) = after.find(['"', '”', '“', '»']) else {
            break;
        };
        outside.push_str(&rest[..at]);
        outside.push_str(" quotation ");
        rest = &after[end..];
        rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
        is_quoted = true;
    }
    outside.push_str(rest);
    is_quoted.then_some(outside)
}

/// Whether every word of contempt for groups is said of the speaker: `we`, `my`, `myself` near, and nothing
/// else that could be meant badly.
fn is_own(words: &[ListedWord<'_>]) -> bool {
    let lists = lists();
    let mut is_any = false;
    let is_proud = words.iter().any(|word| is_of(word, phrases::PRIDE_WORDS));
    let own =
        |word: &ListedWord<'_>| word.lists & lists.own != 0 || is_of(word, phrases::OWN_WORDS);
    for (at, word) in words.iter().enumerate() {
        if word.lists & lists.slur != 0 {
            is_any = true;
            let end = words.len().min(at + NEAR_OWN_WORDS);
            let near = &words[at.saturating_sub(NEAR_OWN_WORDS)..end];
            if !near.iter().any(own) {
                return false;
            }
        } else if is_bad(word) && !is_proud {
            return false;
        }
    }
    is_any && !words.iter().any(|word| is_of(word, phrases::OTHERS_WORDS))
}

/// Whether a word of contempt stands in another, harmless sense.
fn is_homonym(words: &[ListedWord<'_>]) -> Result<bool, Unready> {
    static OTHER_SENSES: OnceLock<Result<Regex, Unready>> = OnceLock::new();
    let crude = words::lists(&["slur", "hard", "crude", "insult"]);
    let is_any = words.iter().any(|word| word.lists & crude != 0);
    Ok(is_any && matches(&OTHER_SENSES, HOMONYMS, &joined(words))?)
}

fn joined(words: &[ListedWord<'_>]) -> String {
    let mut line = String::from(" ");
    for word in words {
        line.push_str(&word.text.replace(['\'', '’'], " "));
        line.push(' ');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{Regex, phrases};

    #[test]
    fn every_pattern_can_be_used() {
        for pattern in [
            phrases::REJECTION,
            phrases::ATTRIBUTION,
            phrases::EVALUATION,
            phrases::HOMONYMS,
            phrases::DISAPPROVAL,
            phrases::SPEECH,
            phrases::SHARING,
        ] {
            assert!(Regex::new(pattern).is_ok(), "{pattern}");
        }
    }
}
