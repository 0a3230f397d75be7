//! Keys that their own form gives away, by family.
//!
//! The forms are those that the providers publish or that their keys show. Lengths are a little
//! wider than today's where the prefix alone leaves no doubt, since providers lengthen their keys.

mod checksum;
mod cloud;
mod code;
mod messages;
mod models;
mod money;
mod services;

use super::rule::Key;

/// Every key; of two that match in one place the longer counts, then the first.
pub(super) fn all() -> impl Iterator<Item = &'static Key> {
    let families: [&'static [Key]; 6] = [
        cloud::KEYS,
        code::KEYS,
        models::KEYS,
        messages::KEYS,
        money::KEYS,
        services::KEYS,
    ];
    families.into_iter().flatten()
}
