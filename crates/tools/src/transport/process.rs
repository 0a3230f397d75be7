//! The process of a server: started behind its supervisor, with the last lines of what it complains about.

use std::collections::VecDeque;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;

use crate::config::CommandEntry;
use crate::lock::lock;
use crate::options::ToolServerOptions;

/// How many lines of complaints are kept.
const KEPT_LINES: usize = 20;

/// How much of a line is kept, in bytes.
const KEPT_LINE_BYTES: usize = 500;

/// How long a supervisor may take to end everything, before it is asked to.
const END_TIMEOUT: Duration = Duration::from_secs(20);

/// How long it may take then, before it is killed itself.
const ASKED_TIMEOUT: Duration = Duration::from_secs(15);

/// A process that was started.
pub(crate) struct ServerProcess {
    complaints: Arc<Mutex<Complaints>>,
    exit: watch::Receiver<Option<Ended>>,
}

/// How a process ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    status: Option<ExitStatus>,
}

impl Ended {
    /// The exit code, if it ended with one.
    pub(crate) fn code(self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// How it ended, in words.
    pub(crate) fn in_words(self) -> String {
        match self.status {
            Some(status) => match status.code() {
                Some(code) => format!("its process ended with exit code {code}"),
                None => format!("its process ended: {status}"),
            },
            None => "its process ended".to_owned(),
        }
    }
}

/// A started process with its pipes.
pub(crate) struct StartedProcess {
    pub(crate) process: ServerProcess,
    pub(crate) input: ChildStdin,
    pub(crate) output: ChildStdout,
}

/// Starts a server behind its supervisor. The supervisor ends with its input, whoever closes it.
pub(crate) fn start(
    entry: &CommandEntry,
    options: &ToolServerOptions,
) -> std::io::Result<StartedProcess> {
    let (program, first) = options
        .supervisor
        .split_first()
        .ok_or_else(|| std::io::Error::other("there is no supervising process to start"))?;
    let mut command = Command::new(program);
    command
        .args(first)
        .arg(entry.command.expose())
        .args(entry.args.iter().map(|arg| arg.expose()))
        .env_clear()
        .envs(&options.environment)
        .envs(entry.env.iter().map(|(name, value)| (name, value.expose())))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(directory) = &entry.directory {
        command.current_dir(directory);
    }
    #[cfg(unix)]
    {
        // Ctrl-C at a terminal is for us alone: we end the servers in good order.
        command.process_group(0);
    }
    let mut child = command.spawn()?;
    let missing = || std::io::Error::other("a pipe is missing");
    let input = child.stdin.take().ok_or_else(missing)?;
    let output = child.stdout.take().ok_or_else(missing)?;
    let errors = child.stderr.take().ok_or_else(missing)?;
    let complaints = Arc::new(Mutex::new(Complaints::default()));
    let (ended, exit) = watch::channel(None);
    tokio::spawn(collect(errors, Arc::clone(&complaints)));
    tokio::spawn(wait(child, ended));
    Ok(StartedProcess {
        process: ServerProcess { complaints, exit },
        input,
        output,
    })
}

impl ServerProcess {
    /// Waits until the process has ended, with all that it started, but no longer than `at_most`.
    pub(crate) async fn ended(&self, at_most: Duration) -> Option<Ended> {
        let mut exit = self.exit.clone();
        let ended = tokio::time::timeout(at_most, exit.wait_for(Option::is_some)).await;
        ended.ok()?.ok().and_then(|ended| *ended)
    }

    /// Waits until everything is gone, and kills the supervisor if that takes too long.
    pub(crate) async fn gone(&self) {
        let _ = self.ended(END_TIMEOUT).await;
    }

    /// The last lines that it wrote to its standard error.
    pub(crate) fn complaints(&self) -> String {
        lock(&self.complaints).text()
    }
}

async fn wait(mut child: Child, ended: watch::Sender<Option<Ended>>) {
    // Nobody who wants to know is left once the connection is dropped, and then its input is closed as well.
    let status = tokio::select! {
        status = child.wait() => status.ok(),
        () = async {
            ended.closed().await;
            tokio::time::sleep(END_TIMEOUT).await;
        } => {
            end(&mut child).await
        }
    };
    ended.send_replace(Some(Ended { status }));
}

/// Asks a supervisor to end, which it does with all below it, and kills it if it doesn't.
async fn end(child: &mut Child) -> Option<ExitStatus> {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process};
        let pid = child
            .id()
            .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(pid) = pid {
            let _ = kill_process(pid, Signal::TERM);
        }
        if let Ok(ended) = tokio::time::timeout(ASKED_TIMEOUT, child.wait()).await {
            return ended.ok();
        }
    }
    let _ = child.start_kill();
    child.wait().await.ok()
}

#[derive(Default)]
struct Complaints {
    lines: VecDeque<String>,
    line: Vec<u8>,
}

impl Complaints {
    fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' => self.end_line(),
                byte if self.line.len() < KEPT_LINE_BYTES => self.line.push(*byte),
                _ => {}
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = shown(&String::from_utf8_lossy(&line));
        if line.is_empty() {
            return;
        }
        if self.lines.len() == KEPT_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    fn text(&mut self) -> String {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.lines.iter().cloned().collect::<Vec<_>>().join("\n")
    }
}

/// A line without what terminals act on.
fn shown(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut chars = line.trim_end().chars();
    while let Some(c) = chars.next() {
        match c {
            // A colour: up to its final letter.
            '\u{1b}' => {
                let _ = chars.find(char::is_ascii_alphabetic);
            }
            '\t' => shown.push(' '),
            c if c.is_control() => {}
            c => shown.push(c),
        }
    }
    shown
}

async fn collect(mut errors: impl AsyncRead + Unpin, complaints: Arc<Mutex<Complaints>>) {
    let mut buffer = vec![0; 8 << 10];
    while let Ok(read @ 1..) = errors.read(&mut buffer).await {
        lock(&complaints).push(&buffer[..read]);
    }
}
