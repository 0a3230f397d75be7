//! Variables, of the environment and of a `.env` file, as settings look for them: names in any case, a whole
//! section as one JSON object, secrets in files of their own.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::declare::{DeclaredSetting, SettingOrigin};
use super::dotenv;
use super::environment::{Environment, counts_as_set};
use super::value::{Raw, expand};
use crate::fault::Fault;

/// Bytes of a `.env` file at most.
const MAX_DOTENV_BYTES: u64 = 1 << 20;

/// Bytes of a file with one secret at most.
const MAX_SECRET_BYTES: u64 = 64 << 10;

/// What a secret's variable has behind its name where the value is the path of a file with the secret.
const FILE_SUFFIX: &str = "_FILE";

/// Variables of one place, of which one beats those of the places below.
pub(super) struct Variables {
    /// The file that they stand in; `None` for those of the process.
    file: Option<PathBuf>,
    by_name: HashMap<String, Variable>,
    /// The names as they are written, by themselves in lower case.
    by_lower: HashMap<String, String>,
    /// Sections that stand in one variable as a JSON object: values by names in lower case.
    sections: BTreeMap<String, Section>,
}

struct Variable {
    value: String,
    /// Its line in the file; 0 for those of the process.
    line: usize,
}

struct Section {
    variable: String,
    line: usize,
    values: BTreeMap<String, Value>,
}

/// A value that was found, and where.
pub(super) struct FoundValue {
    pub(super) origin: SettingOrigin,
    pub(super) raw: Raw,
}

impl Variables {
    /// Those of the process.
    pub(super) fn of_process(
        environment: &Environment,
        declared: &[DeclaredSetting],
        faults: &mut Vec<Fault>,
    ) -> Self {
        let all = environment.all().into_iter();
        Self::new(None, all.map(|(name, value)| (name, value, 0))).with_sections(declared, faults)
    }

    /// Those of a `.env` file, which may not exist; what can't be read of it goes to `notes`.
    pub(super) fn of_file(
        path: &Path,
        environment: &Environment,
        declared: &[DeclaredSetting],
        (faults, notes): (&mut Vec<Fault>, &mut Vec<Fault>),
    ) -> Self {
        let bytes = match files::read(path, MAX_DOTENV_BYTES) {
            Ok(bytes) => bytes,
            Err(error) => {
                if error.kind() != std::io::ErrorKind::NotFound {
                    faults.push(Fault::usage(format!("settings: {error}")));
                }
                Vec::new()
            }
        };
        let read = dotenv::read(&bytes, &|name| environment.exact(name));
        for problem in &read.problems {
            let what = format!(
                "{}, line {}: left out, {}",
                path.display(),
                problem.line,
                problem.what
            );
            notes.push(Fault::usage(what).hint("docs/settings.md describes how `.env` is written"));
        }
        let variables = read.variables.into_iter().map(|variable| {
            let value = variable.value.unwrap_or_default();
            (variable.name, value, variable.line)
        });
        Self::new(Some(path.to_owned()), variables).with_sections(declared, faults)
    }

    fn new(
        file: Option<PathBuf>,
        variables: impl Iterator<Item = (String, String, usize)>,
    ) -> Self {
        let mut by_name = HashMap::new();
        let mut by_lower = HashMap::new();
        for (name, value, line) in variables {
            by_lower.insert(name.to_lowercase(), name.clone());
            by_name.insert(name, Variable { value, line });
        }
        Self {
            file,
            by_name,
            by_lower,
            sections: BTreeMap::new(),
        }
    }

    /// Reads the sections that stand in one variable. A variable of such a name that holds something else is
    /// another program's.
    fn with_sections(mut self, declared: &[DeclaredSetting], faults: &mut Vec<Fault>) -> Self {
        let mut names: Vec<&str> = declared.iter().map(DeclaredSetting::section).collect();
        names.dedup();
        for section in names {
            let Some((variable, found)) = self.find(section) else {
                continue;
            };
            if !found.value.trim_start().starts_with('{') {
                continue;
            }
            match serde_json::from_str::<BTreeMap<String, Value>>(&found.value) {
                Ok(values) => {
                    let values = values.into_iter();
                    let values = values.map(|(name, value)| (name.to_lowercase(), value));
                    let section_values = Section {
                        variable: variable.to_owned(),
                        line: found.line,
                        values: values.collect(),
                    };
                    self.sections.insert(section.to_owned(), section_values);
                }
                Err(error) => {
                    let place = self.origin(variable, found.line).place();
                    // Not what serde says, which may repeat a part of the value.
                    let what = format!(
                        "{place}: not a JSON object, see its line {}, column {}",
                        error.line(),
                        error.column()
                    );
                    let hint = format!(
                        "write {{\"name\": \"value\"}}, or `{}__NAME=value`",
                        section.to_uppercase()
                    );
                    faults.push(Fault::usage(what).hint(hint));
                }
            }
        }
        self
    }

