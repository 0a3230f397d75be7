//! `lorekeep show`: a conversation as it went, or the part around a message.

mod target;
mod fold;
mod tree;

use jiff::Zoned;
use recall::{Archive, ConversationView, MessageView};
use transcript::{Message, MessageKind, Relation};
use wire::{ConversationDoc, MessageDoc, counted, size, when};

use self::fold::ToolRun;
use self::target::ShowTarget;
use super::app::App;
use super::paths::ProjectPaths;
use crate::args;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::output::prose::prose;
use crate::output::text;
use wire::short_id;

/// Messages before and after the one that is meant, unless another number is asked for.
const CONTEXT_MESSAGES: u16 = 5;

/// Conversations that came out of one which its heading names, and the columns of their titles.
const HEADING_CHILDREN: usize = 5;
const TITLE_COLUMNS: usize = 60;

/// Lines of a thought that are shown unless all is asked for.
const THOUGHT_LINES: usize = 3;

/// Shows messages as they come out of the archive, so that long conversations begin at once.
pub(crate) fn run(
    app: &App,
    args: &args::ShowArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let archive = app.archive()?;
    let target = target::find(app, &archive, args, out)?;
    if args.tree {
        return tree::run(&archive, &target.conversation, args, out);
    }
    let conversation = archive.conversation_revealing(&target.conversation, args.quarantined)?;
    if args.json.json {
        json(&archive, &conversation, &target, args, out)?;
    } else {
        people(app, &archive, &conversation, &target, args, out)?;
    }
    Ok(CommandOutcome::Done)
}

/// Calls `each` for every message that was asked for, until it fails.
fn each_message(
    archive: &Archive,
    conversation: &ConversationView,
    target: &ShowTarget,
    args: &args::ShowArgs,
    mut each: impl FnMut(MessageView) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let context = usize::from(args.context.unwrap_or(CONTEXT_MESSAGES));
    let around = target.message.as_deref().map(|id| (id, context));
    let mut result = Ok(());
    archive.messages(&conversation.id, around, args.quarantined, &mut |view| {
        result = each(view);
        result.is_ok()
    })?;
    result
}

fn json(
    archive: &Archive,
    conversation: &ConversationView,
    target: &ShowTarget,
    args: &args::ShowArgs,
    out: &mut Output,
) -> anyhow::Result<()> {
    let head = serde_json::to_string(&ConversationDoc::new(conversation))?;
    let mut before = format!("{{\"conversation\":{head},\"messages\":[");
    each_message(archive, conversation, target, args, |view| {
        out.json_part(&std::mem::replace(&mut before, ",".to_owned()))?;
        out.json_part(&serde_json::to_string(&MessageDoc::new(&view))?)
    })?;
    let nothing_written = before != ",";
    out.json_line(&if nothing_written {
        before + "]}"
    } else {
        "]}".to_owned()
    })
}

fn people(
    app: &App,
    archive: &Archive,
    conversation: &ConversationView,
    target: &ShowTarget,
    args: &args::ShowArgs,
    out: &mut Output,
) -> anyhow::Result<()> {
    if !args.no_pager {
        out.start_pager();
    }
    let mut page = out.page();
    let mut paths = ProjectPaths::new(app, archive);
    let shown = ShownPart {
        meant: target.message.as_deref(),
        args,
        now: clock::now(),
        project: paths.directory(&conversation.project).map(str::to_owned),
    };
    heading(app, conversation, &shown.now, &mut page);
    out.print(page)?;
    let mut run = ToolRun::default();
    each_message(archive, conversation, target, args, |view| {
        let mut page = out.page();
        shown.message(&view, &mut run, &mut page);
        out.print(page)
    })?;
    let mut page = out.page();
    run.flush(&mut page);
    out.print(page)?;
    if target.message.is_some() && out.is_for_person() {
        let id = short_id(&conversation.id);
        let id = archive.conversation(id).map_or(&*conversation.id, |_| id);
        out.hint(&format!("`lorekeep show {id}` shows all of it"));
    }
    Ok(())
}

fn heading(app: &App, conversation: &ConversationView, now: &Zoned, page: &mut TextPage) {
    let title = match conversation.title.trim() {
        "" => "(no words)",
        title => title,
    };
    page.line(Ink::Title, title);
    let time = |time: Option<i64>| time.map_or_else(String::new, |time| when::minute(time, now));
    let span = match (time(conversation.started), time(conversation.ended)) {
        (start, end) if start == end => start,
        (start, end) => format!("{start} to {end}"),
    };
    page.pieces(
        0,
        &[
            (Ink::Name, conversation.project.clone()),
            (Ink::Plain, conversation.source.clone()),
            (Ink::Plain, span),
            (Ink::Plain, counted(conversation.messages, "message")),
            (Ink::Name, conversation.id.clone()),
        ],
    );
    if !conversation.path.is_empty() {
        page.line(Ink::Dim, &app.loaded.shorten(conversation.path.as_ref()));
    }
    relatives(conversation, page);
    for link in &conversation.links {
        page.line(Ink::Dim, link);
    }
}

