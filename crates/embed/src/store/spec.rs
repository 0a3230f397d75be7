//! What a model is made of: the pinned files and the shape of its network.

use crate::{BertConfig, ModelId, Precision};

/// The description of a model that can be fetched: which files it is made from, pinned by their
/// SHA-256, and what network is made of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSpec {
    /// The name that vectors of this model are stored under.
    pub model_id: ModelId,
    /// The name of the model's directory below that of all models, such as `all-MiniLM-L6-v2-int8`.
    pub directory: String,
    /// The sizes of the model's network.
    pub config: BertConfig,
    /// How the model's weights are stored and multiplied.
    pub precision: Precision,
    /// The greatest number of tokens that the model reads of a text, the two that mark its start
    /// and end among them; what comes after is ignored.
    pub max_tokens: usize,
    /// SHA-256 of `model.safetensors`, lower-case hexadecimal.
    pub weights_sha256: String,
    /// SHA-256 of `tokenizer.json`, lower-case hexadecimal.
    pub tokenizer_sha256: String,
    /// The model's repository on the Hugging Face hub, as `owner/name`.
    pub repository: String,
    /// The commit of that repository to fetch, in full hexadecimal.
    pub revision: String,
}

impl ModelSpec {
    /// all-MiniLM-L6-v2 with weights of 8-bit integers: 384 dimensions, English, 24 MB, up to 256
    /// tokens of a text. Name and directory are `all-MiniLM-L6-v2-int8`.
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