    /// The variable of this name or of one that differs in case only: of a file's the last, of the process's
    /// rather the one that is spelled so, since they have no order.
    fn find(&self, name: &str) -> Option<(&str, &Variable)> {
        let exact = self.by_name.get_key_value(name);
        let found = match exact.filter(|_| self.file.is_none()) {
            Some(found) => found,
            None => self
                .by_name
                .get_key_value(self.by_lower.get(&name.to_lowercase())?)?,
        };
        counts_as_set(&found.1.value).then_some((found.0.as_str(), found.1))
    }

    fn origin(&self, name: &str, line: usize) -> SettingOrigin {
        match &self.file {
            None => SettingOrigin::Environment(name.to_owned()),
            Some(file) => SettingOrigin::DotEnv {
                file: file.clone(),
                line,
                name: name.to_owned(),
            },
        }
    }

    /// What is set for a setting here, by its names in their order, then in its section's object. For a
    /// secret a variable may hold the path of a file instead.
    pub(super) fn value(
        &self,
        declared: &DeclaredSetting,
        home: Option<&Path>,
    ) -> Option<Result<FoundValue, Fault>> {
        for name in declared.names() {
            if let Some((name, variable)) = self.find(&name) {
                let origin = self.origin(name, variable.line);
                let raw = Raw::Text(variable.value.clone());
                return Some(Ok(FoundValue { origin, raw }));
            }
        }
        let files = declared.names().filter(|_| declared.is_secret);
        for name in files.map(|name| name + FILE_SUFFIX) {
            if let Some((name, variable)) = self.find(&name) {
                let origin = self.origin(name, variable.line);
                let secret = self.secret(&variable.value, home);
                let found = secret.map(|raw| FoundValue { origin, raw });
                return Some(found.map_err(|why| {
                    let place = self.origin(name, variable.line).place();
                    let fault = Fault::usage(format!("{place}: {why}"));
                    fault.hint("it is the path of a file that holds nothing but the secret")
                }));
            }
        }
        let section = self.sections.get(declared.section())?;
        let raw = raw_of(section.values.get(declared.name())?)?;
        let name = format!("{}.{}", section.variable, declared.name());
        let origin = self.origin(&name, section.line);
        Some(Ok(FoundValue { origin, raw }))
    }

    fn secret(&self, path: &str, home: Option<&Path>) -> std::io::Result<Raw> {
        let path = expand(path, home);
        let beside = self.file.as_deref().and_then(Path::parent);
        let path = beside.map_or_else(|| path.clone(), |directory| directory.join(&path));
        files::read_text(&path, MAX_SECRET_BYTES).map(Raw::Text)
    }

    /// The names of a `.env` file with their lines, ascending; none of those of the process, which other
    /// programs set for themselves.
    pub(super) fn own_names(&self) -> Vec<(&str, usize)> {
        let mut names: Vec<(&str, usize)> = match self.file {
            None => Vec::new(),
            Some(_) => {
                let all = self.by_name.iter();
                all.map(|(name, variable)| (name.as_str(), variable.line))
                    .collect()
            }
        };
        names.sort_by_key(|(_, line)| *line);
        names
    }

    /// Where a variable of this name is set, if it is.
    pub(super) fn place_of(&self, name: &str) -> Option<String> {
        let (name, variable) = self.find(name)?;
        Some(self.origin(name, variable.line).place())
    }
}

/// A value of a section's object; `None` where it says that there is none.
fn raw_of(value: &Value) -> Option<Raw> {
    Some(match value {
        Value::Null => return None,
        Value::String(text) if !counts_as_set(text) => return None,
        Value::String(text) => Raw::Text(text.clone()),
        Value::Bool(on) => Raw::Switch(*on),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Raw::Whole(whole),
            (None, Some(number)) => Raw::Number(number),
            (None, None) => Raw::Other("a number out of range"),
        },
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map_or(Raw::Other("a list of other things than strings"), Raw::List),
        Value::Object(_) => Raw::Other("an object"),
    })
}
