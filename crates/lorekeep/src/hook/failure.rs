//! What ended a hook early; told to the log only.

/// What ended a hook early, of any library.
pub(super) type HookFailure = Box<dyn std::error::Error>;
