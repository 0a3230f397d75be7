//! What can go wrong, one variant per decision a caller makes.

use std::path::PathBuf;

/// The result of every function of this crate that can fail, with [`Error`] unless another is
/// named.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the model could not be fetched, verified, loaded or run.
///
/// The message says what failed and where. What to do about it depends on the program that uses
/// the crate, which knows its own commands.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model was never fetched, or was removed: its directory isn't there or lacks its manifest.
    /// [`MiniLm::load`](crate::MiniLm::load), which reads no manifest, gives it where a file of the model
    /// isn't there.
    #[error("no embedding model in `{}`", .path.display())]
    NotFetched {
        /// The model's directory.
        path: PathBuf,
    },
    /// The directory has a manifest, but a file that it lists is missing or isn't what was written when
    /// the model was fetched, by its length or its SHA-256; or the directory holds another model, or one
    /// in the format of another version; or a file can't be loaded. Fetching the model again replaces it.
    #[error("the embedding model in `{}` is damaged: {why}", .path.display())]
    Damaged {
        /// The file or directory that is wrong.
        path: PathBuf,
        /// What is wrong with it, in words.
        why: String,
    },
    /// The file or directory that was named to fetch the model from can't be read, or lacks
    /// `model.safetensors` or `tokenizer.json`.
    #[error("no model files in `{}`: {why}", .path.display())]
    NoModelAt {
        /// Where the model was looked for.
        path: PathBuf,
        /// What is missing or can't be read, in words.
        why: String,
    },
    /// A file that was fetched has another SHA-256 than the one pinned in
    /// [`ModelSpec`](crate::ModelSpec): it is cut, changed, or of another model.
    #[error("`{file}` from `{origin}` has SHA-256 `{found}`, not `{expected}`")]
    WrongHash {
        /// The name of the file.
        file: String,
        /// The path or address that it came from.
        origin: String,
        /// The pinned hash, lower-case hexadecimal.
        expected: String,
        /// The hash of what was read, lower-case hexadecimal.
        found: String,
    },
    /// The model hub could not be reached, refused the request, or broke off.
    #[error("downloading `{url}` failed: {why}")]
    Download {
        /// The address that was asked.
        url: String,
        /// What the HTTP client reported.
        why: String,
    },
    /// The fetched weights can't be converted: a tensor is missing, or its shape isn't that of the
    /// BERT encoder that [`BertConfig`](crate::BertConfig) describes. Holds what is wrong.
    #[error("cannot convert the weights: {0}")]
    Weights(String),
    /// The fetched `tokenizer.json` isn't one of uncased WordPiece, the only kind that this crate
    /// reads. Holds what is wrong.
    #[error("cannot convert the tokenizer: {0}")]
    Tokenizer(String),
    /// The neural network runtime failed while it ran a model. Holds what the runtime reported.
    #[error("embedding runtime: {0}")]
    Runtime(String),
    /// A directory given to [`Classifier::open`](crate::Classifier::open) holds no classifier that
    /// can be run.
    #[error("no usable classifier in `{}`: {why}", .path.display())]
    Classifier {
        /// The directory or file that is wrong.
        path: PathBuf,
        /// What is wrong with it, in words.
        why: String,
    },
    /// Vectors that can't be compared or stored together: their dimensions or the lengths of their
    /// planes (see [`QuantizedVector`](crate::matrix::QuantizedVector)) differ, or are out of bounds.
    /// Holds the lengths, in words.
    #[error("vectors of unequal shape: {0}")]
    Shape(String),
    /// Reading or writing the model's directory failed; the message carries the path.
    #[error(transparent)]
    Disk(#[from] std::io::Error),
}
