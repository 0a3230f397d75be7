//! All routes, with the document that describes them.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, Response};
use axum::{Extension, Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::security::{
    ApiKey as HeaderKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement,
    SecurityScheme,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api_error::{ApiError, ApiErrorDoc};
use crate::body::JsonResponse;
use crate::keys::KeyScope;
use crate::state::AppState;
use crate::{api, front, gate, gateway, health, mcp_route, page};

#[derive(OpenApi)]
#[openapi(
    info(title = "Lorekeep", description = "What you and your AI assistants say to each other, searchable and guarded. Beside it, `/mcp` speaks the Model Context Protocol."),
    components(schemas(ApiErrorDoc, gateway::OpenAiErrorDoc)),
    tags(
        (name = "server", description = "The server itself."),
        (name = "chat", description = "Conversations, and turns in them."),
        (name = "knowledge", description = "Documents that the chat looks things up in."),
        (name = "models", description = "Providers of models, and what they have."),
        (name = "gateway", description = "OpenAI's protocol, for programs that speak it."),
        (name = "memory", description = "The archive: search, reading, reflections."),
        (name = "guards", description = "What texts hold that should not be stored, shown or obeyed."),
        (name = "keys", description = "Keys and sessions."),
    )
)]
struct ApiDescription;

/// The service for all connections.
pub(crate) fn service(state: &AppState) -> Router {
    let (router, document) = described(state);
    let document = Arc::new(document);
    let inner = router
        .layer(Extension(document))
        .fallback(unknown)
        .method_not_allowed_fallback(not_allowed)
        .layer(middleware::from_fn(front::name_route))
        .layer(CatchPanicLayer::custom(|_| {
            use axum::response::IntoResponse as _;
            ApiError::internal("a handler panicked").into_response()
        }))
        .with_state(state.clone());
    Router::new()
        .fallback_service(inner)
        .layer(middleware::from_fn_with_state(
            state.clone(),
            front::receive,
        ))
}

/// The routes that the document describes, and the document.
fn described(state: &AppState) -> (Router<AppState>, utoipa::openapi::OpenApi) {
    let public = OpenApiRouter::new()
        .routes(routes!(page::shell_at_root))
        .routes(routes!(page::login))
        .routes(routes!(health::health))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(openapi));
    let protocol =
        OpenApiRouter::new().routes(routes!(mcp_route::send, mcp_route::listen, mcp_route::end));
    let (router, mut document) = OpenApiRouter::with_openapi(ApiDescription::openapi())
        .merge(public)
        .merge(gate::protected(
            api::memory_routes(),
            state,
            KeyScope::Memory,
        ))
        .merge(gate::protected(protocol, state, KeyScope::Memory))
        .merge(gate::protected(api::chat_routes(), state, KeyScope::Chat))
        .merge(gate::protected(gateway::routes(), state, KeyScope::Gateway))
        .merge(gate::protected(api::admin_routes(), state, KeyScope::Admin))
        .merge(gate::behind(api::any_routes(), state, None))
        .merge(api::session_routes())
        .split_for_parts();
    // Another protocol, which this kind of document can't describe.
    document.paths.paths.remove(mcp::HTTP_PATH);
    let paths = &mut document.paths.paths;
    if let Some(item) = paths.remove(gateway::MODEL_PATH) {
        paths.insert(gateway::DOCUMENTED_MODEL_PATH.to_owned(), item);
    }
    for (path, item) in &mut document.paths.paths {
        without_null(item);
        name_operations(path, item);
    }
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(
        "key",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
    );
    components.add_security_scheme(
        "header",
        SecurityScheme::ApiKey(HeaderKey::Header(ApiKeyValue::new("x-api-key"))),
    );
    let none = Vec::<String>::new;
    document.security = Some(vec![
        SecurityRequirement::new("key", none()),
        SecurityRequirement::new("header", none()),
    ]);
    (router, document)
}

/// Takes `null` out of parameters: one that may be left out isn't sent as that.
fn without_null(item: &mut PathItem) {
    let operations = operations_of(item).into_iter();
    let parameters = operations.filter_map(|(_, operation)| operation.parameters.as_mut());
    for parameter in parameters.flatten() {
        let RefOr::T(Parameter {
            schema: Some(schema),
            ..
        }) = parameter
        else {
            continue;
        };
        let mut only = None;
        match &mut *schema {
            RefOr::T(Schema::Object(object)) => {
                if let SchemaType::Array(types) = &mut object.schema_type {
                    types.retain(|kind| *kind != Type::Null);
                }
            }
            RefOr::T(Schema::OneOf(one)) => {
                one.items.retain(|item| !is_null(item));
                if let [item] = one.items.as_slice() {
                    only = Some(item.clone());
                }
            }
            _ => {}
        }
        if let Some(only) = only {
            *schema = only;
        }
    }
}

/// The operations of a path, with their methods.
fn operations_of(item: &mut PathItem) -> Vec<(&'static str, &mut Operation)> {
    let operations = [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    let present = operations.into_iter();
    present
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
        .collect()
}

/// Gives each operation an id of its own, as the format demands: by themselves they have the names of functions, which
/// stand in several modules.
fn name_operations(path: &str, item: &mut PathItem) {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    for (method, operation) in operations_of(item) {
        operation.operation_id = Some(format!("{method}_{}", words.join("_")));
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    let RefOr::T(Schema::Object(object)) = schema else {
        return false;
    };
    matches!(&object.schema_type, SchemaType::Type(Type::Null))
}

/// This document.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "server", security(()),
    responses((status = 200, description = "What the API offers.", body = Object))
)]
async fn openapi(
    Extension(document): Extension<Arc<utoipa::openapi::OpenApi>>,
) -> Result<JsonResponse, ApiError> {
    JsonResponse::of(&*document)
}

/// A path that no route is for: a place or a file of the page, else nothing.
async fn unknown(State(_): State<AppState>, request: Request) -> Result<Response<Body>, ApiError> {
    let received = request.extensions().get::<front::ReceivedPath>();
    let path = request.uri().path();
    let received = received.map_or(path, |front::ReceivedPath(path)| path);
    let is_read = [Method::GET, Method::HEAD].contains(request.method());
    let found = is_read.then(|| page::at_path(path, received, request.headers()));
    found.flatten().ok_or_else(|| {
        ApiError::not_found("there is no such route").hint("`/api/openapi.json` lists them")
    })
}

async fn not_allowed(State(_): State<AppState>) -> ApiError {
    ApiError::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "the route doesn't have this method; `Allow` lists those that it has",
    )
}
