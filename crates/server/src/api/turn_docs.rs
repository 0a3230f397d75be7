//! What is asked of a turn, as the document of the API describes it: what is read is one body, whose fields don't go
//! together in every way.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What is asked of a turn: something is said, answered anew, or goes on.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) enum TurnAskDoc {
    Say(SayDoc),
    Regenerate(RegenerateDoc),
    Continue(ContinueDoc),
}

/// Something is said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct SayDoc {
    /// What the person says, up to 1 MiB. It may be empty where pictures go with it.
    #[schema(pattern = "\\S")]
    text: String,
    /// The id that the message gets, a UUID of the caller's choice: sent again, nothing is said twice.
    #[schema(pattern = "^[0-9a-fA-F-]{36}$")]
    id: Option<String>,
    /// Ids of pictures that go with it, as `/api/assets` gives them.
    #[schema(max_items = 16)]
    #[serde(default)]
    attachments: Vec<String>,
    /// The message that it follows; the end of the branch that is shown, unless one is named; `null` for the
    /// very start.
    parent: Option<String>,
    /// The model that answers this turn.
    model: Option<String>,
    /// Parameters of the model's API for this turn, over those of the conversation.
    #[schema(value_type = Object)]
    #[serde(default)]
    parameters: Map<String, Value>,
    /// Whether memory is searched for it.
    recall: Option<bool>,
}

/// Something is answered anew.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct RegenerateDoc {
    /// An answer, or a person's message, that is answered anew, beside the answers that are there.
    regenerate: String,
    /// The model that answers this turn.
    model: Option<String>,
    /// Parameters of the model's API for this turn, over those of the conversation.
    #[schema(value_type = Object)]
    #[serde(default)]
    parameters: Map<String, Value>,
}

/// An answer goes on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct ContinueDoc {
    /// An answer that was cut and goes on.
    r#continue: String,
    /// The model that answers this turn.
    model: Option<String>,
    /// Parameters of the model's API for this turn, over those of the conversation.
    #[schema(value_type = Object)]
    #[serde(default)]
    parameters: Map<String, Value>,
}
