//! Which paths are meant by one that a person or an assistant wrote.

use std::path::Path;

use crate::project::{comparable_file, is_caseless};

/// Parts that a pattern may have, and how many of them may be `**`.
const MOST_PARTS: usize = 100;
const MOST_STARS: usize = 3;

/// What a path must look like: the end of it by whole parts, with `*` and `?` within a part and `**`
/// for any number of parts.
#[derive(Debug, PartialEq)]
pub(super) struct PathPattern {
    parts: Vec<String>,
    /// The same in small letters, for systems that don't tell them from capitals.
    lower: Vec<String>,
    /// Whether the first part must be the first of the path.
    is_absolute: bool,
}

impl PathPattern {
    /// Reads a path or pattern; `~` stands for the person's home. `None` where nothing is named.
    pub(super) fn parse(text: &str, home: Option<&Path>) -> Option<Self> {
        let mut text = comparable_file(text.trim());
        if let (Some(rest), Some(home)) = (text.strip_prefix("~/"), home) {
            text = format!("{}/{rest}", home.to_string_lossy().replace('\\', "/"));
        }
        let mut parts: Vec<String> = split(&text).map(str::to_owned).collect();
        // Each `**` multiplies what must be tried.
        parts.dedup_by(|a, b| a == "**" && b == "**");
        let stars = parts.iter().filter(|part| *part == "**").count();
        let is_usable = !parts.is_empty() && parts.len() <= MOST_PARTS && stars <= MOST_STARS;
        is_usable.then_some(Self {
            lower: lower(&parts),
            parts,
            is_absolute: is_absolute(&text),
        })
    }

    /// Whether a path is meant.
    pub(super) fn matches(&self, path: &str) -> bool {
        let path = comparable_file(path);
        let own: Vec<&str> = split(&path).collect();
        let parts = if is_caseless(&path) {
            &self.lower
        } else {
            &self.parts
        };
        let wanted: Vec<&str> = parts.iter().map(String::as_str).collect();
        if !self.is_absolute {
            return (0..own.len()).any(|from| same(&wanted, &own[from..]));
        }
        if is_absolute(&path) {
            return same(&wanted, &own);
        }
        // Some assistants note paths from where they work. One such part alone could be any file.
        own.len() > 1 && own.len() < wanted.len() && same(&wanted[wanted.len() - own.len()..], &own)
    }

    /// Whether it stands for more than one name.
    pub(super) fn has_wildcards(&self) -> bool {
        self.parts.iter().any(|part| part.contains(['*', '?']))
    }
}

/// Parts in small letters but for a drive's letter, as [`comparable_file`] has them.
fn lower(parts: &[String]) -> Vec<String> {
    let lower = |part: &String| match part.as_bytes() {
        [_, b':'] => part.to_uppercase(),
        _ => part.to_lowercase(),
    };
    parts.iter().map(lower).collect()
}

/// The parts of a path that name something.
fn split(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
}

fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || path.as_bytes().get(1) == Some(&b':')
}

/// Whether parts match wanted ones, all of them.
fn same(wanted: &[&str], own: &[&str]) -> bool {
    match (wanted.split_first(), own.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => (0..=own.len()).any(|from| same(rest, &own[from..])),
        (Some((first, wanted)), Some((part, own))) => {
            part_matches(first.as_bytes(), part.as_bytes()) && same(wanted, own)
        }
        _ => false,
    }
}

/// Whether one part matches: `*` for any bytes, `?` for one.
fn part_matches(wanted: &[u8], own: &[u8]) -> bool {
    let (mut w, mut o) = (0, 0);
    // Where the last star was and how far it reached, to let it reach further.
    let mut star: Option<(usize, usize)> = None;
    while o < own.len() {
        match wanted.get(w) {
            Some(b'*') => {
                star = Some((w, o));
                w += 1;
            }
            Some(byte) if *byte == b'?' || *byte == own[o] => {
                w += 1;
                o += 1;
            }
            _ => {
                let Some((at, reached)) = star else {
                    return false;
                };
                star = Some((at, reached + 1));
                w = at + 1;
                o = reached + 1;
            }
        }
    }
    wanted[w..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, path: &str, expected: bool) {
        let pattern = PathPattern::parse(pattern, Some(Path::new("/home/ines"))).unwrap();
        assert_eq!(pattern.matches(path), expected, "{pattern:?} {path}");
    }

    #[test]
    fn paths_match_by_whole_parts_from_their_end() {
        check("tide.rs", "/p/src/tide.rs", true);
        check("tide.rs", "/p/src/riptide.rs", false);
        check("./src/tide.rs", "/p/src/tide.rs", true);
        check("src\\tide.rs", "C:\\p\\src\\tide.rs", true);
        check("/src/tide.rs", "/p/src/tide.rs", false);
        check("/p/src/tide.rs", "/p/src/tide.rs", true);
        check("/p/src/tide.rs", "src/tide.rs", true);
        check("/p/src/tide.rs", "tide.rs", false);
        check("~/p/tide.rs", "/home/ines/p/tide.rs", true);
        check("src", "/p/src/tide.rs", false);
        assert_eq!(PathPattern::parse(" ./ ", None), None);
    }

    #[test]
    fn spellings_of_windows_are_one_path() {
        for path in [
            "C:\\Src\\weir\\Gate.py",
            "/mnt/c/src/weir/gate.py",
            "c:/src/weir/gate.py",
        ] {
            for pattern in [
                "src/weir/gate.py",
                "GATE.PY",
                "C:\\src\\weir\\gate.py",
                "/c/src/weir/gate.py",
                "c:/src/**/*.py",
            ] {
                check(pattern, path, true);
            }
        }
        check("/home/ada/Gate.py", "/home/ada/gate.py", false);
    }

    #[test]
    fn stars_stand_for_names_and_parts() {
        check("*.py", "/p/a/b.py", true);
        check("*.py", "/p/a/b.pyc", false);
        check("src/**/*.rs", "/p/src/a/b/c.rs", true);
        check("src/**/*.rs", "/p/src/c.rs", true);
        check("src/*.rs", "/p/src/a/c.rs", false);
        check("t?de.*", "/p/tide.rs", true);
        check("*a*b*c", "/p/xxaxxbxxc", true);
        check("/p/**", "/p/a/b", true);
    }
}
