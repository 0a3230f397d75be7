//! The rule by which a directory belongs to a project, a function of what is known of directories alone: it
//! doesn't matter in which order that was learnt.
//!
//! 1. A directory in which a repository was found, or for which a log names a remote, belongs to that; and so
//!    does everything below it.
//! 2. Else the topmost directory above in which a session started holds it, with all that lies below.
//! 3. Else it is a project by itself.
//!
//! A directory that is common ground ([`Homes::is_common_ground`]), such as a home directory or `~/work`,
//! holds nothing below it. Nor does a shelf hold the directories on it in which sessions started: a directory
//! without any sign of being a project, below which lie two repositories, or three directories or more in
//! which sessions started.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rusqlite::Connection;
use rustc_hash::{FxHashMap, FxHashSet};

use super::facts::{DirectoryFlags, KnownDirectory, surer};
use crate::Result;
use crate::project::{Homes, is_below, key_of_place, places_above};

/// How many repositories below a directory without sign make it a shelf, and how many of its subdirectories
/// in which sessions started.
const SHELF_REPOSITORIES: usize = 2;
const SHELF_STARTS: usize = 3;

/// What is known of a place, in whatever spellings logs have it.
#[derive(Debug, Default)]
struct PlaceFacts {
    found: Option<String>,
    flags: DirectoryFlags,
}

/// What is known of a directory and those around it.
pub(super) struct Neighbourhood<'a> {
    homes: &'a Homes,
    places: BTreeMap<String, PlaceFacts>,
    shelves: RefCell<FxHashMap<String, bool>>,
}

impl<'a> Neighbourhood<'a> {
    /// What the projects of `top`, and of all that lies below it, depend on. `directories` are those at
    /// `top` and below it.
    pub(super) fn new(
        connection: &Connection,
        homes: &'a Homes,
        top: &str,
        directories: &[KnownDirectory],
    ) -> Result<Self> {
        let mut neighbourhood = Self::of_all(homes, directories);
        for above in places_above(top) {
            for known in KnownDirectory::at(connection, above)? {
                neighbourhood.add(&known);
            }
        }
        Ok(neighbourhood)
    }

    /// All that is known of all directories.
    pub(super) fn of_all(homes: &'a Homes, directories: &[KnownDirectory]) -> Self {
        let mut neighbourhood = Self {
            homes,
            places: BTreeMap::new(),
            shelves: RefCell::default(),
        };
        directories
            .iter()
            .for_each(|known| neighbourhood.add(known));
        neighbourhood
    }

    fn add(&mut self, known: &KnownDirectory) {
        let facts = self.places.entry(known.place.clone()).or_default();
        // Spellings of one place come in any order.
        facts.found = match (facts.found.take(), known.found.clone()) {
            (Some(a), Some(b)) => surer(Some(a.as_str().min(&b)), Some(a.as_str().max(&b))),
            (a, b) => a.or(b),
        };
        facts.flags = facts.flags.with(known.flags);
    }

    /// The key of the project that a directory belongs to; `starts` if a session starts there, or somebody
    /// asks from there.
    pub(super) fn key_of(&self, place: &str, starts: bool) -> String {
        if let Some(found) = self.found(place) {
            return found.to_owned();
        }
        let all_above: Vec<&str> = places_above(place).collect();
        let is_ground = |place: &str| self.homes.is_common_ground(place);
        let around = all_above
            .iter()
            .filter(|above| !is_ground(above))
            .find_map(|above| self.found(above));
        if let Some(found) = around {
            return found.to_owned();
        }
        for (at, above) in all_above.iter().enumerate().rev() {
            if !self.has_start(above) || is_ground(above) {
                continue;
            }
            let is_started = starts
                || self.has_start(place)
                || all_above[..at].iter().any(|below| self.has_start(below));
            if !(is_started && self.is_shelf(above)) {
                return key_of_place(above);
            }
        }
        key_of_place(place)
    }

    fn found(&self, place: &str) -> Option<&str> {
        self.places.get(place)?.found.as_deref()
    }

    fn has_start(&self, place: &str) -> bool {
        let facts = self.places.get(place);
        facts.is_some_and(|facts| facts.flags.has(DirectoryFlags::STARTED))
    }

    /// Whether a directory is one on which projects stand side by side.
    pub(super) fn is_shelf(&self, place: &str) -> bool {
        if let Some(known) = self.shelves.borrow().get(place) {
            return *known;
        }
        let is_shelf = self.looks_like_shelf(place);
        self.shelves.borrow_mut().insert(place.to_owned(), is_shelf);
        is_shelf
    }

    fn looks_like_shelf(&self, place: &str) -> bool {
        let signed = self.places.get(place);
        if signed.is_some_and(|facts| facts.flags.has(DirectoryFlags::SIGNED)) {
            return false;
        }
        let mut repositories = FxHashSet::default();
        let mut starts = FxHashSet::default();
        let below = self.places.range(place.to_owned()..);
        let below = below.take_while(|(other, _)| other.starts_with(place));
        for (other, facts) in below.filter(|(other, _)| is_below(other, place)) {
            match &facts.found {
                Some(key) => {
                    repositories.insert(key.as_str());
                }
                None if facts.flags.has(DirectoryFlags::STARTED) => {
                    let rest = other[place.len()..].trim_start_matches(['/', '\\']);
                    starts.extend(rest.split(['/', '\\']).next());
                }
                None => {}
            }
        }
        repositories.len() >= SHELF_REPOSITORIES || starts.len() >= SHELF_STARTS
    }
}
