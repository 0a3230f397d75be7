//! `lorekeep chat`: the chat in a terminal, or one question of a script.

mod failure;
mod lines;
mod asked;
mod answer;
mod tools;
mod talk;

use std::io::{IsTerminal as _, Read as _};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chat::{Chat, ConversationSettings, NewConversation};
use memory::{ChatFilter, Memory};

use failure::fault;

use super::app::App;
use crate::args;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::output::Output;
use crate::tool_servers::ServersConfig;
use crate::{chatting, guards, opening};

/// The most that is read from a pipe, in bytes.
const MAX_PIPED_BYTES: u64 = 1 << 20;

/// How long servers of tools are waited for that were never listed before: there is one turn only.
const TOOLS_WAIT: Duration = Duration::from_secs(3);

/// Says something and prints the answer, or talks until the person leaves.
pub(crate) fn run(
    app: &App,
    args: &args::ChatArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    if let Some(fault) = app.settings().chat_model().err() {
        return Err(fault.into());
    }
    let said = said(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("starting the chat")?;
    let (servers, problems) = ServersConfig::read(&app.loaded);
    for problem in &problems {
        out.warning(&problem.what);
        if let Some(hint) = &problem.hint {
            out.hint(hint);
        }
    }
    let options = {
        // Servers of tools are followed from the start.
        let _inside = runtime.enter();
        let memory = Arc::new(Memory::new(opening::for_one_answer(&app.loaded)));
        let engine = Arc::new(guards::engine(app.settings()));
        let models = chatting::models(&app.loaded)?;
        let parts = (&engine, &models);
        chatting::options(&app.loaded, app.home(), &memory, parts, servers.as_ref())
    };
    let talked = {
        let _inside = runtime.enter();
        let chat = Chat::open(options).map_err(|error| fault(&error))?;
        let talked = runtime.block_on(async {
            let conversation = conversation(&chat, args).await?;
            chat.settle_tools(TOOLS_WAIT).await;
            match said {
                Some(said) => answer::once(&chat, &conversation, &said, out).await,
                None => talk::talk(&chat, conversation, out).await,
            }
        });
        runtime.block_on(chat.end(Duration::from_secs(2)));
        talked
    };
    // Standard input may still be waited for.
    runtime.shutdown_background();
    talked
}

/// What is said: the arguments, and what is piped in behind them. Nothing for a person at a terminal.
fn said(args: &args::ChatArgs) -> anyhow::Result<Option<String>> {
    let text = args.text.join(" ");
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Ok(Some(text).filter(|text| !text.trim().is_empty()));
    }
    let mut piped = Vec::new();
    stdin
        .lock()
        .take(MAX_PIPED_BYTES + 1)
        .read_to_end(&mut piped)
        .context("reading standard input")?;
    if piped.len() as u64 > MAX_PIPED_BYTES {
        let what = format!("standard input has more than {MAX_PIPED_BYTES} bytes");
        return Err(Fault::usage(what).into());
    }
    let piped = String::from_utf8_lossy(&piped).into_owned();
    let said = match (text.trim().is_empty(), piped.trim().is_empty()) {
        (true, true) => {
            return Err(Fault::usage("there is nothing to say")
                .hint("give it as an argument, pipe it in, or run `lorekeep chat` on a terminal")
                .into());
        }
        (true, false) => piped,
        (false, true) => text,
        (false, false) => format!("{text}\n\n{piped}"),
    };
    Ok(Some(said))
}

/// The conversation that is meant, which is made if none is named.
async fn conversation(chat: &Chat, args: &args::ChatArgs) -> anyhow::Result<String> {
    let settings = ConversationSettings {
        model: args.model.clone(),
        system: args.system.clone(),
        character: args.character.clone(),
        recall: args.no_recall.then_some(false),
        ..ConversationSettings::default()
    };
    let Some(named) = &args.conversation else {
        let new = NewConversation {
            settings,
            project: args.project.clone(),
            off_record: args.off_record,
            ..NewConversation::default()
        };
        let made = chat.create(new).await.map_err(|error| fault(&error))?;
        return Ok(made.summary.id);
    };
    let id = match named.as_str() {
        "last" => {
            let filter = ChatFilter {
                limit: 200,
                ..ChatFilter::default()
            };
            let list = chat.conversations(filter).await;
            let list = list.map_err(|error| fault(&error))?;
            let last = list.into_iter().max_by_key(|one| one.updated);
            last.map(|last| last.id)
                .ok_or_else(|| Fault::missing("there is no conversation yet"))?
        }
        id => id.to_owned(),
    };
    let view = chat.conversation(&id, false).await;
    let view = view.map_err(|error| fault(&error))?;
    if args.model.is_some() || args.system.is_some() || args.no_recall {
        let patch = chat::ConversationPatch {
            settings: Some(ConversationSettings {
                model: settings.model.or(view.settings.model),
                system: settings.system.or(view.settings.system),
                recall: settings.recall.or(view.settings.recall),
                ..view.settings
            }),
            ..chat::ConversationPatch::default()
        };
        let changed = chat.change(&id, None, patch).await;
        changed.map_err(|error| fault(&error))?;
    }
    Ok(view.summary.id)
}
