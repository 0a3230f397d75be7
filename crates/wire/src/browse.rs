//! The documents of files, recent work and timelines.

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
    path: &'a str,
    scope: ScopeDoc<'a>,
    paths: &'a [String],
    renamed_from: &'a [String],
    touches: u64,
    conversations: u64,
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
    /// The document for a path as the person gave it.
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
    scope: ScopeDoc<'a>,
    by: &'static str,
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
    /// The document of recent work that was grouped by conversation, day or session.
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
    scope: ScopeDoc<'a>,
    granularity: &'static str,
    periods: Vec<PeriodDoc<'a>>,
    total: ActivityDoc,
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
    /// The document of a timeline whose periods have this length.
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
