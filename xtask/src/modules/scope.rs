//! What a name means in a module: an item of its own, one that it imports or re-exports, or a
//! module. Every path leads to where the item is written, however many re-exports stand between.

use std::collections::{BTreeMap, BTreeSet};

use syn::Item;

use super::paths::{NamedPath, imports_in};
use super::tree::{ModuleNumber, ModuleTree, name_of};

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PathTarget {
    /// A module as such.
    Module(ModuleNumber),
    /// An item, and the module that it is written in.
    Item(ModuleNumber, String),
    /// Something of another crate, under the name that an import gives it.
    Foreign,
}

/// What the names of each module mean.
pub(super) struct ModuleScopes<'a> {
    tree: &'a ModuleTree,
    scopes: Vec<ModuleScope>,
}

#[derive(Default)]
struct ModuleScope {
    /// Types, functions, constants and macros that are written here.
    items: BTreeSet<String>,
    modules: BTreeMap<String, ModuleNumber>,
    /// Imports by the names that they have here.
    imports: BTreeMap<String, Vec<Vec<String>>>,
    globs: Vec<Vec<String>>,
    /// Whether a macro is called that may write items.
    has_item_macros: bool,
}

/// Lookups that are under way, so that imports in a circle end.
type OpenLookups = BTreeSet<(ModuleNumber, String)>;

impl<'a> ModuleScopes<'a> {
    /// Reads the scopes of all modules.
    pub(super) fn of(tree: &'a ModuleTree) -> Self {
        let scopes = tree.modules.iter().map(|module| {
            let mut scope = ModuleScope::default();
            for child in &module.children {
                let name = tree.modules[*child].path.last().cloned();
                scope.modules.insert(name.unwrap_or_default(), *child);
            }
            for item in &module.items {
                scope.add(item);
            }
            // Those inside of functions too: there they mean the same nearly always.
            for path in imports_in(&module.items) {
                match path.local {
                    Some(name) => scope.imports.entry(name).or_default().push(path.names),
                    None => scope.globs.push(path.names),
                }
            }
            scope
        });
        Self {
            scopes: scopes.collect(),
            tree,
        }
    }

    /// The items that a path means, seen from a module; nothing for what is of another crate.
    pub(super) fn items(&self, from: ModuleNumber, path: &NamedPath) -> Vec<PathTarget> {
        let mut open = OpenLookups::new();
        let mut found = self.follow(from, &path.names, &mut open);
        if found.is_empty() && path.is_macro && path.names.len() == 1 {
            found = self.macro_above(from, &path.names[0]);
        }
        found.retain(|target| matches!(target, PathTarget::Item(..)));
        found
    }

    /// Whether a path starts in this crate and leads nowhere: a gap in what is understood here.
    pub(super) fn is_lost(&self, from: ModuleNumber, path: &NamedPath) -> bool {
        let starts_here = path
            .names
            .first()
            .is_some_and(|first| ["crate", "self", "super"].contains(&first.as_str()));
        starts_here
            && self
                .follow(from, &path.names, &mut OpenLookups::new())
                .is_empty()
    }

    fn follow(
        &self,
        from: ModuleNumber,
        names: &[String],
        open: &mut OpenLookups,
    ) -> Vec<PathTarget> {
        let Some((first, rest)) = names.split_first() else {
            return vec![PathTarget::Module(from)];
        };
        let mut found = match first.as_str() {
            "crate" => vec![PathTarget::Module(0)],
            "self" => vec![PathTarget::Module(from)],
            "super" => {
                let parent = self.tree.modules[from].parent;
                parent.map(PathTarget::Module).into_iter().collect()
            }
            name => self.lookup(from, name, open),
        };
        for name in rest {
            let modules = found.iter().filter_map(|target| match target {
                PathTarget::Module(module) => Some(*module),
                PathTarget::Item(..) | PathTarget::Foreign => None,
            });
            let inside: Vec<PathTarget> = modules
                .flat_map(|module| match name.as_str() {
                    "super" => {
                        let parent = self.tree.modules[module].parent;
                        parent.map(PathTarget::Module).into_iter().collect()
                    }
                    name => self.lookup_through(module, name, open),
                })
                .collect();
            if inside.is_empty() {
                // A variant, or a function of a type: the type is what is used.
                found.retain(|target| !matches!(target, PathTarget::Module(_)));
                break;
            }
            found = inside;
        }
        found
    }

    /// What a path that leads through a module finds there. What isn't written there is made by a
    /// macro that is called there, if one is.
    fn lookup_through(
        &self,
        module: ModuleNumber,
        name: &str,
        open: &mut OpenLookups,
    ) -> Vec<PathTarget> {
        let mut found = self.lookup(module, name, open);
        if found.is_empty() && self.scopes[module].has_item_macros {
            found.push(PathTarget::Item(module, name.to_owned()));
        }
        found
    }

    /// All that a name means in a module: a function and a module may share it.
    fn lookup(&self, module: ModuleNumber, name: &str, open: &mut OpenLookups) -> Vec<PathTarget> {
        if !open.insert((module, name.to_owned())) {
            return Vec::new();
        }
        let scope = &self.scopes[module];
        let mut found = Vec::new();
        if scope.items.contains(name) {
            found.push(PathTarget::Item(module, name.to_owned()));
        }
        if let Some(child) = scope.modules.get(name) {
            found.push(PathTarget::Module(*child));
        }
        for path in scope.imports.get(name).into_iter().flatten() {
            found.extend(self.follow(module, path, open));
        }
        if found.is_empty() && scope.imports.contains_key(name) {
            found.push(PathTarget::Foreign);
        }
        if found.is_empty() {
            for path in &scope.globs {
                for target in self.follow(module, path, open) {
                    if let PathTarget::Module(other) = target {
                        found.extend(self.lookup(other, name, open));
                    }
                }
            }
        }
        open.remove(&(module, name.to_owned()));
        found.sort();
        found.dedup();
        found
    }

    /// A macro that is written in a module above, before the module that calls it is declared.
    fn macro_above(&self, from: ModuleNumber, name: &str) -> Vec<PathTarget> {
        let mut above = self.tree.modules[from].parent;
        while let Some(module) = above {
            if self.scopes[module].items.contains(name) {
                return vec![PathTarget::Item(module, name.to_owned())];
            }
            above = self.tree.modules[module].parent;
        }
        Vec::new()
    }
}

impl ModuleScope {
    fn add(&mut self, item: &Item) {
        let ident = match item {
            Item::Const(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Fn(item) => &item.sig.ident,
            Item::Static(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::TraitAlias(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Union(item) => &item.ident,
            Item::Macro(item) => match &item.ident {
                Some(ident) => ident,
                None => {
                    self.has_item_macros = true;
                    return;
                }
            },
            _ => return,
        };
        self.items.insert(name_of(ident));
    }
}
