//! `lorekeep export`: every kept message, one by one as they come out of the archive.

use recall::{Archive, ExportFilter, MessageView};
use transcript::jsonl::{About, to_line};

use super::App;
use crate::args::{self, Format};
use crate::clock;
use crate::exit::Outcome;
use crate::output::Output;
use crate::when;

/// Exports what the filter lets through.
pub(crate) fn run(app: &App, args: args::Export, out: &mut Output) -> anyhow::Result<Outcome> {
    let archive = app.archive()?;
    let project = args.project.filter(|project| project != "all");
    let filter = ExportFilter {
        project,
        conversation: args.conversation,
    };
    match args.format {
        Format::Jsonl => jsonl(&archive, &filter, out)?,
        Format::Markdown => markdown(&archive, &filter, out)?,
    }
    Ok(Outcome::Done)
}

fn each_message(
    archive: &Archive,
    filter: &ExportFilter,
    mut each: impl FnMut(MessageView) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut result = Ok(());
    archive.export(filter, &mut |view| {
        result = each(view);
        result.is_ok()
    })?;
    result
}

fn jsonl(archive: &Archive, filter: &ExportFilter, out: &mut Output) -> anyhow::Result<()> {
    each_message(archive, filter, |mut view| {
        // The name of the project, so that whoever reads the line needn't know the directory.
        view.message
            .project
            .get_or_insert_with(|| view.project.as_str().into());
        let links: Vec<&str> = view.links.iter().map(String::as_str).collect();
        let about = About {
            source: &view.source,
            title: view.title_rank.map(|rank| (view.title.as_str(), rank)),
            parent: view.parent.as_deref(),
            links: &links,
            reflection: view.reflection.as_ref(),
            marks: &view.marks,
        };
        out.json_line(&to_line(&view.message, &about))
    })
}

fn markdown(archive: &Archive, filter: &ExportFilter, out: &mut Output) -> anyhow::Result<()> {
    let now = clock::now();
    let mut conversation = String::new();
    each_message(archive, filter, |view| {
        let message = &view.message;
        let mut text = String::new();
        if *conversation != *message.conversation {
            conversation = message.conversation.to_string();
            text.push_str(&format!(
                "# {}\n\n- project: {}\n- source: {}\n- conversation: `{conversation}`\n\n",
                view.title, view.project, view.source
            ));
        }
        let speaker = message.speaker.as_deref().unwrap_or(message.role.name());
        let time = message.time.map_or_else(String::new, |time| {
            format!(", {}", when::minute(time, &now))
        });
        text.push_str(&format!("## {speaker}{time}\n\n"));
        text.push_str(&body(&view));
        out.text(&text)
    })
}

fn body(view: &MessageView) -> String {
    let message = &view.message;
    let mut text = String::new();
    if !message.text.trim().is_empty() && message.results.is_empty() {
        text.push_str(&format!("{}\n\n", message.text.trim_end()));
    }
    for call in &message.tools {
        text.push_str(&format!("Tool `{}`:\n\n{}", call.name, fenced(&call.input)));
    }
    for result in &message.results {
        text.push_str(&format!("Output:\n\n{}", fenced(&result.output)));
    }
    for attachment in &message.attachments {
        let (media_type, bytes) = (&attachment.media_type, attachment.bytes);
        text.push_str(&format!("(`{media_type}`, {bytes} bytes, not kept)\n\n"));
    }
    text
}

/// A code block whose fence is longer than any run of backticks within.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}\n{}\n{fence}\n\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::fenced;

    #[test]
    fn a_fence_outlasts_the_backticks_within() {
        assert_eq!(fenced("ls"), "```\nls\n```\n\n");
        assert_eq!(fenced("```sh\nls\n```"), "````\n```sh\nls\n```\n````\n\n");
    }
}
