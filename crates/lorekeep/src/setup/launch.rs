//! What a client is told to start: this program by an absolute path, and hooks as shell commands.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::node::Node;
use crate::settings::ClientDirectories;

/// A program with its arguments and the variables that it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LaunchCommand {
    /// The program, by an absolute path if we wrote it.
    pub(crate) program: String,
    /// Its arguments, each as the program gets it.
    pub(crate) args: Vec<String>,
    /// Variables that it needs beside those that the client gives it.
    pub(crate) env: Vec<(String, String)>,
}

impl LaunchCommand {
    /// What a client's registration says, in any of the forms that clients have for it.
    pub(crate) fn of(registration: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let texts =
            |value: &Value| -> Option<Vec<String>> { value.as_array()?.iter().map(text).collect() };
        let command = registration.get("command")?;
        let (program, args) = match texts(command) {
            Some(all) => {
                let (program, args) = all.split_first()?;
                (program.clone(), args.to_vec())
            }
            None => {
                let args = registration.get("args").and_then(texts);
                (text(command)?, args.unwrap_or_default())
            }
        };
        let env = ["env", "environment"];
        let env = env
            .iter()
            .find_map(|key| registration.get(key)?.as_object());
        let env = env.into_iter().flatten();
        Some(Self {
            program,
            args,
            env: env
                .filter_map(|(name, value)| Some((name.clone(), text(value)?)))
                .collect(),
        })
    }

    /// The keys that most clients have for it.
    pub(crate) fn keys(&self) -> Vec<(&'static str, Node)> {
        let mut keys = vec![
            ("command", Node::text(&self.program)),
            ("args", Node::texts(&self.args)),
        ];
        if !self.env.is_empty() {
            keys.push(("env", self.variables()));
        }
        keys
    }

    /// The variables as a table, as clients write them.
    pub(crate) fn variables(&self) -> Node {
        let variables = self.env.iter();
        Node::table(variables.map(|(name, value)| (name.clone(), Node::text(value))))
    }

    /// The command as one line for a shell, variables in front of it where the shell allows that.
    pub(crate) fn line(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        if cfg!(unix) {
            let variables = self.env.iter();
            words.extend(variables.map(|(name, value)| format!("{name}={}", quoted(value))));
        }
        words.push(quoted(&self.program));
        words.extend(self.args.iter().map(|word| quoted(word)));
        words.join(" ")
    }
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=+@%,".contains(letter);
    let plain = |letter| plain(letter) || (cfg!(windows) && letter == '\\');
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if cfg!(windows) {
        return format!("\"{word}\"");
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Where this program is, by the name that it was called by: a link in `PATH` stays where it is
/// when an update puts the program itself elsewhere.
pub(crate) fn program(places: &ClientDirectories) -> std::io::Result<PathBuf> {
    let actual = std::env::current_exe()?;
    let same = |path: &Path| match (path.canonicalize(), actual.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    let called = std::env::args_os().next().unwrap_or_default();
    let called = Path::new(&called);
    let found = if called.components().count() > 1 {
        std::path::absolute(called).ok()
    } else {
        in_path(places, called.as_os_str()).find(|path| same(path))
    };
    Ok(found.filter(|path| same(path)).unwrap_or(actual))
}

fn in_path(places: &ClientDirectories, name: &OsStr) -> impl Iterator<Item = PathBuf> {
    let path = places.path.clone().unwrap_or_default();
    let dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let dirs = dirs.into_iter().filter(|dir| dir.is_absolute());
    dirs.map(move |dir| dir.join(name))
}

/// The program where it is installed: in `PATH`, else where `make install` puts it.
pub(crate) fn installed(places: &ClientDirectories) -> Option<PathBuf> {
    let name = format!("lorekeep{}", std::env::consts::EXE_SUFFIX);
    let own = places.home.join(".local/bin").join(&name);
    let mut found = in_path(places, OsStr::new(&name)).chain([own]);
    found.find(|path| files::is_regular(path) && !is_build(path))
}

/// Whether a program is where builds put it, which the next clean-up removes.
pub(crate) fn is_build(program: &Path) -> bool {
    let mut parts = program.components().map(|part| part.as_os_str());
    parts.any(|part| part == "target") && parts.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_registration_is_understood() {
        let launch = LaunchCommand {
            program: "/a b/lorekeep".into(),
            args: vec!["mcp".into()],
            env: vec![("LOREKEEP_HOME".into(), "/it's".into())],
        };
        let value = Node::table(launch.keys()).value();
        assert_eq!(LaunchCommand::of(&value), Some(launch.clone()));
        let other = serde_json::json!({
            "command": ["/a b/lorekeep", "mcp"], "environment": {"LOREKEEP_HOME": "/it's"},
        });
        assert_eq!(LaunchCommand::of(&other), Some(launch.clone()));
        assert_eq!(
            LaunchCommand::of(&serde_json::json!({"url": "http://x"})),
            None
        );
        if cfg!(unix) {
            assert_eq!(
                launch.line(),
                r"LOREKEEP_HOME='/it'\''s' '/a b/lorekeep' mcp"
            );
        }
    }

    #[test]
    fn builds_are_told_from_installed_programs() {
        assert!(is_build(Path::new("/x/target/debug/lorekeep")));
        assert!(!is_build(Path::new("/usr/bin/lorekeep")));
    }
}
