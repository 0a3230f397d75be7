//! One edit happens to a state: its place is found, and what it brings in is marked as its own.
//! Where the place can't be found, what it brings in is kept for later.

use std::ops::Range;

use rustc_hash::FxHashMap;
use transcript::{LineSign, LoggedChange, PatchedPart, TextSwap};

use super::state::{BroughtId, FileLine, LineHistory, Replay, WrittenBlock, ids as ids_of};
use crate::query::blame::edits::ReplayedEdit;
use crate::query::blame::lines::{LineId, kept};

/// Places that an edit of all occurrences is tried at.
const MAX_OCCURRENCES: usize = 10_000;

pub(super) struct EditReplay<'r, 'a> {
    replay: &'r mut Replay<'a>,
    edit: &'a ReplayedEdit,
    at: usize,
    is_own: bool,
    /// Lines that the edit removed, which it may only move.
    removed: Vec<FileLine>,
    is_ambiguous: bool,
}

impl<'r, 'a> EditReplay<'r, 'a> {
    pub(super) fn new(replay: &'r mut Replay<'a>, at: usize, is_own: bool) -> Self {
        let edit = &replay.edits[at];
        Self {
            replay,
            edit,
            at,
            is_own,
            removed: Vec::new(),
            is_ambiguous: false,
        }
    }

    pub(super) fn run(&mut self, mut state: Vec<FileLine>) -> Vec<FileLine> {
        match &self.edit.change {
            LoggedChange::Whole(text) => {
                let new = self.replay.lines.ids(text);
                // Some of it may have stood there before, for all that is known.
                self.is_ambiguous = self.edit.before.is_none() && self.edit.part != "patch";
                self.replace(&mut state, None, &new, 0);
            }
            LoggedChange::Append(text) => {
                let new = self.replay.lines.ids(text);
                let end = state.len();
                self.replace(&mut state, Some(end..end), &new, 0);
            }
            LoggedChange::Swaps(swaps) => {
                let mut first = 0;
                for swap in swaps {
                    self.swap(&mut state, swap, first);
                    first += swap.new.lines().count();
                }
            }
            LoggedChange::Hunks(hunks) => {
                if !self.hunks(&mut state, hunks) {
                    self.float_hunks(hunks);
                }
            }
            LoggedChange::Gone => {
                if self.is_own {
                    state.iter().for_each(|slot| self.replay.release(slot));
                }
                state.clear();
            }
            LoggedChange::Scraps(lines) => {
                let ids: Vec<LineId> = lines
                    .iter()
                    .map(|line| self.replay.lines.id(line))
                    .collect();
                self.float(&[], &ids, 0);
            }
        }
        state
    }

    /// Replaces lines, or all, with others. `first` is how many lines of the edit came before.
    fn replace(
        &mut self,
        state: &mut Vec<FileLine>,
        range: Option<Range<usize>>,
        new: &[LineId],
        first: usize,
    ) {
        let range = range.unwrap_or(0..state.len());
        let old: Vec<FileLine> = state[range.clone()].to_vec();
        let before = ids_of(&old);
        let changes = self.replay.lines.edit_diff(&before, new);
        for change in &changes {
            self.removed.extend_from_slice(&old[change.before.clone()]);
        }
        if self.is_own {
            for change in &changes {
                old[change.before.clone()]
                    .iter()
                    .for_each(|slot| self.replay.release(slot));
            }
        }
        let mut slots = Vec::with_capacity(new.len());
        let mut brought = Vec::with_capacity(new.len());
        let mut at = 0;
        for (from, to) in kept(&changes, before.len(), new.len()) {
            self.bring(&new[at..to.start], first + at, &mut slots, &mut brought);
            slots.extend_from_slice(&old[from]);
            brought.resize(slots.len(), None);
            at = to.end;
        }
        self.replay.keep(WrittenBlock {
            edit: self.at,
            ids: new.to_vec(),
            brought,
            is_ragged: false,
        });
        state.splice(range, slots);
    }

