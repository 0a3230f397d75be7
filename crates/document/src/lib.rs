//! Documents of many formats (text, Markdown, HTML, PDF, DOCX, source code) as sections of text, each with the
//! headings that it stands under and the place where a reader finds it.
//!
//! Bytes in, values out: this crate knows no disk, clock or network. What it reads may be made to harm its reader:
//! the libraries behind it may take much time and memory, or panic, so [`extract`] is for a process of its own that
//! has limits. What it hands out is bounded ([`ExtractLimits`]), and comes as it is read, so that what was read
//! before a reader ended is there, and [`ExtractRecord::At`] tells where it ended.

mod section;
mod kind;
mod decode;
mod limits;
mod splitter;
mod text;
mod markdown;
mod code;
mod html;
mod docx;
#[cfg(feature = "pdf")]
mod pdf;
mod extract;

pub use extract::{ExtractError, extract};
pub use kind::{DocumentKind, UnknownKind};
pub use limits::ExtractLimits;
pub use section::{ExtractRecord, ExtractedSection, SectionPlace};
