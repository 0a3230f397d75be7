//! Characters that come with the program. A file of the same id in the person's directory takes the place of one.

/// A character that comes with the program.
pub(super) struct ShippedCharacter {
    pub(super) id: &'static str,
    /// As it stands in its file.
    pub(super) sheet: &'static str,
    /// What it knows: a document in Markdown, if it has one.
    pub(super) knowledge: Option<&'static str>,
}

/// All of them, by their ids.
pub(super) static SHIPPED: [ShippedCharacter; 3] = [
    ShippedCharacter {
        id: "maren",
        sheet: include_str!("../../characters/tutor.toml"),
        knowledge: None,
    },
    ShippedCharacter {
        id: "napoleon",
        sheet: include_str!("../../characters/napoleon.toml"),
        knowledge: Some(include_str!("../../characters/napoleon-knowledge.md")),
    },
    ShippedCharacter {
        id: "narrator",
        sheet: include_str!("../../characters/narrator.toml"),
        knowledge: None,
    },
];

/// The one of this id.
pub(super) fn shipped(id: &str) -> Option<&'static ShippedCharacter> {
    SHIPPED.iter().find(|shipped| shipped.id == id)
}
