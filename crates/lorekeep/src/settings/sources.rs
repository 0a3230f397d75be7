//! The settings that say where the logs of each source lie: one for each source that has roots, from
//! what the source itself declares. Must not name any source.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use recall::Roots;
use transcript::{LogRoots, Registry, Source};

use super::declare::{DeclaredSetting, SettingOrigin};
use super::layers::SettingLayers;
use super::value::{Dirs, SettingValue as _};

/// The setting of a source's roots.
struct RootsSetting {
    source: Source,
    roots: &'static LogRoots,
    /// `import.claude_code_dirs` for the source `claude-code`.
    key: String,
    aliases: Vec<&'static str>,
}

static ROOT_SETTINGS: LazyLock<Vec<RootsSetting>> = LazyLock::new(|| {
    let sources = Registry::shipped().all().iter();
    let setting = |source: &Source| {
        let roots = source.roots()?;
        Some(RootsSetting {
            source: *source,
            roots,
            key: format!("import.{}_dirs", source.name().replace('-', "_")),
            aliases: roots
                .variables
                .iter()
                .map(|variable| variable.name)
                .collect(),
        })
    };
    sources.filter_map(setting).collect()
});

/// The declarations, in the order of the registry.
pub(super) fn declared() -> impl Iterator<Item = DeclaredSetting> {
    ROOT_SETTINGS.iter().map(|setting| DeclaredSetting {
        key: &setting.key,
        doc: setting.roots.about,
        kind: Dirs::kind,
        default: |key| default_of(key).show(),
        aliases: &setting.aliases,
        is_secret: false,
    })
}

fn default_of(key: &str) -> Dirs {
    let setting = ROOT_SETTINGS.iter().find(|setting| setting.key == key);
    Dirs::of(setting.map_or(&[], |setting| setting.roots.defaults))
}

/// Where the logs of all sources lie, with `~` resolved where there is a home directory.
pub(super) fn resolve(layers: &mut SettingLayers<'_>, home: Option<&Path>) -> Roots {
    let mut roots = Roots::new(Registry::shipped());
    for setting in ROOT_SETTINGS.iter() {
        let dirs = layers.value(&setting.key, default_of(&setting.key));
        let origin = layers.resolved.last().map(|resolved| &resolved.origin);
        let below = below(setting.roots, origin);
        let paths = dirs.paths(home).into_iter();
        roots = roots.with(setting.source, paths.map(|path| joined(path, below)));
    }
    roots
}

/// What lies between a directory that a variable of the assistant's own names and the root.
fn below(roots: &LogRoots, origin: Option<&SettingOrigin>) -> &'static str {
    let Some(name) = origin.and_then(SettingOrigin::variable) else {
        return "";
    };
    let mut variables = roots.variables.iter();
    let variable = variables.find(|one| one.name.eq_ignore_ascii_case(name));
    variable.map_or("", |variable| variable.below)
}

fn joined(path: PathBuf, below: &str) -> PathBuf {
    match below {
        "" => path,
        below => path.join(below),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_may_name_the_directory_above_the_root() {
        const ROOTS: LogRoots = LogRoots {
            about: "",
            defaults: &["~/.some"],
            variables: &[
                transcript::RootVariable {
                    name: "SOME_HOME",
                    below: ".some",
                },
                transcript::RootVariable {
                    name: "SOME_DIR",
                    below: "",
                },
            ],
            directories: &[""],
        };
        let check = |origin: SettingOrigin, expected: &str| {
            let path = joined("/h".into(), below(&ROOTS, Some(&origin)));
            assert_eq!(path, Path::new(expected), "{origin}");
        };
        check(
            SettingOrigin::Environment("SOME_HOME".to_owned()),
            "/h/.some",
        );
        check(SettingOrigin::Environment("SOME_DIR".to_owned()), "/h");
        check(
            SettingOrigin::Environment("IMPORT__SOME_DIRS".to_owned()),
            "/h",
        );
        check(SettingOrigin::File(1), "/h");
    }
}
