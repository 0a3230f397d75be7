//! `lorekeep config`: what is set, whether it is right, and what there is to set.

use wire::{ConfigCheckDoc, ConfigDoc, FaultDoc, SettingDoc};

use crate::args;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::table::{Align, TextTable};
use crate::settings::{Environment, LoadedSettings, SettingOrigin, page};

/// Shows, checks or describes the settings; works with wrong ones too.
pub(crate) fn run(
    environment: &Environment,
    command: args::ConfigCommand,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    match command {
        args::ConfigCommand::Docs => {
            out.text(&page())?;
            Ok(CommandOutcome::Done)
        }
        args::ConfigCommand::Show(args) => show(&LoadedSettings::read(environment)?, args, out),
        args::ConfigCommand::Check(args) => check(&LoadedSettings::read(environment)?, args, out),
    }
}

fn show(
    loaded: &LoadedSettings,
    args: args::JsonArg,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let locations = &loaded.locations;
    if args.json {
        out.json(&ConfigDoc {
            file: locations.config_file.display().to_string(),
            data: locations.home.data().display().to_string(),
            cache: locations.cache.display().to_string(),
            settings: loaded
                .resolved
                .iter()
                .map(|resolved| SettingDoc {
                    key: resolved.key,
                    value: &resolved.value,
                    origin: resolved.origin.to_string(),
                })
                .collect(),
        })?;
    } else {
        let mut page = out.page();
        let missing = if locations.config_file.exists() {
            ""
        } else {
            " (does not exist)"
        };
        let file = loaded.shorten(&locations.config_file);
        page.paint(Ink::Dim, "file   ")
            .line(Ink::Plain, &format!("{file}{missing}"));
        page.paint(Ink::Dim, "data   ")
            .line(Ink::Plain, &loaded.shorten(locations.home.data()));
        page.paint(Ink::Dim, "cache  ")
            .line(Ink::Plain, &loaded.shorten(&locations.cache))
            .end();
        table(loaded).print(&mut page);
        out.print(page)?;
    }
    let faults = all_faults(loaded);
    complain(&faults, out);
    advise(loaded, out);
    Ok(outcome(&faults))
}

/// What is wrong with settings, each by itself or for the chat alone.
fn all_faults(loaded: &LoadedSettings) -> Vec<Fault> {
    let of_chat = loaded.settings.chat_faults();
    loaded.faults.iter().cloned().chain(of_chat).collect()
}

fn outcome(faults: &[Fault]) -> CommandOutcome {
    match faults {
        [] => CommandOutcome::Done,
        _ => CommandOutcome::Usage,
    }
}

fn table(loaded: &LoadedSettings) -> TextTable {
    let columns = [
        ("SETTING", Align::Left),
        ("VALUE", Align::Flexible),
        ("FROM", Align::Flexible),
    ];
    let mut table = TextTable::new(&columns);
    for resolved in &loaded.resolved {
        let ink = if resolved.origin == SettingOrigin::Default {
            Ink::Dim
        } else {
            Ink::Plain
        };
        table.row(vec![
            (Ink::Name, resolved.key.to_owned()),
            (Ink::Plain, resolved.value.clone()),
            (ink, resolved.origin.to_string()),
        ]);
    }
    table
}

fn check(
    loaded: &LoadedSettings,
    args: args::JsonArg,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let faults = all_faults(loaded);
    let valid = faults.is_empty();
    if args.json {
        out.json(&ConfigCheckDoc {
            valid,
            faults: faults.iter().map(doc).collect(),
            notes: loaded.notes.iter().map(doc).collect(),
        })?;
        return Ok(outcome(&faults));
    } else if valid {
        let mut page = out.page();
        let file = &loaded.locations.config_file;
        let what = if file.exists() {
            loaded.shorten(file)
        } else {
            "no settings file".to_owned()
        };
        page.paint(Ink::Good, "good")
            .line(Ink::Plain, &format!(", {what}"));
        out.print(page)?;
    } else {
        complain(&faults, out);
    }
    advise(loaded, out);
    Ok(outcome(&faults))
}

fn doc(fault: &Fault) -> FaultDoc<'_> {
    FaultDoc {
        what: &fault.what,
        hint: fault.hint.as_deref(),
    }
}

fn complain(faults: &[Fault], out: &mut Output) {
    for fault in faults {
        out.error(&fault.what);
        if let Some(hint) = &fault.hint {
            out.hint(hint);
        }
    }
}

fn advise(loaded: &LoadedSettings, out: &mut Output) {
    for note in &loaded.notes {
        out.warning(&note.what);
        if let Some(hint) = &note.hint {
            out.hint(hint);
        }
    }
}
