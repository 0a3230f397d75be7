//! The gateway: `/v1`, as OpenAI's API has it, for programs that know nothing of Lorekeep. A request is judged,
//! masked and, if asked for, given memory; the model's answer is judged on its way back.
//!
//! Nothing is stored unless calls are recorded. It must not know how a model is asked or how a guard works.

mod failure;
mod request_docs;
mod signatures;
mod call_log;
mod caller;
mod prepare;
mod outgoing;
mod answer;
mod completions;
mod responses;
mod models;
mod embeddings;
mod moderations;

pub(crate) use failure::OpenAiErrorDoc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The path of one model as the router has it: a name may have slashes in it.
pub(crate) const MODEL_PATH: &str = "/v1/models/{*id}";

/// The same as the document has it.
pub(crate) const DOCUMENTED_MODEL_PATH: &str = "/v1/models/{id}";

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(completions::complete))
        .routes(routes!(responses::respond))
        .routes(routes!(models::list))
        .routes(routes!(models::get))
        .routes(routes!(embeddings::embed))
        .routes(routes!(moderations::moderate))
}
