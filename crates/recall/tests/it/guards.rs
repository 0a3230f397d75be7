//! What guards find is masked in whatever is written, and judged in whatever is shown.

mod paths;
pub(crate) mod planted;
mod quarantine;
mod rescan;

use std::sync::Arc;

use guard::{Engine, EngineOptions, Finding, Kind, Pattern, Place, Policies, SecondOpinion};
use recall::{Archive, ArchiveOpener, Guards, NewReflection, Stop};
use transcript::Role;

use crate::support::{
    NOW, Sandbox, assert_sound, counts, generic, ids, import, lines, problems, search, texts,
};

/// A secret, put together here so that no scanner takes this file for a leak.
pub(crate) fn secret() -> String {
    ["SEC", "RET-", "q7Zx41LmB8"].concat()
}

/// Guards that take `SECRET-` and ten letters or digits for a key, and `OBEY … NOW` for an order.
pub(crate) fn guards() -> Guards {
    of([
        (Kind::Secret, "API_KEY", "SECRET-[A-Za-z0-9]{10}"),
        (Kind::Injection, "PROMPT_INJECTION", "(?s)OBEY.{0,400}?NOW"),
    ])
}

pub(crate) fn of<const N: usize>(patterns: [(Kind, &str, &str); N]) -> Guards {
    let pattern = |(kind, entity, regex)| Pattern::new(kind, entity, regex).unwrap();
    let options = EngineOptions {
        patterns: patterns.map(pattern).to_vec(),
        ..EngineOptions::default()
    };
    Guards::new(Arc::new(Engine::new(options)))
}

pub(crate) fn open(sandbox: &Sandbox, guards: &Guards) -> Archive {
    ArchiveOpener::new(&sandbox.home(), guards).open().unwrap()
}

#[test]
fn a_secret_is_found_by_itself_and_by_what_stands_for_it() {
    let sandbox = Sandbox::new();
    let key = secret();
    let said = |id: &str, text: String| generic("c", id, &text);
    sandbox.write(
        "c.jsonl",
        &lines(&[
            said("1", format!("the key of the boathouse is {key}")),
            said("2", "the tide table is on the wall".to_owned()),
            said("3", format!("use {key} for the gate")),
        ]),
    );
    let mut archive = open(&sandbox, &guards());
    import(&mut archive, &sandbox.request());
    let text = texts(&archive).concat();
    assert!(!text.contains(&key), "{text}");
    let start = text.find("[masked:API_KEY:").expect("a placeholder");
    let placeholder = &text[start..start + text[start..].find(']').unwrap() + 1];
    for query in [key.as_str(), placeholder, &format!("\"{key}\"")] {
        let found = search(&mut archive, query);
        // What stands beside a match may be found after it.
        let mut ids = ids(&found)[..2].to_vec();
        ids.sort_unstable();
        assert_eq!(ids, ["1", "3"], "{query}");
    }
}

#[test]
fn a_value_is_masked_wherever_its_message_repeats_it() {
    let sandbox = Sandbox::new();
    let mut said = generic("c", "1", "the pass=open-sesame-7 works");
    said["tools"] =
        serde_json::json!([{"id": "t", "name": "Bash", "input": {"c": "try open-sesame-7"}}]);
    sandbox.write(
        "c.jsonl",
        &lines(&[said, generic("c", "2", "open-sesame-7 is a fairy tale")]),
    );
    let guards = of([(Kind::Secret, "PASSWORD", "pass=(?<value>[a-z0-9-]+)")]);
    let mut archive = open(&sandbox, &guards);
    import(&mut archive, &sandbox.request());
    let views = crate::support::views(&archive);
    assert!(!format!("{:?}", views[0].message).contains("sesame"));
    assert!(views[1].message.text.contains("sesame"));
}

