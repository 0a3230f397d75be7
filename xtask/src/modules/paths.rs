//! The paths that a module names things by: in imports, types, expressions, patterns, attributes,
//! and in what is handed to macros, as far as that reads as Rust.

use syn::buffer::{Cursor, TokenBuffer};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ImplItemFn, Item, ItemMacro, ItemMod, ItemUse, Macro, Path, Token, UseTree,
    Visibility,
};

use super::tree::{is_for_tests, name_of};

/// A path as it is written: the names between the `::`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedPath {
    pub(super) names: Vec<String>,
    /// Whether all that a module holds is meant: `path::*`.
    pub(super) is_glob: bool,
    /// The name that an import gives it.
    pub(super) local: Option<String>,
    /// Whether it is the name of a macro that is called.
    pub(super) is_macro: bool,
}

impl NamedPath {
    fn plain(names: Vec<String>) -> Self {
        Self {
            names,
            is_glob: false,
            local: None,
            is_macro: false,
        }
    }
}

/// All paths of a module's items, those of inline modules left out.
pub(super) fn paths_in(items: &[Item]) -> Vec<NamedPath> {
    let mut collector = PathCollector { found: Vec::new() };
    for item in items {
        collector.visit_item(item);
    }
    collector.found
}

/// What the `use`s of a module's items import, one path for each name.
pub(super) fn imports_in(items: &[Item]) -> Vec<NamedPath> {
    let mut collector = ImportCollector { found: Vec::new() };
    for item in items {
        collector.visit_item(item);
    }
    collector.found
}

fn imports(import: &ItemUse) -> Vec<NamedPath> {
    let mut found = Vec::new();
    if import.leading_colon.is_none() {
        flatten(&import.tree, &mut Vec::new(), &mut found);
    }
    found
}

fn flatten(tree: &UseTree, before: &mut Vec<String>, found: &mut Vec<NamedPath>) {
    let whole = |last: Option<String>| -> Vec<String> {
        // `use a::{self}` imports `a`.
        let last = last.filter(|name| name != "self" || before.is_empty());
        before.iter().cloned().chain(last).collect()
    };
    match tree {
        UseTree::Path(path) => {
            before.push(name_of(&path.ident));
            flatten(&path.tree, before, found);
            before.pop();
        }
        UseTree::Name(name) => {
            let names = whole(Some(name_of(&name.ident)));
            let local = names.last().cloned();
            found.push(NamedPath {
                local,
                ..NamedPath::plain(names)
            });
        }
        UseTree::Rename(rename) => found.push(NamedPath {
            local: Some(name_of(&rename.rename)),
            ..NamedPath::plain(whole(Some(name_of(&rename.ident))))
        }),
        UseTree::Glob(_) => found.push(NamedPath {
            is_glob: true,
            ..NamedPath::plain(whole(None))
        }),
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, before, found);
            }
        }
    }
}

struct ImportCollector {
    found: Vec<NamedPath>,
}

impl<'ast> Visit<'ast> for ImportCollector {
    fn visit_item_use(&mut self, import: &'ast ItemUse) {
        self.found.extend(imports(import));
    }
}

struct PathCollector {
    found: Vec<NamedPath>,
}

impl PathCollector {
    /// Paths of two names and more in tokens of any kind: a single name may be anything there.
    fn scan(&mut self, mut cursor: Cursor<'_>) {
        let mut after_dot = false;
        while !cursor.eof() {
            if let Some((inside, _, _, rest)) = cursor.any_group() {
                self.scan(inside);
                cursor = rest;
                after_dot = false;
            } else if let Some((first, rest)) = cursor.ident() {
                let mut names = vec![name_of(&first)];
                cursor = rest;
                while let Some((next, rest)) = next_name(cursor) {
                    names.push(next);
                    cursor = rest;
                }
                if names.len() > 1 && !after_dot {
                    self.found.push(NamedPath::plain(names));
                }
                after_dot = false;
            } else if let Some((punctuation, rest)) = cursor.punct() {
                after_dot = punctuation.as_char() == '.';
                cursor = rest;
            } else if let Some((literal, rest)) = cursor.literal() {
                self.quoted(&literal.to_string());
                cursor = rest;
                after_dot = false;
            } else if let Some((_, rest)) = cursor.token_tree() {
                cursor = rest;
            } else {
                break;
            }
        }
    }

    /// A path in quotes, as `#[serde(with = "crate::time")]` has it.
    fn quoted(&mut self, literal: &str) {
        let inner = literal.trim_matches('"');
        if inner.len() + 2 == literal.len()
            && inner.contains("::")
            && let Ok(path) = syn::parse_str::<Path>(inner)
        {
            self.visit_path(&path);
        }
    }
}

/// `::name` at the cursor.
fn next_name(cursor: Cursor<'_>) -> Option<(String, Cursor<'_>)> {
    let (first, rest) = cursor.punct()?;
    let (second, rest) = rest.punct()?;
    let (name, rest) = rest.ident()?;
    (first.as_char() == ':' && second.as_char() == ':').then(|| (name_of(&name), rest))
}

impl<'ast> Visit<'ast> for PathCollector {
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    /// `pub(in path)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_item(&mut self, item: &'ast Item) {
        let is_test = matches!(item, Item::Fn(function) if is_for_tests(&function.attrs));
        if !is_test {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, import: &'ast ItemUse) {
        self.found.extend(imports(import));
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter();
            let names = names.map(|segment| name_of(&segment.ident)).collect();
            self.found.push(NamedPath::plain(names));
        }
        visit::visit_path(self, path);
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        if item.ident.is_none() {
            self.visit_macro(&item.mac);
            return;
        }
        // The body of `macro_rules!`.
        self.scan(TokenBuffer::new2(item.mac.tokens.clone()).begin());
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let names = call.path.segments.iter();
        let names = names.map(|segment| name_of(&segment.ident)).collect();
        self.found.push(NamedPath {
            is_macro: true,
            ..NamedPath::plain(names)
        });
        let arguments = Punctuated::<Expr, Token![,]>::parse_terminated;
        match arguments.parse2(call.tokens.clone()) {
            Ok(arguments) => {
                for argument in &arguments {
                    self.visit_expr(argument);
                }
            }
            Err(_) => self.scan(TokenBuffer::new2(call.tokens.clone()).begin()),
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.scan(TokenBuffer::new2(list.tokens.clone()).begin());
        }
    }
}
