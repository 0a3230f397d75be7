//! What is wrong with settings that are valid each for itself: names that mean nothing.

use guard::Kind;

use super::nearest::nearest;
use super::value::{ChosenEntities, OwnPatterns};
use crate::fault::Fault;

/// A fault for each name in `guard.store_pii` that no guard looks for: what a person meant by it would
/// not happen.
pub(super) fn unknown_personal_data(
    store_pii: &ChosenEntities,
    patterns: &OwnPatterns,
) -> Vec<Fault> {
    let ChosenEntities::These(names) = store_pii else {
        return Vec::new();
    };
    let unknown = names
        .iter()
        .filter(|name| patterns.kind_of(name) != Some(Kind::Pii));
    let fault = |name: &String| {
        let fault = Fault::usage(format!("`guard.store_pii`: no personal data `{name}`"));
        match nearest(name, guard::pii::ENTITIES.iter().copied()) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint("docs/guards.md lists what is looked for"),
        }
    };
    unknown.map(fault).collect()
}
