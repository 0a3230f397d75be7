//! The output gate: the only place that prints. Data goes to standard output, all else to standard
//! error; text from logs passes as data, never as orders to the terminal.

mod ansi;
pub(crate) mod look;
pub(crate) mod markdown;
pub(crate) mod page;
mod pager;
pub(crate) mod progress;
pub(crate) mod prose;
pub(crate) mod table;
pub(crate) mod text;

use std::borrow::Cow;
use std::io::{self, BufRead, BufWriter, IsTerminal, StdoutLock, Write};

use anyhow::Context;
use serde::Serialize;

use crate::settings;
use look::{ColorChoice, Ink, StreamLook};
use page::TextPage;
use pager::Pager;
use progress::{Bar, BarForm};

/// The reader of our standard output went away, as `head` does: no failure, but no use in going on.
#[derive(Debug, thiserror::Error)]
#[error("standard output was closed")]
pub(crate) struct StdoutClosed;

/// Both streams of this process.
pub(crate) struct Output {
    stdout: BufWriter<StdoutLock<'static>>,
    data: StreamLook,
    talk: StreamLook,
    data_is_terminal: bool,
    talk_is_terminal: bool,
    pager_choice: settings::PagerChoice,
    pager: Option<Pager>,
    /// What was said on standard error while a pager has the terminal.
    held: String,
}

