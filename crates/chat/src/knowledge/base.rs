//! The documents of a person: adding, listing, reading, removing and reading again.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use document::{DocumentKind, ExtractedSection, UnknownKind};
use memory::{
    DocumentInfo, DocumentOrigin, DocumentOutcome, DocumentScope, Memory, NewDocument, NewSection,
    StoredDocument,
};

use super::extractor::extract;
use super::folder::documents_below;
use super::options::KnowledgeOptions;
use super::section::{HEADING_SEPARATOR, ReadSection, place_of};
use super::source::OpenDocument;
use crate::{Error, Result};

/// How long a name may be, in bytes.
const MAX_NAME_BYTES: usize = 300;

/// What can be added.
const SOURCES_HINT: &str =
    "name a file, a folder, or an address that begins with `http://` or `https://`";

/// What can be read.
const KINDS_HINT: &str = "text, Markdown, HTML, PDF, DOCX and source code are read";

/// What changes which addresses are fetched.
const PRIVATE_HINT: &str = "`knowledge.private_addresses` says whether such addresses are fetched";

/// What changes how large a document may be.
const SIZE_HINT: &str = "`knowledge.max_mib` says how large a document may be";

/// A document that was added, or why it wasn't.
#[derive(Debug)]
pub struct AddedDocument {
    /// The path, address or name that was given.
    pub place: String,
    /// What became of it.
    pub stored: Result<StoredDocument>,
}

/// The documents of a person.
#[derive(Clone)]
pub struct KnowledgeBase {
    pub(super) memory: Arc<Memory>,
    pub(super) options: Arc<KnowledgeOptions>,
}

impl KnowledgeBase {
    /// The documents in a person's archive.
    #[must_use]
    pub fn new(memory: Arc<Memory>, options: Arc<KnowledgeOptions>) -> Self {
        Self { memory, options }
    }

    /// What it was set up with.
    #[must_use]
    pub fn options(&self) -> &KnowledgeOptions {
        &self.options
    }

    /// Adds a file, or all documents below a folder, by its absolute path, and hands what became of each to `each`.
    pub fn add_path(
        &self,
        path: &Path,
        scope: &DocumentScope,
        each: &mut dyn FnMut(AddedDocument),
    ) {
        if !path.is_dir() {
            each(self.add_file(path, scope));
            return;
        }
        let (files, mut problems) = documents_below(path);
        if files.is_empty() && problems.is_empty() {
            problems.push("has no documents in it".to_owned());
        }
        for problem in problems {
            each(AddedDocument {
                place: path.display().to_string(),
                stored: Err(Error::unreadable(&path.display().to_string(), problem)),
            });
        }
        for file in files {
            each(self.add_file(&file, scope));
        }
    }

    /// Adds a file, by its absolute path: under that it is known and read again.
    pub fn add_file(&self, path: &Path, scope: &DocumentScope) -> AddedDocument {
        AddedDocument {
            place: path.display().to_string(),
            stored: self.store_file(path, scope),
        }
    }

    fn store_file(&self, path: &Path, scope: &DocumentScope) -> Result<StoredDocument> {
        let shown = path.display().to_string();
        let fails = |error: std::io::Error| {
            let failed = cannot_read(&shown, &files::reason(&error));
            match error.kind() {
                std::io::ErrorKind::NotFound => failed.with_hint(SOURCES_HINT),
                _ => failed,
            }
        };
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let file = files::open(path).map_err(fails)?.into_file();
        let modified = file
            .metadata()
            .ok()
            .and_then(|metadata| metadata.modified().ok());
        let modified = modified
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
            .and_then(|since| i64::try_from(since.as_millis()).ok());
        self.store(
            file,
            scope,
            &Named {
                name: name.unwrap_or_else(|| shown.clone()),
                origin: DocumentOrigin::File,
                place: shown.clone(),
                modified,
                content_type: None,
            },
        )
    }

    /// Adds what a program or page sends, under a name that is data only: no file of this name is opened or made.
    pub fn add_upload(&self, name: &str, file: File, scope: &DocumentScope) -> AddedDocument {
        let stored = self.store(
            file,
            scope,
            &Named {
                name: name.to_owned(),
                origin: DocumentOrigin::Upload,
                place: name.to_owned(),
                modified: None,
                content_type: None,
            },
        );
        AddedDocument {
            place: name.to_owned(),
            stored,
        }
    }

    /// Fetches a document and adds it.
    pub async fn add_url(&self, url: &str, scope: &DocumentScope) -> AddedDocument {
        AddedDocument {
            place: url.to_owned(),
            stored: self.store_url(url, scope).await,
        }
    }

