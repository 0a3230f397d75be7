//! The archive as its users see it: one value with everything that can be asked of it.

use rusqlite::Connection;

use crate::{Home, ImportReport, ImportRequest, Progress, Result, Stop, import, store};

/// An open archive. Several processes may have the same one open.
pub struct Archive {
    connection: Connection,
    home: Home,
}

impl Archive {
    /// Opens the archive of a home, and makes it where there is none.
    ///
    /// # Errors
    /// If the database isn't ours, is newer than this program, is damaged, or can't be written.
    pub fn open(home: &Home) -> Result<Self> {
        Ok(Self { connection: store::open(home)?, home: home.clone() })
    }

    /// Imports what is new in the files that the request means. What can't be understood is in the
    /// report; nothing is ever removed.
    ///
    /// # Errors
    /// If the archive can't be written. What was imported before stays.
    pub fn import(
        &mut self,
        request: &ImportRequest,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<ImportReport> {
        import::run(&mut self.connection, request, stop, progress)
    }
}
