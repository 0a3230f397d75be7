//! What a text does with the words that could be meant badly: whether it says them, or quotes, rejects or denies
//! them, speaks of things rather than people, praises, or calls itself so. The model weighs words; this weighs
//! how they stand, which thousands of examples say little about.

use std::sync::OnceLock;

use regex::Regex;

use super::category::Category;
use super::words::{self, ListedWord, Lists};
use crate::unready::Unready;

/// Words before another in which a negation denies it.
const NEGATED_WORDS: usize = 7;

/// Words before or after a word of contempt in which it is said of the speaker.
const OWN_WORDS: usize = 4;

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
const LIKELY: f32 = 1.2;

/// Names of what is said, to reject it: `calling them rats is wrong`.
const REJECTION: &str = r" ((wrong|horrible|disgusting|disgraceful|awful|terrible|racist|sexist|homophobic|transphobic|bigoted|bigot|bigots|shameful|ashamed|shame|unacceptable|vile|hateful|dehumani[sz]ing|degrading|cruel|small minded|narrow minded|ignorant|inexcusable|hurts|hurtful|offensive|heartbreaking|painful|appalling|outrageous)( \w+){0,8} (calling|saying|writing|claiming|shouting|posting|say|says|said|write|call|treating|mocking|insulting)|(calling|saying|writing|claiming|shouting|posting)( \w+){2,12} (says (a lot|more|something|everything) about|shows (how|what|that)|makes you|tells me|proves)|(calling|saying|claiming|thinking|believing|writing|suggesting|joking|shouting|posting|treating|hating|hurting|attacking|mocking|to (call|say|claim|think|believe|write|suggest|hate|hurt|attack|mock|treat)|(who|whoever|anyone who|everyone who|somebody who|people who|those who|if you) (\w+ )?(call|calls|say|says|think|thinks|hate|hates|believe|believes|write|writes|insult|insults|attack|attacks|treat|treats)) .*(wrong|horrible|disgusting|disgraceful|awful|terrible|racist|sexist|homophobic|transphobic|bigoted|bigot|bigots|shameful|ashamed|shame|unacceptable|vile|hateful|cruel|stupid|ignorant|problem|nonsense|false|lie|no place|not (ok|okay|right|acceptable|true|funny|welcome)|illegal|crime|criminal|inexcusable|pathetic|sad|hurtful|offensive|judge|court|banned)|(your|his|her|their|this|that|such|the) (\w+ ){0,2}(contempt|hate|hatred|racism|sexism|homophobia|transphobia|bigotry|prejudice|prejudices|hostility|disdain|intolerance|antisemitism|islamophobia|misogyny|xenophobia|violence)( \w+){0,6} (stop|end|wrong|unacceptable|no place|disgusting|horrible|shameful|must go|ashamed|never ok|not ok|not okay|not acceptable|not welcome)|(stop|quit) (\w+ )?(calling|hating|insulting|attacking|spreading|harassing|mocking|bullying|abusing)|hate (speech|crime|crimes)|(is|are|was|were|be|being|that s|it s|you re|he s|she s|re|sounds|so|such|how|very|a|an) (a |an |the |so |such |very |just |really )*(racist|sexist|homophobic|transphobic|bigoted|antisemitic|xenophobic|islamophobic|misogynistic|bigot|racists|bigots|homophobe|homophobes))";

/// What says that a quotation isn't shared.
const DISAPPROVAL: &str = r" (wrong|horrible|disgusting|disgusted|disgraceful|awful|terrible|racist|racists|racism|sexist|homophobic|transphobic|bigoted|bigot|bigots|bigotry|shameful|ashamed|shame|unacceptable|vile|hateful|haters?|hate speech|dehumani[sz]ing|degrading|hurtful|cruel|ignorant|ignorance|problem|nonsense|false|lies?|myth|no (place|respect|excuse|joke|room|patience)|not (ok|okay|right|acceptable|true|funny|welcome|tolerate|allowed)|never (ok|okay|acceptable)|illegal|crime|criminal|inexcusable|pathetic|sad|hurt|hurts|hurtful|offensive|slur|insult|insulting|jail|prison|fired|arrested|sued|charged|convicted|suspended|resign|resigned|banned|reported|report|removed|deleted|flagged|blocked|condemn\w*|apologi[sz]e\w*|stereotype|prejudice|propaganda|incitement|court|judge|police|victims?|sick to my stomach|heartbroken|appalled|shocked|shocking|outrageous|tired of|fed up|stop|how dare|who says|lose respect|lost respect|idiot|moron|example|quote|quoted|slogan|graffiti) ";

