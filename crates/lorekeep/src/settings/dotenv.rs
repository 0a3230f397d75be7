//! Reads `.env` files in the dialect of python-dotenv 1.2: bytes in, variables and located problems out.
//!
//! | form | value |
//! |---|---|
//! | `NAME=value # comment` | without white space around it; a `#` counts after white space only |
//! | `NAME='value'`, `NAME="value"` | over several lines, too; `\'` and `\\`, in double quotes `\n` and its like as well |
//! | `export NAME=value`, `'NAME' = value` | the same |
//! | `NAME` | none |
//! | `${NAME}`, `${NAME:-default}` in any value | of the lines above, else of the environment, else the default |
//!
//! As with python-dotenv a statement that can't be understood is left out, with the rest of its line, and the
//! others count; `${…}` is replaced in single quotes, too. Of what python-dotenv does only this is done
//! otherwise: invalid UTF-8 costs the statements that hold it instead of the whole file, and values have a
//! limit. No problem repeats any part of a value: it may be a secret.
//!
//! Pure, and self-contained: the fuzz targets compile this file by itself.

use std::collections::HashMap;
use std::fmt;

/// Bytes of a value at most, and of all values of a file that `${…}` stands in: a line can double what the
/// line above made.
const MAX_VALUE_BYTES: usize = 1 << 20;

/// What a file says, in its order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct DotEnv {
    /// The variables; of several with one name the last counts.
    pub(crate) variables: Vec<DotEnvVariable>,
    /// What could not be understood.
    pub(crate) problems: Vec<DotEnvProblem>,
}

/// A variable of a file.
#[derive(PartialEq, Eq)]
pub(crate) struct DotEnvVariable {
    /// Its name as it is written there.
    pub(crate) name: String,
    /// Its value; `None` for a name without `=`.
    pub(crate) value: Option<String>,
    /// Its line, from 1.
    pub(crate) line: usize,
}

/// Without the value, which may be a secret.
impl fmt::Debug for DotEnvVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {})", self.name, self.line)
    }
}

/// A statement that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DotEnvProblem {
    /// Its line, from 1.
    pub(crate) line: usize,
    /// What is wrong with it, in words, without any of its text.
    pub(crate) what: &'static str,
}

/// Reads a file. `environment` gives the value of a variable of the process, for `${NAME}`.
pub(crate) fn read(bytes: &[u8], environment: &dyn Fn(&str) -> Option<String>) -> DotEnv {
    let mut file = DotEnv::default();
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let what = "the file is UTF-16; save it as UTF-8";
        file.problems.push(DotEnvProblem { line: 1, what });
        return file;
    }
    let (text, broken_lines) = decoded(bytes);
    let mut statements = Statements {
        text: &text,
        at: 0,
        line: 1,
    };
    let mut values = Values::new(environment);
    while let Some(statement) = statements.next() {
        let last_line = statements.line;
        let (line, result) = statement;
        let next_broken = broken_lines.partition_point(|at| *at < line);
        let is_broken = broken_lines
            .get(next_broken)
            .is_some_and(|at| *at <= last_line);
        let told = match result {
            Ok(None) => None,
            Ok(Some(_)) if is_broken => Some("it is no UTF-8"),
            Ok(Some((name, raw))) => {
                let value = raw.map(|raw| values.resolved(&raw)).transpose();
                value.map_or_else(Some, |value| {
                    values.keep(&name, value.clone());
                    file.variables.push(DotEnvVariable { name, value, line });
                    None
                })
            }
            Err(what) => Some(what),
        };
        if let Some(what) = told {
            file.problems.push(DotEnvProblem { line, what });
        }
    }
    file
}

/// The text with line feeds alone at the ends of lines and without a byte order mark, as Python reads text
/// files, and the lines that aren't UTF-8, ascending.
fn decoded(bytes: &[u8]) -> (String, Vec<usize>) {
    let mut text = String::with_capacity(bytes.len());
    let mut broken_lines: Vec<usize> = Vec::new();
    let mut line = 1;
    let mut after_return = false;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' if after_return => {}
                '\n' | '\r' => {
                    text.push('\n');
                    line += 1;
                }
                c => text.push(c),
            }
            after_return = c == '\r';
        }
        if !chunk.invalid().is_empty() {
            after_return = false;
            text.push(char::REPLACEMENT_CHARACTER);
            if broken_lines.last() != Some(&line) {
                broken_lines.push(line);
            }
        }
    }
    match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest.to_owned(), broken_lines),
        None => (text, broken_lines),
    }
}

