//! What every model offers, local or remote.

use crate::{Embedding, ModelId, Result};

/// Something that turns texts into vectors.
///
/// Models keep buffers between calls, hence `&mut self`; one that is shared between threads goes
/// behind a lock, since it uses its own threads inside.
pub trait Embedder: Send {
    /// The name that vectors of this model are stored under.
    fn model_id(&self) -> &ModelId;

    /// The number of components of every vector.
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
    fn embed(&mut self, texts: &[&str]) -> Result<Vec<Embedding>>;
}
