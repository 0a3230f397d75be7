//! `/v1/moderations`, by the guard on content, whose categories are OpenAI's.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use guard::content::Category;
use guard::{Action, Engine, Kind, Kinds, Place, Policy};
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::failure::{GatewayFailure, GatewayFailures};
use super::request_docs::ModerationRequestDoc;
use crate::api_error::ApiError;
use crate::principal::Principal;
use crate::state::AppState;

/// Texts of one request.
const MAX_TEXTS: usize = 512;

/// Judges texts by the guard on content.
#[utoipa::path(
    post, path = "/v1/moderations", tag = "gateway",
    request_body(content = inline(ModerationRequestDoc), description = "As OpenAI has it, without pictures."),
    responses((status = 200, description = "What each text holds, by OpenAI's categories.", body = Object), GatewayFailures)
)]
pub(super) async fn moderate(
    State(state): State<AppState>,
    principal: Principal,
    request: Request,
) -> Result<Response<Body>, GatewayFailure> {
    let (caller, body) = Caller::read(state, &principal, request).await?;
    let texts = texts(&body)?;
    let engine = caller.person.engine.clone();
    let work = move || {
        texts
            .iter()
            .map(|text| judged(&engine, text))
            .collect::<Result<Vec<_>, _>>()
    };
    let results = caller.state.blocking(work).await?;
    let mut bytes = [0; 12];
    let _ = getrandom::fill(&mut bytes);
    let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let document = json!({ "id": format!("modr-{id}"), "model": "lorekeep-content-guard", "results": results });
    Ok(caller.answer(&document, None))
}

/// The texts that each get a result: a text, a list of texts, or a list of parts that are judged together.
fn texts(body: &Map<String, Value>) -> Result<Vec<String>, GatewayFailure> {
    let wrong = |what: &str| GatewayFailure::invalid("input", what);
    let texts = match body.get("input") {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) if !list.is_empty() && list.iter().all(Value::is_string) => list
            .iter()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect(),
        Some(Value::Array(list)) if !list.is_empty() && list.iter().all(Value::is_object) => {
            if list.iter().any(|part| part["type"] == "image_url") {
                return Err(GatewayFailure::unsupported(
                    "input",
                    "pictures can't be judged here",
                ));
            }
            let parts: Option<Vec<_>> = list.iter().map(|part| part["text"].as_str()).collect();
            vec![
                parts
                    .ok_or_else(|| wrong("a part of `input` has no text"))?
                    .join("\n"),
            ]
        }
        _ => return Err(wrong("`input` is neither a text nor a list of texts")),
    };
    match texts.len() <= MAX_TEXTS {
        true => Ok(texts),
        false => Err(wrong("`input` has more than 512 texts")),
    }
}

fn judged(engine: &Engine, text: &str) -> Result<Value, ApiError> {
    let only = Kinds::NONE.with(Kind::Content);
    let policy = Policy::of(Place::Scan)
        .with(Kind::Content, Action::Flag)
        .only(only);
    let judgement = engine.judge(text, &policy);
    if let Some(failure) = judgement.failures.first() {
        let what = ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "guard_failed",
            "the guard on content failed",
        );
        return Err(what.with_internal(failure.what.clone()));
    }
    let (mut flags, mut scores, mut types) = (Map::new(), Map::new(), Map::new());
    for category in Category::ALL {
        let found = judgement
            .findings
            .iter()
            .filter(|judged| judged.finding.entity == category.name());
        let score = found
            .map(|judged| judged.finding.score)
            .fold(0.0_f32, f32::max);
        let is_flagged = score > 0.0;
        flags.insert(category.name().to_owned(), json!(is_flagged));
        scores.insert(category.name().to_owned(), json!(score));
        let applied: &[&str] = if is_flagged { &["text"] } else { &[] };
        types.insert(category.name().to_owned(), json!(applied));
    }
    let is_flagged = !judgement.findings.is_empty();
    Ok(json!({
        "flagged": is_flagged,
        "categories": flags,
        "category_scores": scores,
        "category_applied_input_types": types,
    }))
}
