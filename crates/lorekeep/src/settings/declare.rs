//! What the declaration of the settings is made of, and how a value is found for each: environment
//! before file before default.

use std::collections::BTreeMap;
use std::path::Path;

use super::environment::Environment;
use super::value::{Invalid, Raw, SettingValue};
use crate::fault::Fault;

/// One setting, as its page and its errors need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeclaredSetting {
    /// The key in the settings file: `section.name`.
    pub(crate) key: &'static str,
    /// What the setting does.
    pub(crate) doc: &'static str,
    /// What its values are, in words.
    pub(crate) kind: fn() -> String,
    /// Its default, written as in the file; the function takes the key.
    pub(crate) default: fn(&str) -> String,
    /// Further environment names, which other programs gave it.
    pub(crate) aliases: &'static [&'static str],
}

impl DeclaredSetting {
    /// The name of its table in the file.
    pub(crate) fn section(&self) -> &'static str {
        self.key
            .split_once('.')
            .map_or(self.key, |(section, _)| section)
    }

    /// Its name within the table.
    pub(crate) fn name(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(_, name)| name)
    }

    /// Its own environment name, `SECTION__NAME`.
    pub(crate) fn environment(&self) -> String {
        self.key.to_uppercase().replace('.', "__")
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SettingOrigin {
    /// The default: neither file nor environment sets it.
    Default,
    /// The settings file, at this line.
    File(usize),
    /// The environment variable of this name.
    Environment(String),
}

impl std::fmt::Display for SettingOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(line) => write!(f, "config.toml, line {line}"),
            Self::Environment(name) => write!(f, "environment, {name}"),
        }
    }
}

/// A setting's value and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct ResolvedSetting {
    /// The key in the settings file: `section.name`.
    pub(crate) key: &'static str,
    /// The value, written as in the file.
    pub(crate) value: String,
    /// Where it came from.
    pub(crate) origin: SettingOrigin,
}

/// The values of the file by key.
pub(super) type FileValues = BTreeMap<&'static str, FileValue>;

/// A value of the file.
#[derive(Debug)]
pub(super) struct FileValue {
    /// Its line, from 1.
    pub(super) line: usize,
    /// The lines of its items, if it is a list.
    pub(super) item_lines: Vec<usize>,
    /// The value as it is written there, not checked yet.
    pub(super) raw: Raw,
}

/// The places that values come from, and what came of asking them.
pub(super) struct SettingLayers<'a> {
    environment: &'a Environment,
    file: FileValues,
    file_path: &'a Path,
    declared: &'static [DeclaredSetting],
    pub(super) resolved: Vec<ResolvedSetting>,
    pub(super) faults: Vec<Fault>,
}

impl<'a> SettingLayers<'a> {
    pub(super) fn new(
        environment: &'a Environment,
        (file, file_path): (FileValues, &'a Path),
        declared: &'static [DeclaredSetting],
    ) -> Self {
        Self {
            environment,
            file,
            file_path,
            declared,
            resolved: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// The value of `key`; where it is invalid, a fault is noted and the default stands in.
    pub(super) fn value<T: SettingValue>(&mut self, key: &'static str, default: T) -> T {
        let (value, origin) = match self.find(key) {
            None => (default, SettingOrigin::Default),
            Some((origin, item_lines, raw)) => match T::parse(&raw) {
                Ok(value) => (value, origin),
                Err(why) => {
                    let line = why.item.and_then(|item| item_lines.get(item));
                    let at = line.map_or_else(|| origin.clone(), |line| SettingOrigin::File(*line));
                    let place = self.place(key, &at);
                    self.faults.push(invalid::<T>(key, &place, &raw, &why));
                    (default, SettingOrigin::Default)
                }
            },
        };
        self.resolved.push(ResolvedSetting {
            key,
            value: value.show(),
            origin,
        });
        value
    }

    /// Where a value stands that can't be used, as a person finds it.
    fn place(&self, key: &str, origin: &SettingOrigin) -> String {
        match origin {
            SettingOrigin::File(line) => {
                format!("{}, line {line}: `{key}`", self.file_path.display())
            }
            SettingOrigin::Environment(name) => format!("environment variable `{name}`"),
            SettingOrigin::Default => format!("`{key}`"),
        }
    }

    fn find(&mut self, key: &'static str) -> Option<(SettingOrigin, Vec<usize>, Raw)> {
        let declared = self.declared.iter().find(|declared| declared.key == key)?;
        let own = declared.environment();
        for name in std::iter::once(own.as_str()).chain(declared.aliases.iter().copied()) {
            if let Some(text) = self.environment.text(name) {
                let origin = SettingOrigin::Environment(name.to_owned());
                return Some((origin, Vec::new(), Raw::Text(text)));
            }
        }
        let value = self.file.remove(key)?;
        Some((SettingOrigin::File(value.line), value.item_lines, value.raw))
    }
}

fn invalid<T: SettingValue>(key: &str, place: &str, raw: &Raw, why: &Invalid) -> Fault {
    let what = &why.what;
    let what = match why.item {
        // The other items are nobody's concern, and there may be many.
        Some(_) => format!("{place}: {what}"),
        None if T::SECRET => format!("{place}: {what}"),
        None => format!("{place} is `{raw}`, {what}"),
    };
    Fault::usage(what).hint(format!("`lorekeep config docs` describes `{key}`"))
}

/// Makes `Settings`, one struct per section, the table `DECLARED` and `Settings::resolve` from one
/// declaration.
macro_rules! declare {
    ($(
        $(#[doc = $section_doc:literal])+
        $section:ident: $Section:ident {
            $( $(#[doc = $doc:literal])+ $name:ident: $kind:ty = $default:expr
               $(, alias $alias:literal)*; )+
        }
    )+) => {
        /// Every setting.
        #[derive(Clone, Debug)]
        pub(crate) struct Settings {
            $( $(#[doc = $section_doc])+ pub(crate) $section: $Section, )+
        }

        $(
            $(#[doc = $section_doc])+
            #[derive(Clone, Debug)]
            pub(crate) struct $Section {
                $( $(#[doc = $doc])+ pub(crate) $name: $kind, )+
            }
        )+

        /// The declarations of the settings above, in order.
        const DECLARED: &[declare::DeclaredSetting] = &[ $( $(
            declare::DeclaredSetting {
                key: concat!(stringify!($section), ".", stringify!($name)),
                doc: concat!($($doc),+),
                kind: <$kind as value::SettingValue>::kind,
                default: |_| <$kind as value::SettingValue>::show(&$default),
                aliases: &[$($alias),*],
            },
        )+ )+ ];

        /// What each section is about, by its name.
        const SECTIONS: &[(&str, &str)] =
            &[ $( (stringify!($section), concat!($($section_doc),+)), )+ ];

        impl Settings {
            fn resolve(layers: &mut declare::SettingLayers<'_>) -> Self {
                Self { $(
                    $section: $Section { $(
                        $name: layers.value::<$kind>(
                            concat!(stringify!($section), ".", stringify!($name)),
                            $default,
                        ),
                    )+ },
                )+ }
            }
        }
    };
}
pub(super) use declare;
