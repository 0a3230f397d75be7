//! The few values of a git configuration that tell a project. The format is that of git-config(1), of
//! which includes are not followed.

/// A value; the names of sections and keys are the same in capitals, those of subsections are not.
pub(super) fn value<'a>(
    config: &'a str,
    section: &str,
    subsection: Option<&str>,
    key: &str,
) -> Option<&'a str> {
    let mut is_wanted = false;
    for line in config.lines().map(str::trim) {
        let mut line = line;
        if let Some((name, of, rest)) = header(line) {
            is_wanted = name.eq_ignore_ascii_case(section) && of == subsection;
            line = rest;
        }
        if is_wanted
            && let Some((name, value)) = line.split_once('=')
            && name.trim().eq_ignore_ascii_case(key)
        {
            return Some(value.trim().trim_matches('"'));
        }
    }
    None
}

/// The URL of `origin`, else of the first remote that has one.
pub(super) fn remote(config: &str) -> Option<&str> {
    let headers = config.lines().filter_map(|line| header(line.trim()));
    let remotes =
        headers.filter_map(|(name, of, _)| of.filter(|_| name.eq_ignore_ascii_case("remote")));
    let mut all = ["origin"].into_iter().chain(remotes);
    all.find_map(|remote| value(config, "remote", Some(remote), "url"))
}

/// The name of a section, that of the subsection, and what follows on the line.
fn header(line: &str) -> Option<(&str, Option<&str>, &str)> {
    let (inner, rest) = line.strip_prefix('[')?.split_once(']')?;
    let (name, subsection) = match inner.split_once('"') {
        Some((name, quoted)) => (name, quoted.strip_suffix('"')),
        None => (inner, None),
    };
    Some((name.trim(), subsection, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_comes_before_other_remotes() {
        let config = "[remote \"fork\"]\n\turl = a:b/c\n[Remote \"origin\"]\n URL=d:e/f\n";
        assert_eq!(remote(config), Some("d:e/f"));
        assert_eq!(remote(&config[..30]), Some("a:b/c"));
        assert_eq!(remote("[remote \"a\"] url = d:e/f"), Some("d:e/f"));
        assert_eq!(remote("[core]\nurl = x\n"), None);
    }
}
