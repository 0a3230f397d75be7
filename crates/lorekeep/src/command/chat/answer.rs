//! Printing an answer as it comes.

use chat::{ApprovalAnswer, Chat, Event, TurnAsk, TurnRequest};
use serde_json::Value;

use super::asked::{PersonAtTerminal, tool_name};
use super::failure::fault;
use super::lines::TypedLines;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::output::Output;
use crate::output::markdown::MarkdownStream;
use crate::output::text::one_line;
use wire::markup::cut;

/// How a turn ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TurnOutcome {
    /// The answer stands, maybe cut.
    Answered,
    /// The person stopped it.
    Stopped,
    /// It failed, and why.
    Failed(String, Option<String>),
}

/// Says one thing and prints the answer.
pub(super) async fn once(
    chat: &Chat,
    conversation: &str,
    said: &str,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let request = saying(said);
    match turn(chat, conversation, request, (out, None)).await? {
        TurnOutcome::Answered => Ok(CommandOutcome::Done),
        TurnOutcome::Stopped => Ok(CommandOutcome::Interrupted),
        TurnOutcome::Failed(what, hint) => {
            let fault = Fault::failure(what);
            Err(match hint {
                Some(hint) => fault.hint(hint),
                None => fault,
            }
            .into())
        }
    }
}

/// A turn in which something is said.
pub(super) fn saying(text: &str) -> TurnRequest {
    TurnRequest {
        ask: TurnAsk::Say {
            id: None,
            text: text.to_owned(),
            attachments: Vec::new(),
            parent: None,
        },
        ..TurnRequest::default()
    }
}

/// Runs a turn to its end; Ctrl-C stops it. Without lines that the person types, calls that they would have to
/// allow aren't made.
pub(super) async fn turn(
    chat: &Chat,
    conversation: &str,
    request: TurnRequest,
    (out, mut lines): (&mut Output, Option<&mut TypedLines>),
) -> anyhow::Result<TurnOutcome> {
    let started = chat.start_turn(conversation, request).await;
    let started = started.map_err(|error| fault(&error))?;
    let events = chat.events(&started.turn, true).await;
    let mut events = events.map_err(|error| fault(&error))?;
    let mut printing = Printing::new(out);
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let mut is_stopping = false;
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            _ = &mut interrupted, if !is_stopping => {
                is_stopping = true;
                let _ = chat.cancel(&started.turn).await;
                continue;
            }
        };
        let Some(event) = event else {
            return printing.end(TurnOutcome::Answered);
        };
        if matches!(event.name, "ApprovalRequested" | "InputRequested") {
            let about: Value = serde_json::from_str(&event.data).unwrap_or_default();
            printing.rest()?;
            let mut asking = PersonAtTerminal {
                out: printing.out,
                lines: lines.as_deref_mut(),
            };
            let answer = match event.name {
                "ApprovalRequested" => ApprovalAnswer::Decision(asking.allows(&about).await?),
                _ => ApprovalAnswer::Form(asking.form(&about).await?),
            };
            let id = about["id"].as_str().unwrap_or_default();
            // One that is not waited for any more was answered elsewhere.
            let _ = chat.answer(&started.turn, id, answer);
            continue;
        }
        if let Some(outcome) = printing.event(&event)? {
            return printing.end(outcome);
        }
    }
}

/// An answer on its way to the terminal.
struct Printing<'o> {
    out: &'o mut Output,
    markdown: MarkdownStream,
    /// Whether reasoning came, which is told and not shown.
    has_thought: bool,
    is_at_line_start: bool,
}

impl<'o> Printing<'o> {
    fn new(out: &'o mut Output) -> Self {
        Self {
            markdown: MarkdownStream::new(out.look()),
            out,
            has_thought: false,
            is_at_line_start: true,
        }
    }

