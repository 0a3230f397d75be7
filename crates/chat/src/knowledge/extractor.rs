//! Reading a document in a process of its own, whatever it does there.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Instant;

use document::{DocumentKind, ExtractRecord, ExtractedSection};

use super::options::ExtractorOptions;

/// How long a record may be, in bytes: a section with its headings takes a few thousand.
const MAX_RECORD_BYTES: u64 = 1 << 20;

/// What all records together may take, in bytes.
const MAX_OUTPUT_BYTES: u64 = 64 << 20;

/// Problems that are kept of a document.
const MAX_PROBLEMS: usize = 50;

/// Records that wait to be taken.
const QUEUE_RECORDS: usize = 64;

/// What was read of a document.
#[derive(Debug, Default)]
pub(crate) struct Extracted {
    pub(crate) sections: Vec<ExtractedSection>,
    pub(crate) problems: Vec<String>,
    pub(crate) pages: Option<u32>,
    pub(crate) title: Option<String>,
    /// The page that was read last.
    at: Option<u32>,
    is_done: bool,
}

/// Reads a document.
///
/// # Errors
/// Why nothing of it could be read, as one line that goes on after its name.
pub(crate) fn extract(
    options: &ExtractorOptions,
    kind: DocumentKind,
    document: impl Read + Send,
) -> Result<Extracted, String> {
    let mut child = start(options, kind)
        .map_err(|error| format!("can't be read: the reader doesn't start: {error}"))?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let deadline = Instant::now() + options.timeout;
    let mut extracted = Extracted::default();
    let (is_late, sent) = std::thread::scope(|scope| {
        // It writes nothing before it has read all, or ends; then the pipe is closed and this fails.
        let sending = scope.spawn(move || {
            let (mut document, Some(mut input)) = (document, input) else {
                return Ok(0);
            };
            std::io::copy(&mut document, &mut input)
        });
        let (records, taken) = mpsc::sync_channel(QUEUE_RECORDS);
        scope.spawn(move || {
            if let Some(output) = output {
                hand_out(output, &records);
            }
        });
        let is_late = loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match taken.recv_timeout(left) {
                Ok(record) => extracted.take(record),
                Err(RecvTimeoutError::Timeout) => break true,
                Err(RecvTimeoutError::Disconnected) => break false,
            }
        };
        // Whatever it does: with its end the pipes are closed, and the threads end.
        drop(taken);
        if is_late || !extracted.is_done {
            let gone = wait_a_little(&mut child);
            if !gone {
                let _ = child.kill();
            }
        } else {
            let _ = child.kill();
        }
        (is_late, sending.join())
    });
    let status = child
        .wait()
        .map_err(|error| format!("can't be read: {error}"))?;
    if extracted.is_done {
        return Ok(extracted);
    }
    if let Ok(Err(error)) = sent
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        return Err(format!("can't be read: {error}"));
    }
    extracted.ended(options, (status, is_late))
}

fn start(options: &ExtractorOptions, kind: DocumentKind) -> std::io::Result<Child> {
    let Some((program, first)) = options.command.split_first() else {
        return Err(std::io::Error::other("no reader is set up"));
    };
    Command::new(program)
        .args(first)
        .arg(kind.name())
        .arg(options.memory_mib.to_string())
        .arg(options.cpu_seconds.to_string())
        // It needs nothing of this process, and nothing of it may get there.
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

/// Whether a process that closed its output is gone by itself, so that how it ended can be told.
fn wait_a_little(child: &mut Child) -> bool {
    for _ in 0..50 {
        match child.try_wait() {
            Ok(Some(_)) => return true,
            Ok(None) => std::thread::sleep(std::time::Duration::from_millis(10)),
            Err(_) => return false,
        }
    }
    false
}

/// Hands out records until there are no more, or none that can be understood.
fn hand_out(output: impl Read, records: &mpsc::SyncSender<ExtractRecord>) {
    let mut output = BufReader::new(output.take(MAX_OUTPUT_BYTES));
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut limited = (&mut output).take(MAX_RECORD_BYTES);
        match limited.read_until(b'\n', &mut line) {
            Ok(1..) if line.ends_with(b"\n") => {}
            _ => return,
        }
        let Ok(record) = serde_json::from_slice(&line) else {
            return;
        };
        if records.send(record).is_err() {
            return;
        }
    }
}

impl Extracted {
    fn take(&mut self, record: ExtractRecord) {
        match record {
            ExtractRecord::Started { .. } => {}
            ExtractRecord::At { page } => self.at = Some(page),
            ExtractRecord::Section(section) => self.sections.push(section),
            ExtractRecord::Problem { what } if self.problems.len() < MAX_PROBLEMS => {
                self.problems.push(what);
            }
            ExtractRecord::Problem { .. } => {}
            ExtractRecord::Done { pages, title } => {
                (self.pages, self.title, self.is_done) = (pages, title, true);
            }
        }
    }

    /// What is left of a document whose reader ended before it was done: its sections, if there are any, and
    /// where it ended.
    fn ended(
        mut self,
        options: &ExtractorOptions,
        (status, is_late): (ExitStatus, bool),
    ) -> Result<Self, String> {
        if let Some(why) = self
            .problems
            .last()
            .filter(|_| status.code() == Some(1) && self.sections.is_empty())
        {
            return Err(why.clone());
        }
        let why = match (is_late, signal(status)) {
            (true, _) => format!("it takes longer than {} s", options.timeout.as_secs()),
            (_, Some(24 | 9)) => format!(
                "it takes more than {} s of processor time",
                options.cpu_seconds
            ),
            (_, Some(6 | 11 | 7)) => format!(
                "it takes more than {} MiB of memory, or is nested too deeply",
                options.memory_mib
            ),
            _ => "its reader ended before it was done".to_owned(),
        };
        let place = self
            .at
            .map_or_else(String::new, |page| format!(" on page {page}"));
        let what = format!("can't be read{place}: {why}");
        if self.sections.is_empty() {
            return Err(what);
        }
        let last = self
            .sections
            .last()
            .map(|section| section.place.to_string())
            .unwrap_or_default();
        let after = if last.is_empty() {
            String::new()
        } else {
            format!(" after {last}")
        };
        self.problems.push(format!("the rest{after} {what}"));
        Ok(self)
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal()
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
