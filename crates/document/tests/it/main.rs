//! Documents of every format, through the public function.

mod made;
mod code;
mod docx;
mod html;
mod kinds;
mod markdown;
mod pdf;
mod text;

use document::{
    DocumentKind, ExtractError, ExtractLimits, ExtractRecord, ExtractedSection, extract,
};

/// What was read of a document.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) sections: Vec<ExtractedSection>,
    pub(crate) problems: Vec<String>,
    pub(crate) pages: Option<u32>,
    pub(crate) title: Option<String>,
    pub(crate) is_done: bool,
}

/// Reads a document that can be read.
pub(crate) fn read(kind: DocumentKind, bytes: &[u8]) -> Read {
    try_read(kind, bytes, ExtractLimits::default()).expect("it can be read")
}

pub(crate) fn try_read(
    kind: DocumentKind,
    bytes: &[u8],
    limits: ExtractLimits,
) -> Result<Read, ExtractError> {
    let mut read = Read::default();
    extract(kind, bytes, limits, &mut |record| match record {
        ExtractRecord::Started { kind: told } => assert_eq!(told, kind),
        ExtractRecord::At { .. } => {}
        ExtractRecord::Section(section) => read.sections.push(section),
        ExtractRecord::Problem { what } => read.problems.push(what),
        ExtractRecord::Done { pages, title } => {
            (read.pages, read.title, read.is_done) = (pages, title, true);
        }
    })?;
    assert!(read.is_done);
    for (number, section) in (0..).zip(&read.sections) {
        assert_eq!(section.number, number);
        assert!(!section.text.trim().is_empty());
        assert!(section.text.len() <= 2_000, "{}", section.text.len());
    }
    Ok(read)
}
