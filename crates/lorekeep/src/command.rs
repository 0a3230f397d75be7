//! The commands, one file each: arguments and settings in, a request to the archive, its answer out.

pub(crate) mod app;
pub(crate) mod narrow;
pub(crate) mod paths;
pub(crate) mod orient;
pub(crate) mod import;
pub(crate) mod search;
pub(crate) mod show;
pub(crate) mod recent;
pub(crate) mod timeline;
pub(crate) mod file;
pub(crate) mod blame;
pub(crate) mod export;
pub(crate) mod scan;
pub(crate) mod guard;
pub(crate) mod reflect;
pub(crate) mod projects;
pub(crate) mod sources;
pub(crate) mod status;
pub(crate) mod verify;
pub(crate) mod doctor;
pub(crate) mod setup;
pub(crate) mod config;
pub(crate) mod model;
pub(crate) mod mcp;
pub(crate) mod completions;
pub(crate) mod man;
