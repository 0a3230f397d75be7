//! Replays the edits of a file in order and so knows, for each line that is left, which edit brought
//! it in. Contents that are known otherwise (what the harness kept, commits, the file as it is) keep
//! the replay on the ground: what they hold and no edit brought in is somebody else's.

use std::ops::Range;

use rustc_hash::FxHashMap;
use transcript::Millis;

use super::edits::Edit;
use super::lines::{LineId, Lines, kept};
use super::patch::{Hunk, Sign};
use super::payload::{Change, Swap};
use super::places::Place;

mod apply;
mod pool;
mod settle;

/// A line that an edit brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct BroughtId(u32);

/// See [`BroughtId`].
pub(super) struct Brought {
    /// The edit, by its place among all.
    pub(super) edit: usize,
    /// Its number in what the edit wrote, from 1.
    pub(super) line: usize,
    pub(super) id: LineId,
    /// Whether it stands in the file now.
    stands: bool,
    /// Whether it ever stood there.
    stood: bool,
    /// How many contents of the file were known when it was written.
    after: u32,
}

/// A line of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) id: LineId,
    /// Who brought it in; nobody known where there is none.
    pub(super) by: Option<BroughtId>,
    pub(super) how: How,
    /// When it was in the file at the latest, where nobody is known.
    since: Millis,
}

/// What is to be said of how a line got to where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct How {
    /// Its white space was changed since.
    pub(super) spaced: bool,
    /// It was broken or joined since.
    pub(super) reshaped: bool,
    /// It was moved since, as it is.
    pub(super) moved: bool,
    /// It was gone and came back.
    pub(super) regained: bool,
    /// It was found by its text; its edit couldn't be replayed.
    pub(super) matched: Option<Matched>,
    /// The place of its edit wasn't the only one possible.
    pub(super) ambiguous: bool,
}

/// How well a line that was found by its text fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matched {
    /// With its neighbours, or alone and unique.
    Well,
    /// Alone, and others would fit too; or in a script that may have written it.
    Poorly,
}

/// A text that an edit wrote, for finding its lines again.
struct Block {
    edit: usize,
    ids: Vec<LineId>,
    brought: Vec<Option<BroughtId>>,
    /// Whether its ends may be parts of lines.
    is_ragged: bool,
}

/// The state of the file, and of its copies elsewhere.
pub(super) struct Replay<'a> {
    pub(super) lines: &'a mut Lines,
    edits: &'a [Edit],
    own: Place,
    states: FxHashMap<Place, Vec<Slot>>,
    pub(super) brought: Vec<Brought>,
    blocks: Vec<Block>,
    /// Where lines that edits brought in stand in blocks, by their text without white space.
    index: FxHashMap<LineId, Vec<(u32, u32)>>,
    /// Contents of the file that were known so far.
    contents: u32,
}

impl<'a> Replay<'a> {
    pub(super) fn new(lines: &'a mut Lines, edits: &'a [Edit], own: Place) -> Self {
        Self {
            lines,
            edits,
            own,
            states: FxHashMap::default(),
            brought: Vec::new(),
            blocks: Vec::new(),
            index: FxHashMap::default(),
            contents: 0,
        }
    }

    /// The next edit happens.
    pub(super) fn edit(&mut self, at: usize) {
        let edit = &self.edits[at];
        let is_own = edit.place == self.own;
        let mut state = self.states.remove(&edit.place).unwrap_or_default();
        if let Some(before) = &edit.before {
            state = self.settle(state, before, edit.applied, is_own);
        }
        let mut doing = apply::Doing::new(self, at, is_own);
        let state = doing.run(state);
        self.states.insert(edit.place.clone(), state);
    }

    /// The file is known to be this at a time.
    pub(super) fn content(&mut self, ids: &[LineId], at: Millis) {
        let state = self.states.remove(&self.own).unwrap_or_default();
        let state = self.settle(state, ids, at, true);
        self.states.insert(self.own.clone(), state);
    }

    /// The file as it is in the end, given when each of its lines was there at the latest.
    pub(super) fn end(mut self, ids: &[LineId], at: Millis, bounds: &[Millis]) -> Ended {
        self.content(ids, at);
        let mut state = self.states.remove(&self.own).unwrap_or_default();
        for (slot, bound) in state.iter_mut().zip(bounds) {
            // What was in a commit already, no later edit can have written.
            let later = slot.by.is_some_and(|by| self.applied(by) > *bound);
            if later {
                self.release(slot);
                *slot = Slot {
                    by: None,
                    how: How::default(),
                    ..*slot
                };
            }
            slot.since = slot.since.min(*bound);
        }
        let open: Vec<usize> = (0..state.len())
            .filter(|at| state[*at].by.is_none())
            .collect();
        self.pick_up(&mut state, &open);
        self.pick_up_parts(&mut state, &open);
        Ended {
            slots: state,
            brought: self.brought,
        }
    }

    fn applied(&self, by: BroughtId) -> Millis {
        self.edits[self.brought[by.0 as usize].edit].applied
    }

    /// A line goes; it may come back.
    fn release(&mut self, slot: &Slot) {
        if let Some(by) = slot.by {
            self.brought[by.0 as usize].stands = false;
        }
    }

    /// Keeps a text that an edit wrote.
    fn keep(&mut self, block: Block) {
        let nth = u32::try_from(self.blocks.len()).unwrap_or(u32::MAX);
        for (at, id) in (0..).zip(&block.ids) {
            if block.brought[at as usize].is_some() && self.lines.is_telling(*id) {
                self.index
                    .entry(self.lines.loose(*id))
                    .or_default()
                    .push((nth, at));
            }
        }
        self.blocks.push(block);
    }

    fn bring(&mut self, edit: usize, line: usize, id: LineId, stands: bool) -> BroughtId {
        let after = self.contents;
        self.brought.push(Brought {
            edit,
            line,
            id,
            stands,
            stood: stands,
            after,
        });
        BroughtId(u32::try_from(self.brought.len() - 1).unwrap_or(u32::MAX))
    }
}

/// What a replay ends with.
pub(super) struct Ended {
    /// The lines of the file.
    pub(super) slots: Vec<Slot>,
    brought: Vec<Brought>,
}

impl Ended {
    /// All lines that edits brought in, whether they are left or not.
    pub(super) fn all(&self) -> &[Brought] {
        &self.brought
    }

    /// The line that an edit brought in.
    pub(super) fn brought(&self, by: BroughtId) -> &Brought {
        &self.brought[by.0 as usize]
    }
}

fn ids(state: &[Slot]) -> Vec<LineId> {
    state.iter().map(|slot| slot.id).collect()
}
