//! `/v1/embeddings`, by the model of this machine.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use embed::Embedding;
use memory::ModelAvailability;
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::failure::{GatewayFailure, GatewayFailures};
use super::request_docs::EmbeddingRequestDoc;
use crate::api_error::ApiError;
use crate::principal::Principal;
use crate::state::AppState;

/// Texts of one request, as OpenAI has it.
const MAX_TEXTS: usize = 2_048;

/// Bytes of one request's texts.
const MAX_TEXT_BYTES: usize = 8 << 20;

/// Texts that are embedded before others get their turn.
const TEXTS_AT_ONCE: usize = 32;

/// How numbers are written.
#[derive(Clone, Copy)]
enum NumberForm {
    Float,
    Base64,
}

/// Turns texts into vectors, by the model of this machine.
#[utoipa::path(
    post, path = "/v1/embeddings", tag = "gateway",
    request_body(content = inline(EmbeddingRequestDoc), description = "As OpenAI has it; any name of a model means the one that there is."),
    responses((status = 200, description = "A vector for each text.", body = Object), GatewayFailures)
)]
pub(super) async fn embed(
    State(state): State<AppState>,
    principal: Principal,
    request: Request,
) -> Result<Response<Body>, GatewayFailure> {
    let (caller, body) = Caller::read(state, &principal, request).await?;
    let texts = texts(&body)?;
    let form = match body
        .get("encoding_format")
        .filter(|form| !form.is_null())
        .map(|form| form.as_str().unwrap_or_default())
    {
        None | Some("float") => NumberForm::Float,
        Some("base64") => NumberForm::Base64,
        Some(_) => {
            return Err(GatewayFailure::invalid(
                "encoding_format",
                "`encoding_format` is `float` or `base64`",
            ));
        }
    };
    let memory = caller.person.memory.clone();
    let description = memory.model().describe();
    if let Some(dimensions) = body.get("dimensions").filter(|value| !value.is_null())
        && dimensions.as_u64() != u64::try_from(description.dimensions).ok()
    {
        let what = format!(
            "the model of this machine has {} dimensions and can't be cut",
            description.dimensions
        );
        return Err(GatewayFailure::unsupported("dimensions", what));
    }
    let tokens: usize = texts.iter().map(|text| wire::tokens::estimate(text)).sum();
    let work = move || {
        let model = match memory.model().load() {
            ModelAvailability::Ready(model) => model,
            ModelAvailability::Broken(error) => return Err(ApiError::internal(error)),
            ModelAvailability::Missing | ModelAvailability::Unneeded => {
                let wait = std::time::Duration::from_secs(60);
                return Err(ApiError::unavailable("there is no embedding model", wait)
                    .hint("`lorekeep model fetch` gets it"));
            }
        };
        let mut vectors = Vec::with_capacity(texts.len());
        for some in texts.chunks(TEXTS_AT_ONCE) {
            let some: Vec<&str> = some.iter().map(String::as_str).collect();
            vectors.extend(model.embed(&some).map_err(ApiError::internal)?);
        }
        Ok(vectors)
    };
    let vectors = caller.state.blocking(work).await?;
    let data: Vec<_> = vectors
        .iter()
        .enumerate()
        .map(|(index, vector)| json!({ "object": "embedding", "index": index, "embedding": written(vector, form) }))
        .collect();
    let document = json!({
        "object": "list",
        "data": data,
        "model": description.id.as_str(),
        "usage": { "prompt_tokens": tokens, "total_tokens": tokens },
    });
    Ok(caller.answer(&document, None))
}

fn texts(body: &Map<String, Value>) -> Result<Vec<String>, GatewayFailure> {
    let wrong = |what: &str| GatewayFailure::invalid("input", what);
    let texts = match body.get("input") {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) if list.iter().all(Value::is_string) => list
            .iter()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect(),
        Some(Value::Array(_)) => {
            return Err(GatewayFailure::unsupported(
                "input",
                "the model of this machine takes texts, not tokens",
            ));
        }
        _ => return Err(wrong("`input` is neither a text nor a list of texts")),
    };
    if texts.is_empty() || texts.len() > MAX_TEXTS {
        return Err(wrong("`input` has no text, or more than 2048"));
    }
    if texts.iter().any(String::is_empty) {
        return Err(wrong("a text of `input` is empty"));
    }
    if texts.iter().map(String::len).sum::<usize>() > MAX_TEXT_BYTES {
        return Err(wrong("`input` is longer than 8 MiB"));
    }
    Ok(texts)
}

fn written(vector: &Embedding, form: NumberForm) -> Value {
    match form {
        NumberForm::Float => json!(vector.as_slice()),
        NumberForm::Base64 => {
            let bytes: Vec<u8> = vector
                .as_slice()
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect();
            json!(BASE64_STANDARD.encode(bytes))
        }
    }
}
