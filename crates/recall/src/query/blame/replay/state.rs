//! The lines of a file and of its copies while edits are replayed, and the lines that edits brought in.
//! Must not know how an edit is done.

use rustc_hash::FxHashMap;
use transcript::Millis;

use crate::query::blame::edits::ReplayedEdit;
use crate::query::blame::lines::{LineId, LineTable};
use crate::query::blame::places::FileCopy;

/// The number of a [`BroughtLine`] in [`Replay::brought`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::query::blame) struct BroughtId(pub(super) u32);

/// A line that an edit brought in, whether it is still in the file or not.
pub(in crate::query::blame) struct BroughtLine {
    /// The index of the edit in the list of all edits.
    pub(in crate::query::blame) edit: usize,
    /// The number of the line in what the edit wrote, from 1.
    pub(in crate::query::blame) line: usize,
    pub(in crate::query::blame) id: LineId,
    /// Whether it stands in the file now.
    pub(super) stands: bool,
    /// Whether it ever stood there.
    pub(super) stood: bool,
    /// How many contents of the file were known when it was written.
    pub(super) after: u32,
}

/// A line of the file as replayed so far.
#[derive(Clone, Copy, Debug)]
pub(in crate::query::blame) struct FileLine {
    pub(in crate::query::blame) id: LineId,
    /// The line of an edit that it is; `None` if no edit is known to have brought it in.
    pub(in crate::query::blame) by: Option<BroughtId>,
    pub(in crate::query::blame) how: LineHistory,
    /// The earliest time at which it is known to have been in the file. Counts only where `by` is `None`.
    pub(super) since: Millis,
}

/// How a line got from the edit that brought it in to where it stands now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::query::blame) struct LineHistory {
    /// Only its white space was changed since.
    pub(in crate::query::blame) spaced: bool,
    /// It was broken or joined since.
    pub(in crate::query::blame) reshaped: bool,
    /// It was moved since, unchanged.
    pub(in crate::query::blame) moved: bool,
    /// It was gone and came back.
    pub(in crate::query::blame) regained: bool,
    /// It was attributed by its text alone, since its edit couldn't be replayed; `None` if it could.
    pub(in crate::query::blame) matched: Option<TextMatch>,
    /// The edit could have been made at another place of the file as well.
    pub(in crate::query::blame) ambiguous: bool,
}

/// How well a line that was found by its text fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query::blame) enum TextMatch {
    /// With its neighbours, or alone and unique.
    Well,
    /// Alone, and others would fit too; or in a script that may have written it.
    Poorly,
}

/// A text that an edit wrote, for finding its lines again.
pub(super) struct WrittenBlock {
    pub(super) edit: usize,
    pub(super) ids: Vec<LineId>,
    pub(super) brought: Vec<Option<BroughtId>>,
    /// Whether its ends may be parts of lines.
    pub(super) is_ragged: bool,
}

/// The state of the file, and of its copies elsewhere.
pub(in crate::query::blame) struct Replay<'a> {
    pub(in crate::query::blame) lines: &'a mut LineTable,
    pub(super) edits: &'a [ReplayedEdit],
    pub(super) own: FileCopy,
    pub(super) states: FxHashMap<FileCopy, Vec<FileLine>>,
    pub(in crate::query::blame) brought: Vec<BroughtLine>,
    pub(super) blocks: Vec<WrittenBlock>,
    /// Where lines that edits brought in stand in blocks, by their text without white space.
    pub(super) index: FxHashMap<LineId, Vec<(u32, u32)>>,
    /// Contents of the file that were known so far.
    pub(super) contents: u32,
}

impl<'a> Replay<'a> {
    pub(in crate::query::blame) fn new(
        lines: &'a mut LineTable,
        edits: &'a [ReplayedEdit],
        own: FileCopy,
    ) -> Self {
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

    pub(super) fn applied(&self, by: BroughtId) -> Millis {
        self.edits[self.brought[by.0 as usize].edit].applied
    }

    /// A line goes; it may come back.
    pub(super) fn release(&mut self, slot: &FileLine) {
        if let Some(by) = slot.by {
            self.brought[by.0 as usize].stands = false;
        }
    }

    /// Keeps a text that an edit wrote.
    pub(super) fn keep(&mut self, block: WrittenBlock) {
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

    pub(super) fn bring(
        &mut self,
        edit: usize,
        line: usize,
        id: LineId,
        stands: bool,
    ) -> BroughtId {
        let after = self.contents;
        self.brought.push(BroughtLine {
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
pub(in crate::query::blame) struct ReplayEnd {
    /// The lines of the file.
    pub(in crate::query::blame) slots: Vec<FileLine>,
    pub(super) brought: Vec<BroughtLine>,
}

impl ReplayEnd {
    /// All lines that edits brought in, whether they are left or not.
    pub(in crate::query::blame) fn all(&self) -> &[BroughtLine] {
        &self.brought
    }

    /// The line that an edit brought in.
    pub(in crate::query::blame) fn brought(&self, by: BroughtId) -> &BroughtLine {
        &self.brought[by.0 as usize]
    }
}

pub(super) fn ids(state: &[FileLine]) -> Vec<LineId> {
    state.iter().map(|slot| slot.id).collect()
}
