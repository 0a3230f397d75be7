//! Sections of documents as they are read.

use document::SectionPlace;
use memory::DocumentInfo;
use wire::SectionDoc;

use crate::detail::RecalledKnowledge;

/// What separates the headings that a section stands under.
pub(super) const HEADING_SEPARATOR: &str = " › ";

/// A section as it is read.
#[derive(Clone, Debug)]
pub struct ReadSection {
    /// The document that it is of.
    pub document: DocumentInfo,
    /// Its number in it, from 0.
    pub number: u32,
    /// The headings that it stands under, in one line; empty for none.
    pub heading: String,
    /// Its text, as the guards let recalled text be shown.
    pub text: String,
    /// Where it stands.
    pub place: SectionPlace,
    /// The strictest action that the guards took on it.
    pub guard: memory::Action,
}

impl ReadSection {
    /// The section as it is told.
    #[must_use]
    pub fn doc(&self) -> SectionDoc<'_> {
        SectionDoc {
            document: &self.document.id,
            name: &self.document.name,
            section: self.number,
            heading: &self.heading,
            place: self.place.to_string(),
            at: serde_json::to_value(&self.place).unwrap_or_default(),
            fragment: self.place.fragment(),
            text: &self.text,
            score: None,
        }
    }
}

/// A section that was found.
#[derive(Clone, Debug)]
pub struct KnowledgeHit {
    /// The section.
    pub section: ReadSection,
    /// How well it fits, 0–1.
    pub score: f64,
}

impl KnowledgeHit {
    /// The section as it is told, with how well it fits.
    #[must_use]
    pub fn doc(&self) -> SectionDoc<'_> {
        SectionDoc {
            score: Some(self.score),
            ..self.section.doc()
        }
    }
}

/// A section as it is told to those who look on.
pub(super) fn recalled(hit: &KnowledgeHit) -> RecalledKnowledge {
    let section = &hit.section;
    RecalledKnowledge {
        document: section.document.id.clone(),
        name: section.document.name.clone(),
        section: section.number,
        heading: section.heading.clone(),
        place: section.place.to_string(),
        fragment: section.place.fragment(),
        score: hit.score,
    }
}

/// Where a section stands, from how the archive keeps it.
pub(super) fn place_of(json: &str) -> SectionPlace {
    serde_json::from_str(json).unwrap_or_default()
}
