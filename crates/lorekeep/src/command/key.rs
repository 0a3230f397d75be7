//! `lorekeep key`: the keys that programs send to the server. It may run meanwhile.

use server::{CreatedKeyDoc, KeyDoc, KeyScope, KeyScopes, KeysDoc, LinkOptions, NewKey};
use wire::when;

use super::app::App;
use super::serve::{credentials, fault};
use crate::args::{KeyCommand, KeyCreateArgs};
use crate::clock;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::table::{Align, TextTable};

const DAY_MS: i64 = 86_400_000;

/// Makes, lists or revokes keys, or makes a link.
pub(crate) fn run(
    app: &App,
    command: KeyCommand,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    match command {
        KeyCommand::Create(args) => create(app, args, out),
        KeyCommand::List(json) => list(app, json.json, out),
        KeyCommand::Revoke { id, json } => revoke(app, &id, json.json, out),
        KeyCommand::Link(json) => link(app, json.json, out),
    }
}

fn create(app: &App, args: KeyCreateArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let usual = [KeyScope::Chat, KeyScope::Memory, KeyScope::Gateway];
    let scopes: &[KeyScope] = match &args.scope[..] {
        [] => &usual,
        named => named,
    };
    let new = NewKey {
        name: args.name,
        scopes: KeyScopes::of(scopes),
        expires: args
            .expires
            .map(|days| clock::millis() + i64::from(days) * DAY_MS),
    };
    let credentials = credentials(app)?;
    let owner = &credentials.first_owner().id;
    let made = credentials.create_key(owner, &new);
    let (key, token) = made.map_err(|error| fault(&error))?;
    if args.json.json {
        out.json(&CreatedKeyDoc::new(&key, token))?;
        return Ok(CommandOutcome::Done);
    }
    // The token alone on standard output, so that a script can take it.
    out.text(&format!("{token}\n"))?;
    out.flush()?;
    out.note(&format!(
        "key {}, for {}",
        key.id,
        key.scopes.names().join(", ")
    ));
    out.hint("programs send it as `Authorization: Bearer KEY`; it can't be shown again");
    Ok(CommandOutcome::Done)
}

fn list(app: &App, is_json: bool, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let credentials = credentials(app)?;
    let keys = credentials.list_keys(&credentials.first_owner().id);
    let keys = keys.map_err(|error| fault(&error))?;
    let outcome = match keys.is_empty() {
        true => CommandOutcome::Nothing,
        false => CommandOutcome::Done,
    };
    if is_json {
        out.json(&KeysDoc::new(&keys))?;
        return Ok(outcome);
    }
    if keys.is_empty() {
        out.note("there are no keys");
        out.hint("`lorekeep key create NAME` makes one");
        return Ok(outcome);
    }
    let now = clock::now();
    let mut table = TextTable::new(&[
        ("ID", Align::Left),
        ("NAME", Align::Flexible),
        ("KEY", Align::Left),
        ("SCOPES", Align::Flexible),
        ("USED", Align::Left),
        ("STATE", Align::Left),
    ]);
    for key in &keys {
        let used = key
            .used
            .map_or_else(|| "never".to_owned(), |time| when::ago(time, &now));
        let (ink, state) = match (key.revoked, key.expires) {
            (Some(_), _) => (Ink::Dim, "revoked".to_owned()),
            (None, Some(end)) if !key.is_valid(clock::millis()) => {
                (Ink::Dim, format!("ended {}", when::date(end, &now)))
            }
            (None, Some(end)) => (Ink::Plain, format!("until {}", when::date(end, &now))),
            (None, None) => (Ink::Plain, "valid".to_owned()),
        };
        table.row(vec![
            (Ink::Name, key.id.to_string()),
            (Ink::Plain, key.name.clone()),
            (Ink::Plain, format!("{}…", key.start)),
            (Ink::Plain, key.scopes.names().join(" ")),
            (Ink::Plain, used),
            (ink, state),
        ]);
    }
    let mut page = out.page();
    table.print(&mut page);
    out.print(page)?;
    Ok(outcome)
}

fn revoke(app: &App, id: &str, is_json: bool, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let credentials = credentials(app)?;
    let revoked = credentials.revoke_key(&credentials.first_owner().id, id);
    let key = revoked.map_err(|error| fault(&error))?;
    if is_json {
        out.json(&KeyDoc::new(&key))?;
        return Ok(CommandOutcome::Done);
    }
    let mut page = out.page();
    page.push("revoked ")
        .paint(Ink::Name, key.id.as_str())
        .push(&format!(", {}", key.name))
        .end();
    out.print(page)?;
    Ok(CommandOutcome::Done)
}

/// The document of `key link --json`.
#[derive(serde::Serialize)]
struct LinkDoc {
    link: String,
}

fn link(app: &App, is_json: bool, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let running = server::running_server(app.home().data());
    let running = running.ok_or_else(|| {
        Fault::failure("no server runs for this archive").hint("`lorekeep serve` starts one")
    })?;
    let credentials = credentials(app)?;
    let owner = &credentials.first_owner().id;
    let made = credentials.make_link(owner, LinkOptions::default());
    let code = made.map_err(|error| fault(&error))?;
    let link = running.url(&format!("/login?code={code}"));
    if is_json {
        out.json(&LinkDoc { link })?;
    } else {
        out.text(&format!("{link}\n"))?;
    }
    Ok(CommandOutcome::Done)
}
