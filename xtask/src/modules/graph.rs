//! Which file of a crate uses which, the circles among them, and their floors.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::paths_in;
use super::scope::{ModuleScopes, PathTarget};
use super::tree::{FileNumber, ModuleTree};

/// Files, numbered as in their tree, and what each uses of the others.
pub(crate) struct ModuleGraph {
    /// For each arrow from a file to another the names of the items that it is for.
    pub(crate) arrows: BTreeMap<(FileNumber, FileNumber), BTreeSet<String>>,
    /// Paths that start in the crate and lead nowhere, by file: what this reading doesn't
    /// understand.
    pub(crate) lost: BTreeSet<(FileNumber, String)>,
}

impl ModuleGraph {
    /// Resolves every path of every module.
    pub(crate) fn of(tree: &ModuleTree) -> Self {
        let scopes = ModuleScopes::of(tree);
        let mut graph = Self {
            arrows: BTreeMap::new(),
            lost: BTreeSet::new(),
        };
        for (number, module) in tree.modules.iter().enumerate() {
            for path in paths_in(&module.items) {
                for target in scopes.items(number, &path) {
                    let PathTarget::Item(definer, name) = target else {
                        continue;
                    };
                    let to = tree.modules[definer].file;
                    if to != module.file {
                        let names = graph.arrows.entry((module.file, to)).or_default();
                        names.insert(name);
                    }
                }
                if scopes.is_lost(number, &path) {
                    graph.lost.insert((module.file, path.names.join("::")));
                }
            }
        }
        graph
    }

    /// Groups of files each of which uses all others of its group, at least through some of them.
    pub(crate) fn circles(&self) -> Vec<Vec<FileNumber>> {
        circles(&self.arrows.keys().copied().collect())
    }

    /// The same between the top-level modules, each of which is named by its file.
    pub(crate) fn circles_of_tops(&self, tree: &ModuleTree) -> Vec<Vec<FileNumber>> {
        let between = self.arrows.keys();
        let between = between.map(|(from, to)| (tree.top_of(*from), tree.top_of(*to)));
        circles(&between.filter(|(from, to)| from != to).collect())
    }

    /// The arrows that lead from a file to one of a module that it stands in.
    pub(crate) fn upward(&self, tree: &ModuleTree) -> Vec<(FileNumber, FileNumber)> {
        let all = self.arrows.keys().copied();
        all.filter(|(from, to)| tree.is_above(*to, *from)).collect()
    }

    /// For each file how many stand one on the other below it at most; files of a circle share
    /// a floor.
    pub(super) fn floors(&self, files: usize) -> Vec<usize> {
        let arrows: BTreeSet<_> = self.arrows.keys().copied().collect();
        let mut group: Vec<usize> = (0..files).collect();
        for circle in circles(&arrows) {
            for file in &circle {
                group[*file] = circle[0];
            }
        }
        let mut floors = vec![0; files];
        // Each round settles one floor more.
        for _ in 0..files {
            for (from, to) in &arrows {
                if group[*from] != group[*to] {
                    let floor = floors[group[*from]].max(floors[group[*to]] + 1);
                    floors[group[*from]] = floor;
                }
            }
        }
        group.into_iter().map(|group| floors[group]).collect()
    }
}

/// The strongly connected components of more than one member, each in rising order.
fn circles(arrows: &BTreeSet<(usize, usize)>) -> Vec<Vec<usize>> {
    let members: BTreeSet<usize> = arrows.iter().flat_map(|(from, to)| [*from, *to]).collect();
    let reached: BTreeMap<usize, BTreeSet<usize>> = members
        .iter()
        .map(|member| (*member, reached_from(*member, arrows)))
        .collect();
    let mut found: BTreeSet<Vec<usize>> = BTreeSet::new();
    for (member, others) in &reached {
        let back = |other: &&usize| reached[*other].contains(member);
        let circle: Vec<usize> = others.iter().filter(back).copied().collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    found.into_iter().collect()
}

fn reached_from(start: usize, arrows: &BTreeSet<(usize, usize)>) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(member) = waiting.pop() {
        for (_, to) in arrows.range((member, 0)..=(member, usize::MAX)) {
            if reached.insert(*to) {
                waiting.push(*to);
            }
        }
    }
    reached
}