    async fn store_url(&self, url: &str, scope: &DocumentScope) -> Result<StoredDocument> {
        let failed = |error: fetch::Error| {
            let unread = cannot_read(url, &error.to_string());
            match error {
                fetch::Error::Private { .. } => unread.with_hint(PRIVATE_HINT),
                fetch::Error::TooLarge { .. } => unread.with_hint(SIZE_HINT),
                _ => unread,
            }
        };
        let mut fetched = self.options.fetcher.fetch(url).await.map_err(failed)?;
        let content_type = fetched.declared_type().map(str::to_owned);
        let mut spool = self.spool()?;
        while let Some(piece) = fetched.next().await.map_err(failed)? {
            spool
                .write_all(&piece)
                .map_err(|error| cannot_read(url, &error.to_string()))?;
        }
        let file = spool
            .file()
            .try_clone()
            .map_err(|error| cannot_read(url, &error.to_string()))?;
        // The name by which its kind is told where its bytes don't.
        let path = fetched
            .final_url()
            .split(['?', '#'])
            .next()
            .unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let name = match last.contains('.') && path.matches('/').count() > 2 {
            true => last.to_owned(),
            false => url.to_owned(),
        };
        let named = Named {
            name,
            origin: DocumentOrigin::Url,
            place: url.to_owned(),
            modified: None,
            content_type,
        };
        let (base, scope) = (self.clone(), scope.clone());
        let stored = tokio::task::spawn_blocking(move || {
            let stored = base.store(file, &scope, &named);
            drop(spool);
            stored
        });
        stored
            .await
            .map_err(|error| Error::Internal(error.to_string()))?
    }

    /// The text of a page or a document that came from `address` and isn't kept, read in a process of its own.
    /// Blocks.
    ///
    /// # Errors
    /// Why it can't be read.
    pub(crate) fn text_of(
        &self,
        address: &str,
        bytes: &[u8],
    ) -> std::result::Result<String, String> {
        let kind = DocumentKind::sniff_fetched(address, None, bytes)
            .map_err(|unknown| format!("`{address}` is no page but {}", unknown.seems))?;
        let read = extract(&self.options.extractor, kind, bytes)
            .map_err(|why| format!("`{address}` {why}"))?;
        let mut text = read.title.unwrap_or_default();
        for section in read.sections {
            text.push_str("\n\n");
            if let Some(heading) = section.heading.last() {
                text.push_str(&format!("# {heading}\n"));
            }
            text.push_str(&section.text);
        }
        Ok(text.trim().to_owned())
    }

