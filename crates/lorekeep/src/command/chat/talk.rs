//! Talking at a terminal: lines are said, lines that begin with `/` are commands.

use chat::{Chat, ConversationPatch, ConversationSettings, NewConversation, TurnAsk, TurnRequest};
use memory::ChatFilter;

use super::answer::{TurnOutcome, saying, turn};
use super::failure::fault;
use crate::exit::CommandOutcome;
use crate::output::Output;
use crate::output::text::one_line;

/// What the commands are.
const HELP: &str = "/new [TITLE]      begin another conversation
/list             the latest conversations
/open ID          go on with another one
/history          what was said in this one
/retry            have the last answer given anew
/continue         have an answer go on that was cut
/undo             take back the last message and its answer
/model [NAME]     which model answers, or another one
/system [TEXT]    the instructions, or others
/recall on|off    whether your memory is searched
/title TEXT       name the conversation
/quit             leave; so does Ctrl-D
A line that ends with `\\` goes on in the next one; `\"\"\"` begins and ends a text of many lines.
";

/// Conversations that `/list` shows.
const LISTED: usize = 15;

/// Talks until the person leaves.
pub(super) async fn talk(
    chat: &Chat,
    conversation: String,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let mut talk = Talk {
        chat,
        conversation,
        out,
    };
    talk.out
        .hint("`/help` lists the commands; Ctrl-C stops an answer, Ctrl-D leaves");
    loop {
        let Some(said) = talk.listen().await? else {
            return Ok(CommandOutcome::Done);
        };
        let said = said.trim();
        if said.is_empty() {
            continue;
        }
        if let Some(command) = said.strip_prefix('/') {
            if matches!(command, "quit" | "exit" | "q") {
                return Ok(CommandOutcome::Done);
            }
            // What a command gets wrong isn't the end of the talk.
            if let Err(error) = talk.command(command).await {
                talk.out.error(&format!("{error:#}"));
            }
            continue;
        }
        talk.run(saying(said)).await?;
    }
}

struct Talk<'a> {
    chat: &'a Chat,
    conversation: String,
    out: &'a mut Output,
}

