//! Characters: who the chat speaks as.

mod fields;
mod card;
mod lore_entry;
mod lorebook;
mod png;
mod charx;
mod macros;
mod poml;
mod sheet;
mod shipped;
mod raw_object;
mod change;
mod own;
mod file_kind;
mod library;
mod keeping;
mod speaking;

pub use card::{CharacterCard, DepthPrompt};
pub use change::{CharacterChange, LoreChange};
pub use keeping::CharacterChangeError;
pub use library::{Character, CharacterFailure, CharacterLibrary, CharacterSummary};
pub use lorebook::{Lore, Lorebook};
pub use macros::{MacroValues, expand};
pub use own::CharacterSettings;
pub use speaking::Speaker;
pub(crate) use speaking::{CharacterScene, SpeakingCharacter};
