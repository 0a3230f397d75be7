//! Prompts that a person picks in their client: `recall` and `reflect`.

use rmcp::model::{
    GetPromptRequestParams, GetPromptResult, Prompt, PromptArgument, PromptMessage, Role,
};
use serde_json::{Map, Value};
use wire::markup::cut;

use super::call::McpCall;
use super::params::ToolArguments;
use super::refusal::Refusal;
use super::tools;

/// What there is.
pub(crate) fn list() -> Vec<Prompt> {
    let query = PromptArgument::new("query")
        .with_description("What to recall")
        .with_required(true);
    let topic = PromptArgument::new("topic").with_description("What to reflect on");
    vec![
        Prompt::new(
            "recall",
            Some("Answer from past conversations, with the evidence"),
            Some(vec![query]),
        )
        .with_title("Recall"),
        Prompt::new(
            "reflect",
            Some("Write down what this conversation taught, to be found later"),
            Some(vec![topic]),
        )
        .with_title("Reflect"),
    ]
}

/// A prompt of a name.
pub(crate) fn get(
    call: &McpCall,
    request: &GetPromptRequestParams,
) -> Result<GetPromptResult, Refusal> {
    let argument = |name: &str| match request.arguments.as_ref().and_then(|args| args.get(name)) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.len() <= 16 << 10 => {
            Ok((!text.trim().is_empty()).then(|| text.clone()))
        }
        Some(_) => Err(Refusal::Params(format!(
            "`{name}` of {}: expected a string of at most 16384 bytes",
            request.name
        ))),
    };
    match request.name.as_str() {
        "recall" => recall(call, argument("query")?),
        "reflect" => Ok(reflect(argument("topic")?.as_deref())),
        name => Err(Refusal::Unknown(format!(
            "no prompt `{}`; there are `recall` and `reflect`",
            cut(name, 60)
        ))),
    }
}

fn recall(call: &McpCall, query: Option<String>) -> Result<GetPromptResult, Refusal> {
    let query =
        query.ok_or_else(|| Refusal::Params("recall needs `query`: what to recall".to_owned()))?;
    let tool = tools::find("search").ok_or(Refusal::Cancelled)?;
    let given = Map::from_iter([("query".to_owned(), Value::from(query.clone()))]);
    let args = ToolArguments::new(tool.name, tool.params, Some(given))?;
    let found = tool.answer(call, &args)?;
    let text = format!(
        "Recall from our past conversations: {query}\n\nThis is what the memory has. Answer from it, \
         citing dates and conversation ids; read further with get_full_conversation where an \
         excerpt isn't enough; say so if it doesn't answer the question.\n\n{}",
        found.text.as_str()
    );
    Ok(GetPromptResult::new(vec![PromptMessage::new_text(
        Role::User,
        text,
    )]))
}

fn reflect(topic: Option<&str>) -> GetPromptResult {
    let about = topic.map_or(String::new(), |topic| format!(" about {topic}"));
    let text = format!(
        "Look back on this conversation{about}. Write down what is worth knowing in a later one, \
         with store_reflection: each insight on its own, in one to three sentences that stand alone, \
         with tags. Decisions with their reasons, causes of errors and what fixed them, preferences; \
         nothing that the code itself says."
    );
    GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)])
}