/// Names of saying something, by others than the speaker.
const SPEECH: &str = r" (say|says|said|saying|claim|claims|claimed|write|writes|wrote|written|writing|believe|believes|think|thinks|call|called|calling|post|posts|posted|tweet|tweeted|read|reads|heard|hear|hears|shout|shouts|shouted|shouting|chant|chanted|yell|yelled|comment|comments|message|messages|sentence|phrase|statement|statements|headline|poster|sign|word|words|joke|jokes|remark|remarks|told|tell|translate) ";

/// What shares something that is quoted or named, or asks what is wrong with it.
const SHARING: &str = r" ((i|we) (\w+ )?(say|think|believe|agree|claim|know|swear|guess|repeat|stand by)|(am i|are we|is it|isn t it|what is|what s|where is|where s|why is it|nothing|not|never|isn t|can t be|how can it be|since when is it) (so |really |that |the |the harm |anything |a )*(wrong|mistake|problem|harm|bad|illegal|racist|crime|false|lie|hate speech) )";

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
            && !words.iter().any(|word| is_person(&word.text));
        let is_denied = !bad.is_empty() && bad.iter().all(|at| is_denied(words, *at));
        Ok(Self {
            is_rejected: !bad.is_empty() && is_rejected(text, words)?,
            is_denied,
            is_past_question: is_past_question(words),
            is_praise: bad.is_empty() && !is_negated && all & praise != 0,
            is_calm: bad.is_empty() && !is_negated,
            is_own: is_own(words),
            has_no_group: !has_group,
            has_nobody: nobody,
            is_contempt: has_group && !bad.is_empty(),
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
        is(self.is_calm && of_people, CLEARLY);
        is(self.is_denied && (of_people || is_violence), CLEARLY);
        is(self.is_own && of_people, STRONGLY);
        is(self.has_no_group && is_hate, STRONGLY);
        is(self.is_past_question && (of_people || is_violence), CLEARLY);
        is(self.has_nobody && (is_harassment || is_violence), CLEARLY);
        is(self.is_praise && category == Category::SelfHarm, CLEARLY);
        shift
    }

    /// Whether rules that name contempt for groups of people count.
    pub(super) fn is_meant(self) -> bool {
        !self.is_rejected && !self.is_own
    }
}

fn is_bad(word: &ListedWord<'_>) -> bool {
    word.lists & lists().bad != 0 && word.lists & lists().good == 0
}

/// Whether a word is a person other than the speaker, or stands for one.
fn is_person(word: &str) -> bool {
    matches!(
        word,
        "they"
            | "them"
            | "their"
            | "everyone"
            | "everybody"
            | "people"
            | "he"
            | "she"
            | "him"
            | "her"
            | "his"
            | "hers"
            | "man"
            | "woman"
            | "guy"
            | "dude"
            | "somebody"
            | "someone"
            | "person"
            | "wife"
            | "husband"
            | "sister"
            | "brother"
            | "mother"
            | "father"
            | "mom"
            | "dad"
            | "neighbour"
            | "neighbor"
            | "boss"
            | "colleague"
            | "who"
            | "cops"
            | "politicians"
    )
}

