//! What a person types: with a line editor on a terminal, and plain lines where there is none.

use anyhow::Context as _;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{Cmd, Config, Context, Editor, Event, Helper, KeyCode, KeyEvent, Modifiers};

use crate::output::Output;

/// What came of waiting for a line.
pub(super) enum TypedLine {
    Said(String),
    /// The person dropped what they had begun.
    Dropped,
    /// Nothing more comes.
    End,
}

/// Where lines come from. What was typed is remembered as long as the program runs, in memory alone: a file of
/// it would hold what guards keep out of the archive.
pub(super) enum TypedLines {
    /// `None` while a line is waited for.
    Editor(Option<Box<ChatEditor>>),
    Plain,
}

type ChatEditor = Editor<CommandCompleter, MemHistory>;

impl TypedLines {
    /// The best that the terminal can do; `commands` are completed.
    pub(super) fn new(out: &Output, commands: &'static [&'static str]) -> Self {
        if !out.is_stdout_terminal() {
            return Self::Plain;
        }
        let config = Config::builder().build();
        let editor =
            Editor::with_history(config, MemHistory::new()).map(|mut editor: ChatEditor| {
                editor.set_helper(Some(CommandCompleter(commands)));
                // A line that goes on in the next one, beside `\` at its end.
                let alt_enter = KeyEvent(KeyCode::Enter, Modifiers::ALT);
                editor.bind_sequence(Event::from(alt_enter), Cmd::Newline);
                Box::new(editor)
            });
        editor.map_or(Self::Plain, |editor| Self::Editor(Some(editor)))
    }

    /// Adds something that can be had again by the up key.
    pub(super) fn remember(&mut self, said: &str) {
        if let Self::Editor(Some(editor)) = self {
            // What can't be remembered is typed again.
            let _ = editor.add_history_entry(said);
        }
    }

    /// The next line.
    ///
    /// # Errors
    /// If standard input can't be read.
    pub(super) async fn next(
        &mut self,
        out: &mut Output,
        prompt: &'static str,
    ) -> anyhow::Result<TypedLine> {
        match self {
            Self::Editor(editor) => {
                out.flush()?;
                let mut taken = editor.take().context("a line is waited for already")?;
                let read = tokio::task::spawn_blocking(move || {
                    let line = taken.readline(prompt);
                    (taken, line)
                });
                let (taken, line) = read.await?;
                *editor = Some(taken);
                match line {
                    Ok(line) => Ok(TypedLine::Said(line)),
                    Err(ReadlineError::Interrupted) => Ok(TypedLine::Dropped),
                    Err(ReadlineError::Eof) => Ok(TypedLine::End),
                    Err(error) => Err(error).context("reading the terminal"),
                }
            }
            Self::Plain => {
                out.prompt(prompt)?;
                let line = tokio::select! {
                    line = read_line() => line?,
                    _ = tokio::signal::ctrl_c() => None,
                };
                match line {
                    Some(line) => Ok(TypedLine::Said(
                        line.trim_end_matches(['\n', '\r']).to_owned(),
                    )),
                    None => {
                        out.prompt("\n")?;
                        Ok(TypedLine::End)
                    }
                }
            }
        }
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

/// Completes commands at the start of a line.
pub(super) struct CommandCompleter(&'static [&'static str]);

impl Completer for CommandCompleter {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let begun = line.get(..at).and_then(|begun| begun.strip_prefix('/'));
        let fitting = begun.map(|begun| {
            let commands = self.0.iter().filter(|command| command.starts_with(begun));
            commands.map(|command| format!("/{command} ")).collect()
        });
        Ok((0, fitting.unwrap_or_default()))
    }
}

impl Hinter for CommandCompleter {
    type Hint = String;
}
impl Highlighter for CommandCompleter {}
impl Validator for CommandCompleter {}
impl Helper for CommandCompleter {}
