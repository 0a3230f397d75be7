//! From the state that the edits lead to, to a content that is known: what is kept keeps its source,
//! white space and line breaks aside, and what is new is looked up among lines that are gone.

use transcript::Millis;

use super::state::{FileLine, LineHistory, Replay, ids as ids_of};
use crate::query::blame::lines::{LineId, kept};

impl Replay<'_> {
    /// The state as it must be for the file to have this content.
    pub(super) fn settle(
        &mut self,
        state: Vec<FileLine>,
        ids: &[LineId],
        at: Millis,
        is_own: bool,
    ) -> Vec<FileLine> {
        let old = ids_of(&state);
        if old == ids {
            self.contents += u32::from(is_own);
            return state;
        }
        let blank = |id: &LineId| FileLine {
            id: *id,
            by: None,
            how: LineHistory::default(),
            since: at,
        };
        let mut new: Vec<FileLine> = ids.iter().map(blank).collect();
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
    fn fit(&mut self, old: &[FileLine], new: &mut [FileLine], is_own: bool) {
        let (before, after) = (ids_of(old), ids_of(new));
        let changes = self.lines.loose_diff(&before, &after);
        for (from, to) in kept(&changes, before.len(), after.len()) {
            for (old, new) in old[from].iter().zip(&mut new[to]) {
                let how = LineHistory {
                    spaced: old.id != new.id || old.how.spaced,
                    ..old.how
                };
                *new = FileLine {
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
    fn reshape(&self, old: &[FileLine], new: &mut [FileLine]) -> bool {
        let said = |slots: &[FileLine]| -> Vec<(usize, char)> {
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
            let how = LineHistory {
                reshaped: true,
                ..from.how
            };
            *slot = FileLine {
                id: slot.id,
                how,
                ..*from
            };
            at += length;
        }
        true
    }
}
