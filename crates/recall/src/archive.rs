//! The archive as its users see it: one value with everything that can be asked of it.

mod opener;
mod projects;
mod reflections;

pub use opener::{ArchiveOpener, OpenMode, VectorStorage};

use std::sync::Arc;

use embed::Embedder;
use rusqlite::Connection;
use transcript::Millis;

use crate::guards::{Gate, Keeper};
use crate::index::embedding::EmbeddingRun;
use crate::index::vectors::VectorIndex;
use crate::ingest::{fresh, import};
use crate::projects::Names;
use crate::query::search::{SearchContext, SearchState};
use crate::query::{blame, browse, read, search};
use crate::store::ProjectFilter;
use crate::{
    BlameReport, BlameRequest, CatchUp, Caught, ConversationView, ExportFilter, Home, ImportReport,
    ImportRequest, Indexed, MessageView, ProblemAt, Progress, ReadRequest, Rescan, RescanReport,
    Result, Roots, Scope, SearchRequest, SearchResponse, SourceInfo, Status, Stop, Sweeper,
    UnimportedLog, VerifyReport, upkeep,
};

/// An open archive; [`ArchiveOpener`] opens it. Several processes may have the same one open.
pub struct Archive {
    connection: Connection,
    home: Home,
    keeper: Arc<Keeper>,
    vectors: Arc<dyn VectorIndex>,
    /// Made by the first search: other commands don't need it.
    search: Option<SearchState>,
}

