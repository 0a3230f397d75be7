//! Documents of knowledge.

use transcript::Millis;

use super::opened::Archive;
use crate::{
    DocumentInfo, DocumentScope, DocumentSection, NewDocument, Result, StoredDocument, documents,
};

impl Archive {
    /// Stores a document of knowledge in one transaction: in the place of what the same scope, origin and place
    /// held before, of which nothing is left. The same bytes ([`NewDocument::hash`]) are left as they are.
    /// Texts are masked before they are written, as those of imported messages are; sections are found by their
    /// words at once, and by their meaning once they are embedded. `now` is in milliseconds since 1970.
    ///
    /// # Errors
    /// If a guard fails, or the archive can't be written. Then nothing is changed.
    pub fn put_document(&mut self, now: Millis, new: &NewDocument) -> Result<StoredDocument> {
        self.change(|parts| {
            let writes = (parts.connection, parts.guards);
            documents::store(writes, parts.vectors, now, new)
        })
    }

    /// The document that has the scope, the place and the bytes of a new one: [`Self::put_document`] would leave it as
    /// it is.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn unchanged_document(&self, new: &NewDocument) -> Result<Option<DocumentInfo>> {
        self.ask_at_once(|connection, _| documents::unchanged(connection, self.guards(), new))
    }

    /// The documents of these scopes, or all; those that were added first come first.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn documents(&self, scopes: Option<&[DocumentScope]>) -> Result<Vec<DocumentInfo>> {
        self.ask_at_once(|connection, gate| documents::list(connection, gate, scopes))
    }

    /// The document of this id or start of an id, or of this name or place.
    ///
    /// # Errors
    /// [`Error::NoDocument`](crate::Error::NoDocument) and
    /// [`Error::AmbiguousDocument`](crate::Error::AmbiguousDocument); if the archive can't be read.
    pub fn document(&self, id: &str) -> Result<DocumentInfo> {
        self.ask_at_once(|connection, gate| documents::document(connection, gate, id))
    }

    /// Sections of a document, from a number on and at most so many, as the guards let recalled text be shown.
    ///
    /// # Errors
    /// As [`Self::document`].
    pub fn document_sections(
        &self,
        id: &str,
        from: u32,
        limit: usize,
    ) -> Result<Vec<DocumentSection>> {
        self.ask_at_once(|connection, gate| {
            documents::sections(connection, gate, id, (from, limit))
        })
    }

    /// Removes a document for good, with its terms and vectors. Returns what it was.
    ///
    /// # Errors
    /// As [`Self::document`]; if the archive can't be written.
    pub fn remove_document(&mut self, id: &str) -> Result<DocumentInfo> {
        self.change(|parts| {
            let writes = (parts.connection, parts.guards);
            documents::remove(writes, parts.vectors, id)
        })
    }
}
