//! How far an import of a person is.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

/// The import of a person that is under way, or the last one.
pub(crate) struct ImportState(Mutex<Value>);

impl Default for ImportState {
    fn default() -> Self {
        Self(Mutex::new(json!({"state": "idle"})))
    }
}

impl ImportState {
    /// Whether an import may begin now; then it has begun.
    pub(crate) fn begin(&self) -> bool {
        let mut document = self.lock();
        if document["state"] == "running" {
            return false;
        }
        *document = json!({"state": "running"});
        true
    }

    /// Notes how far it is.
    pub(crate) fn at(&self, progress: Value) {
        *self.lock() = progress;
    }

    /// Notes how it ended.
    pub(crate) fn end(&self, end: Value) {
        *self.lock() = end;
    }

    /// As it is told.
    pub(crate) fn document(&self) -> Value {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
