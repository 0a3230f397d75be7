//! What is asked of the archive: searching, reading back, looking around, and where lines come from.

use embed::Embedder;

use super::opened::Archive;
use crate::guards::Cleared;
use crate::query::{blame, browse, locate, outline, read, relatives, search};
use crate::store::ProjectFilter;
use crate::{
    BlameReport, BlameRequest, ConversationOutline, ConversationTree, ConversationView,
    ExportFilter, FoundPositions, Indexed, Located, MessageView, ReadRequest, Result, Scope,
    SearchRequest, SearchResponse,
};

impl Archive {
    /// Finds messages by their words and by their meaning. `embedder` is the model that embeds the query;
    /// without it, or while nothing is embedded, a hybrid search goes by words alone.
    ///
    /// # Errors
    /// [`Error::Query`](crate::Error::Query) if the query has no words;
    /// [`Error::NoModel`](crate::Error::NoModel) if a semantic search has no embedder or nothing is
    /// embedded. Otherwise if the scope names an unknown or ambiguous project, the model or the vector index
    /// fails, or the archive can't be read.
    pub fn search(
        &mut self,
        request: &SearchRequest,
        embedder: Option<&dyn Embedder>,
    ) -> Result<SearchResponse> {
        self.ask_by_search(|context, state| search::search(context, state, request, embedder))
    }

