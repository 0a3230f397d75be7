//! What can go wrong, one variant per decision a caller makes.

use std::path::PathBuf;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the model could not be fetched, verified, loaded or run.
///
/// The message says what failed and where. What to do about it depends on the program that uses
/// the crate, which knows its own commands.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no model in the directory.
    #[error("no embedding model in `{}`", .path.display())]
    NotFetched {
        /// The model's directory.
        path: PathBuf,
    },
    /// The model's directory holds something other than what was written there.
    #[error("the embedding model in `{}` is damaged: {why}", .path.display())]
    Damaged {
        /// The file or directory that is wrong.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The place to fetch from holds no model.
    #[error("no model files in `{}`: {why}", .path.display())]
    NoModelAt {
        /// Where the model was looked for.
        path: PathBuf,
        /// What was missing.
        why: String,
    },
    /// A file to fetch isn't the one that this version was made for.
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
    /// The hub could not be reached, or refused.
    #[error("downloading `{url}` failed: {why}")]
    Download {
        /// The address.
        url: String,
        /// What the client reported.
        why: String,
    },
    /// The weights can't be converted: not the architecture that the converter writes.
    #[error("cannot convert the weights: {0}")]
    Weights(String),
    /// The vocabulary can't be read from the tokenizer's file: not the kind that this crate knows.
    #[error("cannot convert the tokenizer: {0}")]
    Tokenizer(String),
    /// The runtime refused the graph or failed while running it.
    #[error("embedding runtime: {0}")]
    Runtime(String),
    /// A directory holds no classifier that can be run.
    #[error("no usable classifier in `{}`: {why}", .path.display())]
    Classifier {
        /// The directory or file that is wrong.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Vectors that don't fit each other: other dimensions, or planes of other lengths.
    #[error("vectors of unequal shape: {0}")]
    Shape(String),
    /// Reading or writing the model's directory failed; the message carries the path.
    #[error(transparent)]
    Disk(#[from] std::io::Error),
}
