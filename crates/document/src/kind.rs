//! Which format a document has, by its first bytes and its name.

use serde::{Deserialize, Serialize};

/// The format of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Text without a structure.
    Text,
    /// Markdown.
    Markdown,
    /// A page of the web.
    Html,
    /// PDF.
    Pdf,
    /// A document of Word (Office Open XML).
    Docx,
    /// Source code, configuration, tables: text whose lines mean something.
    Code,
}

/// Why a document isn't read: it is of no known format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKind {
    /// What it seems to be.
    pub seems: &'static str,
}

/// Endings of names that tell source code.
const CODE_ENDINGS: &[&str] = &[
    "rs",
    "py",
    "pyi",
    "js",
    "mjs",
    "cjs",
    "ts",
    "tsx",
    "jsx",
    "svelte",
    "vue",
    "go",
    "java",
    "kt",
    "kts",
    "scala",
    "groovy",
    "c",
    "h",
    "cc",
    "cpp",
    "cxx",
    "hpp",
    "hh",
    "cs",
    "fs",
    "swift",
    "m",
    "mm",
    "rb",
    "php",
    "pl",
    "pm",
    "lua",
    "r",
    "jl",
    "ex",
    "exs",
    "erl",
    "hrl",
    "hs",
    "ml",
    "mli",
    "clj",
    "cljs",
    "lisp",
    "el",
    "scm",
    "zig",
    "nim",
    "d",
    "dart",
    "sql",
    "sh",
    "bash",
    "zsh",
    "fish",
    "ps1",
    "bat",
    "cmake",
    "mk",
    "gradle",
    "tf",
    "hcl",
    "proto",
    "graphql",
    "css",
    "scss",
    "less",
    "json",
    "jsonl",
    "yaml",
    "yml",
    "toml",
    "ini",
    "cfg",
    "conf",
    "env",
    "xml",
    "xsd",
    "svg",
    "csv",
    "tsv",
    "dockerfile",
    "makefile",
    "v",
    "sv",
    "vhd",
    "asm",
    "s",
    "tex",
    "bib",
];

/// Beginnings of files that are no documents, and what they are.
const FOREIGN_STARTS: &[(&[u8], &str)] = &[
    (b"\x89PNG", "a picture"),
    (b"\xFF\xD8\xFF", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "audio, video or a picture"),
    (b"\x7FELF", "a program"),
    (b"MZ", "a program"),
    (b"\x1F\x8B", "a packed file"),
    (b"\x28\xB5\x2F\xFD", "a packed file"),
    (b"\xD0\xCF\x11\xE0", "a document of an old Office program"),
    (b"SQLite format 3\0", "a database"),
    (b"OggS", "audio"),
    (b"ID3", "audio"),
    (b"\0asm", "a program"),
];

/// How far into a file its kind is looked for, in bytes.
const HEAD_BYTES: usize = 4_096;

