//! Text to unit vectors: the embedding model and its runtime.
