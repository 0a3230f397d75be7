//! Conversations that are trees: every message names the one that it answers, and what was edited or asked for
//! again is a branch. The branch that was shown last is the conversation, each other one a fork of it that holds
//! what is not in its parent. Must not know any format.

use std::collections::HashMap;
use std::sync::Arc;

use crate::{Fact, FactKind, Message, ReadBatch, Relation, bounds};

/// One node of a tree, in the order of the file.
#[derive(Default)]
pub(crate) struct TreeNode {
    /// Its id within the tree.
    pub(crate) id: String,
    /// The id of the node that it answers.
    pub(crate) parent: Option<String>,
    /// The message, if the node has one. Its conversation and its parent are filled in here.
    pub(crate) message: Option<Message>,
}

/// A conversation that is a tree.
pub(crate) struct BranchingConversation<'a> {
    /// Its id.
    pub(crate) conversation: &'a str,
    /// Its title, and how good it is; see [`FactKind::Title`].
    pub(crate) title: Option<(&'a str, u8)>,
    /// The nodes.
    pub(crate) nodes: Vec<TreeNode>,
    /// The id of the node that was shown last, if the file tells.
    pub(crate) current: Option<&'a str>,
}

/// An id that no other message of the source has: a long one, such as a UUID, stays as it is, another is made one
/// by the conversation's.
pub(crate) fn message_id(conversation: &str, id: &str) -> String {
    const MIN_UNIQUE_BYTES: usize = 32;
    match id.len() {
        MIN_UNIQUE_BYTES.. => bounds::name(id).into_owned(),
        _ => format!("{}/{id}", bounds::name(conversation)),
    }
}

impl BranchingConversation<'_> {
    /// Puts all messages and what is known of their conversations into `batch`: each message once.
    pub(crate) fn tell(mut self, batch: &mut ReadBatch) {
        let (parents, current) = self.links();
        let branches = branches(&parents, current);
        // Conversation of each branch; one without messages counts as its parent.
        let mut conversations: Vec<Arc<str>> = Vec::with_capacity(branches.len());
        // Id of the last message at or above each node that was passed.
        let mut above: Vec<Option<String>> = vec![None; self.nodes.len()];
        for branch in &branches {
            let said = branch.nodes.iter().copied();
            let first = said
                .clone()
                .find(|node| self.nodes[*node].message.is_some());
            let parent = branch.parent.and_then(|parent| conversations.get(parent));
            let conversation: Arc<str> = match (parent, first) {
                (None, _) => bounds::name(self.conversation).into(),
                (Some(parent), None) => Arc::clone(parent),
                (Some(_), Some(first)) => {
                    let start = &self.nodes[first].id;
                    bounds::name(&format!("{}/{start}", self.conversation)).into()
                }
            };
            if first.is_some() {
                self.tell_of(&conversation, parent, batch);
            }
            for node in said {
                let answered = parents[node].and_then(|parent| above[parent].clone());
                above[node] = match self.nodes[node].message.take() {
                    None => answered,
                    Some(mut message) => {
                        message.conversation = Arc::clone(&conversation);
                        message.parent = answered;
                        let id = message.id.clone();
                        batch.messages.push(message);
                        Some(id)
                    }
                };
            }
            conversations.push(conversation);
        }
    }

    fn tell_of(&self, conversation: &Arc<str>, parent: Option<&Arc<str>>, batch: &mut ReadBatch) {
        let mut tell = |what| {
            let conversation = Arc::clone(conversation);
            batch.facts.push(Fact::new(conversation, what));
        };
        if let Some((title, rank)) = self.title {
            let text = title.to_owned();
            tell(FactKind::Title { text, rank });
        }
        if let Some(parent) = parent {
            tell(FactKind::Parent {
                conversation: Arc::clone(parent),
                relation: Relation::Fork,
            });
        }
    }

    /// The number of the node that each one answers, and of the one that was shown last.
    fn links(&self) -> (Vec<Option<usize>>, Option<usize>) {
        let mut by_id = HashMap::with_capacity(self.nodes.len());
        for (at, node) in self.nodes.iter().enumerate() {
            by_id.entry(node.id.as_str()).or_insert(at);
        }
        let parent = |node: &TreeNode| by_id.get(node.parent.as_deref()?).copied();
        let parents = self.nodes.iter().map(parent).collect();
        let current = self.current.and_then(|id| by_id.get(id).copied());
        (parents, current)
    }
}

/// A path of a tree that no other one has a part of.
#[derive(Debug, PartialEq)]
struct Branch {
    /// The branch that it comes out of; none of the first.
    parent: Option<usize>,
    /// The nodes, those above first.
    nodes: Vec<usize>,
}

/// A tree that is cut into branches.
struct Cutting {
    children: Vec<Vec<usize>>,
    is_taken: Vec<bool>,
    branches: Vec<Branch>,
}

