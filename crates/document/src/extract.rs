//! From bytes to sections, whatever the format.

use crate::decode;
use crate::kind::DocumentKind;
use crate::limits::ExtractLimits;
#[cfg(feature = "pdf")]
use crate::pdf;
use crate::section::ExtractRecord;
use crate::splitter::{RecordSink, Splitter};
use crate::{code, docx, html, markdown, text};

/// Why nothing of a document could be read, as one line that goes on after its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtractError(pub String);

/// Reads a document and hands its records to `sink` as they come; see [`ExtractRecord`] for their order.
///
/// # Errors
/// If nothing of it can be read; then no [`ExtractRecord::Done`] comes. What can't be read of a document of which
/// something can is a [`ExtractRecord::Problem`].
pub fn extract(
    kind: DocumentKind,
    bytes: &[u8],
    limits: ExtractLimits,
    sink: &mut dyn FnMut(ExtractRecord),
) -> Result<(), ExtractError> {
    sink(ExtractRecord::Started { kind });
    let mut splitter = Splitter::new(sink as RecordSink<'_>, limits);
    let (pages, title) = match kind {
        #[cfg(not(feature = "pdf"))]
        DocumentKind::Pdf => {
            return Err(ExtractError(
                "is PDF, which this build doesn't read".to_owned(),
            ));
        }
        #[cfg(feature = "pdf")]
        DocumentKind::Pdf => {
            let (pages, title) = pdf::read(bytes, &mut splitter).map_err(ExtractError)?;
            (Some(pages), title)
        }
        DocumentKind::Docx => (
            None,
            docx::read(bytes, &mut splitter).map_err(ExtractError)?,
        ),
        kind => (
            None,
            read_text(kind, bytes, &mut splitter).map_err(ExtractError)?,
        ),
    };
    splitter.finish(pages, title);
    Ok(())
}

fn read_text(
    kind: DocumentKind,
    bytes: &[u8],
    splitter: &mut Splitter<'_>,
) -> Result<Option<String>, String> {
    let (text, is_guessed) = decode::text(bytes);
    if is_guessed {
        splitter.problem("isn't UTF-8; it was read as Windows-1252");
    }
    match kind {
        DocumentKind::Markdown => Ok(markdown::read(&text, splitter)),
        DocumentKind::Html => html::read(&text, splitter),
        DocumentKind::Code => {
            code::read(&text, splitter);
            Ok(None)
        }
        _ => {
            text::read(&text, splitter);
            Ok(None)
        }
    }
}
