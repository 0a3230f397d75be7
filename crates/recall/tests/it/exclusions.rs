//! What a person excludes is never imported, by whichever way, and can be forgotten.

use std::time::Duration;

use recall::{
    CatchUp, Exclusions, Forget, ImportRequest, Look, NoProgress, Roots, Scope, Stop, Sweeper,
};
use serde_json::{Value, json};
use transcript::Registry;

use crate::forget::frames::is_anywhere;
use crate::support::{NOW, Sandbox, assert_sound, claude, codex, counts, import, lines, texts};

fn excluding(paths: &[&str], projects: &[&str], sources: &[&str]) -> Exclusions {
    let owned = |texts: &[&str]| {
        texts
            .iter()
            .map(|&text| text.to_owned())
            .collect::<Vec<_>>()
    };
    Exclusions::new(&owned(paths), &owned(projects), &owned(sources))
}

fn request(sandbox: &Sandbox, exclusions: Exclusions) -> ImportRequest {
    ImportRequest {
        roots: Roots::default().excluding(exclusions),
        ..sandbox.request()
    }
}

fn session(name: &str, cwd: &str) -> Vec<Value> {
    let title =
        json!({"type": "summary", "summary": format!("The quokka of {name}"), "leafUuid": name});
    vec![
        title,
        claude(name, name, "user", &format!("about {name}"), cwd),
    ]
}

fn filled() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, cwd) in [
        ("secret", "/nowhere/home/secret/src"),
        ("müller", "/nowhere/projects/mu\u{308}ller"),
        ("open", "/nowhere/projects/open"),
    ] {
        sandbox.write(
            &format!("claude-code/{name}.jsonl"),
            &lines(&session(name, cwd)),
        );
    }
    let remote = Some("https://git.example.org/ines/cellar.git");
    let id = "01980000-0000-7000-8000-0000000ce11a";
    let rollout = codex(id, "/nowhere/cellar", remote, "about cellar");
    sandbox.write(
        &format!("codex/rollout-2026-02-02T10-00-00-{id}.jsonl"),
        &lines(&rollout),
    );
    sandbox
}

#[test]
fn what_is_excluded_is_never_imported() {
    for (exclusions, gone, count) in [
        (excluding(&["/nowhere/home/secret"], &[], &[]), "secret", 4),
        (excluding(&["müller"], &[], &[]), "müller", 4),
        (
            excluding(&["**/claude-code/secret.jsonl"], &[], &[]),
            "secret",
            4,
        ),
        (excluding(&[], &["Ines/Cellar"], &[]), "cellar", 3),
        (excluding(&[], &[], &["codex"]), "cellar", 3),
        (excluding(&["/"], &[], &[]), "about", 0),
    ] {
        let sandbox = filled();
        let mut archive = sandbox.archive();
        import(&mut archive, &request(&sandbox, exclusions.clone()));
        let all = texts(&archive);
        assert_eq!(all.len(), count, "{all:?}");
        assert!(!all.concat().contains(&format!("about {gone}")), "{all:?}");
        assert_eq!(
            is_anywhere(&sandbox, &format!("The quokka of {gone}")),
            None
        );
        // What is said later is left out too, and titles that come alone.
        for name in ["secret", "müller"] {
            let later = [
                claude(
                    name,
                    &format!("{name}-2"),
                    "user",
                    &format!("about {name} again"),
                    "",
                ),
                json!({"type": "ai-title", "aiTitle": format!("The quokka of {name}"), "sessionId": name}),
            ];
            sandbox.append(&format!("claude-code/{name}.jsonl"), &lines(&later[1..]));
        }
        let mut sweeper = Sweeper::default();
        let catch_up = CatchUp {
            roots: Roots::new(Registry::shipped()).excluding(exclusions.clone()),
            look: Look::Within(Duration::from_secs(60)),
            wait: Duration::ZERO,
            now: NOW,
        };
        archive
            .catch_up(&mut sweeper, &catch_up, &Stop::new(), &mut |_| {})
            .unwrap();
        import(&mut archive, &request(&sandbox, exclusions));
        assert_eq!(
            is_anywhere(&sandbox, &format!("The quokka of {gone}")),
            None
        );
        assert_eq!(texts(&archive), all);
        assert_sound(&archive);
        // Excluded no longer, it comes.
        archive.read_logs_again().unwrap();
        import(&mut archive, &sandbox.request());
        assert_eq!(texts(&archive).len(), 5);
    }
}

#[test]
fn an_export_of_what_is_excluded_is_left_out() {
    let sandbox = filled();
    sandbox.import();
    let exported = crate::support::export(&sandbox.archive()).join("\n");
    let other = Sandbox::new();
    other.write("export.jsonl", exported.as_bytes());
    let mut archive = other.archive();
    let exclusions = excluding(&["secret"], &["müller"], &["codex"]);
    import(&mut archive, &request(&other, exclusions));
    assert_eq!(texts(&archive), ["open/open: about open"]);
    assert_eq!(is_anywhere(&other, "The quokka of secret"), None);
}

#[test]
fn what_is_there_already_can_be_forgotten() {
    for (exclusions, gone, count) in [
        (excluding(&["/nowhere/home/secret"], &[], &[]), "secret", 1),
        (excluding(&[], &["cellar"], &[]), "cellar", 2),
        (excluding(&[], &[], &["claude-code"]), "secret", 3),
    ] {
        let sandbox = filled();
        let mut archive = sandbox.imported();
        let request = Forget {
            excluded: Some(exclusions),
            ..Forget::new(Scope::All)
        };
        let done = archive.forget(&request, &Stop::new(), &NoProgress).unwrap();
        assert_eq!((done.messages, done.finished), (count, true));
        assert_eq!(is_anywhere(&sandbox, &format!("about {gone}")), None);
        sandbox.database().execute("DELETE FROM file", []).unwrap();
        assert_eq!(counts(&import(&mut archive, &sandbox.request())).0, 0);
        assert_sound(&archive);
    }
}
