//! The projects of an archive: their names, their directories, and which of them is meant.

mod names;
mod directory;
mod find;
mod list;
mod settle;
mod reattribute;

pub(crate) use directory::{directory, has_conversations, of_directory, recorded_at};
pub(crate) use find::{find, find_recorded, of_scope, unknown};
pub(crate) use list::{count, list, sizes};
pub(crate) use names::{Names, by_key};
pub(crate) use reattribute::reattribute;
pub(crate) use settle::settle;