/// What the conversation came out of, and what came out of it.
fn relatives(conversation: &ConversationView, page: &mut TextPage) {
    if let Some(parent) = &conversation.parent {
        let relation = conversation.relation.map_or("from", tree::came_out_of);
        let mut pieces = vec![
            (Ink::Plain, relation.to_owned()),
            (Ink::Name, parent.clone()),
        ];
        if conversation.repeated > 0 {
            let repeated = counted(conversation.repeated, "message");
            pieces.push((Ink::Plain, format!("repeats {repeated}")));
        }
        page.pieces(0, &pieces);
    }
    for child in conversation.children.iter().take(HEADING_CHILDREN) {
        let relation = child.relation.map_or("conversation", Relation::name);
        page.pieces(
            0,
            &[
                (Ink::Plain, relation.to_owned()),
                (Ink::Name, child.id.clone()),
                (
                    Ink::Dim,
                    text::clip(&text::one_line(&child.title), TITLE_COLUMNS).into_owned(),
                ),
            ],
        );
    }
    let left = conversation
        .child_count
        .saturating_sub(HEADING_CHILDREN as u64);
    if left > 0 {
        page.line(Ink::Dim, &format!("… and {left} more, `--tree` shows them"));
    }
}

/// How messages are shown.
struct ShownPart<'a> {
    /// The id of the message that was asked for, which is shown in full.
    meant: Option<&'a str>,
    args: &'a args::ShowArgs,
    now: Zoned,
    /// The directory of the project, which its paths are told without.
    project: Option<String>,
}

impl ShownPart<'_> {
    fn message(&self, view: &MessageView, run: &mut ToolRun, page: &mut TextPage) {
        let message = &view.message;
        let is_meant = self.meant == Some(message.id.as_str());
        let is_whole = self.args.tools || is_meant;
        let is_flagged = view.guard() >= guard::Action::Quarantine;
        let says = says(message);
        if !is_whole && !is_flagged && !says && did(message) {
            run.add(message, self.project.as_deref());
            return;
        }
        run.flush(page);
        self.speaker(message, is_meant, page);
        if says {
            prose(message.text.trim_end(), page);
        }
        if is_whole {
            whole_tools(message, page);
        } else {
            run.add(message, self.project.as_deref());
        }
        attachments(message, page);
        if !says && !did(message) {
            thought(message, is_whole, page);
        }
        if is_flagged {
            self.flagged(page);
        }
    }

    fn speaker(&self, message: &Message, is_meant: bool, page: &mut TextPage) {
        let speaker = message.speaker.as_deref().unwrap_or(message.role.name());
        let ink = if is_meant { Ink::Match } else { Ink::Title };
        page.end().paint(ink, &text::one_line(speaker));
        let time = message.time.map(|time| when::minute(time, &self.now));
        let kind = match message.kind {
            MessageKind::Said => None,
            MessageKind::Summary => Some("summary".to_owned()),
            MessageKind::Command => Some("command".to_owned()),
            MessageKind::Injected => Some("put in by a program".to_owned()),
        };
        let agent = message
            .agent
            .as_deref()
            .map(|agent| format!("sub-agent {agent}"));
        let details = [time, kind, agent, Some(message.id.clone())];
        for detail in details
            .into_iter()
            .flatten()
            .filter(|detail| !detail.is_empty())
        {
            page.push("  ").paint(Ink::Dim, &text::one_line(&detail));
        }
        page.end();
    }

    /// What the guards have to say about a message.
    fn flagged(&self, page: &mut TextPage) {
        let what = if self.args.quarantined {
            "flagged: some of this is instructions aimed at assistants"
        } else {
            "flagged: instructions aimed at assistants were left out; `--quarantined` shows them"
        };
        page.line(Ink::Warn, what);
    }
}

/// Whether a message has words of its own: the text of a result is what the tool gave back.
fn says(message: &Message) -> bool {
    !message.text.trim().is_empty() && message.results.is_empty()
}

/// Whether a message calls tools or answers a call.
fn did(message: &Message) -> bool {
    !message.tools.is_empty() || !message.results.is_empty()
}

/// Everything that tools were given and gave back.
fn whole_tools(message: &Message, page: &mut TextPage) {
    for call in &message.tools {
        page.paint(Ink::Name, &text::one_line(&call.name))
            .push(" ")
            .paint(Ink::Dim, &call.input)
            .end();
    }
    for result in &message.results {
        let ink = if result.is_error {
            Ink::Bad
        } else {
            Ink::Plain
        };
        for line in result.output.trim_end().lines() {
            page.paint(ink, line).end();
        }
    }
}

fn attachments(message: &Message, page: &mut TextPage) {
    for attachment in &message.attachments {
        let what = format!(
            "[{}, {}, not kept]",
            attachment.media_type,
            size(attachment.bytes)
        );
        page.line(Ink::Dim, &what);
    }
}

fn thought(message: &Message, is_whole: bool, page: &mut TextPage) {
    let thought = message.thinking.trim();
    if thought.is_empty() {
        return;
    }
    let thought = format!("(thought) {thought}");
    let lines: Vec<&str> = thought.lines().collect();
    let shown = if is_whole {
        lines.len()
    } else {
        lines.len().min(THOUGHT_LINES)
    };
    for line in &lines[..shown] {
        page.paint(Ink::Dim, line).end();
    }
    if shown < lines.len() {
        let more = counted((lines.len() - shown) as u64, "more line");
        page.line(Ink::Dim, &format!("… {more}, `--tools` shows all"));
    }
}
