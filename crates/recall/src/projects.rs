//! The projects of an archive: their names, their directories, which of them is meant, and what a person
//! says about them.

mod facts;
mod belonging;
mod words;
mod moving;
mod settle;
mod names;
mod directory;
mod find;
mod list;
mod related;
mod change;
mod reattribute;

pub(crate) use change::{merge, rename, undo};
pub(crate) use directory::{directory, has_conversations, of_directory, recorded_at};
pub(crate) use find::{find, find_from, find_recorded, keys, of_scope, unknown};
pub(crate) use list::{count, list, sizes};
pub(crate) use names::{Names, by_key};
pub(crate) use reattribute::{learn_homes, reattribute, upgrade};
pub(crate) use related::{moved_to, suggestions};
pub(crate) use settle::{learn, settle};
pub(crate) use words::forget_words;
