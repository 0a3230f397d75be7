//! A value as file and environment have it, what a type needs to be a setting's, and the writing of
//! values and lists that all of them share.

use std::fmt;

/// A value as the file or the environment has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Raw {
    /// A string of the file, or anything of the environment.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number with a fraction.
    Number(f64),
    /// Yes or no.
    Switch(bool),
    /// A list of strings.
    List(Vec<String>),
    /// Something that no setting takes, by the name of its type.
    Other(&'static str),
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Switch(on) => write!(f, "{on}"),
            Self::List(items) => write!(f, "[{}]", items.join(", ")),
            Self::Other(kind) => f.write_str(kind),
        }
    }
}

/// Why a value can't be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invalid {
    /// What is wrong, after "`key` is `value`, ".
    pub(crate) what: String,
    /// Which item of the list, from 0, if it is one.
    pub(crate) item: Option<usize>,
}

impl From<String> for Invalid {
    fn from(what: String) -> Self {
        Self { what, item: None }
    }
}

/// What a type needs to be a setting's.
pub(crate) trait SettingValue: Sized {
    /// Whether values may hold a password, so that errors must not repeat them.
    const SECRET: bool = false;

    /// Whether a value may also stand in a file that a variable names.
    const HAS_FILE_FORM: bool = false;

    /// What values there are, in words: completes "expected …".
    fn kind() -> String;

    /// The value, or why it isn't one.
    fn parse(raw: &Raw) -> Result<Self, Invalid>;

    /// The value written as in the file.
    fn show(&self) -> String;
}

/// The complaint about a value that isn't one of this setting: "expected …".
pub(super) fn expected<T: SettingValue>() -> Invalid {
    format!("expected {}", T::kind()).into()
}

/// A TOML string: the escapes of a JSON string are a subset of those of TOML's.
pub(super) fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Items of a list: as the file has them, or split from the environment's text.
pub(super) fn items<T: SettingValue>(raw: &Raw, separator: char) -> Result<Vec<String>, Invalid> {
    match raw {
        Raw::Text(text) => Ok(text
            .split(separator)
            .map(|item| item.trim().to_owned())
            .filter(|item| !item.is_empty())
            .collect()),
        Raw::List(items) => Ok(items.clone()),
        _ => Err(expected::<T>()),
    }
}

/// Each item as something else, or which can't be and why.
pub(super) fn each<T>(
    items: &[String],
    of: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, Invalid> {
    let of = |(at, item): (usize, &String)| {
        of(item).map_err(|what| Invalid {
            what,
            item: Some(at),
        })
    };
    items.iter().enumerate().map(of).collect()
}

/// A list written as in the file, each item in quotes.
pub(super) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = items.into_iter().map(|item| quote(item.as_ref())).collect();
    format!("[{}]", quoted.join(", "))
}

/// Names in backticks as a choice: `a`, `b` or `c`.
pub(super) fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
