//! How conversations came out of others, as the archive keeps it.

use transcript::Relation;

/// The number that is kept; the lesser one counts where several are told.
pub(crate) fn relation_number(relation: Relation) -> i64 {
    match relation {
        Relation::SubAgent => 0,
        Relation::Fork => 1,
        Relation::Resume => 2,
    }
}

/// The relation of a number; `None` for those that aren't kept.
pub(crate) fn relation_of_number(number: i64) -> Option<Relation> {
    Relation::ALL
        .into_iter()
        .find(|relation| relation_number(*relation) == number)
}
