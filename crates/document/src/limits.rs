//! How much of a document is handed out.

/// How much of a document is handed out.
#[derive(Clone, Copy, Debug)]
pub struct ExtractLimits {
    /// Text of all sections together, in bytes.
    pub text_bytes: usize,
    /// Sections.
    pub sections: u32,
}

impl Default for ExtractLimits {
    /// 16 MiB and 20,000 sections: some fifteen thick books.
    fn default() -> Self {
        Self {
            text_bytes: 16 << 20,
            sections: 20_000,
        }
    }
}