impl Output {
    /// Looks at the streams once; they don't change. Colour is as the terminal has it until
    /// [`Self::choose_color`] says otherwise.
    pub(crate) fn new(
        environment: settings::Terminal,
        pager_choice: settings::PagerChoice,
    ) -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let (data_is_terminal, talk_is_terminal) = (stdout.is_terminal(), stderr.is_terminal());
        Self {
            stdout: BufWriter::with_capacity(64 * 1024, stdout.lock()),
            data: StreamLook::new(data_is_terminal, environment),
            talk: StreamLook::new(talk_is_terminal, environment),
            data_is_terminal,
            talk_is_terminal,
            pager_choice,
            pager: None,
            held: String::new(),
        }
    }

    /// Gives what is printed from now on to the person's pager, if a person reads it on a terminal.
    pub(crate) fn start_pager(&mut self) {
        if self.data_is_terminal && self.pager.is_none() && self.stdout.flush().is_ok() {
            self.pager = Pager::start(&self.pager_choice);
        }
    }

    /// Waits until the pager is left, and says what was held back meanwhile.
    pub(crate) fn end_pager(&mut self) {
        let Some(pager) = self.pager.take() else {
            return;
        };
        if !pager.wait().unwrap_or(false) {
            self.warning("the pager that `PAGER` names can't be started");
            self.hint("`--no-pager` prints without one");
        }
        let held = std::mem::take(&mut self.held);
        let _ = io::stderr().lock().write_all(held.as_bytes());
    }

    /// Heeds what the person said of colour.
    pub(crate) fn choose_color(&mut self, choice: ColorChoice) {
        self.data.choose_color(choice);
        self.talk.choose_color(choice);
    }

    /// How standard output looks.
    pub(crate) fn look(&self) -> StreamLook {
        self.data
    }

    /// An empty page for standard output.
    pub(crate) fn page(&self) -> TextPage {
        TextPage::new(self.data)
    }

    /// Whether a person reads both streams, so that advice beside the data is of use.
    pub(crate) fn is_for_person(&self) -> bool {
        self.data_is_terminal && self.talk_is_terminal
    }

    /// Whether standard output is a terminal.
    pub(crate) fn is_stdout_terminal(&self) -> bool {
        self.data_is_terminal
    }

    /// Takes standard output for a protocol: from then on nothing but what is written to the file
    /// that this returns goes there. What anything prints by mistake goes to standard error.
    pub(crate) fn take_stdout(&mut self) -> anyhow::Result<std::fs::File> {
        self.flush()?;
        protocol_stdout().context("taking standard output")
    }

    /// Prints a page.
    pub(crate) fn print(&mut self, page: TextPage) -> anyhow::Result<()> {
        self.write(&page.into_text())
    }

    /// Prints text for people that has no colours.
    pub(crate) fn text(&mut self, text: &str) -> anyhow::Result<()> {
        self.write(&text::visible(text))
    }

    /// Prints text that was made visible and coloured already, as [`markdown::MarkdownStream`] does.
    pub(crate) fn styled(&mut self, text: &str) -> anyhow::Result<()> {
        self.write(text)
    }

    /// Puts a prompt before what a person types, on standard error.
    pub(crate) fn prompt(&mut self, text: &str) -> anyhow::Result<()> {
        self.flush()?;
        if self.talk_is_terminal {
            io::stderr().lock().write_all(text.as_bytes())?;
        }
        Ok(())
    }

    /// Prints help of the argument parser, with its colours. It holds no text from logs.
    pub(crate) fn help(&mut self, help: &clap::builder::StyledStr) -> anyhow::Result<()> {
        let help = if self.data.color {
            help.ansi().to_string()
        } else {
            help.to_string()
        };
        self.write(&help)
    }

    /// Prints one JSON document: indented for a person, on one line for a program.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        let json = if self.data_is_terminal {
            serde_json::to_string_pretty(value)
        } else {
            serde_json::to_string(value)
        };
        self.json_line(&json.context("writing JSON")?)
    }

    /// Prints one value on one line.
    pub(crate) fn json_compact(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        self.json_line(&serde_json::to_string(value).context("writing JSON")?)
    }

    /// Prints JSON text and ends the line.
    pub(crate) fn json_line(&mut self, json: &str) -> anyhow::Result<()> {
        self.json_part(json)?;
        self.write("\n")
    }

    /// Prints a part of a JSON document.
    pub(crate) fn json_part(&mut self, json: &str) -> anyhow::Result<()> {
        self.write(&text::visible_json(json))
    }

    fn write(&mut self, text: &str) -> anyhow::Result<()> {
        let bytes = text.as_bytes();
        let written = match self.pager.as_mut().and_then(|pager| pager.input.as_mut()) {
            Some(input) => input.write_all(bytes),
            None => self.stdout.write_all(bytes),
        };
        written.map_err(stdout_error)
    }

    /// Sends what was printed on its way.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        let flushed = match self.pager.as_mut().and_then(|pager| pager.input.as_mut()) {
            Some(input) => input.flush(),
            None => self.stdout.flush(),
        };
        flushed.map_err(stdout_error)
    }

    /// Says something beside the data.
    pub(crate) fn note(&mut self, text: &str) {
        self.say(Ink::Name, "note", text);
    }

    /// Says what the person can do.
    pub(crate) fn hint(&mut self, text: &str) {
        self.say(Ink::Name, "hint", text);
    }

    /// Says what may be wrong.
    pub(crate) fn warning(&mut self, text: &str) {
        self.say(Ink::Warn, "warning", text);
    }

    /// Says what failed.
    pub(crate) fn error(&mut self, text: &str) {
        self.say(Ink::Bad, "error", text);
    }

    fn say(&mut self, ink: Ink, what: &str, text: &str) {
        let mut page = TextPage::new(self.talk);
        page.paint(ink, what).push(": ").line(Ink::Plain, text);
        self.talk(page);
    }

    /// Prints to standard error what is no data. If that fails there is nobody left to tell.
    fn talk(&mut self, page: TextPage) {
        if self.pager.is_some() {
            self.held.push_str(&page.into_text());
            return;
        }
        // What was printed before comes before, where both streams are one terminal.
        let _ = self.stdout.flush();
        let _ = io::stderr().lock().write_all(page.into_text().as_bytes());
    }

    /// Prints the argument parser's complaint.
    pub(crate) fn complain(&mut self, complaint: &clap::builder::StyledStr) {
        let plain = complaint.to_string();
        // It repeats what was typed, which may be an order to the terminal.
        let shown = match text::visible(&plain) {
            Cow::Borrowed(_) if self.talk.color => complaint.ansi().to_string(),
            shown => shown.into_owned(),
        };
        let _ = io::stderr().lock().write_all(shown.as_bytes());
    }

    /// Whether somebody is there to answer a question.
    pub(crate) fn can_ask(&self) -> bool {
        self.talk_is_terminal && io::stdin().is_terminal()
    }

    /// Asks on standard error; an empty answer is the default, the end of the input a no. Ctrl-C
    /// ends the program, so that nothing must be half done when this is called.
    pub(crate) fn ask(&mut self, question: &str, default: bool) -> bool {
        let choice = if default { "[Y/n]" } else { "[y/N]" };
        let mut page = TextPage::new(self.talk);
        page.paint(Ink::Title, &text::one_line(question))
            .push(&format!(" {choice} "));
        self.talk(page);
        let mut answer = String::new();
        match io::stdin().lock().read_line(&mut answer) {
            Ok(read) if read > 0 => match answer.trim().to_lowercase().as_str() {
                "" => default,
                answer => matches!(answer, "y" | "yes"),
            },
            _ => {
                self.talk_end();
                false
            }
        }
    }

    fn talk_end(&mut self) {
        let mut page = TextPage::new(self.talk);
        page.end();
        self.talk(page);
    }

    /// A progress bar on standard error, which stays empty where nobody watches.
    pub(crate) fn progress(&mut self) -> Bar {
        let _ = self.stdout.flush();
        Bar::new(match self.talk_is_terminal {
            true => BarForm::Line(self.talk),
            false => BarForm::Silent,
        })
    }

    /// As [`Self::progress`], but where nobody watches a line is told at the start and once in a while, for
    /// work that a script waits for.
    pub(crate) fn progress_or_log(&mut self) -> Bar {
        let _ = self.stdout.flush();
        Bar::new(match self.talk_is_terminal {
            true => BarForm::Line(self.talk),
            false => BarForm::Log,
        })
    }
}

#[cfg(unix)]
fn protocol_stdout() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd as _;
    let file = io::stdout().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(file.into())
}

#[cfg(windows)]
fn protocol_stdout() -> io::Result<std::fs::File> {
    use std::os::windows::io::AsHandle as _;
    Ok(io::stdout().as_handle().try_clone_to_owned()?.into())
}

fn stdout_error(error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return StdoutClosed.into();
    }
    anyhow::Error::new(error).context("writing to standard output")
}

/// Says something where no [`Output`] can be reached, as in a panic.
pub(crate) fn say_without_output(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text::visible(text));
}