    /// Lines that weren't there before: moved ones, the person's, or the edit's own.
    fn bring(
        &mut self,
        new: &[LineId],
        first: usize,
        slots: &mut Vec<FileLine>,
        brought: &mut Vec<Option<BroughtId>>,
    ) {
        let mut next = None;
        for (nth, id) in new.iter().enumerate() {
            if let Some(at) = self.removed_at(*id, next) {
                let mut slot = self.removed[at];
                slot.how.moved = true;
                if let Some(by) = slot.by.filter(|_| self.is_own) {
                    self.replay.brought[by.0 as usize].stands = true;
                }
                // It can be moved to one place only.
                self.removed[at].id = LineId::NO_LINE;
                next = Some(at + 1);
                slots.push(slot);
                brought.push(None);
                continue;
            }
            next = None;
            let is_theirs = self
                .edit
                .asked
                .as_ref()
                .is_some_and(|asked| !asked.contains(id));
            let by = (!is_theirs).then(|| {
                self.replay
                    .bring(self.at, first + nth + 1, *id, self.is_own)
            });
            let how = LineHistory {
                ambiguous: self.is_ambiguous,
                ..LineHistory::default()
            };
            slots.push(FileLine {
                id: *id,
                by,
                how,
                since: self.edit.applied,
            });
            brought.push(by);
        }
    }

    /// The line among the removed ones that is moved here: one that says something, or the one
    /// after the last one moved.
    fn removed_at(&self, id: LineId, next: Option<usize>) -> Option<usize> {
        let follows = next.filter(|next| self.removed.get(*next).is_some_and(|slot| slot.id == id));
        follows.or_else(|| {
            let tells = self.replay.lines.is_telling(id);
            let mut slots = self.removed.iter();
            tells
                .then(|| slots.position(|slot| slot.id == id))
                .flatten()
        })
    }

    fn swap(&mut self, state: &mut Vec<FileLine>, swap: &TextSwap, first: usize) {
        if swap.old.is_empty() {
            let new = self.replay.lines.ids(&swap.new);
            return match state.is_empty() {
                true => self.replace(state, None, &new, first),
                false => self.float(&[], &new, first),
            };
        }
        let old = even(&swap.old);
        let mut found = self.find(state, &old);
        if found.is_empty() {
            let patch = &self.edit.patch;
            if first == 0 && !patch.is_empty() && self.hunks(state, patch) {
                return;
            }
            let (old, new) = (
                self.replay.lines.ids(&swap.old),
                self.replay.lines.ids(&swap.new),
            );
            return self.float(&old, &new, first);
        }
        if !swap.all {
            let near = self.edit.patch.first().and_then(|hunk| hunk.at);
            self.is_ambiguous = found.len() > 1 && near.is_none();
            let best = found
                .iter()
                .copied()
                .min_by_key(|at| near.map_or(0, |near| near.abs_diff(*at)));
            found = best.into_iter().collect();
        }
        // From the end, so that places before stay where they are.
        let length = old.split('\n').count();
        for at in found.into_iter().rev() {
            let end = (at + length).min(state.len());
            let text = self.text(&state[at..end]);
            let text = match swap.all && length == 1 {
                true => text.replace(&old, &swap.new),
                false => text.replacen(&old, &swap.new, 1),
            };
            let new = self.replay.lines.ids(&text);
            self.replace(state, Some(at..end), &new, first);
        }
        self.is_ambiguous = false;
    }

    fn text(&self, slots: &[FileLine]) -> String {
        let texts: Vec<&str> = slots
            .iter()
            .map(|slot| self.replay.lines.text(slot.id))
            .collect();
        let mut text = texts.join("\n");
        text.push('\n');
        text
    }

