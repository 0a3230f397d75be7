//! Forgetting what is in the archive, for good.

use super::opened::Archive;
use crate::guards::Gate;
use crate::{Forget, ForgetReport, Progress, Result, Stop, forget};

impl Archive {
    /// Forgets what a request means, and returns a receipt; in a dry run only tells what would be forgotten.
    /// Texts, terms, vectors, labels, titles, marks, reflections about conversations of which nothing is
    /// left, and what readers of logs remember of them are gone from all files of the archive, and no
    /// import brings the messages back. The logs of assistants are left as they are. It can't be undone.
    ///
    /// From the first commit on nothing of it can be found. If `stop` is set or the process ends later, the
    /// next opening of the archive for writing goes on.
    ///
    /// # Errors
    /// If an id isn't known in the scope or fits several things, the text has no letters, the scope names
    /// an unknown or ambiguous project, the vector index fails, or the archive can't be read or written.
    pub fn forget(
        &mut self,
        request: &Forget,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<ForgetReport> {
        self.forget_search();
        self.change(|parts| {
            let gate = Gate::new(parts.guards);
            let writes = (parts.connection, parts.home);
            let with = (parts.guards, parts.vectors);
            let report = forget::forget(writes, with, request, stop, progress)?;
            Ok(gate.release(report))
        })
    }
}
