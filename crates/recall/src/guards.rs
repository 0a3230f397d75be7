//! The guards of the archive: what they find in texts is masked before these are written, and texts that
//! are read back are judged before anybody sees them.
//!
//! Nothing gets into the archive but as [`Masked`], which only the guards make; nothing gets out but
//! as [`Cleared`], which only a [`Gate`] makes.

mod key;
mod archive_guards;
mod masked;
mod json;
mod uuid;
mod clean;
mod gate;
mod outbound;

pub(crate) use archive_guards::ArchiveGuards;
pub use archive_guards::Guards;
pub(crate) use clean::{Cleaner, Inbound};
pub use gate::FieldFinding;
pub(crate) use gate::{Gate, Voice, strongest};
pub(crate) use masked::Masked;
pub(crate) use outbound::{Cleared, Outbound, Unquoted};
