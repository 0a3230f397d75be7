//! What a person excludes from the archive: paths, projects and sources that are never imported.

use unicode_normalization::UnicodeNormalization as _;

use crate::project::names;

/// Paths, projects and sources whose conversations are never imported. Case counts in paths and names of
/// sources, and not in those of projects; composed and decomposed letters are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusions {
    paths: Vec<String>,
    projects: Vec<String>,
    sources: Vec<String>,
}

impl Exclusions {
    /// Nothing is excluded.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            paths: Vec::new(),
            projects: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Excludes paths, projects and sources.
    ///
    /// A path excludes itself and everything below it: logs, and conversations in directories. `*` stands
    /// for any characters but separators, `**` for any, `?` for one; a path that doesn't begin at a root
    /// may begin in any directory. A project is meant by its key, or by the end of the key's path, such as
    /// `shop` or `acme/shop`, in which the same characters may stand. A source is meant by its name.
    #[must_use]
    pub fn new(paths: &[String], projects: &[String], sources: &[String]) -> Self {
        let path = |path: &String| {
            let path = comparable(path);
            let path = match path.trim_end_matches('/') {
                "" => "/",
                path => path,
            };
            match is_rooted(path) || path.starts_with("**") {
                true => path.to_owned(),
                false => format!("**/{path}"),
            }
        };
        Self {
            paths: paths.iter().map(path).collect(),
            projects: projects.iter().map(|name| folded(name)).collect(),
            sources: sources.to_vec(),
        }
    }

    /// Whether nothing is excluded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.projects.is_empty() && self.sources.is_empty()
    }

    /// Whether all paths or all projects are excluded, so that nothing is ever imported.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        let everywhere = ["/\u{1}", "C:/\u{1}/\u{2}"];
        everywhere.iter().any(|path| self.has_path(path)) || self.has_project("name:\u{1}")
    }

    /// Whether a source is excluded.
    pub(crate) fn has_source(&self, source: &str) -> bool {
        self.sources.iter().any(|excluded| excluded == source)
    }

    /// Whether a path, or a directory above it, is excluded.
    pub(crate) fn has_path(&self, path: &str) -> bool {
        if self.paths.is_empty() {
            return false;
        }
        let path = comparable(path);
        let ends = path.match_indices('/').map(|(at, _)| at.max(1));
        let mut starts = ends.chain([path.len()]).map(|end| &path[..end]);
        starts.any(|start| self.paths.iter().any(|glob| is_match(glob, start)))
    }

    /// Whether the project of a key ([`ProjectInfo::key`](crate::ProjectInfo)) is excluded.
    #[must_use]
    pub fn has_project(&self, key: &str) -> bool {
        let is_excluded = |name: &str| {
            let name = folded(name);
            self.projects.iter().any(|glob| is_match(glob, &name))
        };
        !self.projects.is_empty()
            && (is_excluded(key) || names(key, None).iter().any(|name| is_excluded(name)))
    }

    /// Whether what was said in a directory and project is excluded.
    pub(crate) fn has_place(&self, directory: Option<&str>, project: &str) -> bool {
        directory.is_some_and(|directory| self.has_path(directory)) || self.has_project(project)
    }

    /// Whether paths are excluded, so that it depends on each message.
    pub(crate) fn asks_for_directories(&self) -> bool {
        !self.paths.is_empty()
    }
}

/// A path as it is compared.
fn comparable(path: &str) -> String {
    path.nfc()
        .map(|c| if c == '\\' { '/' } else { c })
        .collect()
}

/// A project's name as it is compared.
fn folded(name: &str) -> String {
    comparable(name).to_lowercase()
}

/// Whether a path begins at a root, such as `/` or `C:/`.
fn is_rooted(path: &str) -> bool {
    path.starts_with('/') || path.get(1..).is_some_and(|rest| rest.starts_with(":/"))
}

/// Whether a text is what a glob stands for. Takes time in proportion to the product of their lengths.
fn is_match(glob: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut rest = glob;
    // Which starts of the text the part of the glob that was read stands for, by their lengths.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    while let Some(sign) = rest.chars().next() {
        let token = ["**/", "**", "*"]
            .into_iter()
            .find(|token| rest.starts_with(token));
        let mut next = vec![false; text.len() + 1];
        // Whether what comes before is reached anywhere, or since the last separator.
        let mut is_open = false;
        for end in 0..=text.len() {
            let before = end.checked_sub(1).map(|at| text[at]);
            next[end] = match token {
                // It may stand for no directory.
                Some("**/") => reached[end] || is_open && before == Some('/'),
                Some("**") => reached[end] || is_open,
                Some(_) => {
                    is_open &= before != Some('/');
                    reached[end] || is_open
                }
                None => before.is_some_and(|before| {
                    reached[end - 1] && (sign == before || sign == '?' && before != '/')
                }),
            };
            is_open |= reached[end];
        }
        reached = next;
        rest = &rest[token.map_or(sign.len_utf8(), str::len)..];
    }
    reached[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_excluded_with_all_below_them() {
        let has =
            |glob: &str, path: &str| Exclusions::new(&[glob.to_owned()], &[], &[]).has_path(path);
        for (glob, path) in [
            ("/home/a/secret", "/home/a/secret"),
            ("/home/a/secret/", "/home/a/secret/src/deep"),
            ("/home/*/secret", "/home/b/secret/x"),
            ("/home/**/secret", "/home/secret"),
            ("/home/**/secret", "/home/a/b/secret"),
            ("secret", "/home/a/secret/x"),
            ("client-?", "/srv/client-7"),
            ("C:\\data\\secret", "C:/data/secret/x"),
            ("/home/müller", "/home/mu\u{308}ller/x"),
            ("/home/秘密", "/home/秘密/会議"),
        ] {
            assert!(has(glob, path), "{glob} {path}");
        }
        for (glob, path) in [
            ("/home/a/secret", "/home/a/secrets"),
            ("/home/*/secret", "/home/a/b/secret"),
            ("secret", "/home/a/not-secret/x"),
            ("client-?", "/srv/client-77"),
        ] {
            assert!(!has(glob, path), "{glob} {path}");
        }
    }

    #[test]
    fn what_excludes_everything_is_known() {
        for glob in ["/", "*", "**", "**/*", "/**", "/*", "?*"] {
            let all = Exclusions::new(&[glob.to_owned()], &[], &[]);
            assert!(all.is_everything(), "{glob}");
        }
        assert!(Exclusions::new(&[], &["*".to_owned()], &[]).is_everything());
        let some = Exclusions::new(&["/home".to_owned()], &["shop*".to_owned()], &[]);
        assert!(!some.is_everything());
        assert!(some.has_project("git:github.com/acme/Shop") && !some.has_project("name:boats"));
    }
}
