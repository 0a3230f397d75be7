//! The rounds of an answer in which tools were called: what the model asked for, what came back, and how both
//! are put before the model again.

use memory::{ToolCall, ToolResult};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use wire::tokens;

use crate::assets::AssetInfo;
use crate::model::PROVIDER_FIELD;
use crate::vault::PlaceholderVault;

/// Tokens of a result that stay when older results don't fit any more.
const SHORT_RESULT_TOKENS: usize = 120;

/// Tokens that a call takes beside its arguments and its result.
const CALL_TOKENS: usize = 12;

/// A round: the model ended with calls, which were made before it went on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AnswerStep {
    /// Where the calls stand in the answer's text, in bytes.
    pub(crate) at: usize,
    /// The provider that made the calls: it gets them back unchanged, others what all understand.
    pub(crate) provider: String,
    /// Other fields of the message that the provider wants back.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) message_fields: Map<String, Value>,
    pub(crate) calls: Vec<StepCall>,
}

/// A call of a tool, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StepCall {
    /// The call as the model's server sent it.
    pub(crate) raw: Value,
    /// The server that has the tool; `None` for those that are built in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server: Option<String>,
    /// The tool's name, as its server has it.
    pub(crate) tool: String,
    pub(crate) state: CallState,
    /// What the model is told, judged and maybe cut.
    pub(crate) result: String,
    /// Where all of the result is, if the model was told a part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) whole: Option<MediaPlace>,
    /// Pictures, sounds and films of the result.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) media: Vec<MediaPlace>,
    /// What guards found in the result.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) findings: Vec<Value>,
    pub(crate) duration_ms: u64,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CallState {
    /// It is under way, or the process that made it ended without a word.
    #[default]
    Running,
    Done,
    /// The tool says that it failed, or couldn't be asked.
    Failed,
    /// The person didn't allow it, or a guard.
    Refused,
    /// The turn was stopped.
    Stopped,
}

/// A picture, sound or film that a tool made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct MediaPlace {
    /// Its id among the assets; empty if it couldn't be fetched.
    pub(crate) id: String,
    pub(crate) media_type: String,
    pub(crate) bytes: u64,
    /// The name that the tool's address gives it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) name: String,
    /// Why it isn't there.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) problem: String,
}

impl MediaPlace {
    /// Where an asset is.
    pub(crate) fn of(asset: AssetInfo) -> Self {
        Self {
            id: asset.id,
            media_type: asset.media_type.to_owned(),
            bytes: asset.bytes,
            ..Self::default()
        }
    }
}

impl StepCall {
    pub(crate) fn id(&self) -> &str {
        self.raw["id"].as_str().unwrap_or_default()
    }

    /// The name that the model called.
    pub(crate) fn wire_name(&self) -> &str {
        self.raw["function"]["name"].as_str().unwrap_or_default()
    }

    /// The arguments as the model wrote them.
    pub(crate) fn arguments(&self) -> &str {
        self.raw["function"]["arguments"].as_str().unwrap_or("{}")
    }

    /// What is told of it, without anything that only a model's server needs: with the author's own words, which are
    /// what the tool gets.
    pub(crate) fn view(&self, vault: &PlaceholderVault) -> Value {
        let arguments = self.arguments();
        let arguments =
            serde_json::from_str::<Value>(arguments).unwrap_or_else(|_| arguments.into());
        let mut view = json!({
            "id": self.id(),
            "server": self.server,
            "tool": self.tool,
            "arguments": vault.reveal_in(arguments),
            "state": self.state,
            "result": vault.reveal(&self.result),
            "duration_ms": self.duration_ms,
        });
        if let Some(whole) = &self.whole {
            view["whole"] = json!(whole);
        }
        if !self.media.is_empty() {
            view["media"] = json!(self.media);
        }
        if !self.findings.is_empty() {
            view["findings"] = json!(self.findings);
        }
        view
    }

    /// What the model is told of it.
    fn content(&self, is_short: bool) -> String {
        let text = match self.state {
            CallState::Running => "error: the program ended before this call was answered",
            _ => &self.result,
        };
        match is_short && tokens::estimate(text) > SHORT_RESULT_TOKENS {
            true => format!(
                "{}\n[the rest of this older result is left out]",
                shortened(text)
            ),
            false => text.to_owned(),
        }
    }

