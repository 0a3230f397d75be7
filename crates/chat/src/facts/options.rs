//! What of facts about the person is allowed.

/// Whether facts about the person are drawn and recalled.
#[derive(Clone, Debug)]
pub struct FactOptions {
    /// Whether a model may be asked, after a turn, what the person said of themselves.
    pub extract: bool,
    /// Tokens that this may take a day (UTC), those of answers included.
    pub daily_tokens: u64,
    /// Tokens that recalled facts may take of a message.
    pub recall_tokens: usize,
}

impl Default for FactOptions {
    fn default() -> Self {
        Self {
            extract: false,
            daily_tokens: 50_000,
            recall_tokens: 300,
        }
    }
}