    /// Where a text stands: the lines that it begins in, one for each line of a single-line text.
    fn find(&mut self, state: &[FileLine], old: &str) -> Vec<usize> {
        let parts: Vec<&str> = old.split('\n').collect();
        let lines = &mut *self.replay.lines;
        let [first, inner @ .., last] = &parts[..] else {
            let holds = |at: &usize| lines.text(state[*at].id).contains(old);
            return (0..state.len())
                .filter(holds)
                .take(MAX_OCCURRENCES)
                .collect();
        };
        let inner: Vec<LineId> = inner.iter().map(|part| lines.id(part)).collect();
        let first = first.trim_end();
        let ends = parts.len() - 1;
        let mut found: Vec<usize> = Vec::new();
        let length = state.len() + usize::from(last.is_empty());
        for at in 0..length.saturating_sub(ends) {
            if found.last().is_some_and(|before| at < before + ends) {
                continue;
            }
            let is_inner = inner
                .iter()
                .zip(&state[at + 1..])
                .all(|(id, slot)| *id == slot.id);
            let is_here = is_inner
                && lines.text(state[at].id).ends_with(first)
                && state
                    .get(at + ends)
                    .is_none_or(|slot| lines.text(slot.id).starts_with(last.trim_end()));
            if is_here {
                found.push(at);
            }
        }
        found.truncate(MAX_OCCURRENCES);
        found
    }

    /// Applies a patch; `false` if a place of it isn't there, and then nothing of it is applied.
    fn hunks(&mut self, state: &mut Vec<FileLine>, hunks: &[PatchedPart]) -> bool {
        let mut places = Vec::with_capacity(hunks.len());
        let mut cursor = 0;
        for hunk in hunks {
            let Some(at) = self.seek(state, hunk, cursor) else {
                return false;
            };
            cursor = at + hunk.side(LineSign::Removed).count();
            places.push(at);
        }
        let (mut grown, mut shrunk, mut first) = (0, 0, 0);
        for (hunk, at) in hunks.iter().zip(places) {
            // A log may tell hunks in any order, and places that never were.
            let at = (at + grown).saturating_sub(shrunk);
            let (was, is) = self.hunk(state, hunk, at, first);
            first += hunk.lines.len();
            grown += is;
            shrunk += was;
        }
        true
    }

    /// Applies one hunk, group by group; tells how many lines there were and are.
    fn hunk(
        &mut self,
        state: &mut Vec<FileLine>,
        hunk: &PatchedPart,
        at: usize,
        first: usize,
    ) -> (usize, usize) {
        let mut here = at;
        let mut lines = hunk.lines.iter().enumerate().peekable();
        let (mut was, mut is) = (0, 0);
        while let Some((nth, (sign, _))) = lines.peek().copied() {
            if *sign == LineSign::Kept {
                lines.next();
                here += 1;
                was += 1;
                is += 1;
                continue;
            }
            let (mut removed, mut added) = (0, Vec::new());
            while let Some((_, (sign, text))) =
                lines.next_if(|(_, (sign, _))| *sign != LineSign::Kept)
            {
                match sign {
                    LineSign::Added => added.push(self.replay.lines.id(text)),
                    _ => removed += 1,
                }
            }
            let end = (here + removed).min(state.len());
            let from = here.min(end);
            self.replace(state, Some(from..end), &added, first + nth);
            here += added.len();
            was += removed;
            is += added.len();
        }
        self.context(hunk, first);
        (was, is)
    }

    /// Keeps a hunk with what stands around it, which finds its lines again better than they alone.
    fn context(&mut self, hunk: &PatchedPart, first: usize) {
        let ids: Vec<LineId> = hunk
            .side(LineSign::Added)
            .map(str::to_owned)
            .map(|text| self.replay.lines.id(&text))
            .collect();
        let mut own: FxHashMap<LineId, Vec<BroughtId>> = FxHashMap::default();
        let range = first + 1..=first + hunk.lines.len() + 1;
        for (at, brought) in self.replay.brought.iter().enumerate().rev() {
            if brought.edit != self.at {
                break;
            }
            if range.contains(&brought.line) {
                let id = BroughtId(u32::try_from(at).unwrap_or(u32::MAX));
                own.entry(brought.id).or_default().push(id);
            }
        }
        let signs = hunk
            .lines
            .iter()
            .filter(|(sign, _)| *sign != LineSign::Removed);
        let brought = ids.iter().zip(signs).map(|(id, (sign, _))| match sign {
            LineSign::Added => own.get_mut(id).and_then(Vec::pop),
            _ => None,
        });
        let brought = brought.collect();
        self.replay.keep(WrittenBlock {
            edit: self.at,
            ids,
            brought,
            is_ragged: false,
        });
    }

