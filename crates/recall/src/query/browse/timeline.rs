//! How much was done when: counts by period and project.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::{MessageKind, Millis, Role};

use super::classes::ConceptTally;
use super::glimpse::is_said;
use super::labels::{self, Counted};
use super::recent::{civil, local};
use super::scene::Scene;
use crate::guards::{Cleared, Gate, Outbound};
use crate::store::{ConversationId, ProjectId, Row, Span};
use crate::text::Analyzer;
use crate::{Result, Scope};

/// Files, tools and topics that are told of a period.
const MAX_FILES: usize = 3;
const MAX_TOOLS: usize = 5;
const MAX_TOPICS: usize = 5;
/// Texts that topics are taken from: of all periods together, and of one at most and at least.
const MAX_TEXTS: usize = 600;
const MAX_PERIOD_TEXTS: usize = 30;
const MIN_PERIOD_TEXTS: usize = 4;
/// Messages at the start of a span whose first time stands for its start.
const HEAD_MESSAGES: i64 = 16;

/// The length of the periods that a timeline counts by, all by the person's clock
/// ([`TimelineRequest::zone`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Granularity {
    /// An hour, from its full hour on.
    Hour,
    /// A calendar day.
    #[default]
    Day,
    /// An ISO 8601 week: from Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
}

impl Granularity {
    /// Every length, the shortest first.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The name used on the command line and in answers: `hour`, `day`, `week` or `month`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The length that [`Self::name`] calls so; `None` for any other word, also for one in upper case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|length| length.name() == name)
    }

    /// The number of the period that a local time in milliseconds lies in; they rise with time.
    fn number(self, local: Millis) -> i64 {
        const HOUR_MILLIS: Millis = 3_600_000;
        let day = local.div_euclid(24 * HOUR_MILLIS);
        match self {
            Self::Hour => local.div_euclid(HOUR_MILLIS),
            Self::Day => day,
            // The first of January 1970 was a Thursday.
            Self::Week => (day + 3).div_euclid(7),
            Self::Month => {
                let date = civil(local, &TimeZone::UTC).date();
                i64::from(date.year()) * 12 + i64::from(date.month())
            }
        }
    }

    /// The period that a time lies in, as it is written.
    fn key(self, time: DateTime) -> String {
        let date = time.date();
        match self {
            Self::Hour => format!("{date} {:02}:00", time.hour()),
            Self::Day => date.to_string(),
            Self::Week => {
                let week = date.iso_week_date();
                format!("{}-W{:02}", week.year(), week.week())
            }
            Self::Month => format!("{}-{:02}", date.year(), date.month()),
        }
    }
}

/// A request for a timeline: how much was done in each period.
#[derive(Clone, Debug)]
pub struct TimelineRequest {
    /// Which projects are counted.
    pub scope: Scope,
    /// Only messages said at this time or later, in milliseconds since 1970.
    pub since: Option<Millis>,
    /// Only messages said before this time, in milliseconds since 1970.
    pub until: Option<Millis>,
    /// How long a period is.
    pub granularity: Granularity,
    /// Whether to count files, tools and topics too, which takes longer.
    pub stats: bool,
    /// The person's time zone, which says when periods begin: each message counts by the offset of its own
    /// time, so that summer and winter have their own. The hour that a clock shows twice is one period.
    pub zone: TimeZone,
}

impl TimelineRequest {
    /// A request for all that was said in a scope, by days of UTC, without [`Self::stats`].
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            scope,
            since: None,
            until: None,
            granularity: Granularity::default(),
            stats: false,
            zone: TimeZone::UTC,
        }
    }
}

/// How much was done in each period of time. Reflections (notes stored on purpose) are not counted.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// Short name of the project that was counted; `None` if all projects were, or none.
    pub project: Option<String>,
    /// The periods, the first one first. Those in which nothing was said are left out.
    pub periods: Vec<Period>,
    /// The counts of all periods together; what occurs in several, such as a conversation, counts once.
    pub total: Activity,
    /// The number of messages that are in no period because their time isn't known.
    pub undated: u64,
}

impl Outbound for Timeline {
    fn pass(&mut self, gate: Gate<'_>) {
        for period in &mut self.periods {
            let named = period.files.iter_mut().chain(&mut period.tools);
            gate.texts(named.map(|(name, _)| name));
        }
    }
}

