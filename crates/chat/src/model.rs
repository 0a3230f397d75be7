//! Models behind addresses that speak the OpenAI protocol: which there are, what they can take, and a request to
//! one of them with its answer as it streams.
//!
//! Requests and answers are JSON maps, so that fields which nobody here knows pass unchanged; providers differ by
//! data ([`Profile`]), not by types. Nothing here knows conversations, guards or memory. Keys come in as
//! [`ProviderKey`]s and leave only in the header of a request to the address that they belong to.

mod secret;

pub use secret::ProviderKey;

mod error;

pub use error::{ModelError, UpstreamError};

mod address;

pub use address::ProviderAddress;

mod profile;

pub use profile::{Profile, ReasoningHistory};

mod options;

pub use options::{Limits, ModelOptions, Prices, ProviderOptions, Timeouts};

mod usage;

pub use usage::Usage;

pub mod sse;

mod payload;

pub use payload::{BodyParser, Payload};

mod think;
mod calls;
mod repeat;
mod choice;
mod normal;

pub use choice::FinishReason;
pub use normal::ChunkNormalizer;

mod request;
mod refusal;

pub use request::PROVIDER_FIELD;

mod length;

pub use length::{ContextLength, ContextOrigin};

mod notes;

pub use notes::Spent;

mod notebook;
mod provider;

mod exchange;
mod stream;

pub use stream::{AnswerInfo, ChunkStream};

mod events;

pub use events::{CallDelta, ModelEvent, ModelStream};

mod assemble;
mod catalogue;
mod context;

pub use catalogue::{Capabilities, ListedModel, Listing};

mod handle;

pub use handle::{ChatRequest, ModelHandle, WholeAnswer};

mod discover;

pub use discover::{LOCAL_SERVERS, LocalServer};

mod registry;

pub use registry::ModelRegistry;
