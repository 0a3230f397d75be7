//! How many tokens a request and its answer took, in whatever shape a provider tells it.

use serde_json::Value;

/// Tokens of a request and its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Tokens of the request.
    pub prompt_tokens: u64,
    /// Of those, the ones that the provider had in its cache.
    pub cached_tokens: u64,
    /// Tokens of the answer, reasoning included.
    pub completion_tokens: u64,
    /// Of those, the ones of reasoning.
    pub reasoning_tokens: u64,
    /// What it cost, by the prices that are set, else as the provider says.
    pub cost: Option<f64>,
}

impl Usage {
    /// Reads the usage of a chunk or an answer: OpenAI's names, Anthropic's, Ollama's and llama.cpp's own, Groq's
    /// place for it; numbers as numbers or texts. `None` where there is none, or an empty one.
    #[must_use]
    pub fn of(chunk: &Value) -> Option<Self> {
        [&chunk["usage"], &chunk["x_groq"]["usage"]]
            .into_iter()
            .find_map(Self::read)
            .or_else(|| Self::read_timings(&chunk["timings"]))
    }

    /// Adds what another request took.
    pub(crate) fn add(&mut self, more: &Self) {
        self.prompt_tokens += more.prompt_tokens;
        self.cached_tokens += more.cached_tokens;
        self.completion_tokens += more.completion_tokens;
        self.reasoning_tokens += more.reasoning_tokens;
        self.cost = match (self.cost, more.cost) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
    }

    /// Reads the object itself; see [`Self::of`].
    #[must_use]
    pub fn read(usage: &Value) -> Option<Self> {
        let first = |keys: &[&str]| keys.iter().find_map(|key| count(&usage[*key]));
        let prompt = first(&["prompt_tokens", "input_tokens", "prompt_eval_count"]);
        let completion = first(&["completion_tokens", "output_tokens", "eval_count"]);
        let total = first(&["total_tokens"]);
        if prompt.is_none() && completion.is_none() && total.is_none() {
            return None;
        }
        let prompt = prompt.unwrap_or_default();
        let completion =
            completion.unwrap_or_else(|| total.unwrap_or_default().saturating_sub(prompt));
        let cached = [
            &usage["prompt_tokens_details"]["cached_tokens"],
            &usage["input_tokens_details"]["cached_tokens"],
            &usage["prompt_cache_hit_tokens"],
            &usage["cached_tokens"],
        ];
        let reasoning = [
            &usage["completion_tokens_details"]["reasoning_tokens"],
            &usage["output_tokens_details"]["reasoning_tokens"],
            &usage["reasoning_tokens"],
        ];
        let reasoning = reasoning.into_iter().find_map(count);
        // Gemini leaves reasoning out of the answer's tokens and counts it in the total only.
        let hidden = match reasoning {
            None => total
                .unwrap_or_default()
                .saturating_sub(prompt + completion),
            Some(_) => 0,
        };
        Some(Self {
            prompt_tokens: prompt,
            cached_tokens: cached.into_iter().find_map(count).unwrap_or_default(),
            completion_tokens: completion + hidden,
            reasoning_tokens: reasoning.unwrap_or(hidden),
            cost: usage["cost"]
                .as_f64()
                .filter(|cost| cost.is_finite() && *cost >= 0.0),
        })
    }

    /// llama.cpp counts the tokens of the request without those that it had in its cache.
    fn read_timings(timings: &Value) -> Option<Self> {
        let fresh = count(&timings["prompt_n"])?;
        let cached = count(&timings["cache_n"]).unwrap_or_default();
        Some(Self {
            prompt_tokens: fresh + cached,
            cached_tokens: cached,
            completion_tokens: count(&timings["predicted_n"])?,
            ..Self::default()
        })
    }

    /// All tokens together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.prompt_tokens + self.completion_tokens
    }
}

/// A number of tokens, written as a number or a text.
fn count(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| {
            let float = number.as_f64().filter(|n| (0.0..1e15).contains(n));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "in range"
            )]
            float.map(|number| number as u64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
