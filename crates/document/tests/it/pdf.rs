//! PDF.

use document::{DocumentKind, ExtractLimits, ExtractRecord, extract};

use crate::made::{pdf, pdf_of};
use crate::{read, try_read};

#[test]
fn larger_lines_are_headings_and_sections_end_with_their_page() {
    let read = read(
        DocumentKind::Pdf,
        &pdf(&[
            vec![
                (20, "Harbour rules"),
                (11, "Ships wait outside of the mole."),
                (15, "Pilots"),
                (11, "A pilot boards at the buoy."),
            ],
            vec![(11, "He leaves at the lock (east side).")],
        ]),
    );
    assert_eq!(read.pages, Some(2));
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let told: Vec<(u32, String, &str)> = read
        .sections
        .iter()
        .map(|section| {
            (
                section.place.page.unwrap_or(0),
                section.heading.join("/"),
                section.text.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                1,
                "Harbour rules".to_owned(),
                "Ships wait outside of the mole."
            ),
            (
                1,
                "Harbour rules/Pilots".to_owned(),
                "A pilot boards at the buoy."
            ),
            (
                2,
                "Harbour rules/Pilots".to_owned(),
                "He leaves at the lock (east side)."
            ),
        ]
    );
    assert_eq!(read.sections[2].place.fragment().as_deref(), Some("page=2"));
    assert_eq!(read.sections[2].place.to_string(), "page 2");
}

#[test]
fn pages_without_a_text_layer_are_named() {
    let mut pages = vec![Vec::new(); 12];
    pages.push(vec![(11, "The last page has text.")]);
    pages.push(Vec::new());
    let read = read(DocumentKind::Pdf, &pdf(&pages));
    assert_eq!(read.pages, Some(14));
    assert_eq!(read.sections.len(), 1);
    assert_eq!(read.sections[0].place.page, Some(13));
    assert!(
        read.problems[0].starts_with("no text layer on pages 1–12, 14"),
        "{:?}",
        read.problems
    );
}

#[test]
fn pages_are_handed_out_before_the_next_is_read_once_headings_are_known() {
    // Pages without text tell nothing of headings, so they don't count among those that do.
    let mut pages = vec![Vec::new(); 40];
    for number in 41..=80 {
        let heading = if number % 10 == 1 { 16 } else { 11 };
        pages.push(vec![
            (heading, "Some words above"),
            (11, "the text of the page, which goes on."),
        ]);
    }
    let mut records = Vec::new();
    let limits = ExtractLimits::default();
    extract(DocumentKind::Pdf, &pdf(&pages), limits, &mut |record| {
        records.push(record);
    })
    .expect("it can be read");
    let (mut at, mut sections) = (0, Vec::new());
    for record in &records {
        match record {
            ExtractRecord::At { page } => at = *page,
            ExtractRecord::Section(section) => {
                let page = section.place.page.expect("a page");
                assert_eq!(section.heading, ["Some words above"]);
                sections.push((page, at));
            }
            _ => {}
        }
    }
    // Thirty pages with text tell the headings; those behind are handed out one by one.
    let expected = (41..=80).map(|page| (page, page.max(70)));
    assert_eq!(sections, expected.collect::<Vec<_>>());
    let problem = &records[records.len() - 2];
    let ExtractRecord::Problem { what } = problem else {
        panic!("{problem:?}");
    };
    assert!(what.starts_with("no text layer on pages 1–40"), "{what}");
}

#[test]
fn a_broken_page_loses_no_other() {
    let good = "BT /F1 11 Tf 1 0 0 1 72 700 Tm (Good.) Tj ET".to_owned();
    // A font that isn't there, and operands that are none.
    let bad = "BT /F9 11 Tf (x) Tj ET Q Q Q (a) Td /x Tf 1 cm".to_owned();
    let read = read(DocumentKind::Pdf, &pdf_of(&[good.clone(), bad, good]));
    let pages: Vec<Option<u32>> = read
        .sections
        .iter()
        .map(|section| section.place.page)
        .collect();
    assert_eq!(pages, [Some(1), Some(3)]);
    assert!(
        read.problems.iter().any(|what| what.contains("page 2")),
        "{:?}",
        read.problems
    );
}

#[test]
fn what_is_no_pdf_is_told() {
    for bytes in [
        &b"%PDF-1.4\n"[..],
        b"%PDF-1.7\n1 0 obj\n<<",
        &pdf(&[vec![(11, "x")]])[..200],
    ] {
        let failed = try_read(DocumentKind::Pdf, bytes, ExtractLimits::default());
        assert!(failed.is_err() || failed.is_ok_and(|read| read.sections.is_empty()));
    }
}
