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

fn paragraph(inside: &str) -> String {
    format!("<w:p>{inside}</w:p>")
}

fn run(text: &str) -> String {
    format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
}

/// A text box as Word writes it: for new programs, and once more for old ones.
fn text_box(inside: &str) -> String {
    let content = format!("<w:txbxContent>{inside}</w:txbxContent>");
    format!(
        "<w:r><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><wps:txbx>{content}</wps:txbx></w:drawing>\
         </mc:Choice><mc:Fallback><w:pict><v:textbox>{content}</v:textbox></w:pict></mc:Fallback>\
         </mc:AlternateContent></w:r>"
    )
}

fn cell(inside: &str) -> String {
    format!("<w:tc>{inside}</w:tc>")
}

fn table(cells: &str) -> String {
    format!("<w:tbl><w:tr>{cells}</w:tr></w:tbl>")
}

fn texts(body: &str) -> Vec<String> {
    let read = read(DocumentKind::Docx, &docx(body));
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let sections = read.sections.into_iter();
    sections.map(|section| section.text).collect()
}

#[test]
fn text_around_a_text_box_is_kept_and_the_box_comes_once() {
    let inner = text_box(&paragraph(&run("TWO")));
    let body = paragraph(&format!("{}{inner}{}", run("ONE before "), run("THREE")));
    assert_eq!(texts(&body), ["ONE before THREE\n\nTWO"]);
    // A box that hangs on a heading belongs to what stands under it.
    let style = "<w:pPr><w:pStyle w:val=\"berschrift1\"/></w:pPr>";
    let body = paragraph(&format!("{style}{inner}{}", run("Fees")));
    let read = read(DocumentKind::Docx, &docx(&body));
    assert_eq!(read.sections[0].heading, ["Fees"]);
    assert_eq!(read.sections[0].text, "TWO");
    // Nothing but the box, and a box with a table in a box.
    assert_eq!(texts(&paragraph(&inner)), ["TWO"]);
    let cells = [cell(&paragraph(&run("a"))), cell(&paragraph(&run("b")))];
    let nested = text_box(&format!(
        "{}{}",
        paragraph(&format!("{}{inner}", run("ONE"))),
        table(&cells.concat())
    ));
    assert_eq!(texts(&paragraph(&nested)), ["TWO\n\nONE\n\na | b"]);
}

#[test]
fn a_table_or_a_text_box_in_a_cell_stays_in_it() {
    let four = cell(&paragraph(&run("FOUR")));
    let six = cell(&paragraph(&run("6")));
    let seven = cell(&paragraph(&run("7")));
    let nested = table(&format!("{six}{seven}"));
    let five = cell(&format!("{}{nested}<w:p/>", paragraph(&run("FIVE"))));
    let last = cell(&paragraph(&run("EIGHT")));
    let body = table(&format!("{four}{five}{last}"));
    assert_eq!(texts(&body), ["FOUR | FIVE 6, 7; | EIGHT"]);
    let boxed = format!(
        "{}{}{}",
        run("FIVE"),
        text_box(&paragraph(&run("box"))),
        run("end")
    );
    let body = table(&format!("{four}{}{last}", cell(&paragraph(&boxed))));
    assert_eq!(texts(&body), ["FOUR | FIVE box end | EIGHT"]);
}

#[test]
fn what_is_nested_without_end_is_left_out_and_the_rest_is_kept() {
    let depth = 10_000;
    let open = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>in</w:t></w:r></w:p>".repeat(depth);
    let close = "</w:tc></w:tr></w:tbl>".repeat(depth);
    let body = format!("{open}{close}{}", paragraph(&run("After.")));
    let read = read(DocumentKind::Docx, &docx(&body));
    let text = &read.sections[0].text;
    assert!(text.ends_with("\n\nAfter."), "{text}");
    assert_eq!(text.matches("in").count(), 32, "{text}");
    assert!(
        read.problems[0].contains("more than 32 deep"),
        "{:?}",
        read.problems
    );
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
