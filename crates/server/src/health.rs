//! Whether the server lives, whether it is ready, and its metrics.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api_error::ApiError;
use crate::body::JsonResponse;
use crate::gate;
use crate::state::AppState;

/// Whether something works.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthDoc {
    /// `ok`.
    status: &'static str,
    /// The program's version.
    version: &'static str,
}

/// Whether the process lives.
#[utoipa::path(
    get, path = "/health", tag = "server", security(()),
    responses((status = 200, description = "It does.", body = HealthDoc))
)]
pub(crate) async fn health() -> Result<JsonResponse, ApiError> {
    JsonResponse::of(&HealthDoc {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Whether the server can answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyDoc {
    /// `ready` or `unready`.
    status: &'static str,
    /// The state of each part.
    parts: ReadyParts,
}

/// The state of each part.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyParts {
    /// The archive: `ready` or `unready`.
    archive: &'static str,
    /// The database of keys: `ready` or `unready`.
    keys: &'static str,
    /// The embedding model: `ready` (loaded), `idle` (loaded when it is first needed), or `missing`, without
    /// which searches go by words.
    model: &'static str,
}

/// Whether the archive opens and keys can be checked.
#[utoipa::path(
    get, path = "/ready", tag = "server", security(()),
    responses(
        (status = 200, description = "It is ready.", body = ReadyDoc),
        (status = 503, description = "It isn't.", body = ReadyDoc),
    )
)]
pub(crate) async fn ready(State(state): State<AppState>) -> Result<Response<Body>, ApiError> {
    let asked = state.clone();
    let document = state.blocking(move || Ok(look(&asked))).await?;
    let status = match document.status {
        "ready" => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    Ok((status, JsonResponse::of(&document)?).into_response())
}

fn look(state: &AppState) -> ReadyDoc {
    let part = |is_ready| if is_ready { "ready" } else { "unready" };
    let keys = state.credentials.check();
    if let Err(error) = &keys {
        state.log_line(&format!("unready keys: {error}"));
    }
    let person = state.people.first().ok();
    let archive = person
        .as_ref()
        .is_some_and(|person| match person.memory.archive() {
            Ok(_) => true,
            Err(error) => {
                state.log_line(&format!("unready archive: {error}"));
                false
            }
        });
    let is_ready = archive && keys.is_ok() && !state.shutdown.is_cancelled();
    let model = person.map_or("missing", |person| {
        let model = person.memory.model();
        match (model.if_loaded(), model.describe().state) {
            (Some(_), _) => "ready",
            (None, embed::ModelState::Ready) => "idle",
            (None, _) => "missing",
        }
    });
    ReadyDoc {
        status: part(is_ready),
        parts: ReadyParts {
            archive: part(archive),
            keys: part(keys.is_ok()),
            model,
        },
    }
}

/// Counters, gauges and histograms.
#[utoipa::path(
    get, path = "/metrics", tag = "server",
    responses(
        (status = 200, description = "Metrics in Prometheus's text format.", content_type = "text/plain", body = String),
        (status = 401, description = "There is no valid key.", body = crate::ApiErrorDoc),
        (status = 429, description = "Too many requests.", body = crate::ApiErrorDoc),
    )
)]
pub(crate) async fn metrics(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    if !state.options.are_metrics_open {
        gate::principal(&state, &request)?;
    }
    let mut response = Response::new(Body::from(state.metrics.text()));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}
