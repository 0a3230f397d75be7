//! Why something was found: the rules that fit, and for what a model found the words that counted.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::engine::Engine;
use crate::finding::{Finding, Kind};
use crate::unready::Unready;

/// Words of a finding that are weighed; what is longer has more words than anybody reads.
const MAX_WEIGHED_WORDS: usize = 120;
/// Words that are told, and how much one must count at least.
const MAX_TOLD_WORDS: usize = 8;
const MIN_WEIGHT: f32 = 0.02;

/// What counted for a finding, see [`Engine::explain`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// Rules of a model's that fit what was found: each with its name and what it says in words.
    pub signals: Vec<(String, String)>,
    /// Words of what was found, the weightiest first, each with how much less sure the model is without it:
    /// the difference of its margin, in which 0 is a toss-up. Negative ones speak against the finding. Empty
    /// for what rules of form find: they see all of it or nothing.
    pub words: Vec<(String, f32)>,
    /// The margin of what was found by itself, without the text around it; `None` if no model judged it.
    pub margin: Option<f32>,
}

impl Engine {
    /// What counted for a finding in `text`: of what a model found, the words and the rules within it. A word's
    /// weight is measured by leaving it out, so its part in pairs of words and in rules is among it. Takes as
    /// long as some hundred judgements.
    ///
    /// # Errors
    ///
    /// If the weights or a rule of the model can't be used, in words.
    pub fn explain(&self, text: &str, finding: &Finding) -> Result<Explanation, String> {
        let found = text.get(finding.start..finding.end).unwrap_or_default();
        let is_learned = matches!(finding.kind, Kind::Injection | Kind::Content);
        if !is_learned || found.is_empty() || finding.rule.starts_with("custom/") {
            return Ok(Explanation::default());
        }
        self.weigh(found, finding)
            .map_err(|unready| unready.to_string())
    }

    fn weigh(&self, found: &str, finding: &Finding) -> Result<Explanation, Unready> {
        let margin = |text: &str| self.margin(text, finding);
        let whole = margin(found)?;
        let mut words = Vec::new();
        let all = found.unicode_word_indices().take(MAX_WEIGHED_WORDS);
        for (at, word) in all {
            let mut without = String::with_capacity(found.len());
            without.push_str(&found[..at]);
            without.push_str(&found[at + word.len()..]);
            let weight = whole - margin(&without)?;
            if weight.abs() >= MIN_WEIGHT {
                words.push((word.to_owned(), weight));
            }
        }
        words.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()));
        words.truncate(MAX_TOLD_WORDS);
        let signals = match finding.kind {
            Kind::Injection => self.injection().signals(found)?,
            _ => Vec::new(),
        };
        Ok(Explanation {
            signals,
            words,
            margin: Some(whole),
        })
    }

    fn margin(&self, text: &str, finding: &Finding) -> Result<f32, Unready> {
        match finding.kind {
            Kind::Content => self.content().margin(text, &finding.entity),
            _ if finding.rule == "injection/task" => self.injection().task_margin(text),
            _ => self.injection().margin(text),
        }
    }
}
