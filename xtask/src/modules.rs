//! The modules of a crate and what they use of each other, read from the source: which files stand
//! in a circle, and where a file uses what a file above it defines.
//!
//! It must not know what is allowed: `tidy` says that.

mod tree;
mod paths;
mod scope;
mod graph;
mod draw;
#[cfg(test)]
mod tests;

use anyhow::{Context, bail};

use crate::args::ChoreArgs;
use crate::repo::{self, WorkspaceMember};

use graph::ModuleGraph;
use tree::ModuleTree;

/// The modules of a crate's library or program.
pub(crate) struct CrateModules {
    /// The crate's directory, from the root of the repository.
    pub(crate) dir: String,
    /// What there is.
    pub(crate) tree: ModuleTree,
    /// What each file uses of the others.
    pub(crate) graph: ModuleGraph,
}

impl CrateModules {
    fn read(dir: &str, root: &str, read: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let tree = ModuleTree::read(root, read)
            .with_context(|| format!("the modules of `{dir}` can't be read"))?;
        Ok(Self {
            dir: dir.to_owned(),
            graph: ModuleGraph::of(&tree),
            tree,
        })
    }

    /// A made-up crate: the texts of its files by their paths, the root first.
    #[cfg(test)]
    pub(crate) fn from_texts(dir: &str, files: &[(&str, &str)]) -> Self {
        let read = |path: &str| {
            let file = files.iter().find(|(name, _)| *name == path);
            file.map(|(_, text)| (*text).to_owned())
        };
        Self::read(dir, files[0].0, &read).unwrap()
    }
}

/// `cargo xtask modules`: draws one crate, or sums up all.
pub(crate) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let only = args.word();
    args.finish()?;
    let mut members = repo::members()?;
    if let Some(name) = &only {
        members.retain(|member| member.name() == name);
        if members.is_empty() {
            bail!("no crate `{name}` in the workspace");
        }
    }
    for modules in of_workspace(&members)? {
        println!("{}", summary(&modules));
        if only.is_some() {
            print!("{}", draw::drawing(&modules.tree, &modules.graph));
        }
    }
    Ok(())
}

/// One line: how many files and arrows a crate has, and what is wrong with them.
pub(crate) fn summary(modules: &CrateModules) -> String {
    draw::summary(&modules.dir, &modules.tree, &modules.graph)
}

/// The modules of every crate: of its library and of its program, whichever there are.
pub(crate) fn of_workspace(members: &[WorkspaceMember]) -> anyhow::Result<Vec<CrateModules>> {
    let mut found = Vec::new();
    for member in members {
        let source = repo::root().join(&member.dir).join("src");
        let read = |path: &str| fs_err::read_to_string(source.join(path)).ok();
        for root in ["lib.rs", "main.rs"] {
            if source.join(root).is_file() {
                found.push(CrateModules::read(&member.dir, root, &read)?);
            }
        }
    }
    Ok(found)
}