#[test]
fn another_key_or_an_older_rule_set_stores_nothing_twice() {
    let none: Guards = of([]);
    for (first, then, forget) in [
        (guards(), guards(), true),
        (none.clone(), guards(), false),
        (guards(), guards(), false),
    ] {
        let sandbox = Sandbox::new();
        let log = lines(&[
            generic("c", "1", &format!("the key is {}", secret())),
            serde_json::json!({"conversation": "c", "role": "user", "text": secret()}),
        ]);
        sandbox.write("a.jsonl", &log);
        let mut archive = open(&sandbox, &first);
        assert_eq!(counts(&import(&mut archive, &sandbox.request())), (2, 0));
        drop(archive);
        if forget {
            fs_err::remove_file(sandbox.home().guard_key()).unwrap();
        }
        sandbox.write("b.jsonl", &log);
        let mut archive = open(&sandbox, &then);
        let (added, known) = counts(&import(&mut archive, &sandbox.request()));
        // A record without an id is told by its text, which other rules may mask another way.
        assert!(added <= 1 && known >= 1, "{added} added, {known} known");
        let all = texts(&archive);
        assert!(!all.iter().any(|text| text.contains("~2")), "{all:?}");
        assert_sound(&archive);
    }
}

#[test]
fn all_who_open_an_archive_at_once_get_one_key_of_their_own() {
    let sandbox = Sandbox::new();
    let home = sandbox.home();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| open(&sandbox, &guards()));
        }
    });
    let key = fs_err::read(home.guard_key()).unwrap();
    assert_eq!(key.len(), 32);
    drop(open(&sandbox, &guards()));
    assert_eq!(fs_err::read(home.guard_key()).unwrap(), key);
    let others = fs_err::read_dir(home.data()).unwrap();
    let names = others.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> = names.filter(|name| name.starts_with("guard.")).collect();
    assert_eq!(left, ["guard.key"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs_err::metadata(home.guard_key())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

/// A guard that fails at some texts.
struct Broken;

impl SecondOpinion for Broken {
    fn name(&self) -> &str {
        "broken"
    }

    fn kind(&self) -> Kind {
        Kind::Secret
    }

    fn find(&self, text: &str) -> Result<Vec<Finding>, String> {
        if text.contains("boom") {
            return Err("it fell over".to_owned());
        }
        Ok(Vec::new())
    }
}

fn broken(places: [bool; 2]) -> Guards {
    let policies = |place, is_deep| {
        let mut policies = Policies::of(place);
        policies.default.second_opinion = is_deep;
        policies
    };
    let engine = Engine::default().with_second_opinion(Box::new(Broken));
    Guards::new(Arc::new(engine)).with_policies(
        policies(Place::Store, places[0]),
        policies(Place::Recall, places[1]),
    )
}

#[test]
fn what_a_guard_fails_at_is_neither_kept_nor_shown() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "c.jsonl",
        &lines(&[
            generic("c", "1", "the tide comes in"),
            generic("c", "2", "boom: the bridge"),
            generic("c", "3", "the tide goes out"),
        ]),
    );
    let mut archive = open(&sandbox, &broken([true, false]));
    let report = import(&mut archive, &sandbox.request());
    assert_eq!(counts(&report), (3, 0));
    let told = problems(&report);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("2: the guard `broken` failed"),
        "{told:?}"
    );
    let all = texts(&archive).join("\n");
    assert!(
        all.contains("tide goes out") && !all.contains("bridge"),
        "{all}"
    );
    let refused = archive.reflect(&NewReflection {
        content: "boom".to_owned(),
        role: Role::User,
        now: NOW,
        ..NewReflection::default()
    });
    assert!(refused.is_err_and(|error| error.to_string().contains("broken")));

    let sandbox = Sandbox::new();
    sandbox.write(
        "c.jsonl",
        &lines(&[generic("c", "2", "boom: the bridge fell")]),
    );
    let mut archive = open(&sandbox, &broken([false, true]));
    import(&mut archive, &sandbox.request());
    let found = search(&mut archive, "bridge");
    assert_eq!(ids(&found), ["2"]);
    let hit = &found.hits[0];
    assert!(!hit.excerpt.contains("bridge") && hit.excerpt.contains("withheld"));
    assert!(!hit.title.contains("bridge"), "{}", hit.title);
    assert!(
        !archive
            .verify(&Stop::new(), &recall::NoProgress)
            .unwrap()
            .messages
            .eq(&0)
    );
}
