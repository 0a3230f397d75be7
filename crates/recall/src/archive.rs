//! The archive as its users see it: one value with everything that can be asked of it.

mod reflections;

use std::path::Path;

use embed::Embedder;
use rusqlite::Connection;

use crate::index::embedding::embed_pending;
use crate::projects::Names;
use crate::search::SearchState;
use crate::{
    ConversationView, ExportFilter, Home, ImportReport, ImportRequest, Indexed, MessageView,
    ProblemAt, Progress, ProjectInfo, ReadRequest, Result, Roots, SearchRequest, SearchResponse,
    SourceInfo, Status, Stop, VerifyReport, import, projects, read, search, store, upkeep,
};

/// An open archive. Several processes may have the same one open.
pub struct Archive {
    connection: Connection,
    home: Home,
    /// Made by the first search: other commands don't need it.
    search: Option<SearchState>,
}

impl Archive {
    /// Opens the archive of a home, and makes it where there is none.
    ///
    /// # Errors
    /// If the database isn't ours, is newer than this program, is damaged, or can't be written.
    pub fn open(home: &Home) -> Result<Self> {
        Ok(Self {
            connection: store::open(home)?,
            home: home.clone(),
            search: None,
        })
    }

    /// Imports what is new in the files that the request means. What can't be understood is in the
    /// report; nothing is ever removed.
    ///
    /// # Errors
    /// If the archive can't be written. What was imported before stays.
    pub fn import(
        &mut self,
        request: &ImportRequest,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<ImportReport> {
        import::run(&mut self.connection, request, stop, progress)
    }

    /// Embeds messages that wait for it, newest first, until none is left or `stop` is set.
    /// Returns how many. Several processes may do this at once and share the work.
    ///
    /// # Errors
    /// If the model fails or the archive can't be written. What was embedded before stays.
    pub fn embed_pending(
        &mut self,
        embedder: &mut dyn Embedder,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<u64> {
        embed_pending(&mut self.connection, &self.home, embedder, stop, progress)
    }

    /// Searches. Without an embedder, hybrid searches go by terms alone.
    ///
    /// # Errors
    /// If the query has no words, a name in the scope means nothing or several things, or a
    /// semantic search has no model or nothing embedded.
    pub fn search(
        &mut self,
        request: &SearchRequest,
        embedder: Option<&mut dyn Embedder>,
    ) -> Result<SearchResponse> {
        let state = match &mut self.search {
            Some(state) => state,
            empty => empty.insert(SearchState::new()?),
        };
        search::run(&self.connection, &self.home, state, request, embedder)
    }

    /// How far the indexes are.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn indexed(&self) -> Result<Indexed> {
        search::indexed(&self.connection)
    }

    /// A conversation by its source's id, or by an unambiguous start of it.
    ///
    /// # Errors
    /// If there is none, or several start so.
    pub fn conversation(&self, id: &str) -> Result<ConversationView> {
        let conversation = read::Conversation::find(&self.connection, id)?;
        read::conversation_view(
            &self.connection,
            conversation,
            &Names::load(&self.connection)?,
        )
    }

    /// The conversations that a filter means.
    ///
    /// # Errors
    /// If a name in the filter means nothing or several things.
    pub fn conversations(&self, filter: &ExportFilter) -> Result<Vec<ConversationView>> {
        let names = Names::load(&self.connection)?;
        read::conversations(&self.connection, filter)?
            .into_iter()
            .map(|found| read::conversation_view(&self.connection, found, &names))
            .collect()
    }

    /// Hands the messages of a conversation to `each` in order, until it returns `false`: all, or
    /// those up to a number of steps around one.
    ///
    /// # Errors
    /// If there is no such conversation or message, or the archive can't be read.
    pub fn messages(
        &self,
        conversation: &str,
        around: Option<(&str, usize)>,
        each: &mut dyn FnMut(MessageView) -> bool,
    ) -> Result<()> {
        let conversation = read::Conversation::find(&self.connection, conversation)?;
        let part = read::Part {
            around,
            ..read::Part::default()
        };
        read::messages(&self.connection, &conversation, part, each)
    }

    /// Hands what a request means of a conversation to `each` in order, until it returns `false`.
    /// Returns what the conversation is, as far as it lies in the scope.
    ///
    /// # Errors
    /// If there is no such conversation or message, none of it lies in the scope, or the archive
    /// can't be read.
    pub fn read(
        &self,
        request: &ReadRequest,
        each: &mut dyn FnMut(MessageView) -> bool,
    ) -> Result<ConversationView> {
        read::read(&self.connection, request, each)
    }

    /// Hands every kept message that a filter means to `each`, conversation by conversation, until
    /// it returns `false`.
    ///
    /// # Errors
    /// If a name in the filter means nothing or several things, or the archive can't be read.
    pub fn export(
        &self,
        filter: &ExportFilter,
        each: &mut dyn FnMut(MessageView) -> bool,
    ) -> Result<()> {
        read::export(&self.connection, filter, each)
    }

    /// The name of the project that a directory of this machine belongs to, if the archive knows
    /// it. Who must not fall back to everything where it doesn't, asks here before.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_of(&self, directory: &Path) -> Result<Option<String>> {
        Ok(projects::of_directory(&self.connection, directory)?.map(|(_, name)| name))
    }

    /// The short name of the project that goes by this name, path or key.
    ///
    /// # Errors
    /// If there is none, with the nearest names, or if there are several.
    pub fn project_named(&self, name: &str) -> Result<String> {
        Ok(projects::find(&self.connection, name)?.1)
    }

    /// All projects, the one with the latest message first.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn projects(&self) -> Result<Vec<ProjectInfo>> {
        projects::list(&self.connection)
    }

    /// All sources, with where their logs lie on this machine.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn sources(&self, roots: &Roots) -> Result<Vec<SourceInfo>> {
        upkeep::sources(&self.connection, roots)
    }

    /// The state of the archive.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn status(&self) -> Result<Status> {
        upkeep::status(&self.connection, &self.home)
    }

    /// Problems met in files, by file and line, at most `limit`.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn problems(&self, limit: usize) -> Result<Vec<ProblemAt>> {
        upkeep::problems(&self.connection, limit)
    }

    /// Checks the database, reads every message, and compares the indexes with them.
    ///
    /// # Errors
    /// If the archive can't be read at all; what is wrong with it is in the report.
    pub fn verify(&self, stop: &Stop, progress: &dyn Progress) -> Result<VerifyReport> {
        upkeep::verify(&self.connection, stop, progress)
    }

    /// Rebuilds what is derived from the messages. Returns what was done.
    ///
    /// # Errors
    /// If the archive can't be read or written.
    pub fn repair(&mut self, stop: &Stop, progress: &dyn Progress) -> Result<Vec<String>> {
        self.search = None;
        upkeep::repair(&mut self.connection, stop, progress)
    }
}