impl Talk<'_> {
    /// What the person says next; nothing if they leave.
    async fn listen(&mut self) -> anyhow::Result<Option<String>> {
        let mut said = String::new();
        let mut is_long = false;
        loop {
            self.out.prompt(if said.is_empty() { "> " } else { "… " })?;
            let line = tokio::select! {
                line = read_line() => line?,
                _ = tokio::signal::ctrl_c() => None,
            };
            let Some(line) = line else {
                self.out.prompt("\n")?;
                return Ok(None);
            };
            let line = line.trim_end_matches(['\n', '\r']);
            if line.trim() == "\"\"\"" {
                is_long = !is_long;
                if !is_long {
                    return Ok(Some(said));
                }
                continue;
            }
            if is_long {
                said.push_str(line);
                said.push('\n');
                continue;
            }
            match line.strip_suffix('\\') {
                Some(start) => {
                    said.push_str(start);
                    said.push('\n');
                }
                None => {
                    said.push_str(line);
                    return Ok(Some(said));
                }
            }
        }
    }

    async fn run(&mut self, request: TurnRequest) -> anyhow::Result<()> {
        match turn(self.chat, &self.conversation, request, self.out).await {
            Ok(TurnOutcome::Answered) => {}
            Ok(TurnOutcome::Stopped) => self.out.note("stopped; what came is kept"),
            Ok(TurnOutcome::Failed(what, hint)) => {
                self.out.error(&what);
                if let Some(hint) = hint {
                    self.out.hint(&hint);
                }
            }
            Err(error) => self.out.error(&format!("{error:#}")),
        }
        Ok(())
    }

    async fn command(&mut self, command: &str) -> anyhow::Result<()> {
        let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
        let rest = rest.trim();
        let given = Some(rest.to_owned()).filter(|rest| !rest.is_empty());
        match name {
            "help" | "?" => self.out.text(HELP)?,
            "new" => {
                let new = NewConversation {
                    title: given,
                    settings: self.view().await?.settings,
                    ..NewConversation::default()
                };
                let made = self.chat.create(new).await;
                self.conversation = made.map_err(|error| fault(&error))?.summary.id;
                self.out.note("a new conversation");
            }
            "list" => self.list().await?,
            "open" => {
                let view = self.chat.conversation(rest, false).await;
                self.conversation = view.map_err(|error| fault(&error))?.summary.id;
                self.history().await?;
            }
            "history" => self.history().await?,
            "retry" => {
                if let Some(message) = self.last("assistant").await? {
                    self.ask(TurnAsk::Regenerate { message }).await?;
                }
            }
            "continue" => {
                if let Some(message) = self.last("assistant").await? {
                    self.ask(TurnAsk::Continue { message }).await?;
                }
            }
            "undo" => self.undo().await?,
            "model" | "system" | "recall" => self.set(name, given).await?,
            "title" => {
                let patch = ConversationPatch {
                    title: given,
                    ..ConversationPatch::default()
                };
                self.change(patch).await?;
            }
            _ => {
                self.out
                    .error(&format!("there is no command `/{}`", one_line(name)));
                self.out.hint("`/help` lists them");
            }
        }
        self.out.flush()
    }

    async fn view(&self) -> anyhow::Result<chat::ChatView> {
        let view = self.chat.conversation(&self.conversation, false).await;
        Ok(view.map_err(|error| fault(&error))?)
    }

    async fn change(&self, patch: ConversationPatch) -> anyhow::Result<()> {
        let changed = self.chat.change(&self.conversation, None, patch).await;
        changed.map_err(|error| fault(&error))?;
        Ok(())
    }

    async fn ask(&mut self, ask: TurnAsk) -> anyhow::Result<()> {
        let request = TurnRequest {
            ask,
            ..TurnRequest::default()
        };
        self.run(request).await
    }

    /// The last message of a role; says so if there is none.
    async fn last(&mut self, role: &str) -> anyhow::Result<Option<String>> {
        let view = self.view().await?;
        let last = view.thread.iter().rfind(|message| message.role == role);
        if last.is_none() {
            self.out.error("nothing was answered yet");
        }
        Ok(last.map(|message| message.id.clone()))
    }

    async fn undo(&mut self) -> anyhow::Result<()> {
        if let Some(message) = self.last("user").await? {
            let place = (self.conversation.as_str(), message.as_str());
            let removed = self.chat.remove(place, None, true).await;
            let count = removed.map_err(|error| fault(&error))?.messages;
            self.out.note(&format!("{count} messages are taken back"));
        }
        Ok(())
    }

    /// Shows or changes what is set for the conversation.
    async fn set(&mut self, name: &str, value: Option<String>) -> anyhow::Result<()> {
        let settings = self.view().await?.settings;
        let Some(value) = value else {
            let shown = match name {
                "model" => settings
                    .model
                    .unwrap_or_else(|| "as the settings say".to_owned()),
                "system" => settings
                    .system
                    .unwrap_or_else(|| "as the settings say".to_owned()),
                _ => match settings.recall {
                    Some(true) => "on".to_owned(),
                    Some(false) => "off".to_owned(),
                    None => "as the settings say".to_owned(),
                },
            };
            return self.out.text(&format!("{shown}\n"));
        };
        let changed = match name {
            "model" => ConversationSettings {
                model: Some(value),
                ..settings
            },
            "system" => ConversationSettings {
                system: Some(value),
                ..settings
            },
            _ => ConversationSettings {
                recall: Some(value != "off"),
                ..settings
            },
        };
        let patch = ConversationPatch {
            settings: Some(changed),
            ..ConversationPatch::default()
        };
        self.change(patch).await
    }

    async fn list(&mut self) -> anyhow::Result<()> {
        let filter = ChatFilter {
            limit: LISTED,
            ..ChatFilter::default()
        };
        let list = self.chat.conversations(filter).await;
        for one in list.map_err(|error| fault(&error))? {
            let title = one.title.as_deref().unwrap_or("(nothing said yet)");
            let mark = if one.id == self.conversation {
                "*"
            } else {
                " "
            };
            self.out
                .text(&format!("{mark} {}  {}\n", one.id, one_line(title)))?;
        }
        Ok(())
    }

    async fn history(&mut self) -> anyhow::Result<()> {
        for message in self.view().await?.thread {
            let mark = match message.role {
                "user" => "> ",
                _ => "",
            };
            let state = match message.state {
                "whole" => String::new(),
                state => format!(" [{state}]"),
            };
            self.out
                .text(&format!("{mark}{}{state}\n\n", message.text))?;
        }
        Ok(())
    }
}

/// A line of standard input, read where that may wait; nothing at its end.
async fn read_line() -> anyhow::Result<Option<String>> {
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .map(|bytes| (bytes, line))
    });
    let (bytes, line) = read.await??;
    Ok((bytes > 0).then_some(line))
}
