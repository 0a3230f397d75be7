//! Source code.

use document::DocumentKind;

use crate::read;

#[test]
fn definitions_are_sections_with_their_lines() {
    let text = "//! Counts.\n\nuse std::fmt;\n\n/// Adds.\npub fn add(a: u32, b: u32) -> u32 {\n    a + b\n}\n\nconst X: u32 = 1;\n";
    let read = read(DocumentKind::Code, text.as_bytes());
    let told: Vec<(String, Option<(u32, u32)>)> = read
        .sections
        .iter()
        .map(|section| (section.heading.join("/"), section.place.lines))
        .collect();
    assert_eq!(
        told,
        [
            (String::new(), Some((1, 3))),
            ("pub fn add(a: u32, b: u32) -> u32".to_owned(), Some((5, 8))),
            (String::new(), Some((10, 10))),
        ]
    );
}

#[test]
fn a_long_class_is_cut_along_its_methods() {
    let methods: String = (0..40)
        .map(|n| format!("    def method_{n}(self, value):\n        total = value * {n}\n        return total + {n}\n\n"))
        .collect();
    let text = format!("import os\n\n\nclass Counter:\n    \"\"\"Counts.\"\"\"\n\n{methods}");
    let lines: Vec<&str> = text.lines().collect();
    let read = read(DocumentKind::Code, text.as_bytes());
    let last = read.sections.last().expect("a section");
    assert_eq!(
        last.heading,
        ["class Counter", "def method_39(self, value)"]
    );
    let (first, end) = last.place.lines.expect("lines");
    assert_eq!(
        last.text.trim(),
        lines[first as usize - 1..end as usize].join("\n").trim()
    );
}