impl Archive {
    /// The way out of what is read.
    fn gate(&self) -> Gate<'_> {
        Gate::new(&self.keeper)
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
        import::run(&mut self.connection, &self.keeper, request, stop, progress)
    }

    /// Looks at what may have changed in the logs and imports it, newest first. Of several processes
    /// that do so at a time one imports, and the others wait for it as long as the request says.
    /// `tell` hears what waits before the import begins, if anything does.
    ///
    /// # Errors
    /// If the archive can't be read or written; but where others keep it locked, that is no error:
    /// the report tells what still waits.
    pub fn catch_up(
        &mut self,
        sweeper: &mut Sweeper,
        request: &CatchUp,
        stop: &Stop,
        tell: &mut dyn FnMut(Caught),
    ) -> Result<Caught> {
        fresh::catch_up(
            (&mut self.connection, &self.keeper),
            &self.home,
            sweeper,
            request,
            stop,
            tell,
        )
    }

    /// Logs that last changed more than `days` ago and are not imported, or not to their end, oldest
    /// first; only of sources that delete their logs after a while.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn unimported(&self, roots: &Roots, now: Millis, days: u32) -> Result<Vec<UnimportedLog>> {
        fresh::unimported((&self.connection, &self.keeper), roots, now, days)
    }

    /// Embeds messages that wait for it, newest first, until none is left or `stop` is set.
    /// Returns how many. Several processes may do this at once and share the work.
    ///
    /// # Errors
    /// If the model fails or the archive can't be written. What was embedded before stays.
    pub fn embed_pending(
        &mut self,
        embedder: &dyn Embedder,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<u64> {
        self.embedding(embedder).all(stop, progress)
    }

    /// Embeds some of the messages that wait for it, newest first: about as many as have `passages`
    /// passages, a few at a time. Returns how many. Does nothing while another process does this.
    ///
    /// # Errors
    /// If the model fails or the archive can't be written. What was embedded before stays.
    pub fn embed_some(
        &mut self,
        embedder: &dyn Embedder,
        passages: usize,
        stop: &Stop,
    ) -> Result<u64> {
        match fresh::Lock::try_take(&self.home, fresh::EMBED_LOCK)? {
            Some(_lock) => self.embedding(embedder).some(passages, stop),
            None => Ok(0),
        }
    }

    fn embedding<'a>(&'a mut self, embedder: &'a dyn Embedder) -> EmbeddingRun<'a> {
        EmbeddingRun {
            connection: &mut self.connection,
            index: &*self.vectors,
            embedder,
        }
    }

    /// Searches. Without an embedder, hybrid searches go by terms alone.
    ///
    /// # Errors
    /// If the query has no words, a name in the scope means nothing or several things, or a
    /// semantic search has no model or nothing embedded.
    pub fn search(
        &mut self,
        request: &SearchRequest,
        embedder: Option<&dyn Embedder>,
    ) -> Result<SearchResponse> {
        let state = match &mut self.search {
            Some(state) => state,
            empty => empty.insert(SearchState::new()?),
        };
        let gate = Gate::new(&self.keeper);
        let context = SearchContext {
            connection: &self.connection,
            gate,
            vectors: &*self.vectors,
        };
        let response = search::run(context, state, request, embedder)?;
        Ok(gate.release(response).into_inner())
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
        let conversation = read::Conversation::find(&self.connection, self.gate(), id)?;
        let names = Names::load(&self.connection)?;
        let view = read::conversation_view(&self.connection, conversation, &names)?;
        Ok(self.gate().release(view).into_inner())
    }

    /// The conversations of a scope to which something was added last, at most `limit`, the latest
    /// first.
    ///
    /// # Errors
    /// If a name in the scope means nothing or several things, or the archive can't be read.
    pub fn latest_conversations(
        &self,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<ConversationView>> {
        let views = read::latest(&self.connection, self.gate(), scope, limit)?;
        Ok(self.gate().release(views).into_inner())
    }

    /// Hands the messages of a conversation to `each` in order, until it returns `false`: all, or
    /// those up to a number of steps around one. What is quarantined is in them only if asked for.
    ///
    /// # Errors
    /// If there is no such conversation or message, or the archive can't be read.
    pub fn messages(
        &self,
        conversation: &str,
        around: Option<(&str, usize)>,
        quarantined: bool,
        each: &mut dyn FnMut(MessageView) -> bool,
    ) -> Result<()> {
        let gate = Gate::revealing(&self.keeper, quarantined);
        let conversation = read::Conversation::find(&self.connection, gate, conversation)?;
        let part = read::Part {
            around,
            ..read::Part::of(ProjectFilter::All)
        };
        read::messages(&self.connection, gate, &conversation, part, each)
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
        let gate = Gate::revealing(&self.keeper, request.quarantined);
        let view = read::read(&self.connection, gate, request, each)?;
        Ok(gate.release(view).into_inner())
    }

    /// Hands every kept message that a filter means to `each`, conversation by conversation, until
    /// it returns `false`. It is the person's own data, and whole: what is quarantined elsewhere, and
    /// what no reader sees, is in it; secrets that older rules missed are masked.
    ///
    /// # Errors
    /// If a name in the filter means nothing or several things, or the archive can't be read.
    pub fn export(
        &self,
        filter: &ExportFilter,
        each: &mut dyn FnMut(MessageView) -> bool,
    ) -> Result<()> {
        let gate = Gate::faithful(&self.keeper);
        read::export(&self.connection, gate, filter, each)
    }

    /// Where a file was read and edited, and what was said there. Asks git, where the request names
    /// a directory, for at most 0.8 s.
    ///
    /// # Errors
    /// If the scope's name means nothing or several things, or the archive can't be read.
    pub fn file_history(&self, request: &browse::FileRequest) -> Result<browse::FileHistory> {
        let _snapshot = self.connection.unchecked_transaction()?;
        let history = browse::file_history(&self.connection, self.gate(), request)?;
        Ok(self.gate().release(history).into_inner())
    }

    /// What was said about a concept. Without an embedder, by terms alone.
    ///
    /// # Errors
    /// If the concept has no words, the scope's name means nothing or several things, or the archive
    /// can't be read.
    pub fn concept(
        &mut self,
        request: &browse::ConceptRequest,
        embedder: Option<&dyn Embedder>,
    ) -> Result<browse::ConceptReport> {
        let state = match &mut self.search {
            Some(state) => state,
            empty => empty.insert(SearchState::new()?),
        };
        let gate = Gate::new(&self.keeper);
        let context = SearchContext {
            connection: &self.connection,
            gate,
            vectors: &*self.vectors,
        };
        let report = browse::concept(context, state, request, embedder)?;
        Ok(gate.release(report).into_inner())
    }

    /// The terms that stand out in a project against the rest of the archive, or everywhere by how
    /// rare they are; the most telling first, at most `limit`. Stops looking after 60 ms.
    ///
    /// # Errors
    /// If the scope's name means nothing or several things, or the archive can't be read.
    pub fn standing_out(&self, scope: &Scope, limit: usize) -> Result<Vec<browse::StandingTerm>> {
        let _snapshot = self.connection.unchecked_transaction()?;
        browse::standing_out(&self.connection, self.gate(), scope, limit)
    }

    /// What was worked on lately, by conversation, day or session.
    ///
    /// # Errors
    /// If the scope's name means nothing or several things, or the archive can't be read.
    pub fn recent(&self, request: &browse::RecentRequest) -> Result<browse::RecentWork> {
        let _snapshot = self.connection.unchecked_transaction()?;
        let work = browse::recent(&self.connection, self.gate(), request)?;
        Ok(self.gate().release(work).into_inner())
    }

    /// How much was done when, by period and project.
    ///
    /// # Errors
    /// If the scope's name means nothing or several things, or the archive can't be read.
    pub fn timeline(&self, request: &browse::TimelineRequest) -> Result<browse::Timeline> {
        let _snapshot = self.connection.unchecked_transaction()?;
        let timeline = browse::timeline(&self.connection, self.gate(), request)?;
        Ok(self.gate().release(timeline).into_inner())
    }

    /// What was learnt in a session.
    ///
    /// # Errors
    /// If no conversation of the scope goes by the id, or several do, or the archive can't be read.
    pub fn learnings(&self, request: &browse::LearningsRequest) -> Result<browse::Learnings> {
        let _snapshot = self.connection.unchecked_transaction()?;
        let learnings = browse::learnings(&self.connection, self.gate(), request)?;
        Ok(self.gate().release(learnings).into_inner())
    }

    /// What somebody who takes up work again wants to know first.
    ///
    /// # Errors
    /// If the scope's name means nothing or several things, or the archive can't be read.
    pub fn recap(&self, request: &browse::RecapRequest) -> Result<browse::Recap> {
        let recap = browse::recap(&self.connection, self.gate(), request)?;
        Ok(self.gate().release(recap).into_inner())
    }

    /// Where lines of a file come from: the tool calls that wrote them, or the commits that brought
    /// them in.
    ///
    /// # Errors
    /// If a name in the scope means nothing or several things, the file can't be read or is too
    /// long, or there is no such line or commit.
    pub fn blame(&self, request: &BlameRequest) -> Result<BlameReport> {
        let report = blame::run(&self.connection, self.gate(), request)?;
        Ok(self.gate().release(report).into_inner())
    }

    /// All sources, with where their logs lie on this machine.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn sources(&self, roots: &Roots) -> Result<Vec<SourceInfo>> {
        let mut sources = upkeep::sources(&self.connection, roots)?;
        for root in sources.iter_mut().flat_map(|source| &mut source.roots) {
            *root = self.keeper.as_kept(root).into_owned();
        }
        Ok(sources)
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
        upkeep::verify(&self.connection, &*self.vectors, stop, progress)
    }

    /// Checks what is stored by the rules of today, and masks what they find; or, in a dry run, only
    /// tells what that would be. Texts that change are embedded anew some time.
    ///
    /// # Errors
    /// If the name of the project means nothing or several, or the archive can't be read or written.
    /// What was done before stays, and the next rescan goes on from there.
    pub fn rescan(
        &mut self,
        request: &Rescan,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<RescanReport> {
        self.search = None;
        let writes = (&mut self.connection, &*self.keeper);
        upkeep::rescan(writes, &*self.vectors, request, stop, progress)
    }

    /// Rebuilds what is derived from the messages. Returns what was done.
    ///
    /// # Errors
    /// If the archive can't be read or written.
    pub fn repair(&mut self, stop: &Stop, progress: &dyn Progress) -> Result<Vec<String>> {
        self.search = None;
        upkeep::repair(&mut self.connection, &self.keeper, stop, progress)
    }
}
