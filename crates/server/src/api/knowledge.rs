//! `/api/knowledge`: documents that the chat looks things up in.

use std::io::Write as _;
use std::path::{Path as FilePath, PathBuf};
use std::pin::Pin;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use chat::knowledge::{AddedDocument, KnowledgeBase, ReadSection};
use futures_core::Stream as _;
use memory::DocumentScope;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;
use utoipa::ToSchema;
use wire::{AddedDocumentDoc, DocumentDoc, SectionDoc};

use crate::api_error::{ApiError, RequestFailures};
use crate::body::{JsonResponse, MAX_BODY_BYTES, from_json, read_body};
use crate::knowledge_work;
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// Sections that are shown at once.
const MAX_SECTIONS: usize = 500;

/// How long a name may be, in characters.
const MAX_NAME_CHARACTERS: usize = 300;

/// Tokens of the sections that a search shows.
const SEARCH_TOKENS: usize = 20_000;

/// What is to be added, where it isn't sent itself.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AddKnowledge {
    /// An address that begins with `https://` or `http://`.
    url: Option<String>,
    /// A file or folder below one of `knowledge.roots`.
    path: Option<String>,
    /// The character, by its id, that it is for.
    character: Option<String>,
    /// The project that it is for.
    project: Option<String>,
    /// The conversation that it is for. Without any of the three it is for all conversations.
    conversation: Option<String>,
}

/// Whose documents are meant; `None` where the query names nobody.
fn scope_of(
    character: Option<String>,
    project: Option<String>,
    conversation: Option<String>,
) -> Result<Option<DocumentScope>, ApiError> {
    match (character, project, conversation) {
        (None, None, None) => Ok(None),
        (Some(id), None, None) => Ok(Some(DocumentScope::Character(id))),
        (None, Some(name), None) => Ok(Some(DocumentScope::Project(name))),
        (None, None, Some(id)) => Ok(Some(DocumentScope::Conversation(id))),
        _ => Err(ApiError::invalid(
            "conversation",
            "only one of `character`, `project` and `conversation` can be named",
        )),
    }
}

fn scope_of_query(query: &mut QueryValues) -> Result<Option<DocumentScope>, ApiError> {
    let (character, project) = (query.text("character"), query.text("project"));
    scope_of(character, project, query.text("conversation"))
}

