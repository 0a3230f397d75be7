//! The documents of a file's history, recent work and timelines. Times are RFC 3339 in UTC
//! (`2026-03-01T09:30:00.000Z`), `null` where unknown.

use recall::{
    Activity, FileHistory, FileUse, Granularity, GroupBy, Period, Quote, RecentWork, Timeline,
    WorkGroup,
};
use serde::Serialize;
use transcript::FileAction;

use crate::search::ScopeDoc;
use crate::when::time;

/// Something counted, by name.
#[derive(Serialize)]
struct CountDoc<'a> {
    name: &'a str,
    count: u64,
}

fn counts(counted: &[(String, u64)]) -> Vec<CountDoc<'_>> {
    counted
        .iter()
        .map(|(name, count)| CountDoc {
            name,
            count: *count,
        })
        .collect()
}

/// The document that `file --json` prints: which conversations read or edited a file.
#[derive(Serialize)]
pub struct FileHistoryDoc<'a> {
    /// The path or pattern, as it was given.
    path: &'a str,
    /// `project`: name of the project that was looked at, `null` for all.
    scope: ScopeDoc<'a>,
    /// The paths in the logs that it stands for, those touched most first; at most 50.
    paths: &'a [String],
    /// Earlier names of the file in git, relative to the repository.
    renamed_from: &'a [String],
    /// How often the file was read or edited in all.
    touches: u64,
    /// The number of conversations that did so; `uses` may have fewer.
    conversations: u64,
    /// What each conversation did to it, the one that touched it last first: `action` (`read` or `edited`),
    /// how many `reads` and `edits`, with which `tools`, when `first` and `last`, and an `excerpt`.
    uses: Vec<FileUseDoc<'a>>,
}

#[derive(Serialize)]
struct FileUseDoc<'a> {
    conversation_id: &'a str,
    message_id: &'a str,
    title: &'a str,
    project: &'a str,
    source: &'a str,
    paths: &'a [String],
    action: &'static str,
    reads: u64,
    edits: u64,
    tools: Vec<CountDoc<'a>>,
    first: Option<String>,
    last: Option<String>,
    excerpt: &'a str,
}

impl<'a> FileHistoryDoc<'a> {
    /// The document of a history; `path` is shown as the path that the person gave.
    pub fn new(path: &'a str, history: &'a FileHistory) -> Self {
        Self {
            path,
            scope: ScopeDoc {
                project: history.project.as_deref(),
            },
            paths: &history.paths,
            renamed_from: &history.renamed_from,
            touches: history.touches,
            conversations: history.conversations,
            uses: history.uses.iter().map(FileUseDoc::new).collect(),
        }
    }
}

impl<'a> FileUseDoc<'a> {
    fn new(used: &'a FileUse) -> Self {
        Self {
            conversation_id: &used.conversation_id,
            message_id: &used.message_id,
            title: &used.title,
            project: &used.project,
            source: &used.source,
            paths: &used.paths,
            action: match used.action {
                FileAction::Read => "read",
                FileAction::Edited => "edited",
            },
            reads: used.reads,
            edits: used.edits,
            tools: counts(&used.tools),
            first: time(used.first),
            last: time(used.last),
            excerpt: &used.excerpt,
        }
    }
}

/// The document that `recent --json` prints: what was worked on lately, the latest first.
#[derive(Serialize)]
pub struct RecentDoc<'a> {
    /// `project`: name of the project that was looked at, `null` for all.
    scope: ScopeDoc<'a>,
    /// What one group is: `conversation`, `day` (a calendar day) or `session` (work in one project without a
    /// pause of 30 minutes).
    by: &'static str,
    /// The groups, the latest first: title, conversations, projects, times, edited files, topics, the last
    /// words of either side (`asked`, `answered`), and how it seems unfinished (`open`, else `null`).
    groups: Vec<GroupDoc<'a>>,
}

#[derive(Serialize)]
struct GroupDoc<'a> {
    title: &'a str,
    day: Option<&'a str>,
    conversations: Vec<ConversationNameDoc<'a>>,
    conversation_count: u64,
    projects: &'a [String],
    started: Option<String>,
    ended: Option<String>,
    messages: u64,
    files: &'a [String],
    files_edited: u64,
    topics: &'a [&'static str],
    asked: Option<QuoteDoc<'a>>,
    answered: Option<QuoteDoc<'a>>,
    open: Option<&'static str>,
}

#[derive(Serialize)]
struct ConversationNameDoc<'a> {
    id: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct QuoteDoc<'a> {
    message_id: &'a str,
    time: Option<String>,
    text: &'a str,
}