    /// How many messages can be found by words, and how many by meaning.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn indexed(&self) -> Result<Indexed> {
        self.ask(|connection, gate| Ok(gate.release(search::indexed(connection)?)))
    }

    /// A conversation of any project, without its messages. `id` is the id that its source (the assistant
    /// program) gave it, or a start that only one id has; a whole id wins over longer ones that start so.
    ///
    /// # Errors
    /// [`Error::NoConversation`](crate::Error::NoConversation) if there is none;
    /// [`Error::AmbiguousConversation`](crate::Error::AmbiguousConversation) if several ids start so, with
    /// up to 5 of them. Otherwise if the archive can't be read.
    pub fn conversation(&self, id: &str) -> Result<ConversationView> {
        self.conversation_revealing(id, false)
    }

    /// As [`Self::conversation`]; if `quarantined`, what the guards quarantine of its title is shown, too.
    ///
    /// # Errors
    /// As [`Self::conversation`].
    pub fn conversation_revealing(&self, id: &str, quarantined: bool) -> Result<ConversationView> {
        self.ask_revealing(quarantined, |connection, gate| {
            read::conversation(connection, gate, id)
        })
    }

    /// A conversation with all that it came out of, and all that came out of these. `id` is as for
    /// [`Self::conversation`].
    ///
    /// # Errors
    /// As [`Self::conversation`].
    pub fn tree(&self, id: &str, quarantined: bool) -> Result<ConversationTree> {
        self.ask_revealing(quarantined, |connection, gate| {
            let tree = relatives::tree(connection, gate, id, ProjectFilter::All)?;
            // Ids quote nothing, and titles went through the gate.
            Ok(Cleared::unquoted(tree))
        })
    }

    /// What an id means that was copied from an output: a conversation, or a message of one, in any project.
    /// A whole id wins over the start of one, and a conversation over a message. The start of a message's id
    /// must have 6 characters; looking for one reads every message, which takes about as long as an export.
    ///
    /// # Errors
    /// [`Error::NoConversation`](crate::Error::NoConversation) if it is nobody's;
    /// [`Error::AmbiguousConversation`](crate::Error::AmbiguousConversation) or
    /// [`Error::AmbiguousMessage`](crate::Error::AmbiguousMessage) if several ids start so, or messages of
    /// several sources have it. Otherwise if the archive can't be read.
    pub fn locate(&self, id: &str) -> Result<Located> {
        self.ask(|connection, gate| locate::locate(connection, gate, id))
    }

    /// The conversations of a scope to which a message was imported last, the latest import first, at most
    /// `limit`. That isn't always the order in which they took place; see [`Self::recent`] for that.
    ///
    /// # Errors
    /// If the scope names an unknown or ambiguous project, or the archive can't be read.
    pub fn latest_conversations(
        &self,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<ConversationView>> {
        self.ask(|connection, gate| read::latest(connection, gate, scope, limit))
    }

    /// Hands the messages of a conversation of any project to `each`, in the order in which they were said,
    /// until it returns `false`. `conversation` is an id or the start of one as for [`Self::conversation`].
    /// `around` limits them to the message of an id and as many messages before and after it. Text that
    /// guards quarantine since it tries to instruct its reader is shown if `quarantined`, otherwise a note
    /// stands in its place.
    ///
    /// # Errors
    /// If there is no such conversation, several ids start so, the message isn't in it, or the archive
    /// can't be read. Messages that are damaged are left out, and the error comes when all others were
    /// handed out.
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

    /// As [`Self::messages`], but only what lies in the projects of a scope: hands the messages that a
    /// request asks for to `each` in order, until it returns `false`. Returns the conversation, with the
    /// times and the number of messages of the part that lies in the scope.
    ///
    /// # Errors
    /// As [`Self::messages`]; a conversation or message outside of the scope counts as unknown. Also if the
    /// scope names an unknown or ambiguous project.
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

    /// A conversation from above, without its texts, as far as it lies in the projects of a scope.
    ///
    /// # Errors
    /// As [`Self::read`]; messages that are damaged are no error.
    pub fn outline(&self, conversation: &str, scope: &Scope) -> Result<ConversationOutline> {
        self.ask(|connection, gate| outline::outline(connection, gate, conversation, scope))
    }

    /// The position of a message in a conversation, counted from 0 in the order of [`Self::read`].
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn position(&self, conversation: &str, scope: &Scope, message: &str) -> Result<usize> {
        self.ask(|connection, gate| {
            outline::position(connection, gate, conversation, scope, message)
        })
    }

    /// The positions of the messages of a conversation that hold a text, at most `limit`. It is looked for in what
    /// was said or thought, and in what tools were told and gave back; case doesn't count.
    ///
    /// # Errors
    /// As [`Self::outline`].
    pub fn positions_of_text(
        &self,
        conversation: &str,
        scope: &Scope,
        text: &str,
        limit: usize,
    ) -> Result<FoundPositions> {
        self.ask(|connection, gate| {
            outline::positions_of_text(connection, gate, conversation, scope, (text, limit))
        })
    }

    /// Hands every message that a filter admits to `each`, one conversation after the other, those that
    /// began first first, until it returns `false`. It is the person's own data, and complete: text that
    /// other calls quarantine and characters that no reader sees are in it. Only what the guards mask stays
    /// masked, secrets that older rules missed included.
    ///
    /// # Errors
    /// If the filter names no project or conversation, or several, or the archive can't be read. Messages
    /// that are damaged are left out, and the error comes when all others were handed out.
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

    /// The conversations in which a file was read or edited, the one that did so last first, each with one
    /// quote of what was said there. Where the request names a directory, git is asked for former names of the
    /// file, for at most 0.8 seconds; if it can't answer, [`browse::FileHistory::renamed_from`] is empty, and
    /// that is no error.
    ///
    /// # Errors
    /// If the scope names an unknown or ambiguous project, or the archive can't be read.
    pub fn file_history(&self, request: &browse::FileRequest) -> Result<browse::FileHistory> {
        self.ask_at_once(|connection, gate| browse::file_history(connection, gate, request))
    }

    /// The conversations that speak of a concept, found by a hybrid search; without an embedder by words
    /// alone.
    ///
    /// # Errors
    /// If the concept has no words, the scope names an unknown or ambiguous project, the model or the vector
    /// index fails, or the archive can't be read.
    pub fn concept(
        &mut self,
        request: &browse::ConceptRequest,
        embedder: Option<&dyn Embedder>,
    ) -> Result<browse::ConceptReport> {
        self.ask_by_search(|context, state| browse::concept(context, state, request, embedder))
    }

    /// The words that people use more in a project than in the rest of the archive, or, if the scope is the
    /// whole archive, the rare ones among those they use; the most telling first, at most `limit`. Looks at
    /// the latest 300 messages of people, and returns what it has after 60 milliseconds.
    ///
    /// # Errors
    /// If the scope names an unknown or ambiguous project, or the archive can't be read.
    pub fn standing_out(&self, scope: &Scope, limit: usize) -> Result<Vec<browse::StandingTerm>> {
        self.ask_at_once(|connection, gate| browse::standing_out(connection, gate, scope, limit))
    }

    /// The latest work, grouped by conversation, day or session; see [`GroupBy`](browse::GroupBy).
    ///
    /// # Errors
    /// If the scope names an unknown or ambiguous project, or the archive can't be read.
    pub fn recent(&self, request: &browse::RecentRequest) -> Result<browse::RecentWork> {
        self.ask_at_once(|connection, gate| browse::recent(connection, gate, request))
    }

    /// Counts of messages, conversations, edited files and the like for each hour, day, week or month.
    ///
    /// # Errors
    /// If the scope names an unknown or ambiguous project, or the archive can't be read.
    pub fn timeline(&self, request: &browse::TimelineRequest) -> Result<browse::Timeline> {
        self.ask_at_once(|connection, gate| browse::timeline(connection, gate, request))
    }

    /// The summaries, stated decisions and results, edited files and commits of one conversation.
    ///
    /// # Errors
    /// If no conversation of the scope goes by the id or several ids start so, the scope names an unknown or
    /// ambiguous project, or the archive can't be read.
    pub fn learnings(&self, request: &browse::LearningsRequest) -> Result<browse::Learnings> {
        self.ask_at_once(|connection, gate| browse::learnings(connection, gate, request))
    }

    /// The latest conversations and the reflections (notes stored on purpose) that still hold, for somebody
    /// who takes up work again.
    ///
    /// # Errors
    /// If the scope names an unknown or ambiguous project, or the archive can't be read.
    pub fn recap(&self, request: &browse::RecapRequest) -> Result<browse::Recap> {
        self.ask(|connection, gate| browse::recap(connection, gate, request))
    }

    /// Where the lines of a file come from: the tool calls of archived conversations that wrote them, or
    /// else the git commits that brought them in. The file's repository is asked by running git.
    ///
    /// # Errors
    /// If the scope names an unknown or ambiguous project, there is no such file, line or commit, the file
    /// isn't in the commit, is no text, or has more than 100,000 lines or 16 MiB; or if the file or the
    /// archive can't be read.
    pub fn blame(&self, request: &BlameRequest) -> Result<BlameReport> {
        self.ask(|connection, gate| blame::run(connection, gate, request))
    }
}
