//! The modules of a crate and what they use of each other, read from the source: which files stand
//! in a circle, and where a file uses what a file above it defines.
//!
//! It must not know what is allowed: `tidy` says that.

mod tree;
mod paths;
mod scope;
mod graph;
mod draw;

use std::path::Path;

use anyhow::{Context, bail};

use crate::args::Args;
use crate::repo::{self, Member};

use graph::ModuleGraph;
use tree::ModuleTree;

/// `cargo xtask modules`: draws one crate, or sums up all.
pub(crate) fn run(mut args: Args) -> anyhow::Result<()> {
    let only = args.word();
    args.finish()?;
    let members = repo::members()?;
    if let Some(name) = &only {
        let known = |member: &&Member| member.name() == name;
        let Some(member) = members.iter().find(known) else {
            bail!("no crate `{name}` in the workspace");
        };
        for (tree, graph) in of_member(member)? {
            print!("{}", draw::drawing(member.name(), &tree, &graph));
        }
        return Ok(());
    }
    for member in &members {
        for (tree, graph) in of_member(member)? {
            println!("{}", draw::summary(member.name(), &tree, &graph));
        }
    }
    Ok(())
}

/// The modules of a crate's library and of its program, whichever there are.
fn of_member(member: &Member) -> anyhow::Result<Vec<(ModuleTree, ModuleGraph)>> {
    let source = repo::root().join(&member.dir).join("src");
    let mut found = Vec::new();
    for root in ["lib.rs", "main.rs"] {
        if source.join(root).is_file() {
            let tree = tree_below(&source, root)
                .with_context(|| format!("the modules of `{}` can't be read", member.name()))?;
            let graph = ModuleGraph::of(&tree);
            found.push((tree, graph));
        }
    }
    Ok(found)
}

fn tree_below(source: &Path, root: &str) -> anyhow::Result<ModuleTree> {
    ModuleTree::read(root, &|path| fs_err::read_to_string(source.join(path)).ok())
}
