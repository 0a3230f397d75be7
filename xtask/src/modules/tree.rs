//! A crate's modules as its `mod` declarations say, each with the items that are not for tests.

use anyhow::{Context, bail};
use syn::punctuated::Punctuated;
use syn::{Attribute, Item, Meta, Token};

/// The number of a module in its tree; the root is 0.
pub(crate) type ModuleNumber = usize;

/// The number of a file in its tree; the root file is 0.
pub(crate) type FileNumber = usize;

/// Every module of a crate, parents before children.
pub(crate) struct ModuleTree {
    /// The files, as paths from the crate's `src` with `/`.
    pub(crate) files: Vec<String>,
    /// The module that each file is the whole of.
    pub(crate) file_modules: Vec<ModuleNumber>,
    /// The modules, those that stand inside of a file among them.
    pub(crate) modules: Vec<ModuleNode>,
}

/// A module: a file, or an inline `mod x { … }`.
pub(crate) struct ModuleNode {
    /// Its names from the root, which has none.
    pub(crate) path: Vec<String>,
    /// Where it is written.
    pub(crate) file: FileNumber,
    /// The module that declares it.
    pub(crate) parent: Option<ModuleNumber>,
    /// What it holds besides modules and tests.
    pub(crate) items: Vec<Item>,
    /// The modules that it declares.
    pub(crate) children: Vec<ModuleNumber>,
}

impl ModuleTree {
    /// Follows the declarations from the root file; `read` gives a file's text, where there is one.
    pub(crate) fn read(root: &str, read: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let mut tree = Self {
            files: Vec::new(),
            file_modules: Vec::new(),
            modules: Vec::new(),
        };
        tree.add_file(root, "", &[], None, read)?;
        Ok(tree)
    }

    /// `directory` is where the files of its children are, empty or with `/` at its end.
    fn add_file(
        &mut self,
        file: &str,
        directory: &str,
        path: &[String],
        parent: Option<ModuleNumber>,
        read: &dyn Fn(&str) -> Option<String>,
    ) -> anyhow::Result<ModuleNumber> {
        let text = read(file).with_context(|| format!("no file `{file}`"))?;
        let items = syn::parse_file(&text)
            .with_context(|| format!("`{file}` is not understood"))?
            .items;
        let number = self.files.len();
        self.files.push(file.to_owned());
        self.file_modules.push(self.modules.len());
        self.add_module(number, directory, path, parent, items, read)
    }

    fn add_module(
        &mut self,
        file: FileNumber,
        directory: &str,
        path: &[String],
        parent: Option<ModuleNumber>,
        items: Vec<Item>,
        read: &dyn Fn(&str) -> Option<String>,
    ) -> anyhow::Result<ModuleNumber> {
        let number = self.modules.len();
        self.modules.push(ModuleNode {
            path: path.to_vec(),
            file,
            parent,
            items: Vec::new(),
            children: Vec::new(),
        });
        for item in items {
            let module = match item {
                Item::Mod(module) if is_for_tests(&module.attrs) => continue,
                Item::Mod(module) => module,
                other => {
                    if !is_for_tests(attributes(&other)) {
                        self.modules[number].items.push(other);
                    }
                    continue;
                }
            };
            let name = name_of(&module.ident);
            let below = format!("{directory}{name}/");
            let path: Vec<String> = path.iter().chain([&name]).cloned().collect();
            let child = match module.content {
                Some((_, items)) => {
                    self.add_module(file, &below, &path, Some(number), items, read)?
                }
                None => {
                    if module.attrs.iter().any(|a| a.path().is_ident("path")) {
                        bail!("`mod {name}` in `{}` has a `#[path]`", self.files[file]);
                    }
                    let beside = format!("{directory}{name}.rs");
                    self.add_file(&beside, &below, &path, Some(number), read)?
                }
            };
            self.modules[number].children.push(child);
        }
        Ok(number)
    }

    /// The top-level module that a file belongs to; for the root's file the root's own.
    pub(crate) fn top_of(&self, file: FileNumber) -> FileNumber {
        let path = &self.modules[self.file_modules[file]].path;
        let is_top = |other: &FileNumber| {
            let other = &self.modules[self.file_modules[*other]].path;
            other.len() == 1 && other.first() == path.first()
        };
        // A top-level module that is written inline in the root's file has no file of its own.
        (0..self.files.len()).find(is_top).unwrap_or(0)
    }

    /// Whether `upper` is the file of a module that `lower`'s module stands in.
    pub(crate) fn is_above(&self, upper: FileNumber, lower: FileNumber) -> bool {
        let [upper, lower] = [upper, lower].map(|file| &self.modules[self.file_modules[file]].path);
        upper.len() < lower.len() && lower.starts_with(upper)
    }
}

/// Whether `#[cfg(test)]` or `#[test]` stands before something.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<Meta>()
                    .is_ok_and(|condition| needs_tests(&condition)))
    })
}

fn needs_tests(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .is_ok_and(|conditions| conditions.iter().any(needs_tests)),
        _ => false,
    }
}

/// A name without the `r#` that a keyword has as a name.
pub(super) fn name_of(ident: &syn::Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