/// The branches of a tree, the one with `current` first, and each behind the one that it comes out of. Every node
/// is in one of them, also where nodes answer each other in a circle.
fn branches(parents: &[Option<usize>], current: Option<usize>) -> Vec<Branch> {
    let mut cutting = Cutting {
        children: vec![Vec::new(); parents.len()],
        is_taken: vec![false; parents.len()],
        branches: Vec::new(),
    };
    let mut roots = Vec::new();
    for (node, parent) in parents.iter().enumerate() {
        match parent {
            Some(parent) if *parent != node => cutting.children[*parent].push(node),
            _ => roots.push(node),
        }
    }
    let mut path = Vec::new();
    let mut above = current;
    while let Some(node) = above.filter(|node| !cutting.is_taken[*node]) {
        cutting.is_taken[node] = true;
        path.push(node);
        above = parents[node];
    }
    path.reverse();
    match (path.last(), roots.last()) {
        (Some(last), _) => {
            let last = *last;
            cutting.descend(last, &mut path);
            cutting.add(None, path);
        }
        (None, Some(root)) => cutting.start(*root),
        (None, None) => {}
    }
    for node in roots.into_iter().chain(0..parents.len()) {
        cutting.start(node);
    }
    cutting.branches
}

impl Cutting {
    /// Begins a branch of the first one at a node that nothing led to.
    fn start(&mut self, node: usize) {
        if !self.is_taken[node] {
            let parent = (!self.branches.is_empty()).then_some(0);
            self.branch(parent, node);
        }
    }

    fn branch(&mut self, parent: Option<usize>, node: usize) {
        self.is_taken[node] = true;
        let mut path = vec![node];
        self.descend(node, &mut path);
        self.add(parent, path);
    }

    /// Follows the last answers down.
    fn descend(&mut self, mut node: usize, path: &mut Vec<usize>) {
        let is_taken = &mut self.is_taken;
        while let Some(next) = self.children[node].iter().rfind(|child| !is_taken[**child]) {
            node = *next;
            is_taken[node] = true;
            path.push(node);
        }
    }

    /// Adds a branch, and those that come out of it.
    fn add(&mut self, parent: Option<usize>, nodes: Vec<usize>) {
        let mut at = self.branches.len();
        self.branches.push(Branch { parent, nodes });
        while at < self.branches.len() {
            for nth in 0..self.branches[at].nodes.len() {
                let node = self.branches[at].nodes[nth];
                for child in std::mem::take(&mut self.children[node]) {
                    if self.is_taken[child] {
                        continue;
                    }
                    self.is_taken[child] = true;
                    let mut nodes = vec![child];
                    self.descend(child, &mut nodes);
                    let parent = Some(at);
                    self.branches.push(Branch { parent, nodes });
                }
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(
        parents: &[Option<usize>],
        current: Option<usize>,
    ) -> Vec<(Option<usize>, Vec<usize>)> {
        let branches = branches(parents, current).into_iter();
        branches
            .map(|branch| (branch.parent, branch.nodes))
            .collect()
    }

    #[test]
    fn what_was_shown_last_comes_first_and_the_others_behind_what_they_came_out_of() {
        let parents = [None, Some(0), Some(1), Some(1), Some(2), Some(2), Some(4)];
        assert_eq!(
            shown(&parents, Some(3)),
            [
                (None, vec![0, 1, 3]),
                (Some(0), vec![2, 5]),
                (Some(1), vec![4, 6])
            ]
        );
        assert_eq!(
            shown(&parents, None),
            [
                (None, vec![0, 1, 3]),
                (Some(0), vec![2, 5]),
                (Some(1), vec![4, 6])
            ]
        );
        assert_eq!(shown(&parents, Some(1))[0], (None, vec![0, 1, 3]));
        // Two beginnings, and two that answer each other.
        assert_eq!(
            shown(&[None, Some(0), None, Some(4), Some(3)], None),
            [
                (None, vec![2]),
                (Some(0), vec![0, 1]),
                (Some(0), vec![3, 4])
            ]
        );
        assert_eq!(shown(&[Some(0)], Some(0)), [(None, vec![0])]);
        assert_eq!(shown(&[], None), []);
    }

    proptest! {
        #[test]
        fn each_node_is_in_one_branch(
            parents in prop::collection::vec(prop::option::of(0..40_usize), 0..40),
            current: Option<prop::sample::Index>,
        ) {
            let nodes = parents.len();
            let parents: Vec<Option<usize>> =
                parents.into_iter().map(|parent| parent.filter(|parent| *parent < nodes)).collect();
            let current = current.filter(|_| nodes > 0).map(|current| current.index(nodes));
            let branches = branches(&parents, current);
            let mut all: Vec<usize> = branches.iter().flat_map(|branch| branch.nodes.clone()).collect();
            prop_assert!(current.is_none_or(|current| branches[0].nodes.contains(&current)));
            all.sort_unstable();
            prop_assert_eq!(all, (0..nodes).collect::<Vec<_>>());
            for (at, branch) in branches.iter().enumerate() {
                prop_assert!(branch.parent.is_none_or(|parent| parent < at));
                prop_assert!((at == 0) == branch.parent.is_none());
                for pair in branch.nodes.windows(2) {
                    prop_assert_eq!(parents[pair[1]], Some(pair[0]));
                }
            }
        }
    }
}
