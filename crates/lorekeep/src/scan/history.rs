//! What the commits of a repository added: the patches that git prints, read as they come, so that
//! a history of any length takes bounded memory. What a commit took away was added by one before.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use guard::Policy;
use guard::stream_scanner::{Pace, StreamScanner};

use super::decode::Decoder;
use super::exclude::Exclude;
use super::job::{GoOn, ScanEvent, ScanJob, TextScanner};
use super::silence::UntilSilent;
use super::text::{HEAD_BYTES, Locating};

/// Bytes that are looked through at once.
const PIECE_BYTES: usize = 512 << 10;

/// How long git may print nothing, such as while it looks for renames in a large commit.
const MAX_SILENCE: Duration = Duration::from_mins(2);

/// Bytes of a line of a patch that are read at once.
const LINE_BYTES: u64 = 64 << 10;

const LOG_ARGUMENTS: [&str; 18] = [
    "log",
    "--format=commit %H",
    "--patch",
    "--unified=0",
    // Attributes of a repository could say that a file is binary: what it holds says it here.
    "--text",
    "--cc",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-notes",
    "--no-show-signature",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--output-indicator-new=+",
    "--output-indicator-old=-",
    "--find-renames",
    "--root",
];

/// Looks through the commits of a range, or of everything there is.
pub(super) fn look_through(
    scanner: &TextScanner<'_>,
    job: &ScanJob,
    directory: &Path,
    range: Option<&str>,
    exclude: &Exclude,
    tell: &mut dyn FnMut(ScanEvent) -> GoOn,
) -> Result<(), String> {
    let mut arguments = LOG_ARGUMENTS.to_vec();
    match range {
        None => arguments.push("--all"),
        // Whatever it is, it is no option.
        Some(range) => arguments.extend(["--end-of-options", range, "--"]),
    }
    refuse_endless(directory)?;
    let mut command = recall::git(directory, &arguments);
    // Merges are shown as attributes have it all the same, unless git (2.41 and later) is told to
    // read them where there are none.
    if let Some(tree) = empty_tree(directory) {
        command.env("GIT_ATTR_SOURCE", tree);
    }
    let child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| format!("git can't be run: {error}"))?;
    let stdout = child.stdout.take().ok_or("git has no output")?;
    let complaint = complaint(&mut child);
    let policy = scanner.policy.clone().only(job.kinds);
    let mut patches = Patches {
        scanner,
        policy: &policy,
        job,
        exclude,
        tell,
        commit: "".into(),
        prefix: 1,
        is_hunk: false,
        is_added: false,
        line: 0,
        file: None,
        files: 0,
        bytes: 0,
        allowed: 0,
    };
    let read = patches.read(UntilSilent::new(stdout, MAX_SILENCE));
    let (files, bytes, allowed) = (patches.files, patches.bytes, patches.allowed);
    match read {
        Ok(true) => {}
        other => {
            // Nobody listens any longer, or nothing can be read: git needn't go on.
            let _ = child.kill();
            let _ = child.wait();
            return other.map(|_| ()).map_err(|error| error.to_string());
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    let complaint = complaint
        .and_then(|thread| thread.join().ok())
        .unwrap_or_default();
    if !status.success() {
        return Err(format!(
            "git: {}",
            complaint.trim().trim_start_matches("fatal: ")
        ));
    }
    tell(ScanEvent::Done {
        files,
        bytes,
        allowed,
    });
    Ok(())
}

/// Reads what git complains of, so that it never waits for that.
fn complaint(child: &mut Child) -> Option<std::thread::JoinHandle<String>> {
    let stderr = child.stderr.take()?;
    Some(std::thread::spawn(move || {
        let mut text = Vec::new();
        let mut start = stderr.take(2000);
        let _ = start.read_to_end(&mut text);
        let _ = std::io::copy(&mut start.into_inner(), &mut std::io::sink());
        String::from_utf8_lossy(&text).into_owned()
    }))
}

/// A history has no time limit, so what would make git wait for ever is looked at before: its files, of
/// which it reads most for this, and the attributes, which it reads later.
fn refuse_endless(directory: &Path) -> Result<(), String> {
    let arguments = ["rev-parse", "--git-path", "info/attributes"];
    let path = recall::git_output(directory, &arguments).map_err(|error| match error.kind() {
        ErrorKind::TimedOut => "git doesn't answer; a file of it may be a named pipe".to_owned(),
        _ => format!("git can't be run: {error}"),
    })?;
    // Where it is no repository git says so itself, at once.
    let path = String::from_utf8_lossy(&path);
    if path.trim_end().is_empty() {
        return Ok(());
    }
    match files::open(&directory.join(path.trim_end())) {
        Err(error) if error.kind() == ErrorKind::InvalidInput => Err(error.to_string()),
        _ => Ok(()),
    }
}

/// The name of the tree without files, in the hash that the repository uses.
fn empty_tree(directory: &Path) -> Option<String> {
    let arguments = ["hash-object", "-t", "tree", "--stdin"];
    let printed = recall::git_output(directory, &arguments).ok()?;
    let name = String::from_utf8(printed).ok()?.trim().to_owned();
    Some(name).filter(|name| !name.is_empty())
}

struct Patches<'a, 'e> {
    scanner: &'a TextScanner<'e>,
    policy: &'a Policy,
    job: &'a ScanJob,
    exclude: &'a Exclude,
    tell: &'a mut dyn FnMut(ScanEvent) -> GoOn,
    commit: Arc<str>,
    /// How many signs stand before a line: one for each parent of the commit.
    prefix: usize,
    /// Whether lines of a file are read rather than what stands before them.
    is_hunk: bool,
    /// Whether the commit added the line that is read.
    is_added: bool,
    /// The line of the file that comes next.
    line: u64,
    file: Option<Added<'a, 'e>>,
    files: u64,
    bytes: u64,
    allowed: u64,
}

/// What a commit adds to a file.
struct Added<'a, 'e> {
    stream: StreamScanner<'a>,
    locating: Locating<'a, 'e>,
    decoder: Decoder,
    /// What isn't looked through yet.
    text: String,
    /// The line of the text that comes next.
    count: u64,
}

impl Added<'_, '_> {
    /// Whether what comes next shows that it isn't text.
    fn is_binary(&self) -> bool {
        let head = self.text.as_bytes();
        head[..head.len().min(HEAD_BYTES)].contains(&0)
    }
}

impl<'a> Patches<'a, '_> {
    /// Reads to the end; whether anybody still listened then.
    fn read(&mut self, output: impl Read) -> std::io::Result<GoOn> {
        let mut output = BufReader::with_capacity(PIECE_BYTES, output);
        let mut line = Vec::new();
        let mut is_rest = false;
        loop {
            line.clear();
            if (&mut output)
                .take(LINE_BYTES)
                .read_until(b'\n', &mut line)?
                == 0
            {
                return Ok(self.end_file());
            }
            let go_on = if is_rest {
                !self.is_added || self.add(&line)
            } else {
                self.is_added = false;
                self.take(&line)
            };
            if !go_on {
                return Ok(false);
            }
            is_rest = line.last() != Some(&b'\n');
        }
    }

    fn take(&mut self, line: &[u8]) -> GoOn {
        match line.first() {
            Some(b'@') => {
                self.start_hunk(line);
                true
            }
            Some(b'+' | b'-' | b' ' | b'\\') if self.is_hunk => self.content(line),
            _ => {
                self.is_hunk = false;
                self.header(line)
            }
        }
    }

    fn header(&mut self, line: &[u8]) -> GoOn {
        if let Some(commit) = line.strip_prefix(b"commit ") {
            let go_on = self.end_file();
            self.commit = String::from_utf8_lossy(commit.trim_ascii()).into();
            return go_on;
        }
        if line.starts_with(b"diff ") {
            return self.end_file();
        }
        if let Some(path) = line.strip_prefix(b"+++ ") {
            self.start_file(path);
        }
        true
    }

    fn start_file(&mut self, path: &[u8]) {
        let Some(path) = path_of(path) else { return };
        if self.exclude.leaves_out(Path::new(&path), false) {
            return;
        }
        let part = (path.into(), Arc::clone(&self.commit));
        let mut locating = Locating::new(self.scanner, self.job, Some(part), true);
        locating.lines = Some(Vec::new());
        self.file = Some(Added {
            stream: StreamScanner::new(self.scanner.engine, self.policy, Pace::Pieces(PIECE_BYTES)),
            locating,
            decoder: Decoder::default(),
            text: String::new(),
            count: 1,
        });
    }

    /// `@@ -7,0 +8,2 @@`, with more `@` and `-` the more parents there are.
    fn start_hunk(&mut self, line: &[u8]) {
        self.is_hunk = true;
        self.prefix = line.iter().take_while(|byte| **byte == b'@').count() - 1;
        let text = String::from_utf8_lossy(line);
        let new = text.split(' ').find_map(|word| word.strip_prefix('+'));
        let start = new.and_then(|new| new.split(',').next()?.parse().ok());
        self.line = start.unwrap_or(1);
        self.jump();
    }

    /// Notes that the next line of the text isn't the next of the file.
    fn jump(&mut self) {
        if let Some(file) = &mut self.file
            && let Some(lines) = &mut file.locating.lines
        {
            lines.push((file.count, self.line));
        }
    }

    fn content(&mut self, line: &[u8]) -> GoOn {
        let (signs, text) = line.split_at(self.prefix.min(line.len()));
        if signs.starts_with(b"\\") || signs.contains(&b'-') {
            return true;
        }
        self.line += 1;
        self.is_added = signs.iter().all(|sign| *sign == b'+');
        if self.is_added {
            return self.add(text);
        }
        // A line that was there already stands between.
        self.jump();
        true
    }

    fn add(&mut self, text: &[u8]) -> GoOn {
        let Some(file) = &mut self.file else {
            return true;
        };
        file.decoder.push(text, &mut file.text);
        file.count += u64::from(text.ends_with(b"\n"));
        self.bytes += text.len() as u64;
        if file.text.len() < PIECE_BYTES {
            return true;
        }
        if file.is_binary() {
            self.file = None;
            return (self.tell)(ScanEvent::Binary);
        }
        let settled = file.stream.push(&file.text);
        file.text.clear();
        settled.is_none_or(|settled| file.locating.tell(&settled, self.tell))
    }

    fn end_file(&mut self) -> GoOn {
        let Some(mut file) = self.file.take() else {
            return true;
        };
        file.decoder.finish(&mut file.text);
        if file.is_binary() {
            return (self.tell)(ScanEvent::Binary);
        }
        let settled = file.stream.push(&file.text);
        let go_on = settled.is_none_or(|settled| file.locating.tell(&settled, self.tell))
            && file.locating.tell(&file.stream.finish(), self.tell);
        self.files += 1;
        self.allowed += file.locating.allowed;
        go_on
    }
}

/// The path of `b/path`, which git puts in quotes where it has special characters; none for a file
/// that was deleted.
fn path_of(written: &[u8]) -> Option<String> {
    let written = written.strip_suffix(b"\n").unwrap_or(written);
    let written = written.strip_suffix(b"\t").unwrap_or(written);
    let path = match written.strip_prefix(b"\"") {
        Some(quoted) => unquote(quoted.strip_suffix(b"\"").unwrap_or(quoted)),
        None => written.to_vec(),
    };
    let path = path.strip_prefix(b"b/")?;
    Some(String::from_utf8_lossy(path).into_owned())
}

fn unquote(quoted: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(quoted.len());
    let mut bytes = quoted.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(first @ b'0'..=b'7') => {
                let rest = [bytes.next(), bytes.next()].into_iter().flatten();
                let digits = std::iter::once(first).chain(rest);
                let value = digits.fold(0u32, |sum, digit| sum * 8 + u32::from(digit & 7));
                out.push(u8::try_from(value & 0xff).unwrap_or(b'?'));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}