/// Cuts a text into statements.
struct Statements<'a> {
    text: &'a str,
    /// Byte offset of what comes next.
    at: usize,
    /// Its line, from 1.
    line: usize,
}

/// A name and its value before `${…}` is replaced; `None` for a comment.
type Binding = Option<(String, Option<String>)>;

impl<'a> Statements<'a> {
    /// The next statement and the line that it starts on; `None` at the end.
    fn next(&mut self) -> Option<(usize, Result<Binding, &'static str>)> {
        self.take_while(is_space);
        if self.rest().is_empty() {
            return None;
        }
        let line = self.line;
        let statement = self.statement();
        if statement.is_err() {
            self.take_while(|c| c != '\n');
        }
        Some((line, statement))
    }

    fn statement(&mut self) -> Result<Binding, &'static str> {
        self.take_export();
        let name = self.name()?;
        self.take_while(is_blank);
        let value = match self.rest().strip_prefix('=') {
            Some(_) if name.is_some() => {
                self.advance(1);
                Some(self.value()?)
            }
            _ => None,
        };
        self.take_comment();
        self.take_while(is_blank);
        match self.rest().chars().next() {
            None | Some('\n') => Ok(name.map(|name| (name, value))),
            Some(_) => Err("text follows where the line should end"),
        }
    }

    fn take_export(&mut self) {
        if let Some(rest) = self.rest().strip_prefix("export")
            && rest.starts_with(is_blank)
        {
            self.advance("export".len());
            self.take_while(is_blank);
        }
    }

    /// The name; `None` where a comment stands instead.
    fn name(&mut self) -> Result<Option<String>, &'static str> {
        let rest = self.rest();
        if rest.starts_with('#') {
            return Ok(None);
        }
        if let Some(quoted) = rest.strip_prefix('\'') {
            let end = quoted.find('\'').filter(|end| *end > 0);
            let end = end.ok_or("the quotation marks around the name don't close")?;
            self.advance(end + 2);
            return Ok(Some(quoted[..end].to_owned()));
        }
        let name = self.take_while(|c| c != '=' && c != '#' && !is_space(c));
        match name {
            "" => Err("there is no name before `=`"),
            name => Ok(Some(name.to_owned())),
        }
    }

    /// What follows `=`.
    fn value(&mut self) -> Result<String, &'static str> {
        let space = self.take_while(is_blank);
        match self.rest().chars().next() {
            Some('#') if !space.is_empty() => Ok(String::new()),
            Some(quote @ ('\'' | '"')) => self.quoted(quote),
            None | Some('\n') => Ok(String::new()),
            Some(_) => Ok(without_comment(self.take_while(|c| c != '\n')).to_owned()),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, &'static str> {
        let rest = &self.rest()[1..];
        let mut value = String::new();
        let mut chars = rest.char_indices();
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.advance(at + 2);
                return Ok(value);
            }
            if c != '\\' {
                value.push(c);
                continue;
            }
            match chars.next() {
                None => break,
                Some((_, escaped)) => match unescaped(escaped, quote) {
                    Some(c) => value.push(c),
                    None => value.extend(['\\', escaped]),
                },
            }
        }
        Err("the quotation marks around the value don't close")
    }

    fn take_comment(&mut self) {
        let rest = self.rest();
        if rest.trim_start_matches(is_blank).starts_with('#') {
            self.take_while(|c| c != '\n');
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn take_while(&mut self, is_wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !is_wanted(c)).unwrap_or(rest.len());
        self.advance(end);
        &rest[..end]
    }

    fn advance(&mut self, bytes: usize) {
        let passed = &self.text[self.at..self.at + bytes];
        self.line += passed.matches('\n').count();
        self.at += bytes;
    }
}

/// An unquoted value without the comment behind it.
fn without_comment(text: &str) -> &str {
    let mut before = 'x';
    let mut comment = text.len();
    for (at, c) in text.char_indices() {
        if c == '#' && is_space(before) {
            comment = at;
            break;
        }
        before = c;
    }
    text[..comment].trim_end_matches(is_space)
}