/// What was done in one period of a timeline.
#[derive(Clone, Debug, Default)]
pub struct Period {
    /// The period by the person's clock, by [`Granularity`]: `2026-03-01 14:00`, `2026-03-01`, `2026-W09`
    /// or `2026-03`.
    pub key: String,
    /// When its first message was said, in milliseconds since 1970.
    pub first: Millis,
    /// When its last message was said, in milliseconds since 1970.
    pub last: Millis,
    /// What was done in all projects of the scope together.
    pub activity: Activity,
    /// What was done in each project, by its short name, the one with most messages first.
    /// [`Activity::topics`] is always 0 here.
    pub projects: Vec<(String, Activity)>,
    /// Paths of the files that were edited most, each with the number of messages that edited it, the most
    /// edited first; at most 3. Empty without [`TimelineRequest::stats`].
    pub files: Vec<(String, u64)>,
    /// Names of the tools that were called most, each with the number of messages that called it, the most
    /// called first; at most 5. Empty without [`TimelineRequest::stats`].
    pub tools: Vec<(String, u64)>,
    /// The concepts (of [`CONCEPTS`](super::CONCEPTS)) that people spoke of most, each with the number of
    /// words that stand for it in their latest 4 to 30 messages of the period, the most frequent first; at
    /// most 5. Empty without [`TimelineRequest::stats`].
    pub topics: Vec<(&'static str, u64)>,
}

/// Counts of what was done, in a period, a project or all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// The number of messages, without those that a program put in.
    pub messages: u64,
    /// The number of those messages that people typed, commands such as `/exit` aside.
    pub prompts: u64,
    /// The number of conversations. That of a sub-agent counts as a part of the one that started it.
    pub conversations: u64,
    /// The number of different files that were edited; 0 without [`TimelineRequest::stats`].
    pub files_edited: u64,
    /// The number of different concepts that were spoken of; 0 without [`TimelineRequest::stats`]. In all
    /// periods together, only those among the 5 most frequent of a period count.
    pub topics: u64,
    /// The number of calls of tools, several of one tool in a message counted once; 0 without
    /// [`TimelineRequest::stats`].
    pub tool_calls: u64,
}

/// A period being counted, or a project in it.
#[derive(Default)]
struct Tallied {
    messages: u64,
    prompts: u64,
    conversations: FxHashSet<ConversationId>,
    edited: Counted,
    tools: Counted,
    tool_calls: u64,
}

#[derive(Default)]
struct Counting {
    first: Option<Millis>,
    last: Option<Millis>,
    all: Tallied,
    projects: FxHashMap<ProjectId, Tallied>,
    /// What people said, for its topics; the latest last.
    said: Vec<Row>,
}

/// How much was done when.
pub(crate) fn timeline(
    connection: &Connection,
    gate: Gate<'_>,
    request: &TimelineRequest,
) -> Result<Cleared<Timeline>> {
    let mut scene = Scene::new(connection, gate, &request.scope)?;
    scene.leave_out_reflections()?;
    let parts = scene.parts()?;
    let mut timeline = Timeline {
        project: scene.project_name.clone(),
        ..Timeline::default()
    };
    let mut periods: BTreeMap<i64, Counting> = BTreeMap::new();
    for span in &scene.spans.0 {
        if !may_lie_in(&scene, span, request)? {
            continue;
        }
        let whole = *parts.get(&span.conversation).unwrap_or(&span.conversation);
        timeline.undated += count(&scene, request, span, whole, &mut periods)?;
    }
    let (mut total, mut analyzer) = (Tallied::default(), Analyzer::new());
    let mut topics = FxHashSet::default();
    let texts = (MAX_TEXTS / periods.len().max(1)).clamp(MIN_PERIOD_TEXTS, MAX_PERIOD_TEXTS);
    for counting in periods.into_values() {
        total.messages += counting.all.messages;
        total.prompts += counting.all.prompts;
        total.tool_calls += counting.all.tool_calls;
        total.conversations.extend(&counting.all.conversations);
        total.edited.merge(&counting.all.edited);
        let period = period(&mut scene, &mut analyzer, request, texts, &counting)?;
        topics.extend(period.topics.iter().map(|(topic, _)| *topic));
        timeline.periods.push(period);
    }
    timeline.total = total.activity(topics.len());
    Ok(gate.release(timeline))
}

/// Whether a span may have messages of the time asked for, by its first and last ones.
fn may_lie_in(scene: &Scene<'_>, span: &Span, request: &TimelineRequest) -> Result<bool> {
    let sql = "SELECT min(time), max(time) FROM message WHERE id BETWEEN ?1 AND ?2";
    let mut statement = scene.connection.prepare_cached(sql)?;
    if let Some(since) = request.since {
        let tail = span.first.0.max(span.last.0 - HEAD_MESSAGES + 1);
        let last: Option<Millis> =
            statement.query_row(params![tail, span.last.0], |row| row.get(1))?;
        if last.is_some_and(|last| last < since) {
            return Ok(false);
        }
    }
    if let Some(until) = request.until {
        let head = span.last.0.min(span.first.0 + HEAD_MESSAGES - 1);
        let first: Option<Millis> =
            statement.query_row(params![span.first.0, head], |row| row.get(0))?;
        return Ok(first.is_none_or(|first| first < until));
    }
    Ok(true)
}