    /// A file of no name for what is sent, gone when it is dropped.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn spool(&self) -> Result<files::Draft> {
        let directory = &self.options.spool;
        let failed =
            |error: std::io::Error| Error::Internal(format!("{}: {error}", directory.display()));
        files::create_private_dir(directory).map_err(failed)?;
        files::Draft::new(&directory.join("document"), files::Access::Private).map_err(failed)
    }

    /// Reads a document and stores it, unless the archive has the same bytes of it.
    fn store(&self, file: File, scope: &DocumentScope, named: &Named) -> Result<StoredDocument> {
        let fails = |error: std::io::Error| cannot_read(&named.place, &error.to_string());
        let limit = self.options.max_bytes;
        let name = cut(&named.name);
        let open = OpenDocument::new(file, limit, |head| named.sniff(head)).map_err(fails)?;
        let Some(mut open) = open else {
            return Err(too_large(&named.place, limit));
        };
        let kind = open.kind.clone().map_err(|unknown| {
            let why = format!("is no document but {}", unknown.seems);
            Error::unreadable(&named.place, why).with_hint(KINDS_HINT)
        })?;
        let mut new = NewDocument {
            scope: scope.clone(),
            name,
            origin: named.origin,
            place: named.place.clone(),
            format: kind.name().to_owned(),
            hash: open.hash.clone(),
            bytes: open.bytes,
            modified: named.modified,
            pages: None,
            problems: Vec::new(),
            sections: Vec::new(),
        };
        // What is for a conversation that isn't there would never be seen, and never go.
        if let DocumentScope::Conversation(id) = scope {
            self.memory.archive()?.chat_question(id, None)?;
        }
        if let Some(document) = self.memory.archive()?.unchanged_document(&new)? {
            let outcome = DocumentOutcome::Unchanged;
            return Ok(StoredDocument { document, outcome });
        }
        let hash = open.hash.clone();
        let (reader, seen) = open.reader().map_err(fails)?;
        let extracted = extract(&self.options.extractor, kind, reader)
            .map_err(|why| Error::unreadable(&named.place, why))?;
        if seen.is(&hash) == Some(false)
            || (seen.is(&hash).is_none() && extracted.problems.is_empty())
        {
            let why = "it was changed while it was read; add it again once it stays as it is";
            return Err(cannot_read(&named.place, why));
        }
        new.pages = extracted.pages;
        new.problems = extracted.problems;
        if let (DocumentOrigin::Url, Some(title)) = (named.origin, &extracted.title) {
            new.name = cut(title);
        }
        new.sections = extracted.sections.into_iter().map(new_section).collect();
        if new.sections.is_empty() {
            let why = new.problems.first().map_or("has no text", String::as_str);
            return Err(Error::unreadable(&named.place, why));
        }
        let now = self.memory.clock().millis();
        Ok(self.memory.archive()?.put_document(now, &new)?)
    }

    /// The documents of these scopes, or all.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn list(&self, scopes: Option<&[DocumentScope]>) -> Result<Vec<DocumentInfo>> {
        Ok(self.memory.archive()?.documents(scopes)?)
    }

    /// A document by its id, its name or its place.
    ///
    /// # Errors
    /// [`Error::NotFound`]; if the archive can't be read.
    pub fn document(&self, id: &str) -> Result<DocumentInfo> {
        Ok(self.memory.archive()?.document(id)?)
    }

    /// Sections of a document, from a number on.
    ///
    /// # Errors
    /// [`Error::NotFound`]; if the archive can't be read.
    pub fn sections(&self, id: &str, from: u32, limit: usize) -> Result<Vec<ReadSection>> {
        let archive = self.memory.archive()?;
        let document = archive.document(id)?;
        let sections = archive.document_sections(&document.id, from, limit)?;
        Ok(sections
            .into_iter()
            .map(|section| ReadSection {
                document: document.clone(),
                number: section.number,
                guard: section.guard(),
                place: place_of(&section.place),
                heading: section.heading,
                text: section.text,
            })
            .collect())
    }

    /// Removes a document for good. Returns what it was.
    ///
    /// # Errors
    /// [`Error::NotFound`]; if the archive can't be written.
    pub fn remove(&self, id: &str) -> Result<DocumentInfo> {
        Ok(self.memory.archive()?.remove_document(id)?)
    }

    /// Reads a document again from where it came from. What was sent can't be had again.
    pub async fn reindex(&self, document: &DocumentInfo) -> AddedDocument {
        match document.origin {
            DocumentOrigin::Url => self.add_url(&document.place, &document.scope).await,
            DocumentOrigin::File => {
                let (base, path, scope) = (
                    self.clone(),
                    PathBuf::from(&document.place),
                    document.scope.clone(),
                );
                let added = tokio::task::spawn_blocking(move || base.add_file(&path, &scope)).await;
                added.unwrap_or_else(|error| AddedDocument {
                    place: document.place.clone(),
                    stored: Err(Error::Internal(error.to_string())),
                })
            }
            DocumentOrigin::Upload => AddedDocument {
                place: document.place.clone(),
                stored: Ok(StoredDocument {
                    document: document.clone(),
                    outcome: DocumentOutcome::Unchanged,
                }),
            },
        }
    }

    /// Adds what lies in the folders of characters: `NAME/knowledge/` is that of the character of this id.
    pub fn add_of_characters(&self, each: &mut dyn FnMut(AddedDocument)) {
        let Ok(entries) = fs_err::read_dir(&self.options.characters) else {
            return;
        };
        let mut folders: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path().join("knowledge"))
            .collect();
        folders.sort();
        for folder in folders.into_iter().filter(|folder| folder.is_dir()) {
            let name = folder.parent().and_then(Path::file_name);
            if let Some(id) = name.and_then(std::ffi::OsStr::to_str) {
                self.add_path(&folder, &DocumentScope::Character(id.to_owned()), each);
            }
        }
    }
}

/// What a document is called.
struct Named {
    name: String,
    origin: DocumentOrigin,
    place: String,
    modified: Option<i64>,
    /// What the server says that it is, if it was fetched.
    content_type: Option<String>,
}

impl Named {
    fn sniff(&self, head: &[u8]) -> std::result::Result<DocumentKind, UnknownKind> {
        match self.origin {
            DocumentOrigin::Url => {
                DocumentKind::sniff_fetched(&self.name, self.content_type.as_deref(), head)
            }
            _ => DocumentKind::sniff(&self.name, head),
        }
    }
}

fn new_section(section: ExtractedSection) -> NewSection {
    NewSection {
        heading: section.heading.join(HEADING_SEPARATOR),
        place: serde_json::to_string(&section.place).unwrap_or_else(|_| "{}".to_owned()),
        text: section.text,
    }
}

fn cut(name: &str) -> String {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    name[..name.floor_char_boundary(MAX_NAME_BYTES.min(name.len()))].to_owned()
}

fn cannot_read(place: &str, why: &str) -> Error {
    Error::unreadable(place, format!("can't be read: {why}"))
}

fn too_large(place: &str, limit: u64) -> Error {
    let size = format!("{} MiB", limit >> 20);
    let why = format!("is larger than {size}, the largest that is taken");
    Error::unreadable(place, why).with_hint(SIZE_HINT)
}
