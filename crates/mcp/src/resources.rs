//! Conversations as resources, which a person can attach: `lorekeep://conversation/ID`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rmcp::model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate};
use wire::markup::{Markup, cut, line};
use wire::when;

use super::call::{McpCall, QUOTED_NOTE};
use super::refusal::Refusal;
use super::tools::conversation::{PartRequest, URI_PREFIX, budget, read};

/// What an id is escaped but for: what URIs hold as it is.
const URI_ESCAPES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Conversations that are listed, the latest first.
const MAX_LISTED: usize = 50;

/// Tokens of a conversation that is read whole: what clients cut at, less some.
const MAX_READ_TOKENS: usize = 20_000;

/// Conversations by their ids.
pub(crate) fn template() -> ResourceTemplate {
    ResourceTemplate::new(format!("{URI_PREFIX}{{id}}"), "conversation")
        .with_title("A past conversation")
        .with_description("The messages of a past conversation, by its id")
        .with_mime_type("text/plain")
}

/// The latest conversations of the client's project.
pub(crate) fn list(call: &McpCall) -> Result<Vec<Resource>, Refusal> {
    let now = call.local_time();
    call.archive(|archive| {
        let place = call.whereabouts.resolve(archive, None)?;
        let Some(scope) = place.scope() else {
            return Ok(Vec::new());
        };
        let found = archive.latest_conversations(&scope, MAX_LISTED)?;
        let resource = |conversation: memory::ConversationView| {
            let id = utf8_percent_encode(&conversation.id, URI_ESCAPES);
            let when = conversation
                .ended
                .map(|time| when::date(time, &now))
                .unwrap_or_default();
            Resource::new(format!("{URI_PREFIX}{id}"), line(&conversation.id))
                .with_title(cut(&line(&conversation.title), 80))
                .with_description(format!(
                    "{when}, {}, {} messages",
                    line(&conversation.project),
                    conversation.messages
                ))
                .with_mime_type("text/plain")
        };
        Ok(found.into_iter().map(resource).collect())
    })
}

/// A conversation by its URI.
pub(crate) fn read_uri(call: &McpCall, uri: &str) -> Result<ReadResourceResult, Refusal> {
    let unknown = || {
        let uri = cut(uri, 100);
        Refusal::Unknown(format!(
            "no resource `{uri}`; they are called {URI_PREFIX}ID"
        ))
    };
    let id = uri.strip_prefix(URI_PREFIX).filter(|id| !id.is_empty());
    let id = percent_decode_str(id.ok_or_else(unknown)?).decode_utf8_lossy();
    call.archive(|archive| {
        let place = call.whereabouts.resolve(archive, None)?;
        let part = PartRequest {
            id: &id,
            around: None,
            from: 0,
            skip: 0,
            place: &place,
            quarantined: false,
        };
        let read = read(archive, &part, budget(MAX_READ_TOKENS))?;
        let mut text = Markup::of("Conversation ");
        text.text(line(&read.conversation.id))
            .fixed(" (")
            .fixed(QUOTED_NOTE)
            .fixed(")\n\n")
            .append_all(read.messages.iter().map(|message| &message.text));
        if read.next.is_some() {
            text.fixed("\n(There is more: get_full_conversation reads on.)\n");
        }
        Ok(ReadResourceResult::new(vec![ResourceContents::text(
            text.into_text(),
            uri,
        )]))
    })
}
