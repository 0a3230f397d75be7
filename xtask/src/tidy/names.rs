//! Names of constants and types: a constant says what it is and in which unit, and a type's name
//! means one thing in the whole workspace.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{
    Ident, ImplItemConst, Item, ItemConst, ItemEnum, ItemImpl, ItemStatic, ItemStruct, ItemTrait,
    ItemType, ItemUnion, TraitItemConst,
};

use crate::modules::CrateModules;

/// Of a hundred constants of a crate so many may have a name of a single word.
const MAX_ONE_WORD_PERCENT: usize = 15;

/// Type names that several crates or modules may have, and why each means the same everywhere.
const SHARED_TYPE_NAMES: &[(&str, &str)] = &[
    ("Error", "what can go wrong in a crate; each has its own"),
    ("Result", "the result of whatever can fail in a crate"),
    ("Progress", "how far something is that takes a while"),
    (
        "ToolCall",
        "a call of a tool, one that was logged or one to make",
    ),
    (
        "ToolResult",
        "what a call of a tool gave, logged or just now",
    ),
];

/// What a crate names in what isn't tests.
pub(super) struct CrateNames {
    dir: String,
    /// Constants and statics, each with its file.
    constants: Vec<(String, String)>,
    /// Structs, enums, unions, traits and aliases, each with its file.
    types: BTreeSet<(String, String)>,
}

/// Too many constants of one word, and types whose name stands twice.
pub(super) fn check(crates: &[CrateNames]) -> Vec<String> {
    let mut wrong: Vec<String> = crates.iter().filter_map(too_many_one_word).collect();
    for (name, places) in homonyms(crates) {
        wrong.push(format!("the type `{name}` stands in {}", places.join(", ")));
    }
    wrong
}

/// The names of a crate's library and program.
pub(super) fn of_crate(modules: &CrateModules) -> CrateNames {
    let mut names = CrateNames {
        dir: modules.dir.clone(),
        constants: Vec::new(),
        types: BTreeSet::new(),
    };
    for module in &modules.tree.modules {
        let file = &modules.tree.files[module.file];
        let mut collector = NameCollector {
            file: format!("{}/src/{file}", modules.dir),
            names: &mut names,
        };
        for item in &module.items {
            collector.visit_item(item);
        }
    }
    names
}

/// Every constant of one word and every type whose name stands elsewhere, a line each, for the
/// crates whose directory ends like `only`.
pub(super) fn listing(crates: &[CrateNames], only: Option<&str>) -> Vec<String> {
    let mut lines = Vec::new();
    for names in crates {
        if only.is_some_and(|only| !names.dir.ends_with(only)) {
            continue;
        }
        let short = names.constants.iter().filter(|(name, _)| is_one_word(name));
        lines.extend(short.map(|(name, file)| format!("{file}: constant `{name}`")));
    }
    for (name, places) in homonyms(crates) {
        let is_asked =
            |place: &String| only.is_none_or(|only| place.contains(&format!("{only}/src/")));
        if places.iter().any(is_asked) {
            lines.push(format!("type `{name}`: {}", places.join(", ")));
        }
    }
    lines
}

/// One line for each crate.
pub(super) fn summary(crates: &[CrateNames]) -> Vec<String> {
    let twice = homonyms(crates);
    let line = |names: &CrateNames| {
        let own = names.types.iter();
        let own = own.filter(|(name, _)| twice.contains_key(name)).count();
        let (short, all) = (one_word(names), names.constants.len());
        format!(
            "{}: {short} of {all} constants are one word ({}%), {own} of {} types have the name of another",
            names.dir,
            percent(short, all),
            names.types.len()
        )
    };
    crates.iter().map(line).collect()
}

fn too_many_one_word(names: &CrateNames) -> Option<String> {
    let (short, all) = (one_word(names), names.constants.len());
    (short * 100 > all * MAX_ONE_WORD_PERCENT).then(|| {
        format!(
            "{}: {short} of {all} constants are one word ({}%), {MAX_ONE_WORD_PERCENT}% are the \
             limit; `cargo xtask tidy --names` lists them",
            names.dir,
            percent(short, all)
        )
    })
}

