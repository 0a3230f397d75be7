//! Passwords given to programs on a line of a shell: `curl -u user:password`, `mysql -ppassword`,
//! `sshpass -p password`, `docker login -p password`.

use std::ops::Range;

use super::around::{backslashes, is_quote};
use super::value::{Sorts, is_weak, stands_in};

/// Bytes of a line after the program's name.
pub(super) const MAX_LINE_BYTES: usize = 1024;

/// Words of it.
const MAX_WORDS: usize = 48;

/// A program and the flag that gives it a password.
#[derive(Clone, Copy, Debug)]
pub(super) struct CommandRule {
    /// What it is found by.
    pub program: &'static str,
    /// The flags.
    pub flags: &'static [&'static str],
    /// Whether the value follows a flag of one letter without a blank (`-pVALUE`).
    pub attached: bool,
    /// Whether it may follow after a blank.
    pub apart: bool,
    /// What stands between a user and the password, if the value has both.
    pub between: Option<u8>,
}

const fn command(program: &'static str, flags: &'static [&'static str]) -> CommandRule {
    CommandRule {
        program,
        flags,
        attached: false,
        apart: true,
        between: None,
    }
}

/// The programs.
pub(super) const COMMAND_RULES: &[CommandRule] = &[
    CommandRule {
        between: Some(b':'),
        attached: true,
        ..command("curl", &["-u", "--user", "-U", "--proxy-user"])
    },
    CommandRule {
        between: Some(b':'),
        ..command("httpie", &["-a", "--auth"])
    },
    CommandRule {
        between: Some(b'%'),
        attached: true,
        ..command("smbclient", &["-U", "--user"])
    },
    CommandRule {
        attached: true,
        ..command("sshpass", &["-p"])
    },
    CommandRule {
        attached: true,
        apart: false,
        ..command("mysql", &["-p"])
    },
    CommandRule {
        attached: true,
        apart: false,
        ..command("mariadb", &["-p"])
    },
    command("docker login", &["-p"]),
    command("podman login", &["-p"]),
    command("helm registry login", &["-p"]),
    command("az login", &["-p"]),
    command("oc login", &["-p"]),
    command("mongosh", &["-p"]),
    command("mongo ", &["-p"]),
    command("mongodump", &["-p"]),
    command("mongorestore", &["-p"]),
    command("redis-cli", &["-a"]),
    command("unzip", &["-P"]),
    command("ssh-keygen", &["-N"]),
    command("sqlcmd", &["-P"]),
    command("sqlplus", &["-p"]),
    command("ldapsearch", &["-w"]),
    command("ldapmodify", &["-w"]),
    CommandRule {
        attached: true,
        ..command("ipmitool", &["-P"])
    },
    command("xfreerdp", &["/p"]),
];

/// The password on the line on which a program's name ends at `at`.
pub(super) fn find(command: &CommandRule, text: &[u8], at: usize) -> Option<Range<usize>> {
    let end = text.len().min(at + MAX_LINE_BYTES);
    let mut place = at;
    for _ in 0..MAX_WORDS {
        place = next_word(text, place, end)?;
        let Some(start) = flag(command, &text[place..end]) else {
            continue;
        };
        let Some(word) = word(text, place + start, end) else {
            continue;
        };
        let in_quotes = is_quote(text[word.start - 1]);
        let range = secret(command, text, word)?;
        return is_password(&text[range.clone()], in_quotes).then_some(range);
    }
    None
}

/// Where the next word of a line begins; a line that is continued is one line.
fn next_word(text: &[u8], mut at: usize, end: usize) -> Option<usize> {
    while at < end {
        match text[at] {
            b' ' | b'\t' => return Some(at + 1),
            b'\n' if text[at - 1] == b'\\' => return Some(at + 1),
            b'\n' => return None,
            b'\\' if matches!(text.get(at + 1), Some(b'n' | b'r')) && text[at - 1] != b'\\' => {
                return None;
            }
            _ => at += 1,
        }
    }
    None
}

/// Where the value of a flag begins, if a word is one.
fn flag(command: &CommandRule, word: &[u8]) -> Option<usize> {
    for flag in command.flags {
        if !word.starts_with(flag.as_bytes()) {
            continue;
        }
        let after = word.get(flag.len()).copied().unwrap_or(b' ');
        if command.apart && matches!(after, b' ' | b'=' | b'\t') {
            return Some(flag.len() + 1);
        }
        if command.attached && flag.len() == 2 && !matches!(after, b' ' | b'\t') {
            return Some(flag.len());
        }
    }
    None
}

/// The word at `at`, without its quotes.
fn word(text: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let escape = backslashes(text, at);
    let quote = text.get(at + escape).copied().filter(|b| is_quote(*b));
    if quote.is_none() && escape > 0 {
        return None;
    }
    let start = at + quote.map_or(0, |_| escape + 1);
    let rest = text.get(start..end)?;
    let ends = |b: &u8| match quote {
        Some(_) => is_quote(*b) || b"\\\n\r".contains(b),
        None => b.is_ascii_whitespace() || is_quote(*b) || b"\\|;&<>()".contains(b),
    };
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    // Another quote may be the end of what the line itself stands in.
    if quote.is_some() && ![quote, Some(b'\\')].contains(&rest.get(length).copied()) {
        return None;
    }
    (length > 0).then_some(start..start + length)
}

/// The secret part of a word.
fn secret(command: &CommandRule, text: &[u8], word: Range<usize>) -> Option<Range<usize>> {
    let Some(between) = command.between else {
        return Some(word);
    };
    let colon = memchr::memchr(between, &text[word.clone()])?;
    let start = word.start + colon + 1;
    (start < word.end).then_some(start..word.end)
}

fn is_password(value: &[u8], in_quotes: bool) -> bool {
    let sorts = Sorts::of(value);
    let readable = value.first().is_some_and(|b| !b"-<{:/".contains(b));
    readable
        && sorts.length >= 4
        && (in_quotes || sorts.blanks == 0)
        && !stands_in(value)
        && !is_weak(value)
        && (sorts.digits > 0 || sorts.symbols > 0 || sorts.length >= 8)
        && sorts.letters() > 0
}
