//! Asking documents: which of them count, and what of them is nearest to a question.

use memory::{Action, DocumentInfo, DocumentScope, Mode, Scope, SearchRequest, section_number};
use wire::tokens;

use super::base::KnowledgeBase;
use super::section::{KnowledgeHit, ReadSection};
use crate::{Error, Result};

/// The length of a question's start that is looked for, in bytes.
const MAX_QUERY_BYTES: usize = 2_000;

/// Hits that are looked at.
const MAX_HITS: usize = 24;

/// The least that a section must fit: less than what counts as an answer elsewhere, since a question about a
/// document shares few words with it, and the budget keeps what is quoted short.
const MIN_SCORE: f64 = 0.2;

/// The sections of one document that may go whole before a model.
const MAX_WHOLE_SECTIONS: usize = 400;

/// How much of a question's start and of its end is looked through for names of files, in bytes: what is pasted into
/// a message is long, and what is asked of it stands before or behind it.
const MAX_NAMING_BYTES: usize = 4_000;

/// Letters of a file's name that a question must hold to mean that file.
const MIN_NAME_LETTERS: usize = 4;

/// In which documents is looked: those that count for a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnowledgeScope {
    /// The conversation's id.
    pub conversation: Option<String>,
    /// The id of its character.
    pub character: Option<String>,
    /// The name of its project.
    pub project: Option<String>,
}

impl KnowledgeScope {
    /// The scopes of documents that count.
    #[must_use]
    pub fn scopes(&self) -> Vec<DocumentScope> {
        let own = [
            self.conversation.clone().map(DocumentScope::Conversation),
            self.character.clone().map(DocumentScope::Character),
            self.project.clone().map(DocumentScope::Project),
        ];
        own.into_iter()
            .flatten()
            .chain([DocumentScope::Everywhere])
            .collect()
    }
}

/// What is to be read of the documents that count for a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnowledgeWanted {
    /// The sections that fit this best.
    Question(String),
    /// One section and those behind it.
    Section {
        /// The document, by its id, its name or its place.
        document: String,
        /// The number of the section, from 0.
        number: u32,
    },
}

/// The documents that count for a question, and what of them goes where.
pub(crate) struct CountingDocuments {
    /// Those that go whole before the model, in the order in which they were added.
    pub(crate) whole: Vec<DocumentInfo>,
    /// Those of which sections are looked for.
    pub(crate) ranked: Vec<DocumentInfo>,
}

impl CountingDocuments {
    /// The documents of which sections are looked for because of a question. One that names a document that goes
    /// whole has it already, so sections of others would only stand beside what is asked for.
    pub(crate) fn asked(&self, question: &str) -> Vec<&DocumentInfo> {
        let question = naming_part(question);
        let is_whole = self.whole.iter().any(|one| is_named(&one.name, &question));
        let named = named_among(&self.ranked, &question);
        match named.is_empty() && !is_whole {
            true => self.ranked.iter().collect(),
            false => named,
        }
    }
}

impl KnowledgeBase {
    /// What counts for a conversation. Documents go whole as long as they are small together: the smallest first, so
    /// that one large one keeps no small one out.
    pub(crate) fn counting(&self, scope: &KnowledgeScope) -> Result<CountingDocuments> {
        let documents = self.list(Some(&scope.scopes()))?;
        let mut by_size: Vec<&DocumentInfo> = documents.iter().collect();
        by_size.sort_by(|one, other| (one.text_bytes, &one.id).cmp(&(other.text_bytes, &other.id)));
        let mut left = self.options.whole_tokens;
        let mut whole_ids = Vec::new();
        for document in by_size {
            let takes = tokens_of(document);
            if takes > left || document.sections > MAX_WHOLE_SECTIONS as u64 {
                break;
            }
            left -= takes;
            whole_ids.push(document.id.clone());
        }
        let (whole, ranked) = documents
            .into_iter()
            .partition(|document| whole_ids.contains(&document.id));
        Ok(CountingDocuments { whole, ranked })
    }

    /// The sections of a document that goes whole, without what a guard keeps from readers.
    pub(crate) fn whole(&self, document: &DocumentInfo) -> Result<Vec<ReadSection>> {
        let mut sections = self.sections(&document.id, 0, MAX_WHOLE_SECTIONS)?;
        sections.retain(|section| section.guard < Action::Quarantine);
        Ok(sections)
    }

    /// The sections of the documents of a scope that fit a question best, the best first: by one ranking over all of
    /// them. A question that names a file looks into that file only.
    ///
    /// # Errors
    /// If the archive can't be read, or the question has no words.
    pub fn ask(
        &self,
        scope: &KnowledgeScope,
        question: &str,
        max_tokens: usize,
    ) -> Result<Vec<KnowledgeHit>> {
        let documents = self.list(Some(&scope.scopes()))?;
        self.ask_of(&documents, question, max_tokens)
    }

