//! The HTTP server: the API over the archive, keys and limits, the feed of events, and what other parts mount
//! into it (MCP, the chat, the gateway).
//!
//! It must not know how a turn works, nor how anything is stored or ranked, and reads neither settings nor
//! environment nor the clock: options come as values.

mod rate;
mod operation;
mod options;
mod server_error;
mod api_error;
mod token;
mod database;
mod owner;
mod keys;
mod sessions;
mod seal;
mod providers;
mod credentials;
mod models;
mod home_lock;
mod metrics;
mod log_file;
pub mod sse;
mod feed;
mod pool;
mod principal;
mod import_state;
mod people;
mod personal_chat;
mod state;
mod knowledge_work;
mod chat_access;
mod body;
mod query;
mod origin;
mod gate;
mod front;
mod page;
mod health;
mod mcp_route;
mod api;
mod gateway;
mod routes;
mod server;

pub use api::{CreatedKeyDoc, KeyDoc, KeysDoc};
pub use api_error::{ApiError, ApiErrorDoc, RequestFailures};
pub use body::{
    ApiJson, ApiPath, JsonResponse, MAX_BODY_BYTES, from_json, read_body, whole_number,
};
pub use credentials::Credentials;
pub use feed::{Feed, FeedEvent};
pub use front::RequestId;
pub use gate::protected;
pub use home_lock::{RunningServer, running_server};
pub use keys::{ApiKey, KeyId, KeyScope, KeyScopes, NewKey};
pub use metrics::{Metric, ServerMetrics};
pub use models::{ConfiguredModels, ServerModels};
pub use operation::{HealthCheck, HealthChecks, ProgramOperation, SettingInForce, SettingsInForce};
pub use options::{Authentication, LinkOptions, RequestLimits, ServerOptions};
pub use owner::{Owner, OwnerId};
pub use people::{People, Person, PersonMaker, PersonParts};
pub use principal::Principal;
pub use query::QueryValues;
pub use rate::RequestRate;
pub use seal::Sealer;
pub use server::Server;
pub use server_error::ServerError;
pub use state::{AppState, SharedState};
