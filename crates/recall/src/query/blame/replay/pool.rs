//! Lines that edits brought in and that don't stand in the file, looked for in a content of it: the
//! edit couldn't be replayed, happened in another copy, or was undone and done again.

use rustc_hash::{FxHashMap, FxHashSet};
use transcript::LoggedChange;

use super::state::{FileLine, LineHistory, Replay, TextMatch};
use crate::query::blame::lines::LineId;

/// How many places of one text are tried, in the file and among the edits.
const MAX_PLACES: usize = 64;
const MAX_TEXTS: usize = 200;

/// Telling lines that don't stand together by chance.
const MIN_LONG_RUN_LINES: usize = 5;

/// The shortest part of a line that tells something, and how many lines are looked at for parts.
const MIN_PART_CHARS: usize = 8;
const MAX_COMPARISONS: usize = 2_000_000;

/// A part of a block that stands in the file.
struct BlockRun {
    block: usize,
    /// Where it begins in the block and in the file.
    from: usize,
    at: usize,
    length: usize,
    /// Lines in it that say something.
    telling: usize,
    fit: RunFit,
}

/// How well a run fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RunFit {
    Well,
    Poorly,
    Not,
}

impl Replay<'_> {
    /// Gives lines of the file that nobody is known for to edits that wrote them.
    pub(super) fn pick_up(&mut self, state: &mut [FileLine], open: &[usize]) {
        let mut runs = self.runs(state, open);
        // What fits well goes to the newest edit, all else to the one that fits best.
        runs.sort_by_key(|run| {
            let (edit, telling) = (self.blocks[run.block].edit, usize::MAX - run.telling);
            match run.fit {
                RunFit::Well => (run.fit, usize::MAX - edit, telling, run.at),
                _ => (run.fit, telling, usize::MAX - edit, run.at),
            }
        });
        for run in runs {
            let matched = if run.fit == RunFit::Well {
                TextMatch::Well
            } else {
                TextMatch::Poorly
            };
            self.take(state, &run, matched);
        }
    }

    fn runs(&self, state: &[FileLine], open: &[usize]) -> Vec<BlockRun> {
        let mut places: FxHashMap<LineId, Vec<usize>> = FxHashMap::default();
        for at in open {
            let id = self.lines.loose(state[*at].id);
            if self.index.contains_key(&id) {
                places.entry(id).or_default().push(*at);
            }
        }
        if places.is_empty() {
            return Vec::new();
        }
        let mut counts: FxHashMap<LineId, u32> = FxHashMap::default();
        for slot in state {
            *counts.entry(self.lines.loose(slot.id)).or_default() += 1;
        }
        let mut runs = Vec::new();
        let mut seen = FxHashSet::default();
        for (id, places) in &places {
            let texts = self.index.get(id).map_or(&[][..], Vec::as_slice);
            let free = texts
                .iter()
                .rev()
                .filter(|(block, from)| self.is_free(*block, *from));
            for (block, from) in free.take(MAX_TEXTS) {
                for at in places.iter().take(MAX_PLACES) {
                    let mut run = self.run(state, *block as usize, *from as usize, *at);
                    if seen.insert((run.block, run.from, run.at)) {
                        run.fit = self.fit_of(&run, state, &counts);
                        runs.push(run);
                    }
                }
            }
        }
        runs.retain(|run| run.fit != RunFit::Not);
        runs
    }

    /// Whether a line of a block was brought in by its edit and doesn't stand in the file.
    fn is_free(&self, block: u32, at: u32) -> bool {
        let brought = self.blocks[block as usize].brought[at as usize];
        brought.is_some_and(|by| !self.brought[by.0 as usize].stands)
    }

    /// The longest run around a line of a block that is a line of the file.
    fn run(&self, state: &[FileLine], block: usize, from: usize, at: usize) -> BlockRun {
        let ids = &self.blocks[block].ids;
        let same = |from: usize, at: usize| {
            from < ids.len()
                && at < state.len()
                && self.lines.loose(ids[from]) == self.lines.loose(state[at].id)
        };
        let mut back = 0;
        while back < from.min(at) && same(from - back - 1, at - back - 1) {
            back += 1;
        }
        let mut ahead = 1;
        while same(from + ahead, at + ahead) {
            ahead += 1;
        }
        let (from, length) = (from - back, back + ahead);
        let telling = ids[from..from + length]
            .iter()
            .filter(|id| self.lines.is_telling(**id))
            .count();
        BlockRun {
            block,
            from,
            at: at - back,
            length,
            telling,
            fit: RunFit::Not,
        }
    }

    /// Many lines are alike by chance: a run must hold one that stands nowhere else in the file, or
    /// be long. What stood there before and went must bring such a line itself; for what never
    /// found its place, what the edit shows around it counts too.
    fn fit_of(
        &self,
        run: &BlockRun,
        state: &[FileLine],
        counts: &FxHashMap<LineId, u32>,
    ) -> RunFit {
        let block = &self.blocks[run.block];
        let is_scrap = matches!(self.edits[block.edit].change, LoggedChange::Scraps(_));
        let (mut own, mut rare, mut rare_around, mut stood) = (0, 0, 0, false);
        for nth in 0..run.length {
            let id = block.ids[run.from + nth];
            if !self.lines.is_telling(id) {
                continue;
            }
            let is_rare = counts
                .get(&self.lines.loose(id))
                .is_none_or(|count| *count < 2);
            rare_around += u32::from(is_rare);
            let brought = block.brought[run.from + nth].map(|by| &self.brought[by.0 as usize]);
            let is_open = state[run.at + nth].by.is_none();
            if let Some(brought) = brought.filter(|brought| is_open && !brought.stands) {
                own += 1;
                rare += u32::from(is_rare);
                stood |= brought.stood;
            }
        }
        if own == 0 {
            return RunFit::Not;
        }
        let is_well = match stood {
            true => rare > 0 || own >= MIN_LONG_RUN_LINES,
            false => {
                rare > 0 && run.telling > 1
                    || rare_around > 0 && run.telling > 2
                    || own >= MIN_LONG_RUN_LINES
            }
        };
        match is_well {
            true if !is_scrap => RunFit::Well,
            true => RunFit::Poorly,
            false if rare > 0 && !is_scrap => RunFit::Poorly,
            false => RunFit::Not,
        }
    }

    fn take(&mut self, state: &mut [FileLine], run: &BlockRun, matched: TextMatch) {
        for nth in 0..run.length {
            let slot = &mut state[run.at + nth];
            let block = &self.blocks[run.block];
            let Some(by) = block.brought[run.from + nth] else {
                continue;
            };
            let applied = self.edits[block.edit].applied;
            let brought = &mut self.brought[by.0 as usize];
            if slot.by.is_some() || brought.stands || applied > slot.since {
                continue;
            }
            slot.by = Some(by);
            slot.how = LineHistory {
                spaced: brought.id != slot.id,
                regained: brought.stood,
                matched: (!brought.stood).then_some(matched),
                // The file was seen without it in between.
                ambiguous: self.contents > brought.after + 1,
                ..LineHistory::default()
            };
            brought.stands = true;
            brought.stood = true;
        }
    }

    /// Gives lines that hold what an edit wrote into a line to that edit, where only one does.
    pub(super) fn pick_up_parts(&mut self, state: &mut [FileLine], open: &[usize]) {
        let mut left = MAX_COMPARISONS;
        for nth in (0..self.blocks.len()).rev() {
            let block = &self.blocks[nth];
            if !block.is_ragged {
                continue;
            }
            for at in [0, block.ids.len().saturating_sub(1)] {
                let Some(Some(by)) = self.blocks[nth].brought.get(at).copied() else {
                    continue;
                };
                let part = self.lines.text(self.blocks[nth].ids[at]).trim();
                if self.brought[by.0 as usize].stands || part.len() < MIN_PART_CHARS {
                    continue;
                }
                let holds = |place: &&usize| self.lines.text(state[**place].id).contains(part);
                let mut found = open
                    .iter()
                    .filter(|place| state[**place].by.is_none())
                    .filter(holds);
                left = left.saturating_sub(open.len());
                if let (Some(place), None) = (found.next(), found.next()) {
                    let run = BlockRun {
                        block: nth,
                        from: at,
                        at: *place,
                        length: 1,
                        telling: 1,
                        fit: RunFit::Well,
                    };
                    self.take(state, &run, TextMatch::Well);
                    state[*place].how.ambiguous = state[*place].by.is_some();
                }
            }
            if left == 0 {
                return;
            }
        }
    }
}
