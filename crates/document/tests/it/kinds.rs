//! Which format a document has.

use document::DocumentKind;

#[test]
fn bytes_count_before_names() {
    let kind = |name: &str, bytes: &[u8]| DocumentKind::sniff(name, bytes).map(DocumentKind::name);
    assert_eq!(kind("notes.txt", b"\xef\xbb\xbf%PDF-1.7\n"), Ok("pdf"));
    assert_eq!(kind("a.md", b"# A"), Ok("markdown"));
    assert_eq!(kind("page", b"  <!DOCTYPE html><p>"), Ok("html"));
    assert_eq!(kind("main.rs", b"fn main() {}"), Ok("code"));
    assert_eq!(kind("Makefile", b"all:\n"), Ok("code"));
    assert_eq!(kind("x", b"plain words"), Ok("text"));
    assert_eq!(kind("x.docx", b"PK\x03\x04rest"), Ok("docx"));
    assert_eq!(kind("x.txt", b"\xff\xfea\0b\0"), Ok("text"));
    let seems = |name: &str, bytes: &[u8]| {
        DocumentKind::sniff(name, bytes)
            .expect_err("no document")
            .seems
    };
    assert_eq!(seems("x.md", b"\x89PNG\r\n\x1a\n\0"), "a picture");
    assert_eq!(seems("x.txt", b"PK\x03\x04rest"), "a ZIP archive");
    assert_eq!(seems("x.txt", b"a\0b"), "binary data");
    // What a server says in the place of a file that it doesn't have.
    assert_eq!(kind("manual.pdf", b"<html><p>Not here"), Ok("html"));
    assert!(seems("manual.pdf", b"Not here").contains("no header of PDF"));
    assert!(seems("manual.docx", b"Not here").contains("no ZIP archive"));
    assert_eq!(kind("x.txt", b"MZ is no program here"), Ok("text"));
}
