//! What a model is made of: the pinned files and the shape of its network.

use crate::{BertConfig, ModelId, Precision};

/// A model that can be fetched: its inputs by their hashes, and what is made of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSpec {
    /// The name that its vectors are stored under.
    pub model_id: ModelId,
    /// The name of its directory.
    pub directory: String,
    /// The shape of its network.
    pub config: BertConfig,
    /// How its weights are stored.
    pub precision: Precision,
    /// The greatest number of tokens read of a text, with the two that frame it.
    pub max_tokens: usize,
    /// SHA-256 of `model.safetensors`, lower-case hexadecimal.
    pub weights_sha256: String,
    /// SHA-256 of `tokenizer.json`, lower-case hexadecimal.
    pub tokenizer_sha256: String,
    /// Its repository on the hub, `owner/name`.
    pub repository: String,
    /// The commit of that repository.
    pub revision: String,
}

impl ModelSpec {
    /// all-MiniLM-L6-v2 with weights of 8-bit integers: 384 dimensions, English, 24 MB.
    #[must_use]
    pub fn mini_lm() -> Self {
        Self {
            model_id: ModelId::new("all-MiniLM-L6-v2-int8"),
            directory: "all-MiniLM-L6-v2-int8".to_owned(),
            config: BertConfig {
                hidden: 384,
                heads: 12,
                layers: 6,
            },
            // All 8 bits on every CPU, also on those that can overflow: there the vectors are
            // still nearer to those of floats than with 7 bits (docs/decisions/0001).
            precision: Precision::Int8 { levels: 127 },
            // What the model was tuned for. It has positions for 512.
            max_tokens: 256,
            weights_sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
                .to_owned(),
            tokenizer_sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
                .to_owned(),
            repository: "sentence-transformers/all-MiniLM-L6-v2".to_owned(),
            revision: "c9745ed1d9f207416be6d2e6f8de32d1f16199bf".to_owned(),
        }
    }
}