    /// What a tool reads for a model: of the documents that count for a conversation and no others, without what a guard
    /// quarantines, in about `max_tokens` tokens. A section that is named comes however long it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a document that doesn't count there; if the archive can't be read, or the question
    /// has no words.
    pub fn read_knowledge(
        &self,
        scope: &KnowledgeScope,
        wanted: &KnowledgeWanted,
        max_tokens: usize,
    ) -> Result<Vec<ReadSection>> {
        match wanted {
            KnowledgeWanted::Question(question) => {
                let hits = self.ask(scope, question, max_tokens)?;
                Ok(hits.into_iter().map(|hit| hit.section).collect())
            }
            KnowledgeWanted::Section { document, number } => {
                let counting = self.list(Some(&scope.scopes()))?;
                let found = counting
                    .iter()
                    .find(|one| one.id == *document)
                    .or_else(|| {
                        let mut named = counting.iter();
                        named.find(|one| one.name == *document || one.place == *document)
                    })
                    .ok_or_else(|| Error::not_found("document", document))?;
                let mut left = max_tokens;
                let mut sections = self.sections(&found.id, *number, MAX_HITS)?;
                sections.retain(|section| section.guard < Action::Quarantine);
                let sections = sections.into_iter().take_while(|section| {
                    let takes = tokens::estimate(&section.text);
                    let fits = section.number == *number || takes <= left;
                    left = left.saturating_sub(takes);
                    fits
                });
                Ok(sections.collect())
            }
        }
    }

    /// The sections of these scopes' documents, or of all, that fit a query best, the best first.
    ///
    /// # Errors
    /// If the archive can't be read, or the query has no words.
    pub fn search(
        &self,
        scopes: Option<&[DocumentScope]>,
        query: &str,
        max_tokens: usize,
    ) -> Result<Vec<KnowledgeHit>> {
        self.ask_of(&self.list(scopes)?, query, max_tokens)
    }

    /// As [`Self::ask`], of these documents.
    fn ask_of(
        &self,
        documents: &[DocumentInfo],
        question: &str,
        max_tokens: usize,
    ) -> Result<Vec<KnowledgeHit>> {
        let named = named_among(documents, &naming_part(question));
        let asked = match named.is_empty() {
            true => documents.iter().collect(),
            false => named,
        };
        self.best_of(&asked, question, max_tokens)
    }

    /// The sections of these documents that fit a question best, the best first, in about `max_tokens` tokens.
    pub(crate) fn best_of(
        &self,
        asked: &[&DocumentInfo],
        question: &str,
        max_tokens: usize,
    ) -> Result<Vec<KnowledgeHit>> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let end = question.floor_char_boundary(MAX_QUERY_BYTES.min(question.len()));
        let request = SearchRequest {
            mode: Mode::Hybrid,
            limit: MAX_HITS,
            min_score: MIN_SCORE,
            as_typed: true,
            documents: Some(asked.iter().map(|one| one.id.clone()).collect()),
            ..SearchRequest::new(&question[..end], Scope::All, self.memory.clock().millis())
        };
        let found = self.memory.search_archived(&request)?;
        let mut left = max_tokens;
        let mut hits = Vec::new();
        for hit in found.response.hits {
            let Some(number) = section_number(&hit.message_id) else {
                continue;
            };
            let Some(section) = self.sections(&hit.conversation_id, number, 1)?.pop() else {
                continue;
            };
            let takes = tokens::estimate(&section.text) + tokens::estimate(&section.heading);
            if section.number != number || section.guard >= Action::Quarantine || takes > left {
                continue;
            }
            left -= takes;
            hits.push(KnowledgeHit {
                section,
                score: hit.score,
            });
        }
        Ok(hits)
    }
}

/// Tokens that a document takes, at most about: four bytes are a token in prose, fewer in code.
pub(super) fn tokens_of(document: &DocumentInfo) -> usize {
    usize::try_from(document.text_bytes / 3 + document.sections * 12).unwrap_or(usize::MAX)
}

/// The part of a question that is looked through for names of files, in lower case.
fn naming_part(question: &str) -> String {
    if question.len() <= 2 * MAX_NAMING_BYTES {
        return question.to_lowercase();
    }
    let start = question.floor_char_boundary(MAX_NAMING_BYTES);
    let end = question.ceil_char_boundary(question.len() - MAX_NAMING_BYTES);
    format!("{}\n{}", &question[..start], &question[end..]).to_lowercase()
}

fn named_among<'d>(documents: &'d [DocumentInfo], question: &str) -> Vec<&'d DocumentInfo> {
    let named = documents.iter().filter(|one| is_named(&one.name, question));
    named.collect()
}

/// Whether a question, in lower case, names a file: with its ending, or a long name without it.
fn is_named(name: &str, question: &str) -> bool {
    let name = name.to_lowercase();
    let stem = name
        .rsplit_once('.')
        .map_or(name.as_str(), |(stem, _)| stem);
    let is_there = |wanted: &str| {
        let mut places = question.match_indices(wanted);
        places.any(|(at, _)| {
            let before = question[..at].chars().next_back();
            let after = question[at + wanted.len()..].chars().next();
            let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            !is_word(before) && !is_word(after)
        })
    };
    let has_ending = name.len() > stem.len();
    // A name of one common word, such as `notes`, isn't what a question means that has the word.
    let is_telling =
        stem.contains(['-', '_', '.', ' ']) || stem.chars().any(|c| c.is_ascii_digit());
    (has_ending && name.chars().count() >= MIN_NAME_LETTERS && is_there(&name))
        || (is_telling && stem.chars().count() >= MIN_NAME_LETTERS && is_there(stem))
}
