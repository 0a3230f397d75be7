//! Text in whatever encoding.

use document::DocumentKind;

use crate::read;

#[test]
fn encodings_are_told_apart() {
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("Größe".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(read(DocumentKind::Text, &wide).sections[0].text, "Größe");
    let old = read(DocumentKind::Text, b"Gr\xf6\xdfe \x80");
    assert_eq!(old.sections[0].text, "Größe €");
    assert!(old.problems[0].contains("Windows-1252"));
}

#[test]
fn one_endless_line_is_cut_between_words_and_nothing_is_nothing() {
    let text = "word ".repeat(5_000);
    let read_long = read(DocumentKind::Text, text.as_bytes());
    assert!(read_long.sections.len() >= 12);
    assert!(
        read_long
            .sections
            .iter()
            .all(|section| section.text.ends_with("word"))
    );
    let empty = read(DocumentKind::Text, b" \n\n ");
    assert!(empty.sections.is_empty());
    assert_eq!(empty.problems, ["has no text"]);
}
