//! Newer rules on what is stored already.

use recall::{Mark, NewReflection, NoProgress, Progress, Rescan, Scope, Stage, Stop};
use serde_json::json;
use transcript::MarkStatus;

use super::planted::{assert_nowhere, bytes_below};
use super::{guards, of, open, secret};
use crate::support::{
    NOW, Sandbox, assert_sound, embed, export, generic, ids, import, lines, search,
};

fn everything() -> Rescan {
    Rescan {
        scope: Scope::All,
        dry_run: false,
    }
}

fn old_archive() -> Sandbox {
    let sandbox = Sandbox::new();
    let rich = json!({
        "id": "rich", "conversation": "c", "project": "shop", "role": "assistant",
        "text": format!("the gate opens with {}", secret()), "thinking": secret(),
        "title": format!("about {}", secret()), "links": [format!("https://e.org/{}", secret())],
        "tools": [{"id": "t", "name": "Read", "input": {"path": secret()}}],
        "files": {"edited": [format!("/src/{}.rs", secret())], "read": [secret()]},
        "cwd": format!("/home/{}", secret()), "branch": secret(),
        "time": "2026-02-01T10:00:00Z",
    });
    let result = json!({
        "id": secret(), "conversation": "c", "project": "shop", "role": "tool",
        "results": [{"call": "t", "output": secret(), "detail": {"x": secret()}}],
    });
    sandbox.write(
        "c.jsonl",
        &lines(&[
            generic("c", "1", "the tide comes in"),
            rich,
            result,
            generic("c", "3", "the tide goes out"),
        ]),
    );
    sandbox.write(
        "bad.jsonl",
        format!("{{\"role\":\"{}\",\"text\":\"x\"}}\n", secret()).as_bytes(),
    );
    let mut archive = open(&sandbox, &of([]));
    import(&mut archive, &sandbox.request());
    embed(&mut archive);
    let kept = archive
        .reflect(&NewReflection {
            content: format!("noted {}", secret()),
            tags: vec![secret(), "harbour".into()],
            author: Some(secret()),
            now: NOW,
            ..NewReflection::default()
        })
        .unwrap();
    archive
        .mark(&Mark {
            ids: vec![kept.id],
            status: MarkStatus::Open,
            evidence: Some(secret()),
            now: NOW,
            ..Mark::new(Scope::All)
        })
        .unwrap();
    embed(&mut archive);
    sandbox
}

#[test]
fn a_rescan_leaves_nothing_of_what_older_rules_missed() {
    let sandbox = old_archive();
    let mut archive = open(&sandbox, &guards());
    // What older rules missed isn't shown, even before.
    assert!(!export(&archive).concat().contains(&secret()));
    let (stop, dry) = (
        Stop::new(),
        Rescan {
            dry_run: true,
            scope: Scope::All,
        },
    );
    let planned = archive.rescan(&dry, &stop, &NoProgress).unwrap();
    let is_there = |(_, bytes): &(String, Vec<u8>)| {
        bytes
            .windows(secret().len())
            .any(|window| window == secret().as_bytes())
    };
    assert!(
        bytes_below(sandbox.home().data()).iter().any(is_there),
        "a dry run changes nothing"
    );
    let done = archive.rescan(&everything(), &stop, &NoProgress).unwrap();
    assert_eq!((planned.changed, planned.other), (done.changed, done.other));
    assert_eq!((done.messages, done.changed), (5, 3), "{done:?}");
    assert!(
        done.other > 5 && done.log_emptied && !done.stopped,
        "{done:?}"
    );
    assert_eq!(done.rules[0].0, "custom/API_KEY");
    assert_sound(&archive);
    let status = archive.status().unwrap();
    assert_eq!(status.guard_rules, guard::RULES_VERSION);
    assert!(status.indexed.embedded < status.indexed.embeddable);
    embed(&mut archive);
    assert_nowhere(&sandbox, &secret());
    let found = search(&mut archive, &format!("gate {}", secret()));
    assert_eq!(ids(&found)[0], "rich");
    assert!(
        found.hits[0].title.contains("about [masked:API_KEY:"),
        "{found:?}"
    );
    assert_sound(&archive);
    let again = archive.rescan(&everything(), &stop, &NoProgress).unwrap();
    assert!(!again.is_changed(), "{again:?}");
    drop(archive);
    assert_nowhere(&sandbox, &secret());
    // The same log at another place is known.
    let log = fs_err::read(sandbox.logs().join("c.jsonl")).unwrap();
    sandbox.write("copy.jsonl", &log);
    let mut archive = open(&sandbox, &guards());
    let (added, _) = crate::support::counts(&import(&mut archive, &sandbox.request()));
    assert_eq!(added, 0);
}

