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

const PAGE: &[u8] = b"<!DOCTYPE html><html><script>track()</script><p>Words.";

#[test]
fn a_fetched_page_is_html_however_its_address_ends() {
    let kind = |address: &str, declared: Option<&str>, bytes: &[u8]| {
        DocumentKind::sniff_fetched(address, declared, bytes).map(DocumentKind::name)
    };
    for address in [
        "https://example.org",
        "https://example.org/wiki/Node.js",
        "https://example.org/index.php?id=3",
        "https://example.org/index.php?back=/a/notes.md",
        "https://example.org/blob/main/main.rs#L3",
        "https://example.org/README.md",
        "https://example.org/robots.txt",
    ] {
        assert_eq!(kind(address, None, PAGE), Ok("html"), "{address}");
        let declared = Some("Text/HTML; charset=utf-8");
        assert_eq!(
            kind(address, declared, b"<p>No beginning."),
            Ok("html"),
            "{address}"
        );
    }
    let plain = Some("text/plain");
    assert_eq!(
        kind("https://example.org/main.rs?raw=1", plain, b"fn main() {}"),
        Ok("code")
    );
    assert_eq!(
        kind("https://example.org/README.md#use", plain, b"# Use"),
        Ok("markdown")
    );
    // What the bytes tell for certain counts before what is declared.
    let html = Some("text/html");
    assert_eq!(
        kind("https://example.org/a", html, b"%PDF-1.7\n"),
        Ok("pdf")
    );
    assert!(kind("https://example.org/a", html, b"\x89PNG\r\n\x1a\n\0").is_err());
}

#[test]
fn a_file_that_is_named_like_code_is_code_though_it_begins_as_a_page_does() {
    for name in ["index.php", "App.vue", "chart.js"] {
        assert_eq!(DocumentKind::sniff(name, PAGE), Ok(DocumentKind::Code));
    }
    // Only in an address `?` and `#` end the path.
    let named = DocumentKind::sniff("C# in short.md", b"# C#");
    assert_eq!(named, Ok(DocumentKind::Markdown));
}
