//! `lorekeep blame`: lines of a file in, the conversations and tool calls that wrote them out.

use std::path::{Path, PathBuf};

use jiff::Zoned;
use recall::{
    BlameReport, BlameRequest, BlamedLines, Certainty, CommitInfo, LineSource, Scope, WritingCall,
};
use transcript::Registry;
use wire::{BlameDoc, when};

use super::app::App;
use super::narrow;
use super::search::short;
use crate::args;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::output::text;

/// Lines of a group that are shown; of longer ones the beginning says enough.
const MAX_GROUP_LINES: usize = 4;
/// Columns before a line of text.
const INDENT_COLUMNS: usize = 8;

/// Prints which conversations wrote the lines of a file.
pub(crate) fn run(
    app: &App,
    args: &args::BlameArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let began = clock::instant();
    let (file, lines) = place(&args.file);
    let file = std::path::absolute(&file).unwrap_or(file);
    let scope = narrow::named(args.project.as_deref()).unwrap_or_else(|| {
        let directory = file.parent().unwrap_or(&file);
        Scope::DirectoryOrAll(directory.to_owned())
    });
    let request = BlameRequest {
        file,
        within: None,
        lines,
        commit: args.commit.clone(),
        scope,
        sources: Registry::shipped(),
        now: clock::millis(),
    };
    let report = app.archive()?.blame(&request)?;
    if args.json.json {
        out.json(&BlameDoc::new(&report, clock::took_ms(began)))?;
    } else {
        print(&report, args, out)?;
    }
    let is_attributed = |lines: &BlamedLines| matches!(lines.source, LineSource::Written(_));
    Ok(match report.lines.iter().any(is_attributed) {
        true => CommandOutcome::Done,
        false => CommandOutcome::Nothing,
    })
}

/// Takes `FILE:LINE` or `FILE:FIRST-LAST` apart. A file that is there by that name is meant as it
/// is, and what follows a drive's letter is a path.
fn place(given: &Path) -> (PathBuf, Option<(u32, u32)>) {
    let whole = || (given.to_owned(), None);
    let Some((file, lines)) = given.to_str().and_then(|text| text.rsplit_once(':')) else {
        return whole();
    };
    let is_drive = file.len() == 1 && file.starts_with(|c: char| c.is_ascii_alphabetic());
    let range = match lines.split_once('-') {
        Some((first, last)) => first.parse().ok().zip(last.parse().ok()),
        None => lines.parse().ok().map(|line| (line, line)),
    };
    match range {
        Some(range) if !file.is_empty() && !is_drive && !given.exists() => {
            (file.into(), Some(range))
        }
        _ => whole(),
    }
}

fn print(report: &BlameReport, args: &args::BlameArgs, out: &mut Output) -> anyhow::Result<()> {
    let now = clock::now();
    let mut page = out.page();
    for (nth, lines) in report.lines.iter().enumerate() {
        if nth > 0 {
            page.end();
        }
        group(lines, &now, &mut page);
    }
    out.print(page)?;
    out.flush()?;
    for note in &report.notes {
        out.note(note);
    }
    let mut written = report.lines.iter().filter_map(|lines| match &lines.source {
        LineSource::Written(written) => Some(written),
        _ => None,
    });
    match written.next() {
        Some(first) if out.is_for_person() => {
            let id = short(&first.conversation);
            out.hint(&format!(
                "`lorekeep show {id} --around {} --tools` shows the call",
                first.message
            ));
        }
        Some(_) => {}
        None => nothing(report, args, out),
    }
    Ok(())
}

fn nothing(report: &BlameReport, args: &args::BlameArgs, out: &mut Output) {
    let place = match &report.project {
        Some(project) => format!("of project `{project}`"),
        None => "in the archive".to_owned(),
    };
    out.note(&format!("no conversation {place} accounts for these lines"));
    if args.project.is_none() && report.project.is_some() {
        out.hint("`--project all` looks at all of them; `lorekeep import` reads what is new");
    }
}

