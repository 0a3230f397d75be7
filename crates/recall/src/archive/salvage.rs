//! A new archive of what can be read of a damaged one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::opener::ArchiveOpener;
use crate::guards::ArchiveGuards;
use crate::store::{self, WAL_SUFFIX, empty_log};
use crate::{Error, Home, Progress, Result, Stop, upkeep};

/// What SQLite adds to a database's name for the index of its log, which is made anew where it is missing.
const INDEX_SUFFIX: &str = "-shm";

/// What became of a damaged archive.
#[derive(Clone, Debug)]
pub struct SalvageReport {
    /// Sentences for a person that say what was saved.
    pub told: Vec<String>,
    /// Whether a part is lost of what keeps forgotten messages away: the next import may bring some back.
    pub has_lost_tombstones: bool,
}

impl ArchiveOpener {
    /// Puts a new archive into the place of a damaged one, with everything that can be read of that. The
    /// damaged database is kept beside it, as `lorekeep.db.damaged-LABEL` with its log (`-wal`); `label` is
    /// the caller's, such as the time, and must be new. What logs on disk still have and the archive lost,
    /// the next import brings back; all messages wait to be embedded again. If `stop` is
    /// set, nothing is changed and the only sentence of the report says so.
    ///
    /// Processes that have the archive open go on with the damaged one until they are started again.
    ///
    /// # Errors
    /// If the file is no Lorekeep archive or a newer program's, another process writes to it, the disk is
    /// full, files can't be written, or no message at all can be read. Nothing is changed then.
    pub fn salvage(
        &self,
        label: &str,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<SalvageReport> {
        let home = &self.home;
        let draft = home.data().join("lorekeep.db.salvage");
        // What an earlier try left.
        remove_database(&draft)?;
        let old = store::open_damaged(&home.database(), self.lock_timeout)?;
        let mut new = store::open_at(&draft, self.lock_timeout)?;
        let salvaged = upkeep::salvage(&old, &mut new, stop, progress)?;
        if salvaged
            .as_ref()
            .is_some_and(|salvaged| salvaged.messages == 0 && salvaged.is_loss())
        {
            drop(new);
            remove_database(&draft)?;
            return Err(Error::Damaged("nothing in it can be read".to_owned()));
        }
        let Some(salvaged) = salvaged.filter(|_| !stop.is_set()) else {
            drop(new);
            remove_database(&draft)?;
            return Ok(SalvageReport {
                told: vec!["stopped; nothing was changed".to_owned()],
                has_lost_tombstones: false,
            });
        };
        let guards = ArchiveGuards::open(home, &self.guards)?;
        upkeep::repair(&mut new, &guards, &Stop::new(), progress)?;
        close(new);
        drop(old);
        let kept = replace(home, &draft, label)?;
        let mut told = vec![format!(
            "saved {} messages into a new archive; the damaged one is kept as `{}`",
            salvaged.messages,
            kept.display()
        )];
        if salvaged.incomplete > 0 {
            told.push(format!(
                "{} messages were incomplete and left out; the next import brings back those whose logs are \
                 still there",
                salvaged.incomplete
            ));
        }
        Ok(SalvageReport {
            told,
            has_lost_tombstones: salvaged.damaged.iter().any(|table| table == "key"),
        })
    }
}

/// Carries the log over into the database, so that one file has everything.
fn close(connection: Connection) {
    empty_log(&connection);
    drop(connection);
}

/// Keeps the damaged database under another name and puts the new one into its place. At each moment there
/// is a database under the old name, and the damaged one is whole under one of its names.
fn replace(home: &Home, draft: &Path, label: &str) -> Result<PathBuf> {
    let database = home.database();
    let kept = home.data().join(format!("lorekeep.db.damaged-{label}"));
    keep(&database, &kept)?;
    let log = beside(&database, WAL_SUFFIX);
    if log.exists() {
        keep(&log, &beside(&kept, WAL_SUFFIX))?;
        // Another database must not find it: SQLite would take it for its own.
        fs_err::remove_file(&log)?;
    }
    remove_if_there(&beside(&database, INDEX_SUFFIX))?;
    remove_if_there(&beside(draft, WAL_SUFFIX))?;
    remove_if_there(&beside(draft, INDEX_SUFFIX))?;
    files::rename(draft, &database)?;
    if home.vectors().exists() {
        // Made anew: they are of the damaged one's numbers.
        fs_err::remove_dir_all(home.vectors())?;
    }
    Ok(kept)
}

/// Copies a file to a new name, whole or not at all.
fn keep(file: &Path, name: &Path) -> Result<()> {
    let mut draft = files::Draft::new(name, files::Access::Private)?;
    std::io::copy(&mut files::open(file)?, &mut draft)?;
    match draft.place_if_absent()? {
        true => Ok(()),
        false => Err(std::io::Error::from(std::io::ErrorKind::AlreadyExists).into()),
    }
}

fn remove_database(path: &Path) -> Result<()> {
    remove_if_there(path)?;
    remove_if_there(&beside(path, WAL_SUFFIX))?;
    remove_if_there(&beside(path, INDEX_SUFFIX))
}

fn remove_if_there(path: &Path) -> Result<()> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
