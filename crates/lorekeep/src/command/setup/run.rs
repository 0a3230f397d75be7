//! What one run of `setup` is about.

use std::path::PathBuf;

use crate::args;
use crate::settings::{ClientDirectories, LoadedSettings};
use crate::setup::clients::SetupClient;
use crate::setup::{Choice, Planned, Store};

/// What is to become of one client's files.
pub(super) struct ClientPlan {
    pub(super) client: &'static dyn SetupClient,
    pub(super) project: Option<PathBuf>,
    /// What was chosen; `None` where everything goes.
    pub(super) choice: Option<Choice>,
    pub(super) files: Vec<Planned>,
}

/// Everything that a run is about.
pub(super) struct SetupRun<'a> {
    pub(super) args: &'a args::SetupArgs,
    pub(super) places: ClientDirectories,
    pub(super) loaded: LoadedSettings,
    pub(super) store: Store,
}
