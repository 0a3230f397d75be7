//! `/api/providers` and `/api/models`: which models can be asked.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use chat::model::{ContextOrigin, ListedModel, ModelError, Profile, ProviderOptions};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::keys::of_server;
use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, ApiPath, JsonResponse};
use crate::principal::Principal;
use crate::providers::ProviderSettings;
use crate::state::AppState;

/// How long a provider may take to list its models before it is stored.
const CHECK_TIMEOUT: Duration = Duration::from_secs(15);

/// Bytes of a key.
const MAX_KEY_BYTES: usize = 8192;

/// Tokens a day that a budget may have at most: what every JSON reader takes for the same number.
const MAX_DAILY_TOKENS: u64 = (1 << 53) - 1;

/// Characters of a name.
const MAX_NAME_CHARACTERS: usize = 64;

/// A provider that is to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderBody {
    /// What it is set up with.
    provider: ProviderSettings,
    /// Its key; it is stored sealed, and never told again.
    #[schema(max_length = 8192, pattern = "^[!-~]*$")]
    key: Option<String>,
    /// Whether it must answer before it is stored: `true` unless `false` is sent.
    #[serde(default = "is_checked")]
    #[schema(default = true)]
    check: bool,
}

fn is_checked() -> bool {
    true
}

/// A provider, without its key.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProviderDoc {
    /// Its name.
    name: String,
    /// Its base address.
    base_url: String,
    /// Which kind of server it is said to be.
    profile: Option<String>,
    /// Whether there is a key.
    has_key: bool,
    /// `settings` or `api`: only the latter can be changed here.
    origin: &'static str,
    /// Requests that were answered today (UTC).
    requests_today: u64,
    /// Tokens of these, question and answer together.
    tokens_today: u64,
    /// What they cost, where prices are known.
    cost_today: f64,
}

/// Providers.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProvidersDoc {
    /// The providers, in the order in which they are asked.
    providers: Vec<ProviderDoc>,
}

/// A provider that was added, and what it has.
#[derive(Serialize, ToSchema)]
pub(crate) struct AddedProviderDoc {
    /// The provider.
    provider: ProviderDoc,
    /// Its models; none if it wasn't asked.
    models: Vec<ListedModelDoc>,
}

/// A model that can be asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListedModelDoc {
    /// What to name it by: `provider/model`.
    id: String,
    /// The provider.
    provider: String,
    /// Its name, as the provider has it.
    name: String,
    /// How many tokens a request and its answer may have together, where that is known without asking more.
    context_length: Option<u32>,
    /// Who says so: `setting`, the field or place that tells it, or `assumed`.
    context_origin: Option<String>,
    /// Whether it sees images.
    vision: Option<bool>,
    /// Whether it calls tools.
    tools: Option<bool>,
    /// Whether it reasons before it answers.
    reasoning: Option<bool>,
}

/// Models, and which providers gave no list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelsDoc {
    /// The models, by provider.
    models: Vec<ListedModelDoc>,
    /// Providers that gave no list, and why.
    problems: Vec<ProviderProblemDoc>,
}

/// Why a provider gave no list of its models.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProviderProblemDoc {
    /// The provider.
    provider: String,
    /// What is wrong.
    message: String,
    /// What can be done about it.
    hint: Option<String>,
}

impl ListedModelDoc {
    fn new(model: &ListedModel) -> Self {
        let origin = |origin: &ContextOrigin| match origin {
            ContextOrigin::Setting => "setting".to_owned(),
            ContextOrigin::Discovered(place) => (*place).to_owned(),
            ContextOrigin::Assumed => "assumed".to_owned(),
        };
        let context = model.context.as_ref();
        Self {
            id: model.id(),
            provider: model.provider.clone(),
            name: model.name.clone(),
            context_length: context.map(|context| context.tokens),
            context_origin: context.map(|context| origin(&context.origin)),
            vision: model.capabilities.vision,
            tools: model.capabilities.tools,
            reasoning: model.capabilities.reasoning,
        }
    }
}

fn document(state: &AppState, provider: &ProviderOptions) -> ProviderDoc {
    let spent = state
        .models
        .registry
        .spent(&provider.name)
        .unwrap_or_default();
    let origin = match state.models.is_of_settings(&provider.name) {
        true => "settings",
        false => "api",
    };
    ProviderDoc {
        name: provider.name.clone(),
        base_url: provider.base_url.clone(),
        profile: provider.profile.clone(),
        has_key: provider.key.is_some(),
        origin,
        requests_today: spent.requests,
        tokens_today: spent.tokens,
        cost_today: spent.cost,
    }
}

