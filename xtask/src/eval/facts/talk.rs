//! Made-up conversations with what a scripted model proposes for each message, as `xtask/facts/talk.txt` has them.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};

/// A person with their conversations.
pub(super) struct Talker {
    pub(super) name: String,
    /// Whether the rules weren't tried on them while they were written.
    pub(super) is_test: bool,
    pub(super) conversations: Vec<Vec<Exchange>>,
}

/// What a person says, and what comes of it.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    /// Its number among those of its person.
    pub(super) number: usize,
    pub(super) said: String,
    pub(super) answered: String,
    pub(super) proposals: Vec<ScriptedFact>,
}

/// The classes of proposals, in the order in which they are counted.
pub(super) const CLASSES: [&str; 5] = ["T", "A", "S", "D", "J"];

/// What a scripted model proposes.
#[derive(Clone, Debug)]
pub(super) struct ScriptedFact {
    /// Its place in [`CLASSES`].
    pub(super) class: usize,
    pub(super) kind: String,
    pub(super) fact: String,
    pub(super) quote: String,
}

/// Reads all people.
pub(super) fn talkers(text: &str) -> anyhow::Result<Vec<Talker>> {
    let mut talkers: Vec<Talker> = Vec::new();
    let mut number = 0;
    for (at, line) in text.lines().enumerate() {
        let line = with_secrets(line.trim());
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(rest) = line.strip_prefix("=== ") {
            let (name, half) = rest.split_once(' ').context("a person without a half")?;
            talkers.push(Talker {
                name: name.to_owned(),
                is_test: half == "test",
                conversations: Vec::new(),
            });
            number = 0;
            continue;
        }
        let talker = talkers.last_mut().context("a line before all people")?;
        if line == "---" {
            talker.conversations.push(Vec::new());
            continue;
        }
        let conversation = talker.conversations.last_mut().context("no conversation")?;
        if let Some(said) = line.strip_prefix("P: ") {
            conversation.push(Exchange {
                number,
                said: said.to_owned(),
                answered: String::new(),
                proposals: Vec::new(),
            });
            number += 1;
            continue;
        }
        let exchange = conversation.last_mut().context("nothing was said")?;
        if let Some(answered) = line.strip_prefix("A: ") {
            answered.clone_into(&mut exchange.answered);
            continue;
        }
        let scripted = scripted(&line).with_context(|| format!("line {}", at + 1))?;
        exchange.proposals.push(scripted);
    }
    for talker in &mut talkers {
        for conversation in &mut talker.conversations {
            add_own(conversation);
        }
    }
    balance(&mut talkers);
    Ok(talkers)
}

fn scripted(line: &str) -> anyhow::Result<ScriptedFact> {
    let (head, rest) = line.split_once(" | ").context("no fact")?;
    let (fact, quote) = rest.rsplit_once(" | ").context("no quote")?;
    let (class, kind) = head.split_once(' ').context("no kind")?;
    let Some(class) = CLASSES.iter().position(|known| *known == class) else {
        bail!("there is no class `{class}`");
    };
    Ok(ScriptedFact {
        class,
        kind: kind.to_owned(),
        fact: fact.to_owned(),
        quote: quote.to_owned(),
    })
}

/// Secrets are put together here, so that the repository holds none.
fn with_secrets(line: &str) -> String {
    let digits = |count: usize| -> String {
        (0..count)
            .map(|nth| char::from(b'1' + u8::try_from((nth * 7 + 5) % 9).unwrap_or(0)))
            .collect()
    };
    let made = [
        ("{pw}", ["Quit", "ten!", "88x"].concat()),
        ("{pin}", digits(4)),
        (
            "{key}",
            ["ghp", "_", "a8Fk2mQxZ9wLp4Vn", "7Bt3Yc6Rd1Hs5Jg0KuEi"].concat(),
        ),
        ("{card}", ["4111", "1111", "1111", "1111"].join(" ")),
        (
            "{iban}",
            ["DE89", "3704", "0044", "0532", "0130", "00"].join(" "),
        ),
    ];
    made.iter().fold(line.to_owned(), |line, (name, value)| {
        line.replace(name, value)
    })
}

/// Adds what the model said itself: proposed with the message behind it, its own sentence as the quote, or all that
/// the person says there.
fn add_own(conversation: &mut [Exchange]) {
    for at in 1..conversation.len() {
        let answered = conversation[at - 1].answered.clone();
        let said = conversation[at].said.clone();
        for (nth, sentence) in answered.split_inclusive(['.', '!', '?']).enumerate() {
            let sentence = sentence.trim().trim_end_matches(['.', '!', '?']);
            if sentence.split(' ').count() < 3 {
                continue;
            }
            let quote = match (at + nth) % 3 {
                0 => said.clone(),
                _ => sentence.to_owned(),
            };
            conversation[at].proposals.push(ScriptedFact {
                class: 1,
                kind: "other".to_owned(),
                fact: sentence.to_owned(),
                quote,
            });
        }
    }
}

/// Makes all classes as large as that of true facts, by wording proposals differently once more or by leaving every
/// so many out.
fn balance(talkers: &mut [Talker]) {
    let count = |talkers: &[Talker], class: usize| {
        let exchanges = talkers
            .iter()
            .flat_map(|one| one.conversations.iter().flatten());
        exchanges
            .flat_map(|exchange| &exchange.proposals)
            .filter(|proposal| proposal.class == class)
            .count()
    };
    let wanted = count(talkers, 0);
    repeat_true(talkers, wanted.saturating_sub(count(talkers, 3)));
    for class in 1..CLASSES.len() {
        let all = count(talkers, class);
        let mut seen = BTreeMap::new();
        for exchange in talkers
            .iter_mut()
            .flat_map(|one| one.conversations.iter_mut().flatten())
        {
            let mut more = Vec::new();
            exchange.proposals.retain(|proposal| {
                if proposal.class != class {
                    return true;
                }
                let nth = seen.entry(class).or_insert(0_usize);
                *nth += 1;
                // So many of all that come up to here.
                let times = *nth * wanted / all - (*nth - 1) * wanted / all;
                for again in 1..times {
                    more.push(reworded(proposal, again));
                }
                times > 0
            });
            exchange.proposals.extend(more);
        }
    }
}

/// Adds true facts a second time, in the same answer.
fn repeat_true(talkers: &mut [Talker], missing: usize) {
    let mut left = missing;
    for exchange in talkers
        .iter_mut()
        .flat_map(|one| one.conversations.iter_mut().flatten())
    {
        let again: Vec<ScriptedFact> = exchange
            .proposals
            .iter()
            .filter(|proposal| proposal.class == 0)
            .take(left)
            .map(|proposal| ScriptedFact {
                class: 3,
                ..reworded(proposal, 1)
            })
            .collect();
        left -= again.len();
        exchange.proposals.extend(again);
    }
}

fn reworded(proposal: &ScriptedFact, nth: usize) -> ScriptedFact {
    let fact = match nth {
        1 => format!("The user {}", proposal.fact),
        2 => format!("{}.", proposal.fact.to_uppercase()),
        _ => format!("The person {}", proposal.fact),
    };
    ScriptedFact {
        fact,
        ..proposal.clone()
    }
}
