//! The messages of a conversation in order: its own, and those that it repeats of others.

use rusqlite::{Connection, params};
use transcript::Millis;

use crate::Result;
use crate::store::{ConversationId, MessageId, ProjectFilter, ProjectId, Span, Spans, copies_in};

/// A message with its place in a conversation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderedMessage {
    pub(crate) id: MessageId,
    /// The project that it was said in.
    pub(crate) project: ProjectId,
    /// Whether it belongs to another conversation, and this one repeats it.
    pub(crate) is_repeated: bool,
    time: Option<Millis>,
    log: Option<i64>,
}

/// Messages that follow each other in a log, or one that is repeated.
struct LogRun {
    log: Option<i64>,
    at: Option<i64>,
    first: MessageId,
    last: MessageId,
    project: ProjectId,
    is_repeated: bool,
}

/// The messages of a conversation, as far as they lie in the projects, in the order of their times. Those of
/// one time stay in the order of their log, and one without a time stays behind the one before it there. So
/// the order doesn't depend on which log was imported first, nor on how much of it at a time.
pub(crate) fn in_order(
    connection: &Connection,
    conversation: ConversationId,
    within: ProjectFilter,
) -> Result<Vec<OrderedMessage>> {
    let spans = Spans::of_conversation(connection, conversation)?.within(within);
    let mut runs: Vec<LogRun> = spans.0.iter().map(own_run).collect();
    for copy in copies_in(connection, conversation, within)? {
        runs.push(LogRun {
            log: copy.log,
            at: copy.at,
            first: copy.message,
            last: copy.message,
            project: copy.project,
            is_repeated: true,
        });
    }
    runs.sort_by_key(|run| (run.log, run.at, run.first));
    let mut ordered = Vec::new();
    let sql = "SELECT id, time FROM message WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
    let mut times = connection.prepare_cached(sql)?;
    for of_log in runs.chunk_by(|one, next| one.log == next.log) {
        let start = ordered.len();
        for run in of_log {
            let mut rows = times.query(params![run.first.0, run.last.0])?;
            while let Some(row) = rows.next()? {
                ordered.push(OrderedMessage {
                    id: MessageId(row.get(0)?),
                    time: row.get(1)?,
                    project: run.project,
                    is_repeated: run.is_repeated,
                    log: run.log,
                });
            }
        }
        carry_times(&mut ordered[start..]);
    }
    // Stable: what is in one log at one time stays as it stands there.
    ordered.sort_by_key(|message| (message.time, message.log));
    Ok(ordered)
}

fn own_run(span: &Span) -> LogRun {
    LogRun {
        log: span.log,
        at: span.at,
        first: span.first,
        last: span.last,
        project: span.project,
        is_repeated: false,
    }
}

/// Gives messages without a time that of the message before, and the first ones that of the next.
fn carry_times(messages: &mut [OrderedMessage]) {
    let mut latest = messages.iter().find_map(|message| message.time);
    for message in messages {
        message.time = message.time.or(latest);
        latest = message.time;
    }
}
