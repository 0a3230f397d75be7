//! What holds for every source that is registered, the ones to come included.

use std::collections::BTreeSet;

use transcript::{Registry, Source};

use crate::fixtures::FIXTURES;

fn sources() -> impl Iterator<Item = Source> {
    Registry::shipped().all().iter().copied()
}

#[test]
fn names_are_short_and_each_stands_once() {
    let mut names = BTreeSet::new();
    let mut titles = BTreeSet::new();
    for source in sources() {
        let name = source.name();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(!name.is_empty() && name.chars().all(is_plain), "{name}");
        assert!(names.insert(name), "`{name}` stands twice");
        assert!(!source.title().is_empty(), "{name}");
        assert!(titles.insert(source.title()), "{name}");
        assert_eq!(Registry::shipped().find(name), Some(source));
    }
    assert_eq!(Registry::shipped().find("nobody"), None);
}

#[test]
fn roots_are_below_the_home_directory_and_can_be_moved() {
    for source in sources() {
        let Some(roots) = source.roots() else {
            assert!(source.retention().is_none(), "{source:?}");
            continue;
        };
        assert!(roots.about.ends_with('.'), "{source:?}: {}", roots.about);
        assert!(
            !roots.defaults.is_empty() && !roots.directories.is_empty(),
            "{source:?}"
        );
        for root in roots.defaults {
            assert!(root.starts_with("~/"), "{source:?}: {root}");
        }
        for variable in roots.variables {
            let is_plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            assert!(
                variable.name.chars().all(is_plain),
                "{source:?}: {variable:?}"
            );
            assert_is_below(source, variable.below);
        }
        for directory in roots.directories {
            assert_is_below(source, directory);
        }
    }
}

fn assert_is_below(source: Source, directory: &str) {
    let leads_out = directory.split('/').any(|part| part == "..");
    assert!(
        !directory.starts_with(['/', '~']) && !leads_out,
        "{source:?}: {directory}"
    );
}

#[test]
fn each_source_has_fixtures_and_takes_them_for_its_own() {
    for source in sources() {
        let mut said = 0;
        let fixtures = FIXTURES.iter().filter(|fixture| fixture.source == source);
        for fixture in fixtures {
            said += fixture.read().messages.len();
            if fixture.path.ends_with(".rows.json") {
                continue;
            }
            let head = &fixture.bytes[..fixture.bytes.len().min(64 << 10)];
            let owner = Registry::shipped().recognise(&fixture.path, head);
            assert_eq!(owner, Some(source), "{}", fixture.path);
            assert!(source.has_file_name(&fixture.path), "{}", fixture.path);
        }
        assert!(said > 0, "{source:?} has no fixture with a message");
    }
}

#[test]
fn messages_of_fixtures_belong_to_conversations() {
    for fixture in FIXTURES.iter() {
        for message in fixture.read().messages {
            assert!(
                !message.conversation.is_empty(),
                "{}: {message:?}",
                fixture.path
            );
        }
    }
}

#[test]
fn bytes_of_no_source_are_nobodys() {
    for head in [
        "",
        "{}",
        "[]",
        "not a log\n",
        "SQLite format 3\0",
        "PK\u{3}\u{4}",
    ] {
        for name in ["notes.txt", "data.json", "some.db", "export.zip"] {
            let owner = Registry::shipped().recognise(name, head.as_bytes());
            assert_eq!(owner, None, "{name}: {head:?}");
        }
    }
}
