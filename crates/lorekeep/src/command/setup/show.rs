//! What is going to change, and what came of it, for people and for programs.

use wire::{SetupDoc, SetupFileDoc};

use super::run::{ClientPlan, SetupRun};
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::text;
use crate::setup::{DiffLine, FileChange};

/// Whether any file has to change.
pub(super) fn has_changes(parts: &[ClientPlan]) -> bool {
    changes(parts).any(|change| !change.is_none())
}

fn changes(parts: &[ClientPlan]) -> impl Iterator<Item = &FileChange> {
    let files = parts.iter().flat_map(|part| &part.files);
    files.filter_map(|file| file.change.as_ref().ok())
}

/// Prints what is going to change.
pub(super) fn plan(
    run: &SetupRun<'_>,
    parts: &[ClientPlan],
    out: &mut Output,
) -> anyhow::Result<()> {
    if run.args.json.json {
        return Ok(());
    }
    let mut page = out.page();
    for part in parts {
        let changes = part
            .files
            .iter()
            .filter_map(|file| file.change.as_ref().ok());
        let changes: Vec<&FileChange> = changes.filter(|change| !change.is_none()).collect();
        if changes.is_empty() {
            continue;
        }
        page.line(Ink::Title, part.client.title());
        for change in changes {
            let file = run.loaded.shorten(change.at.real());
            page.push("  ").paint(Ink::Name, &text::one_line(&file));
            page.push("  ").line(Ink::Dim, action(change));
            for line in &change.lines {
                match line {
                    DiffLine::Add(text) => page.push("    ").line(Ink::Good, &format!("+ {text}")),
                    DiffLine::Remove(text) => {
                        page.push("    ").line(Ink::Bad, &format!("- {text}"))
                    }
                };
            }
        }
    }
    out.print(page)
}

/// Says what was done and what could not be; `true` if something could not.
pub(super) fn outcome(
    run: &SetupRun<'_>,
    parts: &mut [ClientPlan],
    applied: bool,
    out: &mut Output,
) -> anyhow::Result<bool> {
    let failed = problems(run, parts, out);
    if run.args.json.json {
        json(run, parts, applied, out)?;
    } else if applied {
        done(run, parts, out)?;
    } else if !has_changes(parts) && !failed {
        let mut page = out.page();
        let what = if run.args.remove {
            "nothing of Lorekeep's is there"
        } else {
            "everything is registered, nothing has changed"
        };
        page.line(Ink::Plain, what);
        out.print(page)?;
    } else if !run.args.dry_run && !failed {
        out.note("nothing was changed");
    }
    Ok(failed)
}

/// Says of each file once why it is left alone, or what in it; `true` if there is a reason.
pub(super) fn problems(run: &SetupRun<'_>, parts: &mut [ClientPlan], out: &mut Output) -> bool {
    let mut failed = false;
    for file in parts.iter_mut().flat_map(|part| &mut part.files) {
        let path = run.loaded.shorten(&file.file);
        failed |= file.change.is_err();
        let told = file.told.replace(file.change.is_err());
        if told == Some(file.change.is_err()) {
            continue;
        }
        match &file.change {
            Err(fault) => {
                out.error(&format!("`{path}` was left alone: {}", fault.what));
                if let Some(hint) = &fault.hint {
                    out.hint(hint);
                }
            }
            Ok(change) => {
                for note in &change.notes {
                    out.note(&format!("`{path}`: {note}"));
                }
            }
        }
    }
    failed
}

fn done(run: &SetupRun<'_>, parts: &[ClientPlan], out: &mut Output) -> anyhow::Result<()> {
    let mut page = out.page();
    for part in parts {
        if part.files.iter().any(|file| file.change.is_err()) {
            continue;
        }
        let what = if run.args.remove {
            "is as it was"
        } else {
            "is set up"
        };
        page.paint(Ink::Good, "done  ")
            .line(Ink::Plain, &format!("{} {what}", part.client.title()));
    }
    out.print(page)?;
    if run.args.remove {
        return Ok(());
    }
    for part in parts {
        let hooks = part.choice.as_ref().is_some_and(|choice| choice.hooks);
        if let Some(advice) = part.client.advice(hooks) {
            out.note(advice);
        }
    }
    let copies = run.loaded.shorten(run.store.dir());
    out.note(&format!("copies of what was there are in `{copies}`"));
    out.hint("`lorekeep doctor` tries every registration");
    Ok(())
}

fn action(change: &FileChange) -> &'static str {
    match (&change.now, &change.then) {
        (now, then) if now == then => "none",
        (None, Some(_)) => "create",
        (Some(_), None) => "remove",
        _ => "change",
    }
}

/// Prints all of it as a document.
pub(super) fn json(
    run: &SetupRun<'_>,
    parts: &[ClientPlan],
    applied: bool,
    out: &mut Output,
) -> anyhow::Result<()> {
    let files = parts.iter().flat_map(|part| {
        part.files.iter().map(move |file| match &file.change {
            Ok(change) => SetupFileDoc {
                client: part.client.id(),
                file: file.file.display().to_string(),
                action: action(change),
                lines: change.lines.iter().map(line).collect(),
                notes: change.notes.clone(),
                problem: None,
                hint: None,
            },
            Err(fault) => SetupFileDoc {
                client: part.client.id(),
                file: file.file.display().to_string(),
                action: "none",
                lines: Vec::new(),
                notes: Vec::new(),
                problem: Some(fault.what.clone()),
                hint: fault.hint.clone(),
            },
        })
    });
    out.json(&SetupDoc {
        applied,
        copies: run.store.dir().display().to_string(),
        files: files.collect(),
    })
}

fn line(line: &DiffLine) -> String {
    match line {
        DiffLine::Add(text) => format!("+ {text}"),
        DiffLine::Remove(text) => format!("- {text}"),
    }
}