    /// Where a hunk applies: as assistants' tools look for it, from the cursor on.
    fn seek(&mut self, state: &[FileLine], hunk: &PatchedPart, cursor: usize) -> Option<usize> {
        let lines = &mut *self.replay.lines;
        let old: Vec<LineId> = hunk
            .side(LineSign::Removed)
            .map(str::to_owned)
            .map(|text| lines.id(&text))
            .collect();
        let mut from = cursor;
        if let Some(after) = &hunk.after {
            let trimmed = after.trim();
            let is_it = |slot: &FileLine| lines.text(slot.id).trim() == trimmed;
            from = state
                .iter()
                .skip(cursor)
                .position(is_it)
                .map_or(cursor, |at| cursor + at + 1);
        }
        if old.is_empty() {
            let end = if hunk.after.is_some() {
                from
            } else {
                state.len()
            };
            return Some(hunk.at.unwrap_or(end).min(state.len()));
        }
        let fits = |at: usize, loosely: bool| {
            let here = at.checked_add(old.len()).and_then(|end| state.get(at..end));
            here.is_some_and(|here| {
                here.iter().zip(&old).all(|(slot, id)| match loosely {
                    true => lines.loose(slot.id) == lines.loose(*id),
                    false => slot.id == *id,
                })
            })
        };
        let last = state.len().checked_sub(old.len())?;
        for loosely in [false, true] {
            if let Some(at) = hunk.at.filter(|at| fits(*at, loosely)) {
                return Some(at);
            }
            if let Some(at) = (from..=last).find(|at| fits(*at, loosely)) {
                return Some(at);
            }
        }
        (0..from.min(last + 1)).find(|at| *at >= cursor && fits(*at, false))
    }

    fn float_hunks(&mut self, hunks: &[PatchedPart]) {
        let mut first = 0;
        for hunk in hunks {
            let side = |doing: &mut Self, side| -> Vec<LineId> {
                let texts: Vec<String> = hunk.side(side).map(str::to_owned).collect();
                texts
                    .iter()
                    .map(|text| doing.replay.lines.id(text))
                    .collect()
            };
            let (old, new) = (side(self, LineSign::Removed), side(self, LineSign::Added));
            self.float(&old, &new, first);
            first += hunk.lines.len();
        }
    }

    /// Keeps what the edit brings in for when a content shows where it went.
    fn float(&mut self, old: &[LineId], new: &[LineId], first: usize) {
        let mut brought = vec![None; new.len()];
        for change in self.replay.lines.edit_diff(old, new) {
            for at in change.after {
                brought[at] = Some(self.replay.bring(self.at, first + at + 1, new[at], false));
            }
        }
        let is_ragged = matches!(self.edit.change, LoggedChange::Swaps(_));
        self.replay.keep(WrittenBlock {
            edit: self.at,
            ids: new.to_vec(),
            brought,
            is_ragged,
        });
    }
}

/// A text without white space at the ends of its lines, as lines are kept; what follows the last
/// one is on the same line.
fn even(text: &str) -> String {
    match text.rsplit_once('\n') {
        Some((lines, last)) => {
            let lines: Vec<&str> = lines.split('\n').map(str::trim_end).collect();
            format!("{}\n{last}", lines.join("\n"))
        }
        None => text.to_owned(),
    }
}
