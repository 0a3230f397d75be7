//! `/v1/models`.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use chat::model::{ListedModel, ModelError};
use serde_json::{Value, json};

use super::failure::{GatewayFailure, GatewayFailures};
use crate::api_error::ApiError;
use crate::body::JsonResponse;
use crate::principal::Principal;
use crate::state::AppState;

/// The models that can be asked.
#[utoipa::path(
    get, path = "/v1/models", tag = "gateway",
    responses((status = 200, description = "The models, with their context length where it is known.", body = Object), GatewayFailures)
)]
pub(super) async fn list(
    State(state): State<AppState>,
    principal: Principal,
) -> Result<JsonResponse, ApiError> {
    let models = all(&state, &principal).await?;
    JsonResponse::of(&json!({ "object": "list", "data": models }))
}

/// One model.
#[utoipa::path(
    get, path = "/v1/models/{*id}", tag = "gateway",
    params(("id" = String, Path, description = "The model's name.")),
    responses((status = 200, description = "The model.", body = Object), GatewayFailures)
)]
pub(super) async fn get(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response<Body>, GatewayFailure> {
    let models = all(&state, &principal).await?;
    let named = |model: &&Value| model["id"] == *id;
    if let Some(model) = models.iter().find(named) {
        return Ok(JsonResponse::of(model)?.into_response());
    }
    // A model that no list has, but that a request can name.
    let registry = state.people.of(&principal)?.chat.options().models.clone();
    let handle = registry.resolve(&id)?;
    let is_listed = models
        .iter()
        .any(|model| model["owned_by"] == handle.provider());
    if is_listed && handle.id() != id {
        let what = ApiError::new(
            StatusCode::NOT_FOUND,
            "model_not_found",
            ModelError::UnknownModel(id).to_string(),
        );
        return Err(what.at("model").into());
    }
    let context = handle.context_length().await;
    let model = json!({
        "id": id, "object": "model", "created": 0, "owned_by": handle.provider(), "context_length": context.tokens,
    });
    Ok(JsonResponse::of(&model)?.into_response())
}

/// All models: by their bare name where no other provider has one of that name.
async fn all(state: &AppState, principal: &Principal) -> Result<Vec<Value>, ApiError> {
    let registry = state.people.of(principal)?.chat.options().models.clone();
    let listing = registry.list().await;
    let mut documents = Vec::new();
    for model in &listing.models {
        let same = listing
            .models
            .iter()
            .filter(|other| other.name == model.name)
            .count();
        let id = if same == 1 {
            model.name.clone()
        } else {
            model.id()
        };
        documents.push(document(model, &id));
    }
    // The one that is meant where none is named may be in no list.
    if let Ok(handle) = registry.resolve("default") {
        let is_listed = listing.models.iter().any(|model| model.id() == handle.id());
        if !is_listed {
            let context = handle.context_length().await;
            documents.insert(
                0,
                json!({
                    "id": handle.model(), "object": "model", "created": 0, "owned_by": handle.provider(),
                    "context_length": context.tokens,
                }),
            );
        }
    }
    Ok(documents)
}

fn document(model: &ListedModel, id: &str) -> Value {
    let mut document =
        json!({ "id": id, "object": "model", "created": 0, "owned_by": model.provider });
    if let Some(context) = &model.context {
        document["context_length"] = json!(context.tokens);
    }
    let capabilities = model.capabilities;
    for (key, value) in [
        ("vision", capabilities.vision),
        ("tools", capabilities.tools),
        ("reasoning", capabilities.reasoning),
    ] {
        if let Some(value) = value {
            document["capabilities"][key] = json!(value);
        }
    }
    document
}