/// The providers, without their keys.
#[utoipa::path(
    get, path = "/api/providers", tag = "models",
    responses((status = 200, description = "The providers.", body = ProvidersDoc), RequestFailures)
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    _: Principal,
) -> Result<JsonResponse, ApiError> {
    let providers = state.models.registry.providers();
    JsonResponse::of(&ProvidersDoc {
        providers: providers.iter().map(|one| document(&state, one)).collect(),
    })
}

/// Adds a provider, or changes one that was added here. It is asked for its models first.
#[utoipa::path(
    post, path = "/api/providers", tag = "models",
    request_body = ProviderBody,
    responses(
        (status = 201, description = "It can be used from now on.", body = AddedProviderDoc),
        RequestFailures,
    )
)]
pub(crate) async fn add(
    State(state): State<AppState>,
    _: Principal,
    ApiJson(body): ApiJson<ProviderBody>,
) -> Result<(StatusCode, JsonResponse), ApiError> {
    let key = body.key.filter(|key| !key.trim().is_empty());
    let settings = body.provider;
    check_settings(&settings, key.as_deref())?;
    if state.models.is_of_settings(&settings.name) {
        let what = "the settings set up a provider of this name";
        return Err(ApiError::conflict(what).at("provider.name"));
    }
    let models = match body.check {
        true => check(&state, settings.options(key.as_deref())).await?,
        false => {
            // What can't be an address isn't stored, though nobody is asked.
            let parsed = chat::model::ProviderAddress::parse(&settings.name, &settings.base_url);
            parsed.map_err(|error| of_check(&error))?;
            Vec::new()
        }
    };
    let name = settings.name.clone();
    let worker = state.clone();
    let added = move || {
        worker
            .models
            .add(&settings, key.as_deref())
            .map_err(of_server)
    };
    state.blocking(added).await?;
    let providers = state.models.registry.providers();
    let added = providers.iter().find(|provider| provider.name == name);
    let added = added.ok_or_else(|| ApiError::internal("a provider vanished"))?;
    let document = AddedProviderDoc {
        provider: document(&state, added),
        models: models.iter().map(ListedModelDoc::new).collect(),
    };
    Ok((StatusCode::CREATED, JsonResponse::of(&document)?))
}

fn check_settings(settings: &ProviderSettings, key: Option<&str>) -> Result<(), ApiError> {
    let is_character = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let name = &settings.name;
    if name.is_empty() || name.len() > MAX_NAME_CHARACTERS || !name.bytes().all(is_character) {
        let what = format!("a name has 1 to {MAX_NAME_CHARACTERS} letters, digits and `._-`");
        return Err(ApiError::invalid("provider.name", what));
    }
    if let Some(profile) = &settings.profile
        && Profile::named(profile).is_none()
    {
        let what = "there is no such profile";
        return Err(ApiError::invalid("provider.profile", what)
            .hint("leave it out to have it recognised by the address"));
    }
    let daily_tokens = settings.options(None).limits.daily_tokens;
    if daily_tokens.is_some_and(|tokens| tokens > MAX_DAILY_TOKENS) {
        let what = format!("is more than {MAX_DAILY_TOKENS}");
        return Err(ApiError::invalid("provider.limits.daily_tokens", what));
    }
    let is_key = |key: &str| {
        key.len() <= MAX_KEY_BYTES && key.trim().bytes().all(|byte| byte.is_ascii_graphic())
    };
    match key {
        Some(key) if !is_key(key) => Err(ApiError::invalid(
            "key",
            "a key has printable ASCII characters, at most 8,192",
        )),
        _ => Ok(()),
    }
}

/// The models of a provider that isn't used yet.
async fn check(state: &AppState, options: ProviderOptions) -> Result<Vec<ListedModel>, ApiError> {
    let asked = state.models.registry.check(options);
    match tokio::time::timeout(CHECK_TIMEOUT, asked).await {
        Ok(models) => models.map_err(|error| of_check(&error)),
        Err(_) => {
            Err(ApiError::conflict("the provider doesn't answer in time").at("provider.base_url"))
        }
    }
}

