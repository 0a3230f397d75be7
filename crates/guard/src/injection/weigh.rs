//! How much a text by itself reads like an attack, for explanations.

use super::stretch::PreparedText;
use super::{InjectionGuard, InjectionModels, indirect};
use crate::learned::SeenBuckets;
use crate::normal::Normal;
use crate::unready::Unready;

impl InjectionGuard {
    /// The margin of a text as a whole; 0 for one without words.
    pub(crate) fn margin(&self, text: &str) -> Result<f32, Unready> {
        let normal = Normal::of(text);
        let prepared = PreparedText::of(&normal.text, &self.rules)?;
        let mut seen = SeenBuckets::default();
        let judged = self.judge(&normal.text, &prepared, self.ready()?, &mut seen);
        Ok(judged.first().map_or(0.0, |whole| whole.sum))
    }

    /// The margin of the sentence of a text that reads most like a task for an assistant.
    pub(crate) fn task_margin(&self, text: &str) -> Result<f32, Unready> {
        let model = &self.ready()?.task;
        let sentences = indirect::features(&Normal::of(text).text, model.bits());
        let margins = sentences.iter().map(|sentence| {
            let score = model.score(sentence, 0).clamp(1e-6, 1.0 - 1e-6);
            (score / (1.0 - score)).ln()
        });
        Ok(margins.max_by(f32::total_cmp).unwrap_or(0.0))
    }

    /// The rules that match in a text and say what an attack is, with that in words.
    pub(crate) fn signals(&self, text: &str) -> Result<Vec<(String, String)>, Unready> {
        let normal = Normal::of(text);
        let mut rules: Vec<usize> = self
            .rules
            .find(&normal.text)?
            .into_iter()
            .map(|hit| hit.rule)
            .collect();
        rules.sort_unstable();
        rules.dedup();
        let rules = rules.into_iter().map(|rule| self.rules.rule(rule));
        let told = rules.filter(|rule| !rule.why.is_empty());
        Ok(told
            .map(|rule| (format!("injection/{}", rule.name), rule.why.to_owned()))
            .collect())
    }

    fn ready(&self) -> Result<&InjectionModels, Unready> {
        let models = self
            .models
            .get_or_init(|| InjectionModels::read(self.weights));
        models.as_ref().map_err(|unready| *unready)
    }
}
