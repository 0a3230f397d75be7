//! Counts what is known of people against what is true of them.

use std::collections::HashMap;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::talk::CLASSES;

/// What is true of each person, and what isn't any more.
pub(super) struct Labels(HashMap<String, PersonLabels>);

#[derive(Default)]
struct PersonLabels {
    now: Vec<FactLabel>,
    past: Vec<FactLabel>,
}

/// Words that a statement of a fact holds: one of each list.
struct FactLabel(Vec<Vec<String>>);

impl FactLabel {
    fn parse(text: &str) -> Self {
        let parts = text.split('&');
        let words = |part: &str| {
            part.split('/')
                .map(|word| word.trim().to_lowercase())
                .collect()
        };
        Self(parts.map(words).collect())
    }

    fn fits(&self, fact: &str) -> bool {
        let fact = fact.to_lowercase();
        self.0
            .iter()
            .all(|words| words.iter().any(|word| fact.contains(word.as_str())))
    }
}

/// How many of what there are.
#[derive(Clone, Debug, Default)]
pub(super) struct FactTally {
    pub(super) proposed: [u64; CLASSES.len()],
    /// Facts that hold, after all.
    pub(super) kept: u64,
    /// Of these, those that are true and stand there once.
    pub(super) right: u64,
    /// Those that say again what another one says.
    pub(super) repeated: u64,
    /// Those that held once.
    pub(super) outdated: u64,
    /// Those with a secret in them.
    pub(super) secrets: u64,
    /// What is true.
    pub(super) labels: u64,
    wrong: Vec<String>,
    missing: Vec<String>,
}

impl Labels {
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut people: HashMap<String, PersonLabels> = HashMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if line.trim().is_empty() {
                continue;
            }
            let (who, words) = line.split_once(": ").context("a label without a person")?;
            let label = FactLabel::parse(words);
            match who.strip_suffix(" past") {
                Some(who) => people.entry(who.to_owned()).or_default().past.push(label),
                None => people.entry(who.to_owned()).or_default().now.push(label),
            }
        }
        Ok(Self(people))
    }

    /// Counts what is known of a person.
    pub(super) fn count(
        &self,
        name: &str,
        facts: &[String],
        proposed: [u64; CLASSES.len()],
    ) -> FactTally {
        let none = PersonLabels::default();
        let labels = self.0.get(name).unwrap_or(&none);
        let mut tally = FactTally {
            proposed,
            kept: facts.len() as u64,
            labels: labels.now.len() as u64,
            ..FactTally::default()
        };
        let mut is_met = vec![false; labels.now.len()];
        for fact in facts {
            let holds_secret = ["masked:", "ten!", "ghp"]
                .iter()
                .any(|part| fact.contains(part));
            tally.secrets += u64::from(holds_secret);
            let fitting: Vec<usize> = (0..labels.now.len())
                .filter(|at| labels.now[*at].fits(fact))
                .collect();
            if labels.past.iter().any(|label| label.fits(fact)) && fitting.is_empty() {
                tally.outdated += 1;
                tally.wrong.push(format!("outdated: {fact}"));
            } else if let Some(at) = fitting.iter().find(|at| !is_met[**at]) {
                is_met[*at] = true;
                tally.right += 1;
            } else if fitting.is_empty() {
                tally.wrong.push(format!("wrong: {fact}"));
            } else {
                tally.repeated += 1;
                tally.wrong.push(format!("repeated: {fact}"));
            }
        }
        for (at, is_met) in is_met.iter().enumerate() {
            if !is_met {
                tally.missing.push(format!("{:?}", labels.now[at].0));
            }
        }
        tally
    }
}

impl FactTally {
    pub(super) fn add(&mut self, other: &Self) {
        for (own, more) in self.proposed.iter_mut().zip(other.proposed) {
            *own += more;
        }
        self.kept += other.kept;
        self.right += other.right;
        self.repeated += other.repeated;
        self.outdated += other.outdated;
        self.secrets += other.secrets;
        self.labels += other.labels;
    }

    /// Says what is wrong and what is missing.
    pub(super) fn tell(&self, name: &str) {
        for line in &self.wrong {
            eprintln!("{name}: {line}");
        }
        for line in &self.missing {
            eprintln!("{name}: missing {line}");
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "proposed": self.proposed, "kept": self.kept, "right": self.right, "repeated": self.repeated,
            "outdated": self.outdated, "secrets": self.secrets, "labels": self.labels,
        })
    }
}