    fn cost(&self, is_short: bool) -> usize {
        let result = tokens::estimate(&self.result);
        let result = match is_short {
            true => result.min(SHORT_RESULT_TOKENS + CALL_TOKENS),
            false => result,
        };
        CALL_TOKENS + tokens::estimate(self.arguments()) + result
    }
}

/// The start of a text that is too long, of about as many tokens as stay.
fn shortened(text: &str) -> &str {
    let mut end = text.floor_char_boundary((SHORT_RESULT_TOKENS * 4).min(text.len()));
    while tokens::estimate(&text[..end]) > SHORT_RESULT_TOKENS {
        end = text.floor_char_boundary(end * 3 / 4);
    }
    &text[..end]
}

/// The calls and their results as every source's are kept, so that searches know them.
pub(crate) fn logged(steps: &[AnswerStep]) -> (Vec<ToolCall>, Vec<ToolResult>) {
    let calls = steps.iter().flat_map(|step| &step.calls);
    calls
        .map(|call| {
            let made = ToolCall {
                id: call.id().to_owned(),
                name: call.tool.clone(),
                input: call.arguments().to_owned(),
            };
            let result = ToolResult {
                call: call.id().to_owned(),
                is_error: call.state != CallState::Done,
                output: call.result.clone(),
                detail: None,
            };
            (made, result)
        })
        .unzip()
}

/// Tokens that steps take, estimated.
pub(crate) fn cost(steps: &[AnswerStep], is_short: bool) -> usize {
    let calls = steps.iter().flat_map(|step| &step.calls);
    calls.map(|call| call.cost(is_short)).sum()
}

/// An answer with its steps, as messages of a request. Each call has its result behind it, whatever happened.
pub(crate) fn messages(text: &str, steps: &[AnswerStep], is_short: bool) -> Vec<Value> {
    let mut messages = Vec::new();
    let mut said = 0;
    for step in steps {
        // The text may have been changed since.
        let end = text.floor_char_boundary(step.at.min(text.len())).max(said);
        let content = match text[said..end].trim() {
            "" => Value::Null,
            content => content.into(),
        };
        said = end;
        let mut message = step.message_fields.clone();
        message.insert("role".to_owned(), "assistant".into());
        message.insert("content".to_owned(), content);
        let calls = step.calls.iter().map(|call| call.raw.clone());
        message.insert("tool_calls".to_owned(), calls.collect());
        message.insert(PROVIDER_FIELD.to_owned(), step.provider.as_str().into());
        messages.push(Value::Object(message));
        messages.extend(step.calls.iter().map(|call| {
            json!({
                "role": "tool", "tool_call_id": call.id(), "content": call.content(is_short),
            })
        }));
    }
    let rest = match steps.is_empty() {
        true => text,
        false => text[said..].trim_start(),
    };
    if !rest.is_empty() {
        messages.push(json!({"role": "assistant", "content": rest}));
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(at: usize, ids: &[&str]) -> AnswerStep {
        let call = |id: &&str| StepCall {
            raw: json!({"id": id, "type": "function", "function": {"name": "t", "arguments": "{}"}}),
            state: CallState::Done,
            result: "word ".repeat(400),
            ..StepCall::default()
        };
        AnswerStep {
            at,
            provider: "p".to_owned(),
            calls: ids.iter().map(call).collect(),
            ..AnswerStep::default()
        }
    }

    #[test]
    fn every_call_has_its_result_behind_it_wherever_the_text_was_changed() {
        let steps = [step(5, &["a", "b"]), step(400, &["c"])];
        for text in ["", "é", "Let me see. Here it is.", "Let é"] {
            let messages = messages(text, &steps, false);
            let roles: Vec<_> = messages
                .iter()
                .map(|message| message["role"].as_str().unwrap_or_default())
                .collect();
            let calls = ["assistant", "tool", "tool", "assistant", "tool"];
            assert_eq!(roles[..5], calls, "{text}");
            let said: String = messages
                .iter()
                .filter(|message| message["role"] == "assistant")
                .filter_map(|message| message["content"].as_str())
                .collect();
            assert_eq!(said.replace(' ', ""), text.replace(' ', ""));
        }
    }

    #[test]
    fn a_short_result_takes_what_it_is_said_to_take() {
        let steps = [step(0, &["a"])];
        let messages = messages("", &steps, true);
        let content = messages[1]["content"].as_str().expect("a result");
        assert!(tokens::estimate(content) < 2 * SHORT_RESULT_TOKENS);
        assert!(cost(&steps, true) < cost(&steps, false) / 2);
    }
}
