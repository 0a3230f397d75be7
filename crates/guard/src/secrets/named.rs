//! Keys that look like any other, which the provider's name before them tells apart.

mod hosting;
mod services;

use super::rule::Named;

/// Every key with a name.
pub(super) fn all() -> impl Iterator<Item = &'static Named> {
    hosting::NAMED.iter().chain(services::NAMED)
}

/// The form of a UUID.
const UUID: &str = "[H]{8}-[H]{4}-[H]{4}-[H]{4}-[H]{12}";
