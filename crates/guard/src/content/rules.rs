//! Rules for what must not be missed: threats, self-harm, slurs.
//!
//! They read words after the lexicon has undone digits for letters and gaps between letters.

use std::sync::OnceLock;

use regex::Regex;

use super::category::{Category, Level};
use super::words::{self, ListedWord, Lists};
use crate::finding::{Finding, Kind};
use crate::unready::Unready;

/// A rule.
#[derive(Debug)]
pub(super) struct ContentRule {
    id: &'static str,
    category: Category,
    /// The level from which it counts.
    pub(super) from: Level,
    /// Lists of which a word has to be there before the pattern is tried; all words are in lower
    /// case, with one space between them and at both ends.
    lists: &'static [&'static str],
    pattern: &'static str,
    /// What must not follow or stand around.
    unless: &'static str,
    why: &'static str,
    of_lists: OnceLock<Lists>,
    /// Not before a word of its lists turns up.
    ready: OnceLock<Result<ReadyRule, Unready>>,
}

#[derive(Debug)]
struct ReadyRule {
    pattern: Regex,
    unless: Regex,
}

macro_rules! rule {
    ($id:literal, $category:ident, $from:ident, $lists:expr, $pattern:expr, $unless:expr, $why:literal) => {
        ContentRule {
            id: $id,
            category: Category::$category,
            from: Level::$from,
            lists: &$lists,
            pattern: $pattern,
            unless: $unless,
            why: $why,
            of_lists: OnceLock::new(),
            ready: OnceLock::new(),
        }
    };
}

/// What is said lightly, and what is no violence.
const UNLESS_LIVING: &str = r" (die|dying) (laughing|of|my|for|hard|in (the|this|that) (game|level|dungeon)) | living (in|with|at|on|together|out) | (hair|game|boss|level|respawn|dye) ";
const UNLESS_JOKE: &str = r" (haha|hahaha|lol|lmao|jk|laughing|laughter|kidding|cookie|cake|joke) ";
const UNLESS_DYING: &str = r" (die|dying) (laughing|of|my|for|hard|in (the|this|that) (game|level|dungeon)) | (hair|game|boss|level|respawn|dye) ";
const UNLESS_QUOTED: &str = r" (slur|slurs|word|words|term|terms|called|offensive|insult|meaning|etymology|quote|quoted|novel|reclaimed|history|filter|list|moderation|pudding|gravy) ";

