//! An open archive, and the only ways to what is in it: what is read leaves as [`Cleared`] alone, which
//! only a gate makes.

use std::sync::Arc;

use rusqlite::Connection;

use crate::guards::{ArchiveGuards, Cleared, Gate};
use crate::index::vectors::VectorIndex;
use crate::query::search::{SearchContext, SearchState};
use crate::{Home, Result};

/// An open archive: everything that can be asked of it or changed in it is a method of this.
/// [`ArchiveOpener`](crate::ArchiveOpener) opens it. Several processes may have the same archive open at a
/// time; within a process each thread opens its own. Text that leaves it was judged by its
/// [`Guards`](crate::Guards).
pub struct Archive {
    connection: Connection,
    home: Home,
    guards: Arc<ArchiveGuards>,
    vectors: Arc<dyn VectorIndex>,
    /// Made by the first search: other commands don't need it.
    search: Option<SearchState>,
}

/// The parts of an archive, for what changes it.
pub(super) struct ArchiveParts<'a> {
    pub(super) connection: &'a mut Connection,
    pub(super) home: &'a Home,
    pub(super) guards: &'a ArchiveGuards,
    pub(super) vectors: &'a dyn VectorIndex,
}

impl Archive {
    pub(super) fn new(
        connection: Connection,
        home: Home,
        guards: ArchiveGuards,
        vectors: Arc<dyn VectorIndex>,
    ) -> Self {
        Self {
            connection,
            home,
            guards: Arc::new(guards),
            vectors,
            search: None,
        }
    }

    /// Asks for what the policies for recalled text allow.
    pub(super) fn ask<T>(
        &self,
        ask: impl FnOnce(&Connection, Gate<'_>) -> Result<Cleared<T>>,
    ) -> Result<T> {
        Ok(ask(&self.connection, Gate::new(&self.guards))?.into_inner())
    }

    /// Asks as [`Self::ask`] does, in one transaction: several queries see the same state.
    pub(super) fn ask_at_once<T>(
        &self,
        ask: impl FnOnce(&Connection, Gate<'_>) -> Result<Cleared<T>>,
    ) -> Result<T> {
        let _snapshot = self.connection.unchecked_transaction()?;
        self.ask(ask)
    }

    /// Asks for quarantined text as well, if `reveals`.
    pub(super) fn ask_revealing<T>(
        &self,
        reveals: bool,
        ask: impl FnOnce(&Connection, Gate<'_>) -> Result<Cleared<T>>,
    ) -> Result<T> {
        Ok(ask(&self.connection, Gate::revealing(&self.guards, reveals))?.into_inner())
    }

    /// Asks for texts as they are kept, which only an export to the person's own files may do.
    pub(super) fn ask_faithfully<T>(
        &self,
        ask: impl FnOnce(&Connection, Gate<'_>) -> Result<Cleared<T>>,
    ) -> Result<T> {
        Ok(ask(&self.connection, Gate::faithful(&self.guards))?.into_inner())
    }

    /// Asks by a search, whose state is kept for the next one.
    pub(super) fn ask_by_search<T>(
        &mut self,
        ask: impl FnOnce(SearchContext<'_>, &mut SearchState) -> Result<Cleared<T>>,
    ) -> Result<T> {
        let state = match &mut self.search {
            Some(state) => state,
            empty => empty.insert(SearchState::new()?),
        };
        let context = SearchContext {
            connection: &self.connection,
            gate: Gate::new(&self.guards),
            vectors: &*self.vectors,
        };
        Ok(ask(context, state)?.into_inner())
    }

    /// Changes what is in the archive.
    pub(super) fn change<T>(
        &mut self,
        change: impl FnOnce(ArchiveParts<'_>) -> Result<Cleared<T>>,
    ) -> Result<T> {
        let parts = ArchiveParts {
            connection: &mut self.connection,
            home: &self.home,
            guards: &self.guards,
            vectors: &*self.vectors,
        };
        Ok(change(parts)?.into_inner())
    }

    /// Forgets what is kept between searches, which a change of all texts makes void.
    pub(super) fn forget_search(&mut self) {
        self.search = None;
    }

    pub(super) fn guards(&self) -> &ArchiveGuards {
        &self.guards
    }

    pub(super) fn home(&self) -> &Home {
        &self.home
    }

    pub(super) fn vectors(&self) -> &dyn VectorIndex {
        &*self.vectors
    }
}
