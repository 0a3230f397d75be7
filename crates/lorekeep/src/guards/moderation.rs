//! A second opinion on content, by the moderation endpoint of a model provider. The text leaves this
//! machine: only for who configured it.

use std::time::Duration;

use guard::{Finding, Kind, SecondOpinion};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::StatusCode;

/// Bytes of a text that are sent; what comes after isn't judged.
const MAX_TEXT_BYTES: usize = 32 << 10;

/// Bytes of an answer that are read.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(20);

/// An endpoint as OpenAI's API has it: `POST ADDRESS/moderations`.
pub(super) struct Moderation {
    address: String,
    key: Option<String>,
    agent: Agent,
}

impl Moderation {
    /// The endpoint at an address such as `https://api.example.org/v1`.
    pub(super) fn new(address: &str, key: Option<&str>) -> Self {
        let config = Agent::config_builder()
            // Where the text and the key go is for the person to say, not for an answer.
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(TOTAL_TIMEOUT))
            .proxy(None)
            .user_agent(concat!("lorekeep/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            address: address.to_owned(),
            key: key.map(str::to_owned),
            agent: Agent::new_with_config(config),
        }
    }

    fn ask(&self, text: &str) -> Result<Value, String> {
        if !is_safe(&self.address) {
            return Err("its address isn't https, so text and key would be readable".to_owned());
        }
        let url = format!("{}/moderations", self.address);
        let mut request = self.agent.post(&url).content_type("application/json");
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let answer = request
            .send(json!({ "input": text }).to_string())
            .map_err(|error| format!("the moderation endpoint can't be reached: {error}"))?;
        let status = answer.status();
        if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN {
            return Err("the moderation endpoint refuses `guard.moderation_key`".to_owned());
        }
        if !status.is_success() {
            return Err(format!("the moderation endpoint answered with {status}"));
        }
        let mut body = answer.into_body();
        let bytes = body.with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        let bytes = bytes.map_err(|error| format!("the moderation endpoint's answer: {error}"))?;
        serde_json::from_slice(&bytes).map_err(|_| odd())
    }
}

impl SecondOpinion for Moderation {
    fn name(&self) -> &'static str {
        "moderation-endpoint"
    }

    fn kind(&self) -> Kind {
        Kind::Content
    }

    fn find(&self, text: &str) -> Result<Vec<Finding>, String> {
        let text = &text[..text.floor_char_boundary(MAX_TEXT_BYTES)];
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let answer = self.ask(text)?;
        let result = &answer["results"][0];
        let categories = result["categories"].as_object().ok_or_else(odd)?;
        let finding = |category: &String| Finding {
            kind: Kind::Content,
            entity: category.clone().into(),
            rule: "moderation-endpoint".into(),
            start: 0,
            end: text.len(),
            score: score(&result["category_scores"][category]),
            why: "the moderation endpoint of the settings says so".into(),
        };
        let flagged = categories
            .iter()
            .filter(|(_, is)| **is == Value::Bool(true));
        Ok(flagged.map(|(category, _)| finding(category)).collect())
    }
}

fn odd() -> String {
    "the moderation endpoint answered as OpenAI's never does".to_owned()
}

/// A category's score; 1 where the endpoint gives none.
fn score(value: &Value) -> f32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a share needs no more digits"
    )]
    let score = value.as_f64().unwrap_or(1.0) as f32;
    score.clamp(f32::MIN_POSITIVE, 1.0)
}

/// Whether what is sent to an address can't be read on the way.
fn is_safe(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else {
        return true;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A name before `@` is a user's, whatever it looks like.
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn text_and_key_leave_the_machine_encrypted_or_not_at_all() {
        assert!(is_safe("https://api.example.org/v1"));
        assert!(is_safe("http://127.0.0.1:8080/v1"));
        assert!(is_safe("http://[::1]:8080"));
        assert!(!is_safe("http://api.example.org/v1"));
        assert!(!is_safe("http://127.0.0.1@example.org/v1"));
        assert!(!is_safe("http://127.0.0.1.example.org/v1"));
    }
}
