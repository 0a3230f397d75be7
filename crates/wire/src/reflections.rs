//! The documents of reflections (notes that a person or an assistant stored in the archive) and of marks
//! (`open`, `resolved` or `superseded`: whether what a message says still holds). Times are RFC 3339 in UTC,
//! `null` where there is none.

use recall::{ForeignReport, Marked, Reflection, ReflectionHit};
use serde::Serialize;
use transcript::{Marking, Reflected};

use crate::when::time;

/// The document that `reflect --json` and `reflect edit --json` print: the reflection as it is kept.
#[derive(Serialize)]
pub struct OneReflectionDoc<'a> {
    /// `id`, `content`, `tags`, `project`, `role` (`user` or `assistant`), `author`, `created`, `updated`
    /// (`null` if never), `conversation` (the id of the one that it came from) and `status`, its latest mark.
    reflection: ReflectionDoc<'a>,
}

/// The document that `reflect list --json` prints: the reflections that fit the filter.
#[derive(Serialize)]
pub struct ReflectionsDoc<'a> {
    /// Each with the fields of [`OneReflectionDoc`]'s `reflection`, the newest first.
    reflections: Vec<ReflectionDoc<'a>>,
}

#[derive(Serialize)]
struct ReflectionDoc<'a> {
    id: &'a str,
    content: &'a str,
    tags: &'a [String],
    project: &'a str,
    role: &'static str,
    author: Option<&'a str>,
    created: Option<String>,
    updated: Option<String>,
    conversation: Option<&'a str>,
    status: Option<MarkDoc<'a>>,
}

/// What became of a message.
#[derive(Serialize)]
pub(crate) struct MarkDoc<'a> {
    status: &'static str,
    evidence: Option<&'a str>,
    claim: Option<&'a str>,
    who: Option<&'a str>,
    time: Option<String>,
}

/// What a message has as a reflection.
#[derive(Serialize)]
pub(crate) struct ReflectedDoc<'a> {
    /// What it is filed under.
    pub(crate) tags: &'a [String],
    /// Who stored it.
    pub(crate) author: Option<&'a str>,
}

/// The document that `reflect mark --json` prints: what was marked, and how it was marked before.
#[derive(Serialize)]
pub struct MarkedDoc<'a> {
    /// Each message once, in the order of the ids that were given: `id`, `project`, `reflection` (whether it
    /// is one), `before` (the status before, `null` if it was never marked) and `status`, both `open`,
    /// `resolved` or `superseded`.
    marked: Vec<MarkedOneDoc<'a>>,
}

#[derive(Serialize)]
struct MarkedOneDoc<'a> {
    id: &'a str,
    project: &'a str,
    reflection: bool,
    before: Option<&'static str>,
    status: &'static str,
}

/// The document that `reflect import --json` prints: what each store of Claude Self-Reflect brought.
#[derive(Serialize)]
pub struct ForeignDoc<'a> {
    /// Each store that was read: `store` (its address or path) and the numbers of reflections `added`,
    /// `known` (in the archive already) and `empty` (without text, left out), and of `marks` added.
    stores: Vec<StoreDoc<'a>>,
}

#[derive(Serialize)]
struct StoreDoc<'a> {
    store: &'a str,
    added: u64,
    known: u64,
    empty: u64,
    marks: u64,
}

impl<'a> OneReflectionDoc<'a> {
    /// The document of a stored reflection.
    pub fn new(reflection: &'a Reflection) -> Self {
        Self {
            reflection: ReflectionDoc::new(reflection),
        }
    }
}

impl<'a> ReflectionsDoc<'a> {
    /// The document of these reflections, in their order.
    pub fn new(reflections: &'a [Reflection]) -> Self {
        Self {
            reflections: reflections.iter().map(ReflectionDoc::new).collect(),
        }
    }
}

impl<'a> ReflectionDoc<'a> {
    fn new(reflection: &'a Reflection) -> Self {
        Self {
            id: &reflection.id,
            content: &reflection.content,
            tags: &reflection.tags,
            project: &reflection.project,
            role: reflection.role.name(),
            author: reflection.author.as_deref(),
            created: time(Some(reflection.created)),
            updated: time(reflection.updated),
            conversation: reflection.conversation.as_deref(),
            status: reflection.status.as_ref().map(MarkDoc::new),
        }
    }
}

impl<'a> MarkDoc<'a> {
    /// A mark.
    pub(crate) fn new(mark: &'a Marking) -> Self {
        Self {
            status: mark.status.name(),
            evidence: mark.evidence.as_deref(),
            claim: mark.claim.as_deref(),
            who: mark.who.as_deref(),
            time: time(Some(mark.time)),
        }
    }
}

impl<'a> ReflectedDoc<'a> {
    /// What a hit has as a reflection.
    pub(crate) fn of_hit(about: &'a ReflectionHit) -> Self {
        Self {
            tags: &about.tags,
            author: about.author.as_deref(),
        }
    }

    /// What a message has as a reflection.
    pub(crate) fn new(about: &'a Reflected) -> Self {
        Self {
            tags: &about.tags,
            author: about.author.as_deref(),
        }
    }
}

impl<'a> MarkedDoc<'a> {
    /// The document of what was marked, in this order.
    pub fn new(marked: &'a [Marked]) -> Self {
        let one = |marked: &'a Marked| MarkedOneDoc {
            id: &marked.id,
            project: &marked.project,
            reflection: marked.is_reflection,
            before: marked.before.map(transcript::MarkStatus::name),
            status: marked.status.name(),
        };
        Self {
            marked: marked.iter().map(one).collect(),
        }
    }
}

impl<'a> ForeignDoc<'a> {
    /// The document of these stores, in their order: each with its address or path, and what was imported.
    pub fn new(stores: &'a [(String, ForeignReport)]) -> Self {
        let one = |(store, report): &'a (String, ForeignReport)| StoreDoc {
            store,
            added: report.added,
            known: report.known,
            empty: report.empty,
            marks: report.marks,
        };
        Self {
            stores: stores.iter().map(one).collect(),
        }
    }
}
