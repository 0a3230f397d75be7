//! Looking around in the archive without a query: by file, concept, time and session.
//!
//! Every answer starts from the spans of its scope, so none holds anything of another project. Texts
//! are read only for what is shown; everything else is counted from the messages' rows.

mod scene;
mod glimpse;
mod labels;
mod paths;
mod renames;
mod files;
mod classes;
mod concept;
mod standing;
mod group;
mod recent;
mod timeline;
mod learnings;
mod recap;

pub use concept::{ConceptHit, ConceptReport, ConceptRequest};
pub use files::{FileHistory, FileRequest, FileUse};
pub use glimpse::Quote;
pub use group::{OpenEnd, WorkGroup};
pub use learnings::{Learnings, LearningsRequest, Outcome};
pub use recap::{Recap, RecapRequest};
pub use recent::{GroupBy, RecentRequest, RecentWork};
pub use standing::StandingTerm;
pub use timeline::{Activity, Granularity, Period, Timeline, TimelineRequest};

pub use classes::CONCEPTS;
pub(crate) use concept::concept;
pub(crate) use files::file_history;
pub(crate) use learnings::learnings;
pub(crate) use recap::recap;
pub(crate) use recent::recent;
pub(crate) use standing::standing_out;
pub(crate) use timeline::timeline;
