//! Documents of strangers: whatever the bytes, they are read to an end within limits. PDF is left out: what reads it
//! may panic, which is why it runs in a process of its own.

use document::{DocumentKind, ExtractLimits, ExtractRecord, extract};

const LIMITS: ExtractLimits = ExtractLimits {
    text_bytes: 64 << 10,
    sections: 100,
};

/// Reads bytes as a document of the kind that the first byte says, twice.
pub fn documents_are_read_from_any_bytes(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    let kinds = [
        DocumentKind::Text,
        DocumentKind::Markdown,
        DocumentKind::Html,
        DocumentKind::Code,
        DocumentKind::Docx,
    ];
    let kind = kinds[usize::from(*kind) % kinds.len()];
    let records = read(kind, bytes);
    assert_eq!(records, read(kind, bytes), "read otherwise the second time");
    let mut sections = 0;
    let mut text_bytes = 0;
    for record in &records {
        if let ExtractRecord::Section(section) = record {
            assert_eq!(section.number, sections, "a section is missing");
            assert!(!section.text.trim().is_empty(), "a section without text");
            sections += 1;
            text_bytes += section.text.len();
        }
    }
    assert!(sections <= LIMITS.sections, "more sections than are taken");
    assert!(text_bytes <= LIMITS.text_bytes, "more text than is taken");
}

fn read(kind: DocumentKind, bytes: &[u8]) -> Vec<ExtractRecord> {
    let mut records = Vec::new();
    // Why nothing of it can be read is an answer, too.
    let _ = extract(kind, bytes, LIMITS, &mut |record| records.push(record));
    records
}