/// Counts a span's messages into their periods. Returns how many have no time.
fn count(
    scene: &Scene<'_>,
    request: &TimelineRequest,
    span: &Span,
    whole: ConversationId,
    periods: &mut BTreeMap<i64, Counting>,
) -> Result<u64> {
    let mut undated = 0;
    let mut run: Option<(i64, Vec<Row>)> = None;
    for row in scene.rows(span)? {
        if row.flags.kind() == MessageKind::Injected {
            continue;
        }
        let Some(time) = row.time else {
            undated += 1;
            continue;
        };
        let is_meant = request.since.is_none_or(|since| time >= since)
            && request.until.is_none_or(|until| time < until);
        if !is_meant {
            continue;
        }
        // Neighbours mostly lie in the same period.
        let key = request.granularity.number(local(time, &request.zone));
        match &mut run {
            Some((of, rows)) if *of == key => rows.push(row),
            _ => {
                if let Some((key, rows)) = run.replace((key, vec![row])) {
                    periods
                        .entry(key)
                        .or_default()
                        .add(scene, request, span, whole, &rows)?;
                }
            }
        }
    }
    if let Some((key, rows)) = run {
        periods
            .entry(key)
            .or_default()
            .add(scene, request, span, whole, &rows)?;
    }
    Ok(undated)
}

impl Counting {
    /// Counts messages of one span in this period.
    fn add(
        &mut self,
        scene: &Scene<'_>,
        request: &TimelineRequest,
        span: &Span,
        whole: ConversationId,
        rows: &[Row],
    ) -> Result<()> {
        let times = || rows.iter().filter_map(|row| row.time);
        self.first = [self.first, times().min()].into_iter().flatten().min();
        self.last = self.last.max(times().max());
        let labels = if request.stats {
            Some(labels::edited_and_tools(scene, rows)?)
        } else {
            None
        };
        let prompts = rows.iter().filter(|row| is_said(row, Role::User)).count();
        let own = self.projects.entry(span.project).or_default();
        for tallied in [&mut self.all, own] {
            tallied.messages += rows.len() as u64;
            tallied.prompts += prompts as u64;
            tallied.conversations.insert(whole);
            if let Some((edited, tools)) = &labels {
                tallied.edited.merge(edited);
                tallied.tools.merge(tools);
                tallied.tool_calls += tools.sum();
            }
        }
        if request.stats {
            self.said
                .extend(rows.iter().filter(|row| is_said(row, Role::User)));
        }
        Ok(())
    }
}

impl Tallied {
    fn activity(&self, topics: usize) -> Activity {
        Activity {
            messages: self.messages,
            prompts: self.prompts,
            conversations: self.conversations.len() as u64,
            files_edited: self.edited.len(),
            topics: topics as u64,
            tool_calls: self.tool_calls,
        }
    }
}

/// What is told of a period that was counted.
fn period(
    scene: &mut Scene<'_>,
    analyzer: &mut Analyzer,
    request: &TimelineRequest,
    texts: usize,
    counting: &Counting,
) -> Result<Period> {
    let mut tally = ConceptTally::new();
    if request.stats {
        for row in counting.said.iter().rev().take(texts) {
            if let Some((_, text)) = scene.text(row)? {
                tally.add(&text, analyzer);
            }
        }
    }
    let topics = tally.most(1, usize::MAX);
    let mut projects: Vec<(String, Activity)> = counting
        .projects
        .iter()
        .map(|(id, tallied)| (scene.names.get(*id).to_owned(), tallied.activity(0)))
        .collect();
    projects.sort_by(|a, b| b.1.messages.cmp(&a.1.messages).then(a.0.cmp(&b.0)));
    let first = counting.first.unwrap_or_default();
    Ok(Period {
        key: request.granularity.key(civil(first, &request.zone)),
        first,
        last: counting.last.unwrap_or_default(),
        activity: counting.all.activity(topics.len()),
        projects,
        files: counting.all.edited.most(scene, MAX_FILES)?,
        tools: counting.all.tools.most(scene, MAX_TOOLS)?,
        topics: topics.into_iter().take(MAX_TOPICS).collect(),
    })
}
