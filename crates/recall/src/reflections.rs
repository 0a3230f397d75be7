//! Reflections (notes that a person or an assistant stores on purpose), and marks, which say whether a
//! message or reflection still holds.
//!
//! A reflection is a message of the archive in a conversation of its own, so that it is indexed, searched,
//! read and exported as any other. A row beside the message holds its tags and the like.

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
pub use marks::{Mark, Marked};
pub(crate) use marks::{find_all, mark};
pub use reflection::{
    NewReflection, Reflection, ReflectionChange, ReflectionFilter, ReflectionProject,
};
pub use self_reflect::{self_reflect_database, self_reflect_point};
