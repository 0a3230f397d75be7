//! How a value is found for each setting: environment before `.env` before `config.toml` before default.

use std::collections::BTreeMap;
use std::path::Path;

use super::declare::{DeclaredSetting, ResolvedSetting, SettingOrigin};
use super::value::{Invalid, Raw, SettingValue};
use super::variables::Variables;
use crate::fault::Fault;

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
    /// Those of the process, then those of the `.env` file.
    variables: [Variables; 2],
    /// The person's home directory, which `~` stands for.
    home: Option<&'a Path>,
    file: FileValues,
    file_path: &'a Path,
    declared: &'static [DeclaredSetting],
    pub(super) resolved: Vec<ResolvedSetting>,
    pub(super) faults: Vec<Fault>,
}

impl<'a> SettingLayers<'a> {
    pub(super) fn new(
        variables: [Variables; 2],
        home: Option<&'a Path>,
        (file, file_path): (FileValues, &'a Path),
        declared: &'static [DeclaredSetting],
    ) -> Self {
        Self {
            variables,
            home,
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
            SettingOrigin::Default => format!("`{key}`"),
            variable => variable.place(),
        }
    }

    fn find(&mut self, key: &'static str) -> Option<(SettingOrigin, Vec<usize>, Raw)> {
        let declared = self.declared.iter().find(|declared| declared.key == key)?;
        let home = self.home;
        let mut layers = self.variables.iter();
        match layers.find_map(|variables| variables.value(declared, home)) {
            Some(Ok(found)) => return Some((found.origin, Vec::new(), found.raw)),
            Some(Err(fault)) => {
                self.faults.push(fault);
                return None;
            }
            None => {}
        }
        let value = self.file.remove(key)?;
        Some((SettingOrigin::File(value.line), value.item_lines, value.raw))
    }

    /// Where a variable of this name is set, first in the environment, then in the `.env` file.
    pub(super) fn place_of(&self, name: &str) -> Option<String> {
        let mut layers = self.variables.iter();
        layers.find_map(|variables| variables.place_of(name))
    }

    /// The names in the `.env` file with their lines.
    pub(super) fn dotenv_names(&self) -> Vec<(&str, usize)> {
        let [_, dotenv] = &self.variables;
        dotenv.own_names()
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