/// Every rule.
pub(super) static CONTENT_RULES: [ContentRule; 9] = [
    rule!(
        "content-threat",
        HarassmentThreatening,
        Low,
        ["kill", "hurt"],
        r" (i|we) (swear )?(i |we )?(am |m |are |re )?(will |ll |going to |gonna |wanna |want to |gunna )(come and |find and |come and find and |fucking )*(kill|murder|stab|shoot|strangle|behead|rape|hang|slaughter|choke|butcher|beat) (you|him|her|your (family|mother|mom|kids|children|wife|dog|parents))( |$)",
        UNLESS_JOKE,
        "says that somebody will be hurt or killed"
    ),
    rule!(
        "content-threat-where",
        HarassmentThreatening,
        Medium,
        ["you", "they"],
        r" (i know where you (live|sleep|work)|sleep with one eye open|you (will|ll|re going to|are going to) (pay|bleed|die) for this|you re a dead man|you are a dead man) ",
        UNLESS_JOKE,
        "threatens somebody"
    ),
    rule!(
        "content-self-harm-intent",
        SelfHarmIntent,
        Low,
        ["kill", "self-harm", "hurt", "end"],
        r" (i|i m|im|i ve|ive|i am) (really |just |so |only |often |still |do |have )*(want|wanna|wish|plan|planning|going|gonna|ready|decided|about|thinking|think|need|tried|feel like|considering)( (to|of|about|that|i|am|m))* (die|dying|be dead|was dead|were dead|kms|suicide|commit(ting)? suicide|end(ing)? (my (own )?life|it all)|(kill|killing|hang|hanging|shoot|shooting|drown|hurt|hurting|cut|cutting|harm|harming|starve|starving) myself|jump off (a|the) (bridge|roof|building)|take my (own )?life|slit my wrists) ",
        UNLESS_DYING,
        "says that somebody wants to harm or kill themselves"
    ),
    rule!(
        "content-self-harm-feeling",
        SelfHarmIntent,
        Medium,
        ["kill", "self-harm", "end"],
        r" (i (feel|am|m) suicidal|i (do not|don t|dont) want to (live|be alive|exist|be here) (any ?more|anymore)|(better off|world would be better) without me|no reason (for me )?to (live|go on)|i (hate|am tired of|m tired of) (living|being alive)|(should|can|will|might|could) i (just )?(kill|hang|hurt|cut) myself|i (ll|will|might|could|should|can) (just |go )*(kill|hang|hurt|cut|shoot|drown) myself|i (cut|burned|hurt|harmed) myself (because|again|every|when|on purpose)) ",
        UNLESS_LIVING,
        "says that somebody is tired of life or hurts themselves"
    ),
    rule!(
        "content-self-harm-languages",
        SelfHarmIntent,
        Low,
        ["kill", "self-harm", "i", "end", "will", "negation"],
        r" (ich (will|möchte) (nur noch |einfach |nicht mehr leben|sterben|tot sein|mich umbringen)|ich (bringe mich um|will mich (umbringen|töten|ritzen))|(me )?quiero (morir|morirme|matarme|suicidarme|matar)|no quiero vivir|je (veux|vais) (mourir|me (tuer|suicider))|voglio (morire|uccidermi|suicidarmi|ammazzarmi)|quero (morrer|me matar|suicidar)|chcę (umrzeć|się zabić)|ik wil (dood|niet meer leven)) ",
        "$^",
        "says that somebody wants to harm or kill themselves"
    ),
    rule!(
        "content-self-harm-how",
        SelfHarmInstructions,
        Low,
        ["kill", "self-harm", "hurt"],
        r" (how (do|can|could|should|would|to) (i |you |one |we |someone )?(best |quickly |painlessly )*(kill|hang|drown|poison|cut|harm|starve|suffocate) (myself|yourself|oneself|themselves)|(painless|painlessly|easiest|quickest|fastest|best|least painful|most painless) (way|method|suicide)( way| method)?( to (die|commit suicide|kill (myself|yourself)|end (my|your) life))|(suicide|suicidal) (methods|method|note for me)|how (do|can|to) (i |you )?(commit suicide|self harm|end my life)|how many (\w+ )?(pills|tablets|painkillers)( \w+){0,6} (to die|kill me|lethal|overdose)) ",
        r" (prevent|prevention|boss|game|level|sharp knife) ",
        "asks for a way to harm or kill oneself"
    ),
    rule!(
        "content-urging",
        Harassment,
        Low,
        ["kill", "self-harm", "crude"],
        r" (kys|neck yourself|go (kill|hang|shoot) yourself|(just |please |and |should )(kill|hang|shoot|drown) yourself|do the world a favou?r and die|drink bleach|hope (you|he|she) (dies?|gets? (cancer|raped|killed)|burns? in hell)) ",
        UNLESS_JOKE,
        "urges or wishes somebody to die"
    ),
    rule!(
        "content-hate-violence",
        HateThreatening,
        Low,
        ["group", "slur"],
        r" ((kill|gas|exterminate|hang|shoot|burn|lynch|slaughter|bomb|behead|eradicate) (all |all the |every |the |those |these )+(fucking |filthy |damn )?(jews?|muslims?|blacks?|gays?|immigrants?|arabs?|christians?|women|whites?|mexicans|asians|refugees|trans|homos?|foreigners|migrants|hindus|gypsies|indians)|death to (all )?(the )?(jews|muslims|gays|blacks|whites|immigrants|arabs|christians|hindus|infidels|women)|(jews|muslims|gays|blacks|immigrants|arabs|gypsies|refugees|migrants|trans people) (should|must|need to|deserve to) (all )?(be )?(die|killed|shot|gassed|hanged|exterminated|burned|eradicated)|gas the \w+ race war)( |$)",
        r" (history|historian|nazis|ordered|wrote|said|propaganda|genocide|slogan|graffiti|1941|1942) ",
        "calls for violence against people because of what they are"
    ),
    rule!(
        "content-slur",
        Hate,
        Medium,
        ["hard"],
        r".",
        UNLESS_QUOTED,
        "holds a word of contempt for a group of people"
    ),
];

