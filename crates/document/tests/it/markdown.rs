//! Markdown.

use document::{DocumentKind, ExtractLimits};
use proptest::prelude::*;

use crate::{read, try_read};

#[test]
fn sections_have_their_headings_lines_and_anchors() {
    let text = "---\ntitle: x\n---\n# The Inn\n\nWelcome.\n\nRooms\n-----\n\nTwelve beds.\n```sh\n# no heading\n```\n\n\
                ## Rooms\n\nAgain.\n\n## Cellar {#down}\nWine.\n";
    let read = read(DocumentKind::Markdown, text.as_bytes());
    assert_eq!(read.title.as_deref(), Some("The Inn"));
    type Told<'a> = (String, Option<(u32, u32)>, Option<&'a str>);
    let told: Vec<Told<'_>> = read
        .sections
        .iter()
        .map(|section| {
            (
                section.heading.join("/"),
                section.place.lines,
                section.place.anchor.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("The Inn".to_owned(), Some((6, 6)), Some("the-inn")),
            ("The Inn/Rooms".to_owned(), Some((11, 14)), Some("rooms")),
            ("The Inn/Rooms".to_owned(), Some((18, 18)), Some("rooms-1")),
            ("The Inn/Cellar".to_owned(), Some((21, 21)), Some("down")),
        ]
    );
}

#[test]
fn a_long_section_is_cut_at_paragraphs_and_its_lines_are_true() {
    let paragraphs: Vec<String> = (0..40)
        .map(|n| format!("Paragraph {n} says something about rope.\nAnd more."))
        .collect();
    let text = format!("# Rope\n\n{}\n", paragraphs.join("\n\n"));
    let lines: Vec<&str> = text.lines().collect();
    let read = read(DocumentKind::Markdown, text.as_bytes());
    assert!(read.sections.len() > 1);
    for section in &read.sections {
        let (first, last) = section.place.lines.expect("lines");
        let stands = lines[first as usize - 1..last as usize].join("\n");
        assert_eq!(section.text, stands);
    }
}

#[test]
fn what_is_too_long_is_cut_and_told() {
    let text = "# A\n\nwords and words\n\n".repeat(500);
    let limits = ExtractLimits {
        text_bytes: 1_000,
        sections: 10_000,
    };
    let read = try_read(DocumentKind::Markdown, text.as_bytes(), limits).expect("it can be read");
    assert!(read.sections.len() < 100);
    assert!(
        read.problems[0].contains("the rest is left out"),
        "{:?}",
        read.problems
    );
}

proptest! {
    #[test]
    fn no_text_is_lost_or_invented(text in "(([#=`-]{0,4}[a-zé ]{0,300}\n{1,3}){0,20})") {
        let read = read(DocumentKind::Text, text.as_bytes());
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let kept: Vec<String> = read.sections.iter().flat_map(|section| words(&section.text)).collect();
        let all = words(&text);
        // A word that is longer than a section is cut in two, and no such word is made here.
        prop_assert_eq!(kept, all);
    }

    #[test]
    fn nothing_makes_it_fail(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for kind in [DocumentKind::Text, DocumentKind::Markdown, DocumentKind::Html, DocumentKind::Code] {
            let _ = try_read(kind, &bytes, ExtractLimits::default());
        }
    }
}
