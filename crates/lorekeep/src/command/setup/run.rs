//! What one run of `setup` is about.

use std::path::PathBuf;

use crate::args;
use crate::settings::{Loaded, Places};
use crate::setup::clients::Client;
use crate::setup::{Choice, Planned, Store};

/// What is to become of one client's files.
pub(super) struct Part {
    pub(super) client: &'static dyn Client,
    pub(super) project: Option<PathBuf>,
    /// What was chosen; `None` where everything goes.
    pub(super) choice: Option<Choice>,
    pub(super) files: Vec<Planned>,
}

/// Everything that a run is about.
pub(super) struct Run<'a> {
    pub(super) args: &'a args::Setup,
    pub(super) places: Places,
    pub(super) loaded: Loaded,
    pub(super) store: Store,
}
