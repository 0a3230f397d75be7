//! Reflections: insights stored on purpose, and what became of them and of whatever else was said.
//!
//! A reflection is a message of the archive in a conversation of its own, so that terms, vectors,
//! scopes, reading and exports hold for it as for any other. Beside it stands what only it has.

mod limits;
mod reflection;
mod kept;
mod change;
mod marks;
mod bounds;
mod foreign;
mod self_reflect;

pub use bounds::ForeignBounds;
pub(crate) use change::{delete, edit};
pub(crate) use foreign::import;
pub use foreign::{ForeignReflection, ForeignReport};
pub(crate) use kept::{get, list, reflect};
pub(crate) use marks::mark;
pub use marks::{Mark, Marked};
pub use reflection::{
    NewReflection, Reflection, ReflectionChange, ReflectionFilter, ReflectionProject,
};
pub use self_reflect::{self_reflect_database, self_reflect_point};
