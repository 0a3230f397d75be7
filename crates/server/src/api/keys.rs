//! `/api/keys`: the keys of whoever asks.

use axum::extract::State;
use axum::http::StatusCode;
use memory::ArchiveError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, ApiPath, JsonResponse, whole_number};
use crate::keys::{ApiKey, KeyScope, KeyScopes, NewKey};
use crate::principal::Principal;
use crate::server_error::ServerError;
use crate::state::AppState;

/// The longest that a key lasts which ends, in days.
const MAX_DAYS: i64 = 36_500;

const DAY_MS: i64 = 86_400_000;

/// A key, without its token.
#[derive(Serialize, ToSchema)]
pub struct KeyDoc {
    /// Its id.
    id: String,
    /// What it is called.
    name: String,
    /// The first characters of its token.
    start: String,
    /// What it may be used for: `chat`, `memory`, `gateway`, `admin`.
    scopes: Vec<&'static str>,
    /// When it was made.
    created: Option<String>,
    /// When it ends; `null` for never.
    expires: Option<String>,
    /// When it was last used, to the minute.
    used: Option<String>,
    /// When it was revoked.
    revoked: Option<String>,
}

impl KeyDoc {
    /// The document of a key.
    #[must_use]
    pub fn new(key: &ApiKey) -> Self {
        use wire::when::time;
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            start: key.start.clone(),
            scopes: key.scopes.names(),
            created: time(Some(key.created)),
            expires: time(key.expires),
            used: time(key.used),
            revoked: time(key.revoked),
        }
    }
}

/// Keys.
#[derive(Serialize, ToSchema)]
pub struct KeysDoc {
    /// The keys, the newest first.
    keys: Vec<KeyDoc>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub struct CreatedKeyDoc {
    /// The key.
    key: KeyDoc,
    /// What programs send. It is told this once.
    token: String,
}

impl KeysDoc {
    /// The document of these keys, in their order.
    #[must_use]
    pub fn new(keys: &[ApiKey]) -> Self {
        Self {
            keys: keys.iter().map(KeyDoc::new).collect(),
        }
    }
}

impl CreatedKeyDoc {
    /// The document of a key with its token.
    #[must_use]
    pub fn new(key: &ApiKey, token: String) -> Self {
        Self {
            key: KeyDoc::new(key),
            token,
        }
    }
}

/// A key that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyBody {
    /// What it is called, 1 to 100 characters.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\s\\x00-\\x1f\\x7f-\\x9f]([^\\x00-\\x1f\\x7f-\\x9f]*[^\\s\\x00-\\x1f\\x7f-\\x9f])?$"
    )]
    name: String,
    /// What it may be used for: `chat`, `memory`, `gateway`, `admin`; all but `admin` unless given.
    #[schema(value_type = Option<Vec<ScopeChoice>>, min_items = 1)]
    scopes: Option<Vec<String>>,
    /// After how many days it ends, 1 to 36,500; never unless given.
    #[serde(default, deserialize_with = "whole_number")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 36500)]
    expires_in_days: Option<u64>,
}

/// The scopes of keys, for the document of the API.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it only describes")]
enum ScopeChoice {
    Chat,
    Memory,
    Gateway,
    Admin,
}

pub(crate) fn of_server(error: ServerError) -> ApiError {
    match error {
        ServerError::BadKey(what) => ApiError::invalid("", what),
        ServerError::NoKey(_) => ApiError::not_found("there is no such key"),
        ServerError::Database(error) => ApiError::from(ArchiveError::from(error)),
        other => ApiError::internal(other),
    }
}

/// The keys.
#[utoipa::path(
    get, path = "/api/keys", tag = "keys",
    responses((status = 200, description = "The keys.", body = KeysDoc), RequestFailures)
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    principal: Principal,
) -> Result<JsonResponse, ApiError> {
    let credentials = std::sync::Arc::clone(&state.credentials);
    let job = move || credentials.list_keys(&principal.owner).map_err(of_server);
    let keys = state.blocking(job).await?;
    JsonResponse::of(&KeysDoc::new(&keys))
}

/// Makes a key.
#[utoipa::path(
    post, path = "/api/keys", tag = "keys",
    request_body = KeyBody,
    responses((status = 201, description = "The key, with its token.", body = CreatedKeyDoc), RequestFailures)
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    principal: Principal,
    ApiJson(body): ApiJson<KeyBody>,
) -> Result<(StatusCode, JsonResponse), ApiError> {
    let new = NewKey {
        name: body.name,
        scopes: scopes(body.scopes, principal.scopes)?,
        expires: expires(body.expires_in_days, state.options.clock.millis())?,
    };
    let credentials = std::sync::Arc::clone(&state.credentials);
    let job = move || {
        credentials
            .create_key(&principal.owner, &new)
            .map_err(of_server)
    };
    let (key, token) = state.blocking(job).await?;
    let made = JsonResponse::of(&CreatedKeyDoc::new(&key, token))?;
    Ok((StatusCode::CREATED, made))
}

/// Scopes by their names; a key can't give what it doesn't have.
fn scopes(names: Option<Vec<String>>, own: KeyScopes) -> Result<KeyScopes, ApiError> {
    let Some(names) = names else {
        let usual = [KeyScope::Chat, KeyScope::Memory, KeyScope::Gateway];
        let own: Vec<KeyScope> = usual.into_iter().filter(|scope| own.has(*scope)).collect();
        return Ok(KeyScopes::of(&own));
    };
    let mut scopes = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let field = format!("scopes[{index}]");
        let Some(scope) = KeyScope::from_name(name) else {
            let known = KeyScope::ALL.map(KeyScope::name).join(", ");
            return Err(ApiError::invalid(
                field,
                format!("a scope is one of {known}"),
            ));
        };
        if !own.has(scope) {
            let what = "the key that asks doesn't have this scope itself";
            return Err(ApiError::forbidden(what).at(field));
        }
        scopes.push(scope);
    }
    Ok(KeyScopes::of(&scopes))
}

fn expires(days: Option<u64>, now: i64) -> Result<Option<i64>, ApiError> {
    match days {
        None => Ok(None),
        Some(days) => {
            let known = i64::try_from(days)
                .ok()
                .filter(|days| (1..=MAX_DAYS).contains(days));
            if let Some(days) = known {
                return Ok(Some(now + days * DAY_MS));
            }
            let what = format!("a key ends after 1 to {MAX_DAYS} days");
            Err(ApiError::invalid("expires_in_days", what))
        }
    }
}

/// Revokes a key at once.
#[utoipa::path(
    delete, path = "/api/keys/{id}", tag = "keys",
    params(("id" = String, Path, description = "The key's id.")),
    responses(
        (status = 200, description = "The key that was revoked.", body = KeyDoc),
        RequestFailures,
    )
)]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    principal: Principal,
    ApiPath(id): ApiPath,
) -> Result<JsonResponse, ApiError> {
    let credentials = std::sync::Arc::clone(&state.credentials);
    let job = move || {
        credentials
            .revoke_key(&principal.owner, &id)
            .map_err(of_server)
    };
    let key = state.blocking(job).await?;
    JsonResponse::of(&KeyDoc::new(&key))
}
