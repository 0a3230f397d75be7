//! A home for one test, the program in it, and a few conversations.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A temporary home, gone when dropped.
pub(crate) struct Home {
    dir: TempDir,
}

/// What a run of the program came to.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    /// One with the conversations of [`conversations`] imported.
    pub(crate) fn with_conversations() -> Self {
        let home = Self::new();
        let file = home.write("talk.jsonl", &lines(&conversations()));
        home.run(&["import", path(&file)]).expect(0);
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Where the program keeps its things.
    pub(crate) fn lorekeep(&self) -> PathBuf {
        self.path().join("lorekeep")
    }

    /// Writes a file below the home.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path().join(name);
        let parent = file.parent().expect("a file in a directory");
        fs_err::create_dir_all(parent).expect("a directory");
        fs_err::write(&file, text).expect("a file");
        file
    }

    /// The program, seeing only this home and nothing of the caller's settings.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lorekeep"));
        command
            .env_clear()
            .env("HOME", self.path())
            .env("LOREKEEP_HOME", self.lorekeep())
            .env("TZ", "UTC")
            .env("COLUMNS", "80")
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Run {
        Run::of(self.command().args(arguments))
    }

    /// The JSON document that a command prints, whatever its exit code.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(arguments);
        serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?} printed no JSON: {error}\n{run:?}"))
    }
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("the program prints UTF-8");
        Self {
            code: status.code(),
            stdout: text(stdout),
            stderr: text(stderr),
        }
    }

    /// The run, if it ended with this code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "exit code {:?}\n{}\n{}",
            self.code, self.stdout, self.stderr
        )
    }
}

/// A path as an argument.
pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// Messages as lines of the generic format.
pub(crate) fn lines(messages: &[Value]) -> String {
    messages
        .iter()
        .map(|message| format!("{message}\n"))
        .collect()
}

/// A message of the generic format.
pub(crate) fn message(conversation: &str, id: &str, role: &str, text: &str) -> Value {
    json!({
        "id": id, "conversation": conversation, "project": "ferry", "role": role,
        "time": "2026-02-03T10:00:00Z", "title": format!("About {conversation}"), "text": text,
    })
}

/// Two conversations of one project and one of another.
pub(crate) fn conversations() -> Vec<Value> {
    let mut other = message(
        "tides",
        "t1",
        "user",
        "The tide tables come from the harbour office as XML.",
    );
    other["project"] = json!("tidepool");
    vec![
        message(
            "retries",
            "r1",
            "user",
            "Which retry policy do we use for uploads?",
        ),
        message(
            "retries",
            "r2",
            "assistant",
            "Exponential backoff: 250 ms doubled up to 8 s, five attempts, then the dead letter \
             queue. error[E0658] came from an unstable feature.",
        ),
        message("retries", "r3", "user", "And for webhooks?"),
        message(
            "hashes",
            "h1",
            "user",
            "BLAKE3 or SHA-256 for deduplicating payloads?",
        ),
        message(
            "hashes",
            "h2",
            "assistant",
            "BLAKE3, since it is internal and four times as fast.",
        ),
        other,
    ]
}

/// Runs the program with bytes on standard input.
pub(crate) fn piped(home: &Home, arguments: &[&str], input: &[u8]) -> Run {
    let mut child = home
        .command()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("an input");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A program that doesn't read on has said why.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("the writer ends");
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}
