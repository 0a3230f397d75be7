//! How the model is loaded: for one query, or for many texts.

/// How [`MiniLm::load`](crate::MiniLm::load) loads the model: the trade between a quick start and
/// quick calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MiniLmOptions {
    /// Threads that all calls share; 0 counts as 1. With one, calls of several threads take turns.
    /// More than the machine has cores makes it slower.
    pub threads: usize,
    /// Whether to rearrange the weights for speed while loading. Loading then takes longer and
    /// 11 MB more; each text takes less time.
    pub prepack: bool,
}

impl MiniLmOptions {
    /// Options to embed one or a few short texts and exit: one thread, and as quick a start as can
    /// be.
    #[must_use]
    pub fn one_query() -> Self {
        Self {
            threads: 1,
            prepack: false,
        }
    }

    /// Options to embed many texts, or a few now and then for as long as the process lives, with
    /// `threads` threads: each call is quick, loading takes longer.
    #[must_use]
    pub fn many_texts(threads: usize) -> Self {
        Self {
            threads,
            prepack: true,
        }
    }
}