/// Why a provider isn't stored.
fn of_check(error: &ModelError) -> ApiError {
    let (status, field) = match error {
        ModelError::BadAddress { .. } => (StatusCode::BAD_REQUEST, "provider.base_url"),
        ModelError::UnknownProfile(_) => (StatusCode::BAD_REQUEST, "provider.profile"),
        ModelError::KeyRefused { .. } => (StatusCode::CONFLICT, "key"),
        _ => (StatusCode::CONFLICT, "provider.base_url"),
    };
    let api = ApiError::new(status, "model_error", error.to_string()).at(field);
    match error.hint() {
        Some(hint) => api.hint(format!(
            "{hint}; with `\"check\": false` it is stored unasked"
        )),
        None => api.hint("with `\"check\": false` it is stored unasked"),
    }
}

/// Removes a provider that was added here, with its key. Answers under way go on.
#[utoipa::path(
    delete, path = "/api/providers/{name}", tag = "models",
    params(("name" = String, Path, description = "The provider's name.")),
    responses((status = 204, description = "It is gone."), RequestFailures)
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    _: Principal,
    ApiPath(name): ApiPath,
) -> Result<StatusCode, ApiError> {
    if state.models.is_of_settings(&name) {
        return Err(ApiError::conflict("the settings set up this provider"));
    }
    let worker = state.clone();
    let removed = move || worker.models.remove(&name).map_err(of_server);
    match state.blocking(removed).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found("there is no such provider")),
    }
}

/// A model server that was found on this machine.
#[derive(Serialize, ToSchema)]
pub(crate) struct LocalServerDoc {
    /// What it is, and a good name for it: `ollama`, `llama.cpp`, `lm-studio` or `vllm`.
    profile: &'static str,
    /// Its base address.
    base_url: String,
    /// Its models.
    models: Vec<String>,
}

/// Model servers that were found on this machine.
#[derive(Serialize, ToSchema)]
pub(crate) struct LocalServersDoc {
    /// The servers. They aren't added.
    servers: Vec<LocalServerDoc>,
}

/// Looks for model servers on the machine of the server, at the ports that they have unless told otherwise.
#[utoipa::path(
    get, path = "/api/providers/local", tag = "models",
    responses((status = 200, description = "What was found.", body = LocalServersDoc), RequestFailures)
)]
pub(crate) async fn local(
    State(state): State<AppState>,
    _: Principal,
) -> Result<JsonResponse, ApiError> {
    let found = state.models.registry.discover_local().await;
    let servers = found.into_iter().map(|server| LocalServerDoc {
        profile: server.profile,
        base_url: server.base_url,
        models: server.models,
    });
    JsonResponse::of(&LocalServersDoc {
        servers: servers.collect(),
    })
}

/// The models of all providers.
#[utoipa::path(
    get, path = "/api/models", tag = "models",
    responses((status = 200, description = "The models.", body = ModelsDoc), RequestFailures)
)]
pub(crate) async fn models(
    State(state): State<AppState>,
    _: Principal,
) -> Result<JsonResponse, ApiError> {
    let listing = state.models.registry.list().await;
    let problems = listing
        .problems
        .iter()
        .map(|(provider, error)| ProviderProblemDoc {
            provider: provider.clone(),
            message: error.to_string(),
            hint: error.hint(),
        });
    JsonResponse::of(&ModelsDoc {
        models: listing.models.iter().map(ListedModelDoc::new).collect(),
        problems: problems.collect(),
    })
}

/// The model that is meant where none is named.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DefaultModelBody {
    /// `provider/model`, or nothing for that of the settings.
    #[schema(min_length = 1, max_length = 400)]
    model: Option<String>,
}

/// Chooses the model that is meant where none is named.
#[utoipa::path(
    put, path = "/api/models/default", tag = "models",
    request_body = DefaultModelBody,
    responses((status = 204, description = "It is chosen."), RequestFailures)
)]
pub(crate) async fn choose_default(
    State(state): State<AppState>,
    _: Principal,
    ApiJson(body): ApiJson<DefaultModelBody>,
) -> Result<StatusCode, ApiError> {
    if body.model.as_deref().is_some_and(str::is_empty) {
        return Err(ApiError::invalid("model", "is empty"));
    }
    if let Some(model) = &body.model
        && state.models.registry.resolve(model).is_err()
    {
        return Err(ApiError::not_found("there is no such model").at("model"));
    }
    let worker = state.clone();
    let chosen = move || {
        let model = body.model.as_deref();
        worker.models.choose_default(model).map_err(of_server)
    };
    state.blocking(chosen).await?;
    Ok(StatusCode::NO_CONTENT)
}
