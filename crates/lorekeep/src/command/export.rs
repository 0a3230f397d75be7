//! `lorekeep export`: every kept message, one by one as they come out of the archive.
//!
//! Rendered as Markdown, a text shows as it was: what was said stands in code blocks, which end where we
//! say, and everything beside it is escaped.

use recall::{Archive, ExportFilter, MessageView, Scope};
use transcript::jsonl::{ExportContext, to_line};
use wire::when;

use super::app::App;
use super::narrow;
use crate::args::{self, ExportFormat};
use crate::clock;
use crate::exit::CommandOutcome;
use crate::output::Output;
use crate::output::text::one_line;

/// Exports what the filter lets through.
pub(crate) fn run(
    app: &App,
    args: args::ExportArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let archive = app.archive()?;
    // An export is of everything unless a project is named.
    let filter = ExportFilter {
        scope: narrow::named(args.project.as_deref()).unwrap_or(Scope::All),
        conversation: args.conversation,
    };
    match args.format {
        ExportFormat::Jsonl => jsonl(&archive, &filter, out)?,
        ExportFormat::Markdown => markdown(&archive, &filter, out)?,
    }
    Ok(CommandOutcome::Done)
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

pub(super) fn jsonl(
    archive: &Archive,
    filter: &ExportFilter,
    out: &mut Output,
) -> anyhow::Result<()> {
    each_message(archive, filter, |mut view| {
        // The name of the project, so that whoever reads the line needn't know the directory.
        view.message
            .project
            .get_or_insert_with(|| view.project.as_str().into());
        let links: Vec<&str> = view.links.iter().map(String::as_str).collect();
        let about = ExportContext {
            source: &view.source,
            title: view.title_rank.map(|rank| (view.title.as_str(), rank)),
            parent: view.parent.as_deref(),
            relation: view.relation,
            also_in: &view.also_in,
            links: &links,
            reflection: view.reflection.as_ref(),
            fact: view.fact.as_ref(),
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
                "# {}\n\n- project: {}\n- source: {}\n- conversation: {}\n\n",
                inline(&view.title),
                inline(&view.project),
                inline(&view.source),
                inline(&conversation)
            ));
        }
        let speaker = message.speaker.as_deref().unwrap_or(message.role.name());
        let time = message.time.map_or_else(String::new, |time| {
            format!(", {}", when::minute(time, &now))
        });
        text.push_str(&format!("## {}{time}\n\n", inline(speaker)));
        text.push_str(&body(&view));
        out.text(&text)
    })
}

fn body(view: &MessageView) -> String {
    let message = &view.message;
    let mut text = String::new();
    if !message.text.trim().is_empty() && message.results.is_empty() {
        text.push_str(&fenced(&message.text));
    }
    for call in &message.tools {
        let name = inline(&call.name);
        text.push_str(&format!("Tool {name}:\n\n{}", fenced(&call.input)));
    }
    for result in &message.results {
        text.push_str(&format!("Output:\n\n{}", fenced(&result.output)));
    }
    for attachment in &message.attachments {
        let (media_type, bytes) = (inline(&attachment.media_type), attachment.bytes);
        text.push_str(&format!("({media_type}, {bytes} bytes, not kept)\n\n"));
    }
    text
}

/// A text within a line, in which no character means anything to Markdown, its extensions among them.
/// All ASCII punctuation may be escaped; that which never means anything within a line is left as it is.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if c.is_ascii_punctuation() && !matches!(c, ',' | ';' | '?' | '\'' | '"' | '/' | '%' | '-')
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A code block whose fence is longer than any run of backticks within.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}\n{}\n{fence}\n\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;
    use crate::output::text::visible;

    #[test]
    fn a_fence_outlasts_the_backticks_within() {
        assert_eq!(fenced("ls"), "```\nls\n```\n\n");
        assert_eq!(fenced("```sh\nls\n```"), "````\n```sh\nls\n```\n````\n\n");
    }

    /// All but the one that makes other signs of quotes and dashes, which changes no structure.
    fn extensions() -> Options {
        Options::all() - Options::ENABLE_SMART_PUNCTUATION
    }

    /// The text of the first heading and of the first code block as a renderer has them; fails for
    /// whatever else there is.
    fn rendered(markdown: &str) -> Result<(String, String), TestCaseError> {
        let (mut heading, mut code, mut is_code) = (String::new(), String::new(), false);
        for event in Parser::new_ext(markdown, extensions()) {
            match event {
                Event::Start(Tag::Heading { .. }) | Event::End(TagEnd::Heading(_)) => {}
                Event::Start(Tag::CodeBlock(_)) => is_code = true,
                Event::End(TagEnd::CodeBlock) => {}
                Event::Text(text) if is_code => code.push_str(&text),
                Event::Text(text) => heading.push_str(&text),
                other => return Err(TestCaseError::fail(format!("{other:?} in {markdown:?}"))),
            }
        }
        Ok((heading, code))
    }

    /// Text that means something to Markdown or to what extends it.
    fn markdown() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            4 => "[-#*_`~<>&!\\[\\](){}|:=+$^.@\\\\/'\" \n\t0-9a-z]{1,8}",
            1 => Just("<script>alert(1)</script>".to_owned()),
            1 => Just("[x](javascript:alert(1)) ![y](https://example.org/y.png)".to_owned()),
            1 => Just("\n[x]: https://example.org\n".to_owned()),
            1 => Just("\n---\ntitle: x\n---\n".to_owned()),
            1 => Just("\n# Heading\nTitle\n===\n".to_owned()),
            1 => Just("\n````\n~~~~\n```\n".to_owned()),
            1 => Just("\n| a | b |\n|---|---|\n| c | d |\n".to_owned()),
            1 => Just("<https://example.org> https://example.org www.example.org a@b.org".to_owned()),
            1 => Just("&lt;b&gt; &#60; [^1] $x$ $$y$$ ~~z~~ - [ ] t\n> q\n    i".to_owned()),
            1 => "\\PC{0,6}",
        ];
        proptest::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn rendered_markdown_shows_texts_as_they_were(title in markdown(), text in markdown()) {
            let title = format!("a {title}");
            let page = visible(&format!("# {}\n\n{}", inline(&title), fenced(&text))).into_owned();
            let (heading, code) = rendered(&page)?;
            prop_assert_eq!(heading, one_line(&title));
            let shown = visible(text.trim_end()).into_owned();
            prop_assert_eq!(code.strip_suffix('\n').unwrap_or(&code), shown);
        }
    }
}
