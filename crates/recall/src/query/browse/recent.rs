//! What was worked on lately, by conversation, day or session.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use rustc_hash::FxHashMap;
use transcript::Millis;

use super::group::{PlacedMessage, WorkGroup, work_group};
use super::scene::Scene;
use crate::guards::{Cleared, Gate, Outbound};
use crate::store::{ConversationId, Span};
use crate::text::Analyzer;
use crate::{Result, Scope};

/// A pause after which a new session begins.
const SESSION_PAUSE: Millis = 30 * 60_000;
/// Messages that are looked at to group by day or session; older work waits for a narrower question.
const MAX_MESSAGES: usize = 60_000;

/// How recent work is put into groups; each group is a [`WorkGroup`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupBy {
    /// One group for each conversation, with the conversations of the sub-agents that it started, however
    /// long it lasted.
    #[default]
    Conversation,
    /// One group for each calendar day of the person's clock ([`RecentRequest::zone`]), with all
    /// conversations and projects of that day. Messages without a time are left out.
    Day,
    /// One group for each stretch of work: messages of one project that follow each other with no more than
    /// 30 minutes between two of them, whichever conversations they belong to. A longer pause, or a message
    /// of another project, begins a new session. Messages without a time are left out.
    Session,
}

impl GroupBy {
    /// Every way, in the order in which the command line lists them.
    pub const ALL: [Self; 3] = [Self::Conversation, Self::Day, Self::Session];

    /// The name used on the command line and in answers: `conversation`, `day` or `session`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Day => "day",
            Self::Session => "session",
        }
    }

    /// The way that [`Self::name`] calls so; `None` for any other word, also for one in upper case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.name() == name)
    }
}

/// A request for the latest work.
#[derive(Clone, Debug)]
pub struct RecentRequest {
    /// Which projects are looked at.
    pub scope: Scope,
    /// The largest number of groups to return.
    pub limit: usize,
    /// How the work is put into groups.
    pub group_by: GroupBy,
    /// Only messages said at this time or later, in milliseconds since 1970.
    pub since: Option<Millis>,
    /// Only messages said before this time, in milliseconds since 1970.
    pub until: Option<Millis>,
    /// The time now, in milliseconds since 1970: what is less than 5 minutes old isn't reported as
    /// unfinished.
    pub now: Millis,
    /// The person's time zone, which says when days begin: each message counts by the offset of its own
    /// time, so that summer and winter have their own.
    pub zone: TimeZone,
}

impl RecentRequest {
    /// A request for work of all time in a scope, by conversation; days are those of UTC. [`Self::limit`]
    /// and [`Self::now`] are 0 and must be set.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            scope,
            limit: 0,
            group_by: GroupBy::default(),
            since: None,
            until: None,
            now: 0,
            zone: TimeZone::UTC,
        }
    }
}

/// The latest work, in groups. Reflections (notes stored on purpose) are no work and not in it.
#[derive(Clone, Debug, Default)]
pub struct RecentWork {
    /// Short name of the project that was looked at; `None` if all projects were, or none.
    pub project: Option<String>,
    /// The groups, the one that ended last first.
    pub groups: Vec<WorkGroup>,
}

impl Outbound for RecentWork {
    fn pass(&mut self, gate: Gate<'_>) {
        self.groups.pass(gate);
    }
}

/// What was worked on lately.
pub(crate) fn recent(
    connection: &Connection,
    gate: Gate<'_>,
    request: &RecentRequest,
) -> Result<Cleared<RecentWork>> {
    let mut scene = Scene::new(connection, gate, &request.scope)?;
    let groups = latest(&mut scene, request, &[])?;
    Ok(gate.release(RecentWork {
        project: scene.project_name,
        groups,
    }))
}

/// The latest groups; conversations of these ids are left out.
pub(super) fn latest(
    scene: &mut Scene<'_>,
    request: &RecentRequest,
    without: &[ConversationId],
) -> Result<Vec<WorkGroup>> {
    scene.leave_out_reflections()?;
    let parts = scene.parts()?;
    let whole = |span: &Span| *parts.get(&span.conversation).unwrap_or(&span.conversation);
    let mut spans = scene.latest_spans()?;
    spans.retain(|(ended, span)| {
        let is_late = request
            .since
            .is_none_or(|since| ended.is_some_and(|ended| ended >= since));
        is_late && !without.contains(&whole(span))
    });
    let groups = match request.group_by {
        GroupBy::Conversation => by_conversation(scene, request, &spans, &whole)?,
        GroupBy::Day | GroupBy::Session => by_time(scene, request, &spans, &whole)?,
    };
    let mut analyzer = Analyzer::new();
    let mut work = Vec::with_capacity(groups.len());
    for (day, messages) in groups {
        let mut group = work_group(scene, &mut analyzer, messages, request.now)?;
        if group.messages > 0 {
            group.day = day;
            work.push(group);
        }
    }
    // How spans ended is known about; how groups ended exactly.
    work.sort_by_key(|group| std::cmp::Reverse(group.ended));
    Ok(work)
}

