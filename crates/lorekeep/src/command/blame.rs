//! `lorekeep blame`: lines of a file in, the conversations and tool calls that wrote them out.

use std::path::{Path, PathBuf};

use jiff::Zoned;
use recall::{
    BlameReport, BlameRequest, BlamedLines, Certainty, CommitInfo, LineSource, Scope, WritingCall,
};
use transcript::Registry;
use wire::{BlameDoc, thousands, when};

use super::app::App;
use super::narrow;
use crate::args;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::output::text;
use wire::short_id;

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
    let (file, lines) = place(&args.file)?;
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
        print(&report, out)?;
    }
    Ok(match report.lines.iter().any(is_attributed) {
        true => CommandOutcome::Done,
        false => CommandOutcome::Nothing,
    })
}

/// Whether a conversation wrote the lines.
fn is_attributed(lines: &BlamedLines) -> bool {
    matches!(lines.source, LineSource::Written(_))
}

/// A file and the lines of it that are meant, the first and the last one.
type FileLines = (PathBuf, Option<(u32, u32)>);

/// Takes `FILE:LINE` or `FILE:FIRST-LAST` apart. A file that is there by that name is meant as it
/// is, and what follows a drive's letter is a path.
fn place(given: &Path) -> Result<FileLines, Fault> {
    let whole = || Ok((given.to_owned(), None));
    let Some((file, lines)) = given.to_str().and_then(|text| text.rsplit_once(':')) else {
        return whole();
    };
    let is_drive = file.len() == 1 && file.starts_with(|c: char| c.is_ascii_alphabetic());
    if file.is_empty() || is_drive || given.exists() {
        return whole();
    }
    match range(lines) {
        Some(range) => Ok((file.into(), Some(range))),
        // What follows a file's name was meant for lines of it.
        None if Path::new(file).exists() => {
            let what = format!("`{lines}` of `{}` is no range of lines", given.display());
            Err(Fault::usage(what).hint("give `FILE:LINE` or `FILE:FIRST-LAST`, counted from 1"))
        }
        None => whole(),
    }
}

/// `12` or `12-40`. Numbers that are too large for a file's lines are lines that it hasn't.
fn range(lines: &str) -> Option<(u32, u32)> {
    let line = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().unwrap_or(u32::MAX))
    };
    match lines.split_once('-') {
        Some((first, last)) => line(first).zip(line(last)),
        None => line(lines).map(|line| (line, line)),
    }
}

fn print(report: &BlameReport, out: &mut Output) -> anyhow::Result<()> {
    if !report.lines.iter().any(is_attributed) {
        // What git alone says, git says better.
        nothing(report, out);
        return Ok(());
    }
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
    if let Some(first) = written.next()
        && out.is_for_person()
    {
        let id = short_id(&first.conversation);
        out.hint(&format!(
            "`lorekeep show {id} --around {} --tools` shows the call",
            first.message
        ));
    }
    Ok(())
}

/// Says in one line that no conversation wrote any of the lines, and where was looked.
fn nothing(report: &BlameReport, out: &mut Output) {
    let place = match &report.project {
        Some(project) => format!("of project `{project}`"),
        None => "in the archive".to_owned(),
    };
    let lines: u64 = report
        .lines
        .iter()
        .map(|lines| u64::from(lines.last - lines.first) + 1)
        .sum();
    let what = match lines {
        1 => "this line".to_owned(),
        lines => format!("any of these {} lines", thousands(lines)),
    };
    let elsewhere = match &report.project {
        Some(_) => " (`--project all` looks at all of them)",
        None => "",
    };
    out.note(&format!("no conversation {place} wrote {what}{elsewhere}"));
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
                    short_id(&maker.conversation),
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
        (Ink::Name, short_id(&written.conversation).to_owned()),
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
        let place = place(Path::new(given));
        assert_eq!(place, Ok((PathBuf::from(file), lines)), "{given}");
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
