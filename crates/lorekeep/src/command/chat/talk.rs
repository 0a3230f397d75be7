//! Talking at a terminal: lines are said, lines that begin with `/` are commands.

use chat::{Chat, ConversationPatch, ConversationSettings, NewConversation, TurnAsk, TurnRequest};
use memory::ChatFilter;

use super::answer::{TurnOutcome, saying, turn};
use super::failure::fault;
use super::lines::{TypedLine, TypedLines};
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
/character [ID]   who answers, or somebody else; `-` for nobody but the model
/tools            the servers of tools, how they are, and what may be called
/facts [on|off]   whether facts about you are drawn from this conversation, and recalled in it
/project [NAME]   its project, or another one; `-` for none
/instructions [TEXT]
                  what its project wants in every conversation, or something else; `-` for nothing
/summary [drop]   what stands for older messages that don't fit any more, or without it from now on
/title TEXT       name the conversation
/quit             leave; so does Ctrl-D
A line that ends with `\\` goes on in the next one, as with Alt-Enter; `\"\"\"` begins and ends a text of many lines.
";

/// Their names, for completion.
const COMMANDS: [&str; 19] = [
    "new",
    "list",
    "open",
    "history",
    "retry",
    "continue",
    "undo",
    "model",
    "system",
    "recall",
    "character",
    "tools",
    "facts",
    "project",
    "instructions",
    "summary",
    "title",
    "help",
    "quit",
];

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
        lines: TypedLines::new(out, &COMMANDS),
        out,
    };
    let said = talk.view().await?.thread;
    for message in &said {
        if message.role == "user" {
            talk.lines.remember(&message.text);
        }
    }
    // What a character says first.
    if let [greeting] = &said[..] {
        talk.out.text(&format!("{}\n\n", greeting.text))?;
    }
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
        talk.lines.remember(said);
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
    lines: TypedLines,
    out: &'a mut Output,
}

impl Talk<'_> {
    /// What the person says next; nothing if they leave.
    async fn listen(&mut self) -> anyhow::Result<Option<String>> {
        let mut said = String::new();
        let mut is_long = false;
        loop {
            let prompt = if said.is_empty() && !is_long {
                "> "
            } else {
                "… "
            };
            let line = match self.lines.next(self.out, prompt).await? {
                TypedLine::Said(line) => line,
                TypedLine::End => return Ok(None),
                TypedLine::Dropped => {
                    if said.is_empty() && !is_long {
                        self.out.hint("Ctrl-D leaves");
                    }
                    return Ok(Some(String::new()));
                }
            };
            if line.trim() == "\"\"\"" {
                is_long = !is_long;
                if !is_long {
                    return Ok(Some(said));
                }
                continue;
            }
            if is_long {
                said.push_str(&line);
                said.push('\n');
                continue;
            }
            match line.strip_suffix('\\') {
                Some(start) => {
                    said.push_str(start);
                    said.push('\n');
                }
                None => {
                    said.push_str(&line);
                    return Ok(Some(said));
                }
            }
        }
    }

    async fn run(&mut self, request: TurnRequest) -> anyhow::Result<()> {
        let shown = (&mut *self.out, Some(&mut self.lines));
        match turn(self.chat, &self.conversation, request, shown).await {
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
                    project: self.view().await?.summary.project,
                    settings: ConversationSettings {
                        window_start: None,
                        ..self.view().await?.settings
                    },
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
            "model" | "system" | "recall" | "character" | "facts" => self.set(name, given).await?,
            "tools" => super::tools::show(self.chat, self.out).await?,
            "project" => self.project(given).await?,
            "instructions" => self.instructions(given).await?,
            "summary" => self.summary(rest == "drop").await?,
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
                "character" => settings
                    .character
                    .unwrap_or_else(|| "as the settings say".to_owned()),
                name => match settings_switch(name, &settings) {
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
            "character" => ConversationSettings {
                character: Some(value).filter(|value| value != "-"),
                ..settings
            },
            "facts" => ConversationSettings {
                facts: Some(value != "off"),
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

    /// Shows the conversation's project, or moves it to another one.
    async fn project(&mut self, given: Option<String>) -> anyhow::Result<()> {
        let Some(name) = given else {
            let project = self.view().await?.summary.project;
            let shown = project.unwrap_or_else(|| "in no project".to_owned());
            return self.out.text(&format!("{shown}\n"));
        };
        let patch = ConversationPatch {
            project: Some(if name == "-" { String::new() } else { name }),
            ..ConversationPatch::default()
        };
        self.change(patch).await
    }

    /// Shows or changes what the conversation's project wants.
    async fn instructions(&mut self, given: Option<String>) -> anyhow::Result<()> {
        let Some(name) = self.view().await?.summary.project else {
            self.out.error("this conversation is in no project");
            self.out.hint("`/project NAME` puts it into one");
            return Ok(());
        };
        let project = match given {
            None => self.chat.project(&name).await,
            Some(text) => {
                let text = if text == "-" { "" } else { &text };
                self.chat.set_instructions(&name, None, text).await
            }
        };
        let project = project.map_err(|error| fault(&error))?;
        self.out.text(&format!(
            "{name}: {}\n",
            match project.instructions.as_str() {
                "" => "no instructions",
                text => text,
            }
        ))
    }

    /// Shows the summaries of older messages, or takes away the one that is used.
    async fn summary(&mut self, is_dropped: bool) -> anyhow::Result<()> {
        let view = self.view().await?;
        let last = view
            .thread
            .iter()
            .rfind(|message| message.more.contains_key("summary"));
        let Some(last) = last else {
            return self.out.text("no summary: nothing was put in short\n");
        };
        if is_dropped {
            let place = (self.conversation.as_str(), last.id.as_str());
            let dropped = self.chat.remove_summary(place, None).await;
            dropped.map_err(|error| fault(&error))?;
            self.out.note("the summary is gone; the messages stay");
            return Ok(());
        }
        let text = last.more["summary"]["text"].as_str().unwrap_or_default();
        self.out.text(&format!("{text}\n"))
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
/// A switch of a conversation, by the name of its command.
fn settings_switch(name: &str, settings: &ConversationSettings) -> Option<bool> {
    match name {
        "facts" => settings.facts,
        _ => settings.recall,
    }
}
