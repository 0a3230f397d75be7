//! Models that know no tools.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Models that refused a request since it told them of tools: until the program ends they are asked without.
#[derive(Debug, Default)]
pub(super) struct ToollessModels(Mutex<HashSet<String>>);

impl ToollessModels {
    pub(super) fn has(&self, model: &str) -> bool {
        let models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        models.contains(model)
    }

    pub(super) fn add(&self, model: &str) {
        let mut models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        models.insert(model.to_owned());
    }
}
