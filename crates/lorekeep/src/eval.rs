//! Measuring guards on labelled sets of texts: sets in, figures out. It must not know how figures
//! are printed, and writes nothing.

mod set;
mod content;
mod shapes;
mod bipia;
mod sets;
mod score;

pub(crate) use self::score::{Counts, EntityScore, SetScore, measure};
pub(crate) use self::set::SkippedSet;
pub(crate) use self::sets::{read, without_trained_on};
