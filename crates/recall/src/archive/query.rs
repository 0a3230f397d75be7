//! What is asked of the archive: searching, reading back, looking around, and where lines come from.

use embed::Embedder;

use super::opened::Archive;
use crate::guards::Cleared;
use crate::query::{blame, browse, read, search};
use crate::{
    BlameReport, BlameRequest, ConversationView, ExportFilter, Indexed, MessageView, ReadRequest,
    Result, Scope, SearchRequest, SearchResponse,
};

impl Archive {
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
        self.ask_by_search(|context, state| search::search(context, state, request, embedder))
    }

    /// How far the indexes are.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn indexed(&self) -> Result<Indexed> {
        self.ask(|connection, gate| Ok(gate.release(search::indexed(connection)?)))
    }

    /// A conversation by its source's id, or by an unambiguous start of it.
    ///
    /// # Errors
    /// If there is none, or several start so.
    pub fn conversation(&self, id: &str) -> Result<ConversationView> {
        self.ask(|connection, gate| read::conversation(connection, gate, id))
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
        self.ask(|connection, gate| read::latest(connection, gate, scope, limit))
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
        self.ask_revealing(quarantined, |connection, gate| {
            let each = &mut |view: Cleared<MessageView>| each(view.into_inner());
            read::messages_around(connection, gate, conversation, around, each)
        })
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
        self.ask_revealing(request.quarantined, |connection, gate| {
            let each = &mut |view: Cleared<MessageView>| each(view.into_inner());
            read::read(connection, gate, request, each)
        })
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
        self.ask_faithfully(|connection, gate| {
            let each = &mut |view: Cleared<MessageView>| each(view.into_inner());
            read::export(connection, gate, filter, each)
        })
    }

    /// Where a file was read and edited, and what was said there. Asks git, where the request names
    /// a directory, for at most 0.8 s.
    ///
    /// # Errors
    /// If the scope's name means nothing or several things, or the archive can't be read.
    pub fn file_history(&self, request: &browse::FileRequest) -> Result<browse::FileHistory> {
        self.ask_at_once(|connection, gate| browse::file_history(connection, gate, request))
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
        self.ask_by_search(|context, state| browse::concept(context, state, request, embedder))
    }

    /// The terms that stand out in a project against the rest of the archive, or everywhere by how
    /// rare they are; the most telling first, at most `limit`. Stops looking after 60 ms.
    ///
    /// # Errors
    /// If the scope's name means nothing or several things, or the archive can't be read.
    pub fn standing_out(&self, scope: &Scope, limit: usize) -> Result<Vec<browse::StandingTerm>> {
        self.ask_at_once(|connection, gate| browse::standing_out(connection, gate, scope, limit))
    }

    /// What was worked on lately, by conversation, day or session.
    ///
    /// # Errors
    /// If the scope's name means nothing or several things, or the archive can't be read.
    pub fn recent(&self, request: &browse::RecentRequest) -> Result<browse::RecentWork> {
        self.ask_at_once(|connection, gate| browse::recent(connection, gate, request))
    }

    /// How much was done when, by period and project.
    ///
    /// # Errors
    /// If the scope's name means nothing or several things, or the archive can't be read.
    pub fn timeline(&self, request: &browse::TimelineRequest) -> Result<browse::Timeline> {
        self.ask_at_once(|connection, gate| browse::timeline(connection, gate, request))
    }

    /// What was learnt in a session.
    ///
    /// # Errors
    /// If no conversation of the scope goes by the id, or several do, or the archive can't be read.
    pub fn learnings(&self, request: &browse::LearningsRequest) -> Result<browse::Learnings> {
        self.ask_at_once(|connection, gate| browse::learnings(connection, gate, request))
    }

    /// What somebody who takes up work again wants to know first.
    ///
    /// # Errors
    /// If the scope's name means nothing or several things, or the archive can't be read.
    pub fn recap(&self, request: &browse::RecapRequest) -> Result<browse::Recap> {
        self.ask(|connection, gate| browse::recap(connection, gate, request))
    }

    /// Where lines of a file come from: the tool calls that wrote them, or the commits that brought
    /// them in.
    ///
    /// # Errors
    /// If a name in the scope means nothing or several things, the file can't be read or is too
    /// long, or there is no such line or commit.
    pub fn blame(&self, request: &BlameRequest) -> Result<BlameReport> {
        self.ask(|connection, gate| blame::run(connection, gate, request))
    }
}
