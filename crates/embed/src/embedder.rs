//! What every model offers, local or remote.

use crate::{Embedding, ModelId, Result};

/// A model that turns texts into vectors.
///
/// One loaded model serves any number of threads at once, hence `&self`: what a model needs to
/// write to while it works, it keeps for each call or behind a lock of its own.
pub trait Embedder: Send + Sync {
    /// The name that vectors of this model are stored under; vectors of other models can't be compared
    /// with them.
    fn model_id(&self) -> &ModelId;

    /// The number of components of every vector that this model makes.
    fn dimensions(&self) -> usize;

    /// One vector per text, in the order of the texts. A text without words gives
    /// [`Embedding::empty`]; one that is longer than the model reads is cut, without an error.
    ///
    /// Texts may be of any number and length; the model makes its own batches. Whoever wants to
    /// stop in between, or to let others have the model, gives some tens at a time.
    ///
    /// # Errors
    /// Of the local model [`Error::Runtime`](crate::Error::Runtime), of others what their way of
    /// working brings. All or nothing: an error means that no text was embedded.
    fn embed(&self, texts: &[&str]) -> Result<Vec<Embedding>>;
}
