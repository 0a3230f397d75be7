//! What somebody looked at and found harmless: a file of exceptions at the root of what is looked
//! through, and a remark on a line itself.

use std::path::Path;

use files::Root;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::fault::Fault;
use crate::settings::unknown_name;

/// The name of the file.
const FILE_NAME: &str = ".lorekeep-allow";

/// Bytes of the file at most.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// What a line says that is meant to hold what was found in it.
const ALLOW_REMARK: &str = "lorekeep:allow";

/// Known false alarms of a directory: each a path, and a rule or an entity or everything.
#[derive(Debug, Default)]
pub(crate) struct AllowFile {
    entries: Vec<AllowEntry>,
}

#[derive(Debug)]
struct AllowEntry {
    paths: Gitignore,
    rule_or_entity: Option<String>,
}

impl AllowFile {
    /// The file at the root of a directory; where there is none nothing is allowed.
    pub(crate) fn of(root: &Path) -> Result<Self, Fault> {
        // What is scanned may be anybody's, and what is wrong with a line is printed: so no link
        // may lead to a file elsewhere.
        let bytes = Root::open(root)
            .and_then(|root| root.read(Path::new(FILE_NAME), MAX_FILE_BYTES))
            .map_err(|error| Fault::usage(error.to_string()))?;
        let Some(bytes) = bytes else {
            return Ok(Self::default());
        };
        let shown = root.join(FILE_NAME);
        let text = String::from_utf8(bytes)
            .map_err(|_| Fault::usage(format!("`{}` is no UTF-8", shown.display())))?;
        Self::parse(&text).map_err(|(line, what)| {
            Fault::usage(format!("{}, line {line}: {what}", shown.display()))
                .hint("each line is a path, as in .gitignore, and a rule or entity if not all")
        })
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut entries = Vec::new();
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            entries.push(AllowEntry::parse(line).map_err(|what| (number, what))?);
        }
        Ok(Self { entries })
    }

    /// Whether a finding in a file of this path below the root is known to be harmless.
    pub(super) fn allows(&self, path: &Path, finding: &guard::Finding) -> bool {
        self.entries.iter().any(|entry| {
            let what = entry.rule_or_entity.as_deref();
            what.is_none_or(|what| what == finding.rule || what == finding.entity)
                && entry
                    .paths
                    .matched_path_or_any_parents(path, false)
                    .is_ignore()
        })
    }
}

impl AllowEntry {
    fn parse(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (path, what) = match words.as_slice() {
            [path] => (*path, None),
            [path, what] => (*path, Some(known(what)?)),
            _ => return Err("expected a path, and a rule or an entity if not all".to_owned()),
        };
        if path.starts_with('!') {
            return Err(format!("`{path}`: nothing can be taken back"));
        }
        let mut builder = GitignoreBuilder::new("");
        let added = builder.add_line(None, path).map(|_| ());
        let paths = added.and_then(|()| builder.build());
        Ok(Self {
            paths: paths.map_err(|error| format!("`{path}`: {error}"))?,
            rule_or_entity: what,
        })
    }
}

/// A rule or an entity that something can be found by; own patterns have names in capitals.
fn known(what: &str) -> Result<String, String> {
    let Some(near) = unknown_name(what, std::iter::empty()) else {
        return Ok(what.to_owned());
    };
    let may_be_own = what
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    match near {
        Some(near) => Err(format!(
            "no rule or entity `{what}`, did you mean `{near}`?"
        )),
        None if may_be_own => Ok(what.to_owned()),
        None => Err(format!("no rule or entity `{what}`")),
    }
}

/// Whether a file is below the directory that the file of exceptions is for.
pub(super) fn is_below(path: &Path) -> bool {
    let mut parts = path.components();
    path != Path::new("") && parts.all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// The line of the file that allows what a rule finds in a file, by its path below the root; a path's blanks and
/// signs that mean something there are any character.
pub(super) fn line(below: &Path, rule: &str) -> String {
    let path = below.to_string_lossy();
    let path: String = path
        .chars()
        .map(|c| {
            if c.is_whitespace() || c.is_control() || "*?[]\\!#".contains(c) {
                '?'
            } else {
                c
            }
        })
        .collect();
    format!("/{path} {rule}")
}

/// The line of the settings that allows what a rule finds wherever is scanned.
pub(crate) fn setting(rule: &str) -> String {
    format!("guard.rules = [\"scan {rule}=allow\"]")
}

/// Whether a line says that what it holds is meant to be there.
pub(super) fn has_remark(line: &str) -> bool {
    line.contains(ALLOW_REMARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(entity: &'static str, rule: &'static str) -> guard::Finding {
        guard::Finding {
            kind: guard::Kind::Secret,
            entity: entity.into(),
            rule: rule.into(),
            start: 0,
            end: 1,
            score: 1.0,
            why: "".into(),
        }
    }

    #[test]
    fn paths_are_as_in_gitignore_and_rules_narrow_them() {
        let text = "# known\n\ndocs/\n*.snap API_KEY\n/a.txt  github-pat\n";
        let allow = AllowFile::parse(text).expect("a good file");
        let check = |path: &str, entity, rule, expected| {
            let allows = allow.allows(Path::new(path), &finding(entity, rule));
            assert_eq!(allows, expected, "{path} {entity} {rule}");
        };
        check("docs/deep/x.md", "API_KEY", "r", true);
        check("src/docs.rs", "API_KEY", "r", false);
        check("src/x.snap", "API_KEY", "r", true);
        check("src/x.snap", "PASSWORD", "r", false);
        check("a.txt", "API_KEY", "github-pat", true);
        check("b/a.txt", "API_KEY", "github-pat", false);
    }

    #[test]
    fn mistakes_have_their_line() {
        let line = |text: &str| AllowFile::parse(text).expect_err("a mistake").0;
        assert_eq!(line("a\nb c d\n"), 2);
        assert_eq!(line("# x\n\n!a\n"), 3);
        assert_eq!(line("a[z-b]\n"), 1);
        assert_eq!(line("a github-pta\n"), 1);
    }

    #[test]
    fn the_line_that_is_proposed_allows_the_finding() {
        for path in ["a.txt", "deep/with blank/x[1].md", "#a", "!b", "ä/ö.rs"] {
            let line = super::line(Path::new(path), "github-pat");
            let allow = AllowFile::parse(&line).expect("a good line");
            let found = finding("ACCESS_TOKEN", "github-pat");
            assert!(allow.allows(Path::new(path), &found), "{line}");
            assert!(!allow.allows(Path::new("other/a.txt"), &found), "{line}");
        }
    }

    #[test]
    fn a_name_with_a_typo_is_told_the_right_one() {
        let what = |text: &str| AllowFile::parse(text).expect_err("a mistake").1;
        assert!(what("a github-pta\n").contains("did you mean `github-pat`"));
        assert!(what("a PASWORD\n").contains("did you mean `PASSWORD`"));
        assert!(AllowFile::parse("a STAFF_NUMBER\n").is_ok());
    }
}