fn group(lines: &BlamedLines, now: &Zoned, page: &mut TextPage) {
    let range = match lines.first == lines.last {
        true => lines.first.to_string(),
        false => format!("{}-{}", lines.first, lines.last),
    };
    let mut pieces = vec![(Ink::Title, range)];
    let mut why = String::new();
    match &lines.source {
        LineSource::Written(written) => {
            why = written.evidence.join("; ");
            pieces.extend(heading(written, now));
        }
        LineSource::Commit(commit) => {
            pieces.extend(commit_heading(commit, now));
            if let Some(maker) = &commit.conversation {
                why = format!(
                    "made by conversation {}: {}",
                    short(&maker.conversation),
                    maker.evidence
                );
            }
        }
        LineSource::Unknown { why: unknown } => {
            pieces.push((Ink::Dim, "unknown".to_owned()));
            why.clone_from(unknown);
        }
    }
    page.pieces(0, &pieces);
    if let LineSource::Written(written) = &lines.source {
        let title = text::one_line(&written.title);
        if !title.is_empty() {
            let columns = page.look().width.saturating_sub(INDENT_COLUMNS);
            page.push(&" ".repeat(INDENT_COLUMNS))
                .line(Ink::Plain, &text::clip(&title, columns));
        }
    }
    excerpt(lines, page);
    page.wrapped(INDENT_COLUMNS, &why, &[], Ink::Dim);
}

fn heading(written: &WritingCall, now: &Zoned) -> Vec<(Ink, String)> {
    let ink = match written.certainty {
        Certainty::Certain => Ink::Good,
        Certainty::Likely => Ink::Plain,
        Certainty::Possible => Ink::Warn,
    };
    let time = written
        .time
        .map_or_else(|| "undated".to_owned(), |time| when::minute(time, now));
    vec![
        (ink, written.certainty.name().to_owned()),
        (Ink::Name, short(&written.conversation).to_owned()),
        (Ink::Plain, written.tool.clone()),
        (Ink::Plain, time),
        (Ink::Dim, written.model.clone().unwrap_or_default()),
    ]
}

fn commit_heading(commit: &CommitInfo, now: &Zoned) -> Vec<(Ink, String)> {
    vec![
        (Ink::Dim, "commit".to_owned()),
        (Ink::Name, commit.hash.chars().take(8).collect()),
        (Ink::Plain, when::date(commit.time, now)),
        (Ink::Plain, commit.author.clone()),
        (Ink::Dim, commit.subject.clone()),
    ]
}

/// The beginning of the lines, each with its number.
fn excerpt(lines: &BlamedLines, page: &mut TextPage) {
    let count = (lines.last - lines.first + 1) as usize;
    // One line more says no less than that it was left out.
    let shown = if count <= MAX_GROUP_LINES + 1 {
        count
    } else {
        MAX_GROUP_LINES
    };
    let columns = page.look().width.saturating_sub(INDENT_COLUMNS);
    for (number, line) in (lines.first..).zip(lines.text.split('\n')).take(shown) {
        let line = text::visible(&line.replace('\t', "    ")).into_owned();
        page.paint(Ink::Dim, &format!("{number:>6}  "));
        page.push(&text::clip(&line, columns)).end();
    }
    if shown < count {
        page.paint(
            Ink::Dim,
            &format!("{:>6}  {} more lines", "…", count - shown),
        )
        .end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, file: &str, lines: Option<(u32, u32)>) {
        assert_eq!(
            place(Path::new(given)),
            (PathBuf::from(file), lines),
            "{given}"
        );
    }

    #[test]
    fn lines_follow_a_file_and_drives_are_no_lines() {
        check("src/net.rs", "src/net.rs", None);
        check("src/net.rs:12", "src/net.rs", Some((12, 12)));
        check("src/net.rs:12-40", "src/net.rs", Some((12, 40)));
        check("C:\\src\\net.rs", "C:\\src\\net.rs", None);
        check("C:\\src\\net.rs:7-9", "C:\\src\\net.rs", Some((7, 9)));
        check("C:12", "C:12", None);
        check("a:b", "a:b", None);
        check(":12", ":12", None);
        check("a:1-", "a:1-", None);
    }
}