    /// Prints what an event says; how the turn ended, if it did.
    fn event(&mut self, event: &Event) -> anyhow::Result<Option<TurnOutcome>> {
        let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
        let text = data["text"].as_str().unwrap_or_default();
        match event.name {
            "RunContent" => self.text(text)?,
            "ReasoningStep" if !self.has_thought => {
                self.has_thought = true;
                self.out.note("the model thinks");
            }
            "RunNotice" => self.out.note(data["notice"].as_str().unwrap_or_default()),
            "MemoryRecalled" => self.recalled(&data),
            "ToolCallStarted" => self.calls(&data)?,
            "ToolCallError" => self.failed(&data),
            "ToolCallCompleted" => self.made(&data),
            "GuardFinding" => self.found(&data["finding"]),
            "RunCompleted" => {
                if data["state"] == "cut" {
                    self.rest()?;
                    self.out
                        .note("the answer was cut; `/continue` has it go on");
                }
                return Ok(Some(TurnOutcome::Answered));
            }
            "RunCancelled" => return Ok(Some(TurnOutcome::Stopped)),
            "RunError" => {
                let error = &data["error"];
                let message = error["message"].as_str().unwrap_or("the turn failed");
                let hint = error["hint"].as_str().map(str::to_owned);
                return Ok(Some(TurnOutcome::Failed(message.to_owned(), hint)));
            }
            _ => {}
        }
        Ok(None)
    }

    fn text(&mut self, text: &str) -> anyhow::Result<()> {
        let shown = self.markdown.push(text);
        self.shown(&shown)
    }

    fn rest(&mut self) -> anyhow::Result<()> {
        let rest = self.markdown.finish();
        self.shown(&rest)?;
        if !self.is_at_line_start {
            self.shown("\n")?;
        }
        Ok(())
    }

    fn shown(&mut self, shown: &str) -> anyhow::Result<()> {
        if let Some(last) = shown.chars().next_back() {
            self.is_at_line_start = last == '\n';
            self.out.styled(shown)?;
            self.out.flush()?;
        }
        Ok(())
    }

    fn recalled(&mut self, data: &Value) {
        let facts = data["facts"].as_array().map_or(0, Vec::len);
        if facts > 0 {
            let facts = wire::counted(facts as u64, "fact");
            self.out.note(&format!("recalled {facts} about you"));
        }
        let count = data["messages"].as_array().map_or(0, Vec::len);
        if count == 0 {
            return;
        }
        let first = &data["messages"][0];
        let title = first["title"].as_str().unwrap_or_default();
        let more = match count {
            0 | 1 => String::new(),
            more => format!(" and {} more", more - 1),
        };
        self.out
            .note(&format!("recalled from “{}”{more}", one_line(title)));
    }

    fn calls(&mut self, call: &Value) -> anyhow::Result<()> {
        self.rest()?;
        let arguments = match &call["arguments"] {
            Value::Object(none) if none.is_empty() => String::new(),
            arguments => format!(" with {}", cut(&one_line(&arguments.to_string()), 200)),
        };
        self.out
            .note(&format!("calls `{}`{arguments}", tool_name(call)));
        Ok(())
    }

    fn made(&mut self, call: &Value) {
        let seconds = call["duration_ms"].as_u64().unwrap_or_default() / 1_000;
        if seconds > 0 {
            self.out
                .note(&format!("`{}` took {seconds} s", tool_name(call)));
        }
        for file in call["media"].as_array().into_iter().flatten() {
            let kind = file["media_type"].as_str().unwrap_or_default();
            let line = match file["problem"].as_str() {
                Some(problem) => format!("a file of it couldn't be fetched: {}", one_line(problem)),
                None => format!(
                    "a file ({kind}): {}",
                    file["id"].as_str().unwrap_or_default()
                ),
            };
            self.out.note(&line);
        }
    }

    fn failed(&mut self, call: &Value) {
        let why = call["result"].as_str().unwrap_or_default();
        self.out.note(&format!(
            "`{}`: {}",
            tool_name(call),
            cut(&one_line(why), 300)
        ));
    }

    fn found(&mut self, finding: &Value) {
        let what = finding["entity"].as_str().unwrap_or_default();
        let action = finding["action"].as_str().unwrap_or_default();
        let done = match action {
            "mask" => "masked before the model sees it",
            "flag" => "flagged",
            _ => return,
        };
        self.out.note(&format!("{what}: {done}"));
    }

    fn end(mut self, outcome: TurnOutcome) -> anyhow::Result<TurnOutcome> {
        self.rest()?;
        Ok(outcome)
    }
}