/// Messages that belong together, and the day where that is why.
type Grouped = (Option<String>, Vec<PlacedMessage>);

fn by_conversation(
    scene: &Scene<'_>,
    request: &RecentRequest,
    spans: &[(Option<Millis>, Span)],
    whole: &dyn Fn(&Span) -> ConversationId,
) -> Result<Vec<Grouped>> {
    let mut order: Vec<ConversationId> = Vec::new();
    let mut groups: FxHashMap<ConversationId, Vec<PlacedMessage>> = FxHashMap::default();
    for (_, span) in spans {
        let conversation = whole(span);
        if !groups.contains_key(&conversation) && order.len() == request.limit {
            continue;
        }
        let messages = placed(scene, request, span, conversation)?;
        if messages.is_empty() {
            continue;
        }
        groups
            .entry(conversation)
            .or_insert_with(|| {
                order.push(conversation);
                Vec::new()
            })
            .extend(messages);
    }
    let take = |id: ConversationId| groups.remove(&id).map(|messages| (None, messages));
    Ok(order.into_iter().filter_map(take).collect())
}

/// By day or session: all messages in the order of time, cut where a group ends.
fn by_time(
    scene: &Scene<'_>,
    request: &RecentRequest,
    spans: &[(Option<Millis>, Span)],
    whole: &dyn Fn(&Span) -> ConversationId,
) -> Result<Vec<Grouped>> {
    let mut messages: Vec<PlacedMessage> = Vec::new();
    let mut looked_at = 0;
    loop {
        // Twice as much each time until there is enough.
        let next = spans
            .len()
            .min((looked_at * 2).max(request.limit * 4).max(16));
        for (_, span) in &spans[looked_at..next] {
            messages.extend(placed(scene, request, span, whole(span))?);
        }
        looked_at = next;
        messages.retain(|message| message.row.time.is_some());
        messages.sort_by_key(|message| (std::cmp::Reverse(message.row.time), message.row.id));
        let groups = cut(&messages, request);
        // What wasn't looked at ended before this, so later groups are whole.
        let horizon = spans.get(looked_at).and_then(|(ended, _)| *ended);
        let is_whole = |group: &Grouped| {
            group
                .1
                .last()
                .is_some_and(|first| first.row.time >= horizon)
        };
        let enough = groups.iter().filter(|group| is_whole(group)).count() > request.limit;
        if enough || looked_at == spans.len() || messages.len() > MAX_MESSAGES {
            return Ok(groups.into_iter().take(request.limit).collect());
        }
    }
}

/// Cuts messages, the latest first, into days or sessions.
fn cut(messages: &[PlacedMessage], request: &RecentRequest) -> Vec<Grouped> {
    let mut groups: Vec<Grouped> = Vec::new();
    for message in messages {
        let time = message.row.time.unwrap_or_default();
        let day = (request.group_by == GroupBy::Day).then(|| day(time, &request.zone));
        let belongs = groups.last().is_some_and(|(of_day, group)| match &day {
            Some(_) => *of_day == day,
            None => group.last().is_some_and(|next| {
                next.row.time.unwrap_or_default() - time <= SESSION_PAUSE
                    && next.span.project == message.span.project
            }),
        });
        match groups.last_mut() {
            Some((_, group)) if belongs => group.push(*message),
            _ => groups.push((day, vec![*message])),
        }
    }
    groups
}

/// The messages of a span that are meant.
fn placed(
    scene: &Scene<'_>,
    request: &RecentRequest,
    span: &Span,
    conversation: ConversationId,
) -> Result<Vec<PlacedMessage>> {
    let is_bounded = request.since.is_some() || request.until.is_some();
    let mut rows = scene.rows(span)?;
    rows.retain(|row| {
        !is_bounded
            || row.time.is_some_and(|time| {
                request.since.is_none_or(|since| time >= since)
                    && request.until.is_none_or(|until| time < until)
            })
    });
    let place = |row| PlacedMessage {
        row,
        span: *span,
        conversation,
    };
    Ok(rows.into_iter().map(place).collect())
}

/// The civil time in a time zone.
pub(super) fn civil(time: Millis, zone: &TimeZone) -> jiff::civil::DateTime {
    zone.to_datetime(Timestamp::from_millisecond(time).unwrap_or_default())
}

/// What a clock of the time zone shows, counted as if it were UTC.
pub(super) fn local(time: Millis, zone: &TimeZone) -> Millis {
    let offset = zone.to_offset(Timestamp::from_millisecond(time).unwrap_or_default());
    time.saturating_add(Millis::from(offset.seconds()) * 1000)
}

/// A day as it is written.
fn day(time: Millis, zone: &TimeZone) -> String {
    civil(time, zone).date().to_string()
}