/// Which rules fit words; none is made ready before a word of its lists turns up.
pub(super) fn find(
    rules: &'static [ContentRule],
    words: &[ListedWord<'_>],
) -> Result<Vec<(Category, &'static ContentRule)>, Unready> {
    let mut line = None;
    let lists = lists_of(words);
    let mut found = Vec::new();
    for rule in rules.iter().filter(|rule| rule.may_be_in(lists)) {
        if rule.fits(line.get_or_insert_with(|| joined(words)))? {
            found.push((rule.category, rule));
        }
    }
    Ok(found)
}

fn lists_of(words: &[ListedWord<'_>]) -> Lists {
    words.iter().fold(0, |lists, word| lists | word.lists)
}

fn joined(words: &[ListedWord<'_>]) -> String {
    let mut line = String::from(" ");
    for word in words {
        line.push_str(&word.text.replace(['\'', '’'], " "));
        line.push(' ');
    }
    line
}

impl ContentRule {
    /// Its name in findings.
    pub(super) fn id(&self) -> &'static str {
        self.id
    }

    /// Whether it names contempt for groups of people, which may as well be quoted.
    pub(super) fn is_about_groups(&self) -> bool {
        matches!(self.category, Category::Hate | Category::HateThreatening)
    }

    fn ready(&self) -> Result<&ReadyRule, Unready> {
        let compile = |pattern| Regex::new(pattern).map_err(|_| Unready::Rule(self.id));
        let ready = self.ready.get_or_init(|| {
            Ok(ReadyRule {
                pattern: compile(self.pattern)?,
                unless: compile(self.unless)?,
            })
        });
        ready.as_ref().map_err(|unready| *unready)
    }

    fn may_be_in(&self, lists: Lists) -> bool {
        let of_rule = self.of_lists.get_or_init(|| words::lists(self.lists));
        lists & of_rule != 0
    }

    fn fits(&self, line: &str) -> Result<bool, Unready> {
        let ready = self.ready()?;
        Ok(ready.pattern.is_match(line) && !ready.unless.is_match(line))
    }

    /// Whether it fits a sentence.
    pub(super) fn is_in(&self, words: &[ListedWord<'_>]) -> Result<bool, Unready> {
        Ok(self.may_be_in(lists_of(words)) && self.fits(&joined(words))?)
    }

    /// What it reports.
    pub(super) fn finding(&self, (start, end): (usize, usize)) -> Finding {
        Finding {
            kind: Kind::Content,
            entity: self.category.name().into(),
            rule: self.id.into(),
            start,
            end,
            score: match self.from {
                Level::Low => 0.95,
                Level::Medium => 0.85,
                Level::High => 0.75,
            },
            why: self.why.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;
    use super::{CONTENT_RULES, Category, ContentRule, Level, OnceLock, Unready, find};

    #[test]
    fn a_rule_that_does_not_compile_is_told() {
        static DAMAGED: [ContentRule; 1] = [rule!("damaged", Hate, Low, ["weapon"], "(", ".", "")];
        assert_eq!(
            find(&DAMAGED, &words::words("hello there")).map(|found| found.len()),
            Ok(0)
        );
        let listed = words::words("a blade and a bullet");
        let found = find(&DAMAGED, &listed).map(|found| found.len());
        assert_eq!(found, Err(Unready::Rule("damaged")));
    }

    #[test]
    fn every_rule_can_be_used() {
        for rule in &CONTENT_RULES {
            assert!(regex::Regex::new(rule.pattern).is_ok(), "{}", rule.id);
            assert!(regex::Regex::new(rule.unless).is_ok(), "{}", rule.id);
            for list in rule.lists {
                assert_ne!(words::lists(&[list]), 0, "{list}");
            }
        }
    }
}