fn one_word(names: &CrateNames) -> usize {
    let short = names.constants.iter();
    short.filter(|(name, _)| is_one_word(name)).count()
}

fn is_one_word(name: &str) -> bool {
    !name.contains('_')
}

fn percent(part: usize, all: usize) -> usize {
    part * 100 / all.max(1)
}

/// Names of types that stand in several modules, with the files.
fn homonyms(crates: &[CrateNames]) -> BTreeMap<String, Vec<String>> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, file) in crates.iter().flat_map(|names| &names.types) {
        places.entry(name.clone()).or_default().push(file.clone());
    }
    places.retain(|name, places| {
        places.len() > 1 && !SHARED_TYPE_NAMES.iter().any(|(shared, _)| shared == name)
    });
    places
}

struct NameCollector<'a> {
    file: String,
    names: &'a mut CrateNames,
}

impl NameCollector<'_> {
    fn constant(&mut self, ident: &Ident) {
        // `const _` has no name.
        if ident != "_" {
            let entry = (ident.to_string(), self.file.clone());
            self.names.constants.push(entry);
        }
    }

    /// The same name twice in a file is one type in two versions, for systems that differ.
    fn type_name(&mut self, ident: &Ident) {
        let entry = (ident.to_string(), self.file.clone());
        self.names.types.insert(entry);
    }
}

impl<'ast> Visit<'ast> for NameCollector<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Mod(_) => return,
            Item::Const(ItemConst { ident, .. }) | Item::Static(ItemStatic { ident, .. }) => {
                self.constant(ident);
            }
            Item::Enum(ItemEnum { ident, .. })
            | Item::Struct(ItemStruct { ident, .. })
            | Item::Trait(ItemTrait { ident, .. })
            | Item::Type(ItemType { ident, .. })
            | Item::Union(ItemUnion { ident, .. }) => self.type_name(ident),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        // The names in an implementation are those of its trait.
        if item.trait_.is_none() {
            visit::visit_item_impl(self, item);
            return;
        }
        for member in &item.items {
            if let syn::ImplItem::Fn(function) = member {
                self.visit_impl_item_fn(function);
            }
        }
    }

    fn visit_impl_item_const(&mut self, item: &'ast ImplItemConst) {
        self.constant(&item.ident);
    }

    fn visit_trait_item_const(&mut self, item: &'ast TraitItemConst) {
        self.constant(&item.ident);
    }
}

#[cfg(test)]
mod tests {
    use super::{check, of_crate};
    use crate::modules::CrateModules;

    fn complaints(crates: &[(&str, &str)]) -> Vec<String> {
        let names: Vec<_> = crates
            .iter()
            .map(|(dir, text)| of_crate(&CrateModules::from_texts(dir, &[("lib.rs", text)])))
            .collect();
        check(&names)
    }

    #[test]
    fn a_crate_with_many_constants_of_one_word_is_named() {
        let found = complaints(&[("crates/a", "const MOST: u8 = 1; static MAX_HITS: u8 = 2;")]);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("crates/a: 1 of 2 constants are one word (50%)"));
    }

    #[test]
    fn constants_of_tests_and_of_implemented_traits_do_not_count() {
        let text = "
            impl Shape for Circle { const NAME: &str = \"\"; }
            #[cfg(test)] const MOST: u8 = 1;
            #[cfg(test)] mod tests { const HEAD: u8 = 1; }";
        assert!(complaints(&[("crates/a", text)]).is_empty());
    }

    #[test]
    fn a_type_name_of_two_crates_is_named_with_its_places() {
        let found = complaints(&[
            ("crates/a", "struct Place;"),
            ("crates/b", "fn f() { enum Place {} }"),
        ]);
        assert_eq!(
            found,
            ["the type `Place` stands in crates/a/src/lib.rs, crates/b/src/lib.rs"]
        );
    }

    #[test]
    fn a_shared_name_and_two_versions_for_two_systems_are_no_homonyms() {
        let systems = "#[cfg(unix)] struct Lock; #[cfg(windows)] struct Lock; type Result = u8;";
        let found = complaints(&[("crates/a", systems), ("crates/b", "type Result = u8;")]);
        assert!(found.is_empty(), "{found:?}");
    }
}
