//! What is to be looked through, how, and what is told of it.

use std::path::PathBuf;
use std::sync::Arc;

use guard::{Action, Engine, Kinds, Policy};

use super::allow::AllowFile;
use super::exclude::Exclude;
use crate::input::NOT_A_FILE_HINT;

/// Something that was found, and where.
#[derive(Clone, Debug)]
pub(crate) struct ScanFinding {
    /// The file, as the person named it or below a directory that they named; `-` for standard
    /// input.
    pub(crate) path: Arc<str>,
    /// The commit that brought it in, when a history is looked through.
    pub(crate) commit: Option<Arc<str>>,
    /// Where it starts; lines and columns count from 1, columns in characters.
    pub(crate) from: (u64, u64),
    /// Where it ends: the column after its last character.
    pub(crate) to: (u64, u64),
    /// Its bytes in the file; a history has none.
    pub(crate) bytes: Option<(u64, u64)>,
    /// What the guards say of it.
    pub(crate) finding: guard::Finding,
    /// What the policy says.
    pub(crate) action: Action,
    /// The value with all but the last four characters hidden, for secrets and personal data.
    pub(crate) shown: Option<String>,
    /// The line of `.lorekeep-allow` that allows it; standard input has no such file.
    pub(crate) allow_line: Option<String>,
    /// What stays the same when lines before it change, where it was asked for.
    pub(crate) fingerprint: String,
}

/// What a scan tells as it goes.
#[derive(Debug)]
pub(crate) enum ScanEvent {
    /// Findings of one file, in its order.
    Found(Vec<ScanFinding>),
    /// A file was left out because it isn't text.
    Binary,
    /// Something in a directory is neither a file nor a directory, such as a named pipe: there is nothing to
    /// look through, and reading it could wait for ever.
    Skipped {
        /// Its path.
        path: String,
        /// What it is.
        what: String,
    },
    /// Something couldn't be looked at.
    Problem {
        /// The file.
        path: String,
        /// Why it couldn't be looked at, and what to do about it.
        trouble: ScanTrouble,
    },
    /// A file or a history was looked through.
    Done {
        /// Files; of a history, those that commits changed, each time.
        files: u64,
        /// How many bytes were looked through.
        bytes: u64,
        /// How many findings somebody allowed beforehand.
        allowed: u64,
    },
}

/// Why something couldn't be looked at.
#[derive(Clone, Debug)]
pub(crate) struct ScanTrouble {
    /// What is wrong with it.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) hint: Option<&'static str>,
}

impl ScanTrouble {
    /// Whether there is something else than a file.
    pub(super) fn is_no_file(&self) -> bool {
        self.hint == Some(NOT_A_FILE_HINT)
    }
}

impl From<String> for ScanTrouble {
    fn from(what: String) -> Self {
        Self { what, hint: None }
    }
}

/// How texts are scanned: the same for all jobs of a scan.
pub(crate) struct TextScanner<'a> {
    /// The guards.
    pub(crate) engine: &'a Engine,
    /// What becomes of what was found.
    pub(crate) policy: &'a Policy,
    /// Whether findings get fingerprints.
    pub(crate) with_fingerprints: bool,
}

/// Something to look through.
pub(crate) struct ScanJob {
    /// What there is to look through.
    pub(crate) what: JobSubject,
    /// The name that findings bear.
    pub(crate) name: Arc<str>,
    /// Its path below the directory that exceptions are for.
    pub(crate) below: PathBuf,
    /// What is looked for in it.
    pub(crate) kinds: Kinds,
    /// What is allowed below the directory that it was found in.
    pub(crate) allow: Arc<AllowFile>,
}

/// What there is to look through.
pub(crate) enum JobSubject {
    /// A file that the person named, whatever it is.
    Named(PathBuf),
    /// A file of a directory; what isn't text is left out.
    Within(PathBuf),
    /// Standard input.
    Stdin,
    /// What the commits of a repository added.
    History {
        /// A directory in the repository.
        directory: PathBuf,
        /// Which commits; all of them if it isn't said.
        range: Option<String>,
        /// Paths that are left out.
        exclude: Exclude,
    },
    /// Nothing: it couldn't even be listed.
    Broken(ScanTrouble),
}

/// Whether the receiver of events wants more of them; `false` ends the scan.
pub(crate) type GoOn = bool;