/// What `\` and this character stand for in these quotation marks; `None` for themselves.
fn unescaped(c: char, quote: char) -> Option<char> {
    Some(match (c, quote) {
        ('\\' | '\'', _) => c,
        ('"', '"') => c,
        ('a', '"') => '\x07',
        ('b', '"') => '\x08',
        ('f', '"') => '\x0c',
        ('n', '"') => '\n',
        ('r', '"') => '\r',
        ('t', '"') => '\t',
        ('v', '"') => '\x0b',
        _ => return None,
    })
}

/// White space as Python's regular expressions have it.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// White space within a line.
fn is_blank(c: char) -> bool {
    c != '\n' && c != '\r' && is_space(c)
}

/// The values so far, which `${NAME}` refers to.
struct Values<'a> {
    environment: &'a dyn Fn(&str) -> Option<String>,
    own: HashMap<String, Option<String>>,
    /// Bytes that may still be made of values in which `${…}` stands.
    left: usize,
}

impl<'a> Values<'a> {
    fn new(environment: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            environment,
            own: HashMap::new(),
            left: MAX_VALUE_BYTES,
        }
    }

    fn keep(&mut self, name: &str, value: Option<String>) {
        self.own.insert(name.to_owned(), value);
    }

    /// A value with each `${NAME}` and `${NAME:-default}` replaced. What the file set before counts, then
    /// the environment, as in `dotenv_values`, which settings in Python go by.
    fn resolved(&mut self, value: &str) -> Result<String, &'static str> {
        const TOO_LONG: &str = "the value is too long";
        if value.len() > MAX_VALUE_BYTES {
            return Err(TOO_LONG);
        }
        let mut resolved = String::new();
        let mut kept = 0;
        let mut at = 0;
        while let Some(found) = value[at..].find("${") {
            let start = at + found;
            match reference(&value[start + 2..]) {
                Reference::Whole {
                    name,
                    default,
                    length,
                } => {
                    resolved.push_str(&value[kept..start]);
                    if !self.append(name, default, &mut resolved) {
                        self.left = 0;
                        return Err(TOO_LONG);
                    }
                    at = start + 2 + length;
                    kept = at;
                }
                // What stands before the same colon can't be one either.
                Reference::NotBefore(length) => at = start + 2 + length,
            }
        }
        if kept > 0 {
            self.left -= resolved.len();
        }
        resolved.push_str(&value[kept..]);
        Ok(resolved)
    }

    /// Adds what a reference stands for; `false` where that were too much. After that all are, so that a
    /// long file of them costs no more than its length.
    fn append(&self, name: &str, default: &str, resolved: &mut String) -> bool {
        let Some(left) = self
            .left
            .checked_sub(resolved.len())
            .filter(|left| *left > 0)
        else {
            return false;
        };
        let of_environment;
        let value = match self.own.get(name) {
            Some(value) => value.as_deref().unwrap_or_default(),
            None => {
                of_environment = (self.environment)(name);
                of_environment.as_deref().unwrap_or(default)
            }
        };
        let fits = value.len() <= left;
        if fits {
            resolved.push_str(value);
        }
        fits
    }
}

/// What follows `${`.
enum Reference<'a> {
    /// A name, a default and `}`, of so many bytes.
    Whole {
        name: &'a str,
        default: &'a str,
        length: usize,
    },
    /// No reference, and none that begins in the next so many bytes.
    NotBefore(usize),
}

fn reference(text: &str) -> Reference<'_> {
    let Some(end) = text.find(['}', ':']) else {
        return Reference::NotBefore(text.len());
    };
    let (name, rest) = text.split_at(end);
    if rest.starts_with('}') {
        return Reference::Whole {
            name,
            default: "",
            length: end + 1,
        };
    }
    let Some(default) = rest.strip_prefix(":-") else {
        return Reference::NotBefore(end);
    };
    match default.split_once('}') {
        Some((default, _)) => Reference::Whole {
            name,
            default,
            length: end + 2 + default.len() + 1,
        },
        None => Reference::NotBefore(text.len()),
    }
}

#[cfg(test)]
mod tests;