/// Whether a word names a group of people: colours and the like only beside a word for people.
fn is_group(words: &[ListedWord<'_>], at: usize) -> bool {
    let word = &words[at];
    let text = word.text.as_ref();
    if word.lists & lists().group == 0
        || matches!(
            text,
            "people" | "pride" | "race" | "religion" | "gender" | "alien"
        )
    {
        return false;
    }
    let is_colour = matches!(
        text,
        "black" | "white" | "brown" | "colored" | "coloured" | "native" | "minority"
    );
    let next = words.get(at + 1);
    !is_colour
        || next.is_none_or(|next| {
            next.lists & lists().group != 0
                || is_person(&next.text)
                || matches!(
                    next.text.as_ref(),
                    "lives"
                        | "folk"
                        | "folks"
                        | "guys"
                        | "kids"
                        | "children"
                        | "students"
                        | "persons"
                        | "families"
                        | "community"
                        | "communities"
                        | "neighbours"
                        | "neighbors"
                        | "boy"
                        | "girl"
                        | "boys"
                        | "girls"
                )
        })
}

/// Whether a text asks about something that happened: `why did they attack`, `what was`.
fn is_past_question(words: &[ListedWord<'_>]) -> bool {
    let first = words.first().map_or("", |word| word.text.as_ref());
    let asks = matches!(
        first,
        "what" | "why" | "how" | "who" | "when" | "where" | "which" | "did" | "was" | "were"
    );
    let past =
        |word: &ListedWord<'_>| matches!(word.text.as_ref(), "did" | "was" | "were" | "happened");
    asks && words.iter().take(4).any(past)
}

/// Whether a word is of what everybody has, and denied shortly before: `do not deserve`, `no right`.
fn is_withheld(words: &[ListedWord<'_>], at: usize) -> bool {
    let is_due = matches!(
        words[at].text.as_ref(),
        "belong"
            | "belongs"
            | "matter"
            | "matters"
            | "deserve"
            | "deserves"
            | "worth"
            | "worthy"
            | "equal"
            | "equals"
            | "human"
            | "humans"
            | "right"
            | "rights"
            | "welcome"
            | "respect"
            | "intelligent"
            | "value"
            | "valuable"
            | "trust"
            | "trusted"
            | "normal"
            | "protecting"
            | "protection"
            | "compassion"
            | "sympathy"
            | "pity"
            | "dignity"
            | "decent"
            | "honest"
            | "smart"
            | "real"
    );
    let before = &words[at.saturating_sub(4)..at];
    is_due && before.iter().any(|word| word.lists & lists().negation != 0)
}

/// Whether a negation stands shortly before a word.
fn is_denied(words: &[ListedWord<'_>], at: usize) -> bool {
    // `Is it not obvious that they are …?` denies nothing.
    let first = words.first().map_or("", |word| word.text.as_ref());
    if matches!(
        first,
        "is" | "isn't" | "do" | "don't" | "does" | "doesn't" | "are" | "aren't" | "am" | "why"
    ) {
        return false;
    }
    let before = &words[at.saturating_sub(NEGATED_WORDS)..at];
    let negation = before
        .iter()
        .rposition(|word| word.lists & lists().negation != 0);
    negation.is_some_and(|nth| {
        let text = before[nth].text.as_ref();
        // `I can't stand them` and `nobody is as dirty` deny nothing.
        let idiom = matches!(
            text,
            "against"
                | "stop"
                | "without"
                | "nobody"
                | "none"
                | "hardly"
                | "can't"
                | "cannot"
                | "won't"
        ) || before[nth + 1..].iter().any(|word| {
            matches!(
                word.text.as_ref(),
                "but"
                    | "only"
                    | "just"
                    | "worse"
                    | "as"
                    | "than"
                    | "like"
                    | "human"
                    | "humans"
                    | "they"
                    | "they're"
                    | "nothing"
                    | "mind"
                    | "because"
            )
        });
        !idiom
    })
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
    Ok(matches(&REJECTED, REJECTION, &line)? && !matches(&SHARED, SHARING, &line)?)
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
    for (at, word) in words.iter().enumerate() {
        if word.lists & lists.slur != 0 {
            is_any = true;
            let near = &words[at.saturating_sub(OWN_WORDS)..words.len().min(at + OWN_WORDS)];
            let own = |word: &ListedWord<'_>| {
                word.lists & lists.own != 0
                    || matches!(
                        word.text.as_ref(),
                        "we" | "we're" | "us" | "our" | "ourselves" | "y'all" | "proud" | "being"
                    )
            };
            if !near.iter().any(own) {
                return false;
            }
        } else if is_bad(word) {
            return false;
        }
    }
    let of_others = words.iter().any(|word| {
        matches!(
            word.text.as_ref(),
            "you" | "your" | "you're" | "they" | "them" | "these" | "those"
        )
    });
    is_any && !of_others
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
    use super::{DISAPPROVAL, REJECTION, Regex};

    #[test]
    fn every_pattern_can_be_used() {
        for pattern in [REJECTION, DISAPPROVAL] {
            assert!(Regex::new(pattern).is_ok(), "{pattern}");
        }
    }
}
