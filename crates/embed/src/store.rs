//! The model's files: where they are, whether they are whole, how they get there.
//!
//! A directory per model below one of all models (Lorekeep's is `cache/models`), written in one piece:
//! it either is not there or is complete. It must not know what the model computes.

mod spec;
mod hash;
mod manifest;
mod directory;
mod input;
mod hub;
mod origin;
mod fetch;

pub(crate) use directory::{GRAPH_FILE, VOCABULARY_FILE};
pub use directory::{ModelState, ModelStatus, ModelStore, Verification};
pub use hub::HUB_ENDPOINT;
pub use input::FetchProgress;
pub use origin::ModelOrigin;
pub use spec::ModelSpec;