#[test]
fn a_rescan_is_due_where_other_rules_checked_last() {
    let sandbox = Sandbox::new();
    sandbox.write("c.jsonl", &lines(&[generic("c", "m", "the gate is open")]));
    import(&mut open(&sandbox, &guards()), &sandbox.request());
    let is_due = |version: &str| {
        let set = "UPDATE meta SET value = ?1 WHERE key = 'guard.rules'";
        assert_eq!(sandbox.database().execute(set, [version]).unwrap(), 1);
        open(&sandbox, &guards()).status().unwrap().is_rescan_due()
    };
    assert!(!is_due(&guard::RULES_VERSION.to_string()));
    // Older programs counted the versions of the rules; what comes later has any number.
    for version in ["1", "2", "", &u32::MAX.to_string()] {
        assert!(is_due(version), "{version}");
    }
}

#[test]
fn a_rescan_is_due_where_other_patterns_of_the_person_checked_last() {
    let sandbox = Sandbox::new();
    let allowing = |allowed: &[&str]| {
        let allowed: Vec<String> = allowed.iter().map(|one| (*one).to_owned()).collect();
        let options = guard::EngineOptions {
            allow: guard::Allow::new(&allowed).unwrap(),
            ..guard::EngineOptions::default()
        };
        recall::Guards::new(std::sync::Arc::new(guard::Engine::new(options)))
    };
    let staff = of([(guard::Kind::Pii, "STAFF", "EMP-[0-9]{6}")]);
    let is_due = |guards: &recall::Guards| open(&sandbox, guards).status().unwrap().is_rescan_due();
    // Nothing is kept yet.
    assert!(!is_due(&staff));
    sandbox.write("c.jsonl", &lines(&[generic("c", "m", "the gate is open")]));
    import(&mut open(&sandbox, &of([])), &sandbox.request());
    assert!(!is_due(&of([])));
    for changed in [&staff, &guards(), &allowing(&["AKIATEST[A-Z0-9]+"])] {
        assert!(is_due(changed));
        let mut archive = open(&sandbox, changed);
        archive
            .rescan(&everything(), &Stop::new(), &NoProgress)
            .unwrap();
        assert!(!is_due(changed));
    }
    assert!(is_due(&allowing(&["AKIATEST[A-Z0-9]*"])));
    assert!(is_due(&of([])));
}

/// Ends the work after the first step.
struct After<'a>(&'a Stop);

impl Progress for After<'_> {
    fn at(&self, _: Stage, _: u64, _: u64) {
        self.0.set();
    }
}

#[test]
fn a_rescan_that_was_ended_goes_on_where_it_was() {
    let sandbox = Sandbox::new();
    let many: Vec<_> = (0..2_500)
        .map(|n| generic("c", &format!("m{n}"), &format!("{n} {}", secret())))
        .collect();
    sandbox.write("c.jsonl", &lines(&many));
    let mut archive = open(&sandbox, &of([]));
    import(&mut archive, &sandbox.request());
    drop(archive);
    let mut archive = open(&sandbox, &guards());
    let (mut messages, mut rounds) = (0, 0);
    loop {
        let stop = Stop::new();
        let done = archive.rescan(&everything(), &stop, &After(&stop)).unwrap();
        messages += done.messages;
        rounds += 1;
        // As if the process had been killed: nothing of it lives on.
        drop(archive);
        archive = open(&sandbox, &guards());
        assert!(rounds > 1 || done.stopped);
        if !done.stopped {
            break;
        }
    }
    assert!(rounds > 1);
    assert_eq!(messages, 2_500);
    assert_sound(&archive);
    assert_nowhere(&sandbox, &secret());
}

#[test]
fn a_rescan_of_one_project_leaves_the_others() {
    let sandbox = Sandbox::new();
    let in_project = |project: &str, id: &str| {
        json!({"id": id, "conversation": project, "project": project, "role": "user",
               "text": format!("{project} {}", secret()), "title": format!("{project}: {}", secret()),
               "files": {"read": [format!("/{project}/{}", secret())]}})
    };
    sandbox.write(
        "c.jsonl",
        &lines(&[in_project("shop", "1"), in_project("boats", "2")]),
    );
    let mut archive = open(&sandbox, &of([]));
    import(&mut archive, &sandbox.request());
    drop(archive);
    let mut archive = open(&sandbox, &guards());
    let request = Rescan {
        scope: Scope::Project("boats".into()),
        dry_run: false,
    };
    let done = archive.rescan(&request, &Stop::new(), &NoProgress).unwrap();
    assert_eq!((done.messages, done.changed), (1, 1));
    drop(archive);
    let archive = open(&sandbox, &of([]));
    let all = crate::support::texts(&archive).join("\n");
    assert!(
        all.contains(&format!("shop {}", secret()))
            && !all.contains(&format!("boats {}", secret()))
    );
    let kept = export(&archive).join("\n");
    for (text, is_kept) in [
        (format!("shop: {}", secret()), true),
        (format!("/shop/{}", secret()), true),
        (format!("boats: {}", secret()), false),
        (format!("/boats/{}", secret()), false),
    ] {
        assert_eq!(kept.contains(&text), is_kept, "{text}");
    }
}
