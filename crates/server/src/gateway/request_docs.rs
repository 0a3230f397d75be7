//! What programs send, as far as something is read of it here, for the document of the API. Unknown fields pass.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A request for an answer, as OpenAI's `chat/completions` has it.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct CompletionDoc {
    /// The model, as `provider/model` or by its name; the default one unless it is named. With `:memory` behind it,
    /// the person's memory is asked.
    model: Option<String>,
    /// The conversation.
    #[schema(min_items = 1, value_type = Vec<Object>)]
    messages: Vec<Value>,
    /// Whether the answer comes as a stream of chunks.
    stream: Option<bool>,
}

/// A request for an answer, as OpenAI's `responses` has it.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct ResponseDoc {
    /// As for `/v1/chat/completions`.
    model: Option<String>,
    /// What is said: a text, or the whole conversation.
    input: InputDoc,
    /// Instructions that stand before it.
    instructions: Option<String>,
    /// Whether the answer comes as a stream of events.
    stream: Option<bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
enum InputDoc {
    /// One message of a person.
    Text(String),
    /// Messages. Calls of tools, their outputs and reasoning are items too, as OpenAI has them.
    Items(InputItemsDoc),
}

#[derive(Deserialize, ToSchema)]
#[schema(min_items = 1)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct InputItemsDoc(Vec<InputMessageDoc>);

/// A message.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct InputMessageDoc {
    role: InputRoleDoc,
    /// A text; or parts, as OpenAI has them.
    content: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum InputRoleDoc {
    User,
    Assistant,
    System,
    Developer,
}

/// Texts to be turned into vectors.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct EmbeddingRequestDoc {
    /// A text, or several; 8 MiB together at most.
    input: TextsDoc,
    /// How the numbers are written.
    encoding_format: Option<NumberFormDoc>,
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
enum TextsDoc {
    One(TextDoc),
    Many(TextListDoc),
}

#[derive(Deserialize, ToSchema)]
#[schema(min_items = 1, max_items = 2048)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct TextListDoc(Vec<TextDoc>);

/// A text that isn't empty.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct TextDoc(String);

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum NumberFormDoc {
    Float,
    Base64,
}

/// Texts to be judged.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct ModerationRequestDoc {
    /// A text, or several.
    input: JudgedTextsDoc,
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
enum JudgedTextsDoc {
    One(String),
    Many(JudgedListDoc),
    Parts(JudgedPartsDoc),
}

#[derive(Deserialize, ToSchema)]
#[schema(min_items = 1, max_items = 512)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct JudgedListDoc(Vec<String>);

/// Parts of one text.
#[derive(Deserialize, ToSchema)]
#[schema(min_items = 1)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct JudgedPartsDoc(Vec<JudgedPartDoc>);

/// A part of a text.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct JudgedPartDoc {
    text: String,
}