impl DocumentKind {
    /// The name used in answers: `text`, `markdown`, `html`, `pdf`, `docx` or `code`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Code => "code",
        }
    }

    /// The kind that [`Self::name`] calls so.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Text,
            Self::Markdown,
            Self::Html,
            Self::Pdf,
            Self::Docx,
            Self::Code,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }

    /// The kind of a file by its first bytes, and where these tell nothing by the ending of its name. A file
    /// that is named like source code is source code even if it begins as a page does: templates do.
    ///
    /// # Errors
    /// If it is no document that can be read, such as a picture.
    pub fn sniff(name: &str, bytes: &[u8]) -> Result<Self, UnknownKind> {
        let ending = ending(name);
        let packed = Self::by_signature(&ending, bytes)?;
        packed.map_or_else(|| Self::by_ending(&ending, bytes), Ok)
    }

    /// The kind of what came from an address. As [`Self::sniff`], but the ending of an address often says nothing
    /// of what comes (`/wiki/Node.js`, `/index.php?id=3`): what looks like a page, or is declared to be one by
    /// its `Content-Type`, is HTML. Otherwise what the server declares doesn't count.
    ///
    /// # Errors
    /// As [`Self::sniff`].
    pub fn sniff_fetched(
        address: &str,
        content_type: Option<&str>,
        bytes: &[u8],
    ) -> Result<Self, UnknownKind> {
        let path = address.split(['?', '#']).next().unwrap_or(address);
        let ending = ending(path);
        if let Some(kind) = Self::by_signature(&ending, bytes)? {
            return Ok(kind);
        }
        if content_type.is_some_and(is_html_type) || looks_like_html(head(bytes)) {
            return Ok(Self::Html);
        }
        Self::by_ending(&ending, bytes)
    }

    /// The kind of what its first bytes tell for certain; `None` of text of some kind.
    fn by_signature(ending: &str, bytes: &[u8]) -> Result<Option<Self>, UnknownKind> {
        let head = head(bytes);
        // Some have a few bytes before their header.
        if head.windows(5).take(1_024).any(|window| window == b"%PDF-") {
            return Ok(Some(Self::Pdf));
        }
        if head.starts_with(b"PK\x03\x04") {
            return match ending {
                "docx" | "docm" | "dotx" => Ok(Some(Self::Docx)),
                _ if contains(bytes, b"word/document.xml") => Ok(Some(Self::Docx)),
                _ => Err(UnknownKind {
                    seems: "a ZIP archive",
                }),
            };
        }
        for (start, seems) in FOREIGN_STARTS {
            if head.starts_with(start) && (start.len() > 3 || has_nul(head)) {
                return Err(UnknownKind { seems });
            }
        }
        let is_wide = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
        if !is_wide && has_nul(head) {
            return Err(UnknownKind {
                seems: "binary data",
            });
        }
        Ok(None)
    }

    /// The kind of a text.
    fn by_ending(ending: &str, bytes: &[u8]) -> Result<Self, UnknownKind> {
        Ok(match ending {
            "md" | "markdown" | "mdx" | "mkd" => Self::Markdown,
            "html" | "htm" | "xhtml" => Self::Html,
            "txt" | "text" | "log" | "rst" | "adoc" | "org" => Self::Text,
            ending if CODE_ENDINGS.contains(&ending) => Self::Code,
            // Also what a server sends in the place of what was asked for.
            _ if looks_like_html(head(bytes)) => Self::Html,
            "pdf" => {
                return Err(UnknownKind {
                    seems: "a file that is called so, and has no header of PDF",
                });
            }
            "docx" | "docm" | "dotx" => {
                return Err(UnknownKind {
                    seems: "a file that is called so, and no ZIP archive as DOCX is",
                });
            }
            _ => Self::Text,
        })
    }

    /// Whether files of this name are looked at where a folder is read: of others the kind is known only once
    /// they are named one by one.
    #[must_use]
    pub fn is_document_name(name: &str) -> bool {
        const ENDINGS: &[&str] = &[
            "md", "markdown", "mdx", "mkd", "html", "htm", "xhtml", "txt", "text", "rst", "adoc",
            "org", "pdf", "docx",
        ];
        let ending = ending(name);
        ENDINGS.contains(&ending.as_str()) || CODE_ENDINGS.contains(&ending.as_str())
    }
}

/// The ending of a name in lower case, or the whole name where it has none, such as `makefile`.
fn ending(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit('.').next().unwrap_or(file).to_ascii_lowercase()
}

fn head(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(HEAD_BYTES)]
}

fn has_nul(head: &[u8]) -> bool {
    head.contains(&0)
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Whether a `Content-Type` is that of a page, whatever parameters it has.
fn is_html_type(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/xhtml+xml"]
        .iter()
        .any(|html| essence.eq_ignore_ascii_case(html))
}

fn looks_like_html(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let head = head.trim_start_matches('\u{feff}').trim_start();
    ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|start| head.starts_with(start) || (head.starts_with("<!--") && head.contains(start)))
}
