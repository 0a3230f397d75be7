//! What kind of file a character stands in.

use std::ffi::OsStr;
use std::path::Path;

use super::{charx, png};

/// What a file is: what its bytes say, else its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    Png,
    Charx,
    Toml,
    Markdown,
    Poml,
    Json,
}

impl FileKind {
    pub(super) fn of(path: &Path, bytes: &[u8]) -> Self {
        if png::is_png(bytes) {
            return Self::Png;
        }
        if charx::is_zip(bytes) {
            return Self::Charx;
        }
        let end = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        match end.to_ascii_lowercase().as_str() {
            "toml" => Self::Toml,
            "md" | "markdown" => Self::Markdown,
            "poml" => Self::Poml,
            _ => Self::Json,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Charx => "charx",
            Self::Toml => "toml",
            Self::Markdown => "md",
            Self::Poml => "poml",
            Self::Json => "json",
        }
    }
}