impl<'a> RecentDoc<'a> {
    /// The document of recent work. `by` must be what the request grouped by; here it only gives the name in
    /// the field `by`.
    pub fn new(work: &'a RecentWork, by: GroupBy) -> Self {
        Self {
            scope: ScopeDoc {
                project: work.project.as_deref(),
            },
            by: by.name(),
            groups: work.groups.iter().map(GroupDoc::new).collect(),
        }
    }
}

impl<'a> GroupDoc<'a> {
    fn new(group: &'a WorkGroup) -> Self {
        let named = |(id, title): &'a (String, String)| ConversationNameDoc { id, title };
        Self {
            title: &group.title,
            day: group.day.as_deref(),
            conversations: group.conversations.iter().map(named).collect(),
            conversation_count: group.conversation_count,
            projects: &group.projects,
            started: time(group.started),
            ended: time(group.ended),
            messages: group.messages,
            files: &group.files,
            files_edited: group.files_edited,
            topics: &group.topics,
            asked: group.asked.as_ref().map(QuoteDoc::new),
            answered: group.answered.as_ref().map(QuoteDoc::new),
            open: group.open.map(recall::OpenEnd::name),
        }
    }
}

impl<'a> QuoteDoc<'a> {
    fn new(quote: &'a Quote) -> Self {
        Self {
            message_id: &quote.message_id,
            time: time(quote.time),
            text: &quote.text,
        }
    }
}

/// The document that `timeline --json` prints: how much was done in each hour, day, week or month.
#[derive(Serialize)]
pub struct TimelineDoc<'a> {
    /// `project`: name of the project that was counted, `null` for all.
    scope: ScopeDoc<'a>,
    /// How long a period is: `hour`, `day`, `week` (from Monday) or `month`.
    granularity: &'static str,
    /// The periods in which something was said, the earliest first: `period` (such as `2026-03-01`), times of
    /// the `first` and `last` message, the counts of `total`, and what was most frequent in it.
    periods: Vec<PeriodDoc<'a>>,
    /// Counts over all periods: `messages`, of these `prompts` (typed by people), `conversations`,
    /// `files_edited`, `tool_calls`.
    total: ActivityDoc,
    /// Messages that are counted nowhere because they have no time.
    undated: u64,
}

#[derive(Serialize)]
struct PeriodDoc<'a> {
    period: &'a str,
    first: Option<String>,
    last: Option<String>,
    #[serde(flatten)]
    activity: ActivityDoc,
    projects: Vec<ProjectActivityDoc<'a>>,
    files: Vec<CountDoc<'a>>,
    tools: Vec<CountDoc<'a>>,
    topics: Vec<CountDoc<'a>>,
}

#[derive(Serialize)]
struct ProjectActivityDoc<'a> {
    project: &'a str,
    messages: u64,
    prompts: u64,
    conversations: u64,
    files_edited: u64,
    tool_calls: u64,
}

#[derive(Serialize)]
struct ActivityDoc {
    messages: u64,
    prompts: u64,
    conversations: u64,
    files_edited: u64,
    tool_calls: u64,
}

impl<'a> TimelineDoc<'a> {
    /// The document of a timeline. `granularity` must be the one that was asked for; here it only gives a
    /// name in the document.
    pub fn new(timeline: &'a Timeline, granularity: Granularity) -> Self {
        Self {
            scope: ScopeDoc {
                project: timeline.project.as_deref(),
            },
            granularity: granularity.name(),
            periods: timeline.periods.iter().map(PeriodDoc::new).collect(),
            total: ActivityDoc::new(timeline.total),
            undated: timeline.undated,
        }
    }
}

impl<'a> PeriodDoc<'a> {
    fn new(period: &'a Period) -> Self {
        let topic = |(name, count): &(&'static str, u64)| CountDoc {
            name,
            count: *count,
        };
        let project = |(project, of): &'a (String, Activity)| ProjectActivityDoc {
            project,
            messages: of.messages,
            prompts: of.prompts,
            conversations: of.conversations,
            files_edited: of.files_edited,
            tool_calls: of.tool_calls,
        };
        Self {
            period: &period.key,
            first: time(Some(period.first)),
            last: time(Some(period.last)),
            activity: ActivityDoc::new(period.activity),
            projects: period.projects.iter().map(project).collect(),
            files: counts(&period.files),
            tools: counts(&period.tools),
            topics: period.topics.iter().map(topic).collect(),
        }
    }
}

impl ActivityDoc {
    fn new(of: Activity) -> Self {
        Self {
            messages: of.messages,
            prompts: of.prompts,
            conversations: of.conversations,
            files_edited: of.files_edited,
            tool_calls: of.tool_calls,
        }
    }
}
