//! What the declaration of the settings is made of, and where values of each come from.

use std::path::PathBuf;

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
    /// Whether its value is a secret, which a variable may also name a file of.
    pub(crate) is_secret: bool,
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

    /// Its environment names, its own first.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        let aliases = self.aliases.iter().map(|&alias| alias.to_owned());
        std::iter::once(self.environment()).chain(aliases)
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
    /// A variable of a `.env` file.
    DotEnv {
        /// The file.
        file: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// The variable's name.
        name: String,
    },
}

impl SettingOrigin {
    /// Where a value stands, as an error tells it.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Default => "the default".to_owned(),
            Self::File(line) => format!("config.toml, line {line}"),
            Self::Environment(name) => format!("environment variable `{name}`"),
            Self::DotEnv { file, line, name } => {
                format!("{}, line {line}: `{name}`", file.display())
            }
        }
    }

    /// The variable that a value stands in, if it is one.
    pub(super) fn variable(&self) -> Option<&str> {
        match self {
            Self::Environment(name) | Self::DotEnv { name, .. } => Some(name),
            Self::Default | Self::File(_) => None,
        }
    }
}

impl std::fmt::Display for SettingOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(line) => write!(f, "config.toml, line {line}"),
            Self::Environment(name) => write!(f, "environment, {name}"),
            Self::DotEnv { line, name, .. } => write!(f, ".env, line {line}, {name}"),
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
                is_secret: <$kind as value::SettingValue>::HAS_FILE_FORM,
            },
        )+ )+ ];

        /// What each section is about, by its name.
        const SECTIONS: &[(&str, &str)] =
            &[ $( (stringify!($section), concat!($($section_doc),+)), )+ ];

        impl Settings {
            fn resolve(layers: &mut layers::SettingLayers<'_>) -> Self {
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