/// The documents, those that were added first first; with `q` the sections that fit it best.
#[utoipa::path(
    get, path = "/api/knowledge", tag = "knowledge",
    params(
        ("character" = Option<String>, Query, description = "Only those of the character of this id."),
        ("project" = Option<String>, Query, description = "Only those of this project."),
        ("conversation" = Option<String>, Query, description = "Only those of this conversation."),
        ("q" = Option<String>, Query, description = "Sections that fit this are returned in place of documents."),
    ),
    responses(
        (status = 200, description = "`documents`, or `sections`.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    principal: Principal,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let base = state.chat(&principal).await?.knowledge();
    let scope = scope_of_query(&mut query)?;
    let wanted = query.text("q");
    query.finish()?;
    state
        .blocking(move || {
            let scopes = scope.as_ref().map(std::slice::from_ref);
            if let Some(wanted) = wanted {
                let hits = base.search(scopes, &wanted, SEARCH_TOKENS)?;
                let sections: Vec<SectionDoc<'_>> = hits
                    .iter()
                    .map(chat::knowledge::KnowledgeHit::doc)
                    .collect();
                return JsonResponse::of(&json!({"sections": sections}));
            }
            let documents = base.list(scopes)?;
            let documents: Vec<DocumentDoc<'_>> = documents.iter().map(DocumentDoc::new).collect();
            JsonResponse::of(&json!({"documents": documents}))
        })
        .await
}

/// Adds a document: with `name` the body is the document itself, whatever its media type; otherwise it is JSON and
/// names an address, or a file or folder that the operator allows.
#[utoipa::path(
    post, path = "/api/knowledge", tag = "knowledge",
    params(
        ("name" = Option<String>, Query, description = "The name of the document that is sent. It is data: no file of this name is opened or made."),
        ("character" = Option<String>, Query, description = "With `name`: the character that it is for."),
        ("project" = Option<String>, Query, description = "With `name`: the project that it is for."),
        ("conversation" = Option<String>, Query, description = "With `name`: the conversation that it is for."),
    ),
    request_body(content((AddKnowledge = "application/json"), (Vec<u8> = "application/octet-stream"))),
    responses(
        (status = 201, description = "`documents`: what became of each.", body = Object),
        (status = 413, description = "The document is larger than `knowledge.max_mib`.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn add(
    State(state): State<AppState>,
    principal: Principal,
    mut query: QueryValues,
    request: Request,
) -> Result<(StatusCode, JsonResponse), ApiError> {
    let chat = state.chat(&principal).await?;
    let base = chat.knowledge();
    let name = query.text("name");
    let scope = scope_of_query(&mut query)?;
    query.finish()?;
    let added = match name {
        Some(name) => vec![
            upload(
                &state,
                &base,
                (&name, scope.unwrap_or(DocumentScope::Everywhere)),
                request,
            )
            .await?,
        ],
        None if scope.is_some() => {
            let why = "is missing; without it the body names what is added, and for whom";
            return Err(ApiError::invalid("name", why));
        }
        None => named(&state, &base, request).await?,
    };
    knowledge_work::embed(&state, &principal)?;
    answer(added)
}

/// What became of documents; of a single one that was not added, its error itself.
fn answer(mut added: Vec<AddedDocument>) -> Result<(StatusCode, JsonResponse), ApiError> {
    if let [AddedDocument { stored: Err(_), .. }] = &*added
        && let Some(Err(error)) = added.pop().map(|only| only.stored)
    {
        return Err(error.into());
    }
    let documents: Vec<AddedDocumentDoc<'_>> = added
        .iter()
        .map(|one| {
            let stored = one.stored.as_ref();
            AddedDocumentDoc::new(
                &one.place,
                stored.map_err(|error| (error.to_string(), error.hint())),
            )
        })
        .collect();
    let document = JsonResponse::of(&json!({"documents": documents}))?;
    Ok((StatusCode::CREATED, document))
}

/// Adds what the body names.
async fn named(
    state: &AppState,
    base: &KnowledgeBase,
    request: Request,
) -> Result<Vec<AddedDocument>, ApiError> {
    let body: AddKnowledge = from_json(&read_body(request, MAX_BODY_BYTES, state).await?)?;
    let scope = scope_of(body.character, body.project, body.conversation)?;
    let scope = scope.unwrap_or(DocumentScope::Everywhere);
    match (body.url, body.path) {
        (Some(url), None) => Ok(vec![base.add_url(&url, &scope).await]),
        (None, Some(path)) => {
            let path = allowed(base, path.as_ref())?;
            let base = base.clone();
            state
                .blocking(move || {
                    let mut added = Vec::new();
                    base.add_path(&path, &scope, &mut |one| added.push(one));
                    Ok(added)
                })
                .await
        }
        _ => Err(ApiError::invalid(
            "url",
            "either `url` or `path` must be given",
        )),
    }
}

/// A path below one of the roots, with links resolved; whether there is anything at other paths isn't told.
fn allowed(base: &KnowledgeBase, path: &FilePath) -> Result<PathBuf, ApiError> {
    let refused = || {
        ApiError::invalid(
            "path",
            "lies below none of the directories of `knowledge.roots`",
        )
    };
    let real = path
        .is_absolute()
        .then(|| fs_err::canonicalize(path).ok())
        .flatten();
    let real = real.ok_or_else(refused)?;
    let mut roots = base
        .options()
        .roots
        .iter()
        .filter_map(|root| fs_err::canonicalize(root).ok());
    match roots.any(|root| real.starts_with(root)) {
        true => Ok(real),
        false => Err(refused()),
    }
}

/// Takes in a document that is sent: to a file of no name as it comes, so that memory stays as it is.
async fn upload(
    state: &AppState,
    base: &KnowledgeBase,
    (name, scope): (&str, DocumentScope),
    request: Request,
) -> Result<AddedDocument, ApiError> {
    if name.chars().count() > MAX_NAME_CHARACTERS || name.contains(char::is_control) {
        return Err(ApiError::invalid(
            "name",
            "is too long, or has signs in it that no name has",
        ));
    }
    let limit = usize::try_from(base.options().max_bytes).unwrap_or(usize::MAX);
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(ApiError::too_large(limit));
    }
    let mut spool = base.spool()?;
    let mut body = request.into_body().into_data_stream();
    let mut taken = 0;
    loop {
        let piece = std::future::poll_fn(|context| Pin::new(&mut body).poll_next(context));
        let Ok(piece) = timeout(state.options.limits.body_timeout, piece).await else {
            let why = "the body took too long to come in";
            return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", why));
        };
        let Some(piece) = piece else {
            break;
        };
        let piece = piece.map_err(|_| ApiError::invalid("", "the body ended early"))?;
        taken += piece.len();
        if taken > limit {
            return Err(ApiError::too_large(limit));
        }
        spool.write_all(&piece).map_err(ApiError::internal)?;
    }
    let file = spool.file().try_clone().map_err(ApiError::internal)?;
    let (base, name) = (base.clone(), name.to_owned());
    state
        .blocking(move || {
            let added = base.add_upload(&name, file, &scope);
            drop(spool);
            Ok(added)
        })
        .await
}

/// A document, and what is in it: its sections with their headings and places.
#[utoipa::path(
    get, path = "/api/knowledge/{id}", tag = "knowledge",
    params(
        ("id" = String, Path, description = "Its id."),
        ("from" = Option<u32>, Query, description = "The number of the first section; of one answer at most 500 are."),
    ),
    responses(
        (status = 200, description = "`document`, and `sections`.", body = Object),
        (status = 404, description = "There is none of this id.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let base = state.chat(&principal).await?.knowledge();
    let from = query.number("from", 0..=1_000_000)?.unwrap_or(0);
    query.finish()?;
    let from = u32::try_from(from).unwrap_or(u32::MAX);
    state
        .blocking(move || {
            let document = base.document(&id)?;
            let sections = base.sections(&document.id, from, MAX_SECTIONS)?;
            let sections: Vec<SectionDoc<'_>> = sections.iter().map(ReadSection::doc).collect();
            JsonResponse::of(
                &json!({"document": DocumentDoc::new(&document), "sections": sections}),
            )
        })
        .await
}

/// One section of a document, with its place: what a citation opens.
#[utoipa::path(
    get, path = "/api/knowledge/{id}/sections/{number}", tag = "knowledge",
    params(
        ("id" = String, Path, description = "The document's id."),
        ("number" = u32, Path, description = "The section's number, from 0."),
    ),
    responses(
        (status = 200, description = "The section.", body = Object),
        (status = 404, description = "There is no such document or section.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn section(
    State(state): State<AppState>,
    principal: Principal,
    Path((id, number)): Path<(String, u32)>,
) -> Result<JsonResponse, ApiError> {
    let base = state.chat(&principal).await?.knowledge();
    state
        .blocking(move || {
            let found = base.sections(&id, number, 1)?.pop();
            let found = found.filter(|section| section.number == number);
            let missing =
                || ApiError::not_found(format!("there is no section {number} in the document"));
            JsonResponse::of(&found.ok_or_else(missing)?.doc())
        })
        .await
}

/// Removes a document for good, with its terms and vectors.
#[utoipa::path(
    delete, path = "/api/knowledge/{id}", tag = "knowledge",
    params(("id" = String, Path, description = "Its id.")),
    responses(
        (status = 200, description = "`removed`: what it was.", body = Object),
        (status = 404, description = "There is none of this id.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<JsonResponse, ApiError> {
    let base = state.chat(&principal).await?.knowledge();
    state
        .blocking(move || {
            let removed = base.remove(&id)?;
            let document: Value = json!({"removed": DocumentDoc::new(&removed)});
            JsonResponse::of(&document)
        })
        .await
}

/// Reads a document again from its file or address. What was sent can't be had again and stays as it is.
#[utoipa::path(
    post, path = "/api/knowledge/{id}/reindex", tag = "knowledge",
    params(("id" = String, Path, description = "Its id.")),
    responses(
        (status = 201, description = "`documents`: what became of it.", body = Object),
        (status = 404, description = "There is none of this id.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn reindex(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<(StatusCode, JsonResponse), ApiError> {
    let base = state.chat(&principal).await?.knowledge();
    let asked = base.clone();
    let document = state.blocking(move || Ok(asked.document(&id)?)).await?;
    let added = base.reindex(&document).await;
    knowledge_work::embed(&state, &principal)?;
    answer(vec![added])
}
