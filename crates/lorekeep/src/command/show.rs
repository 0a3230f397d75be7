//! `lorekeep show`: a conversation as it went, or the part around a message.

use jiff::Zoned;
use recall::{Archive, ConversationView, MessageView};
use transcript::MessageKind;
use wire::{ConversationDoc, MessageDoc, size, thousands, when};

use super::app::App;
use crate::args;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::output::text;

/// Lines of a tool's output or of a thought that are shown unless all is asked for.
const OUTPUT_LINES: usize = 6;

/// Shows messages as they come out of the archive, so that long conversations begin at once.
pub(crate) fn run(
    app: &App,
    args: &args::ShowArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let archive = app.archive()?;
    let conversation = archive.conversation_revealing(&args.conversation, args.quarantined)?;
    if args.json.json {
        json(&archive, &conversation, args, out)?;
    } else {
        people(app, &archive, &conversation, args, out)?;
    }
    Ok(CommandOutcome::Done)
}

/// Calls `each` for every message that was asked for, until it fails.
fn each_message(
    archive: &Archive,
    conversation: &ConversationView,
    args: &args::ShowArgs,
    mut each: impl FnMut(MessageView) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let around = args
        .around
        .as_deref()
        .map(|id| (id, usize::from(args.context)));
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
    args: &args::ShowArgs,
    out: &mut Output,
) -> anyhow::Result<()> {
    let head = serde_json::to_string(&ConversationDoc::new(conversation))?;
    let mut before = format!("{{\"conversation\":{head},\"messages\":[");
    each_message(archive, conversation, args, |view| {
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
    args: &args::ShowArgs,
    out: &mut Output,
) -> anyhow::Result<()> {
    let now = clock::now();
    let mut page = out.page();
    heading(app, conversation, &now, &mut page);
    out.print(page)?;
    each_message(archive, conversation, args, |view| {
        let mut page = out.page();
        message(&view, args, &now, &mut page);
        out.print(page)
    })
}

fn heading(app: &App, conversation: &ConversationView, now: &Zoned, page: &mut TextPage) {
    page.line(Ink::Title, &conversation.title);
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
            (
                Ink::Plain,
                format!("{} messages", thousands(conversation.messages)),
            ),
            (Ink::Name, conversation.id.clone()),
        ],
    );
    page.line(Ink::Dim, &app.loaded.shorten(conversation.path.as_ref()));
    for link in &conversation.links {
        page.line(Ink::Dim, link);
    }
}

fn message(view: &MessageView, args: &args::ShowArgs, now: &Zoned, page: &mut TextPage) {
    let message = &view.message;
    let speaker = message.speaker.as_deref().unwrap_or(message.role.name());
    let is_asked_for = args.around.as_deref() == Some(&message.id);
    page.end().paint(
        if is_asked_for { Ink::Match } else { Ink::Title },
        &text::one_line(speaker),
    );
    let time = message.time.map(|time| when::minute(time, now));
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
    body(view, args, page);
    flagged(view, args, page);
}

/// What the guards have to say about a message.
fn flagged(view: &MessageView, args: &args::ShowArgs, page: &mut TextPage) {
    if view.guard() < guard::Action::Quarantine {
        return;
    }
    let what = if args.quarantined {
        "flagged: some of this tries to instruct whoever reads it"
    } else {
        "flagged: text that tries to instruct its reader was left out; `--quarantined` shows it"
    };
    page.line(Ink::Warn, what);
}

fn body(view: &MessageView, args: &args::ShowArgs, page: &mut TextPage) {
    let message = &view.message;
    for call in &message.tools {
        let input = if args.tools {
            call.input.clone()
        } else {
            first_words(&call.input, page)
        };
        page.paint(Ink::Name, &text::one_line(&call.name))
            .push(" ")
            .paint(Ink::Dim, &input)
            .end();
    }
    let said = message.text.trim_end();
    if !said.is_empty() && message.results.is_empty() {
        page.push(said).end();
    }
    for result in &message.results {
        let ink = if result.is_error {
            Ink::Bad
        } else {
            Ink::Plain
        };
        output(&result.output, ink, args.tools, page);
    }
    for attachment in &message.attachments {
        let what = format!(
            "[{}, {}, not kept]",
            attachment.media_type,
            size(attachment.bytes)
        );
        page.line(Ink::Dim, &what);
    }
    let did = !message.tools.is_empty() || !message.results.is_empty();
    if said.is_empty() && !did && !message.thinking.trim().is_empty() {
        output(
            &format!("(thought) {}", message.thinking.trim()),
            Ink::Dim,
            args.tools,
            page,
        );
    }
}

fn first_words(input: &str, page: &TextPage) -> String {
    text::clip(&text::one_line(input), page.look().width * 2).into_owned()
}

fn output(text: &str, ink: Ink, all: bool, page: &mut TextPage) {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let shown = if all {
        lines.len()
    } else {
        lines.len().min(OUTPUT_LINES)
    };
    for line in &lines[..shown] {
        page.paint(ink, line).end();
    }
    if shown < lines.len() {
        let more = lines.len() - shown;
        page.line(
            Ink::Dim,
            &format!("… {more} more lines, `--tools` shows all"),
        );
    }
}
