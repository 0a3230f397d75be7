//! Documents of Word.

use document::{DocumentKind, ExtractLimits};

use crate::made::{docx, zip};
use crate::{read, try_read};

#[test]
fn headings_by_style_paragraphs_and_tables_are_read() {
    let body = "<w:p><w:pPr><w:pStyle w:val=\"berschrift1\"/></w:pPr><w:r><w:t>Fees</w:t></w:r></w:p>\
        <w:p><w:r><w:t xml:space=\"preserve\">Dogs &amp; cats </w:t></w:r><w:r><w:t>pay&#x20;half.</w:t></w:r></w:p>\
        <w:p><w:pPr><w:pStyle w:val=\"Zwei\"/></w:pPr><w:r><w:t>Table</w:t></w:r></w:p>\
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Car</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>9 marks</w:t></w:r></w:p>\
        </w:tc></w:tr><w:tr><w:tc><w:p><w:r><w:t>Cart</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>4 marks</w:t></w:r>\
        </w:p></w:tc></w:tr></w:tbl>";
    let read = read(DocumentKind::Docx, &docx(body));
    assert_eq!(read.title.as_deref(), Some("Fees"));
    assert_eq!(read.sections[0].text, "Dogs & cats pay half.");
    assert_eq!(read.sections[0].heading, ["Fees"]);
    assert_eq!(read.sections[0].place.paragraphs, Some((2, 2)));
    assert_eq!(read.sections[1].heading, ["Fees", "Table"]);
    assert_eq!(read.sections[1].text, "Car | 9 marks\n\nCart | 4 marks");
    assert_eq!(read.sections[1].place.to_string(), "paragraphs 4–5");
}

#[test]
fn what_is_broken_keeps_what_came_before_and_a_bomb_is_refused() {
    let read = read(
        DocumentKind::Docx,
        &docx("<w:p><w:r><w:t>Before</w:t></w:r></w:p><w:p></w:x>"),
    );
    assert_eq!(read.sections[0].text, "Before");
    assert!(
        read.problems[0].contains("after paragraph 1"),
        "{:?}",
        read.problems
    );
    let bomb = vec![b' '; 65 << 20];
    let packed = zip(&[("word/document.xml", &bomb)]);
    assert!(packed.len() < 1 << 20);
    let failed = try_read(DocumentKind::Docx, &packed, ExtractLimits::default());
    assert!(failed.expect_err("a bomb").0.contains("more than 64 MiB"));
}
