//! From the state that the edits lead to, to a content that is known: what is kept keeps its source,
//! white space and line breaks aside, and what is new is looked up among lines that are gone.

use super::*;

impl Replay<'_> {
    /// The state as it must be for the file to have this content.
    pub(super) fn settle(
        &mut self,
        state: Vec<Slot>,
        ids: &[LineId],
        at: Millis,
        is_own: bool,
    ) -> Vec<Slot> {
        let old = super::ids(&state);
        if old == ids {
            self.contents += u32::from(is_own);
            return state;
        }
        let blank = |id: &LineId| Slot {
            id: *id,
            by: None,
            how: How::default(),
            since: at,
        };
        let mut new: Vec<Slot> = ids.iter().map(blank).collect();
        let changes = self.lines.diff(&old, ids);
        for (from, to) in kept(&changes, old.len(), ids.len()) {
            new[to].copy_from_slice(&state[from]);
        }
        let mut open = Vec::new();
        for change in changes {
            self.fit(
                &state[change.before],
                &mut new[change.after.clone()],
                is_own,
            );
            open.extend(change.after.filter(|at| new[*at].by.is_none()));
        }
        if is_own {
            self.contents += 1;
            self.pick_up(&mut new, &open);
        }
        new
    }

    /// Lines in place of others: those that differ in form only keep their source.
    fn fit(&mut self, old: &[Slot], new: &mut [Slot], is_own: bool) {
        let (before, after) = (super::ids(old), super::ids(new));
        let changes = self.lines.loose_diff(&before, &after);
        for (from, to) in kept(&changes, before.len(), after.len()) {
            for (old, new) in old[from].iter().zip(&mut new[to]) {
                let how = How {
                    spaced: old.id != new.id || old.how.spaced,
                    ..old.how
                };
                *new = Slot {
                    id: new.id,
                    how,
                    ..*old
                };
            }
        }
        for change in changes {
            let (gone, come) = (&old[change.before], &mut new[change.after]);
            let is_same = self.reshape(gone, come);
            if is_own && !is_same {
                gone.iter().for_each(|slot| self.release(slot));
            }
        }
    }

    /// Lines that say the same, only broken elsewhere, keep their source: each that of the line
    /// that most of it came from.
    fn reshape(&self, old: &[Slot], new: &mut [Slot]) -> bool {
        let said = |slots: &[Slot]| -> Vec<(usize, char)> {
            let letters = slots.iter().enumerate().flat_map(|(at, slot)| {
                let text = self.lines.text(slot.id).chars();
                text.filter(|c| c.is_alphanumeric() || *c == '_')
                    .map(move |c| (at, c))
            });
            letters.collect()
        };
        if old.is_empty() || new.is_empty() {
            return false;
        }
        let (before, after) = (said(old), said(new));
        let same = before.iter().zip(&after).all(|(old, new)| old.1 == new.1);
        if before.is_empty() || before.len() != after.len() || !same {
            return false;
        }
        let mut at = 0;
        for (nth, slot) in new.iter_mut().enumerate() {
            let length = after[at..]
                .iter()
                .take_while(|(line, _)| *line == nth)
                .count();
            // A line of signs alone belongs to what stands before it.
            let middle = (at + length / 2).min(before.len() - 1);
            let from = &old[before[middle].0];
            let how = How {
                reshaped: true,
                ..from.how
            };
            *slot = Slot {
                id: slot.id,
                how,
                ..*from
            };
            at += length;
        }
        true
    }
}
