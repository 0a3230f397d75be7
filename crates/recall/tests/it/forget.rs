//! Forgetting: nothing of it is left in any file of the archive, and no import brings it back.

pub(crate) mod frames;

use recall::{
    Archive, Error, Forget, ForgetReport, Mark, NewReflection, NoProgress, Progress,
    ReflectionProject, Scope, Stage, Stop,
};
use serde_json::{Value, json};
use transcript::MarkStatus;

use crate::support::{
    NOW, Sandbox, assert_sound, claude, conversations, counts, embed, export, generic, import,
    lines, search, texts,
};
use frames::{is_anywhere, is_in_frame};

/// What is to be forgotten, in a message with everything that a message can hold.
const SECRET: &str = "quokka marmalade ledger";

fn rich(conversation: &str, id: &str, text: &str) -> Value {
    json!({
        "id": id, "conversation": conversation, "project": "shop", "role": "assistant",
        "text": text, "thinking": format!("thinking of {text}"), "title": format!("About {text}"),
        "links": [format!("https://e.org/{}", text.replace(' ', "-"))],
        "tools": [{"id": "t", "name": "Read", "input": {"path": text}}],
        "files": {"edited": [format!("/src/{}.rs", text.replace(' ', "_"))]},
        "results": [{"call": "t", "output": text, "detail": {"x": text}}],
        "time": "2026-02-01T10:00:00Z",
    })
}

/// An archive with a conversation to be forgotten, its reflection, and much that is to be kept.
fn filled() -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    let mut all = vec![rich("doomed", "d0", SECRET)];
    for nth in 1..60 {
        // Hardly compressible, so that blocks take many pages.
        let numbers = (1..80_u64).map(|step| {
            (nth * 1_000 + step)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .to_string()
        });
        let long = numbers.collect::<Vec<_>>().join(" ");
        all.push(generic(
            "doomed",
            &format!("d{nth}"),
            &format!("{SECRET} {nth} {long}"),
        ));
        all.push(generic(
            "kept",
            &format!("k{nth}"),
            &format!("the tide {nth} {long}"),
        ));
    }
    sandbox.write("c.jsonl", &lines(&all));
    let mut archive = sandbox.imported();
    let kept = archive
        .reflect(&NewReflection {
            content: format!("never mention the {SECRET}"),
            tags: vec!["quokka".into()],
            place: ReflectionProject::Project("shop".into()),
            conversation: Some("doomed".into()),
            now: NOW,
            ..NewReflection::default()
        })
        .unwrap();
    archive
        .mark(&Mark {
            ids: vec![kept.id, "d0".into()],
            status: MarkStatus::Open,
            evidence: Some(format!("see the {SECRET}")),
            now: NOW,
            ..Mark::new(Scope::All)
        })
        .unwrap();
    embed(&mut archive);
    (sandbox, archive)
}

fn forget(archive: &mut Archive, request: &Forget) -> ForgetReport {
    archive.forget(request, &Stop::new(), &NoProgress).unwrap()
}

fn of_conversation(id: &str) -> Forget {
    Forget {
        conversations: vec![id.into()],
        ..Forget::new(Scope::All)
    }
}

fn matching(text: &str) -> Forget {
    Forget {
        matching: Some(text.into()),
        ..Forget::new(Scope::All)
    }
}

#[track_caller]
fn assert_gone(sandbox: &Sandbox, archive: &mut Archive) {
    assert_sound(archive);
    assert!(!export(archive).concat().contains(SECRET));
    assert_eq!(search(archive, "\"quokka marmalade\"").hits.len(), 0);
    for text in [SECRET, "quokka", "quokka-marmalade", "quokka_marmalade"] {
        assert_eq!(is_anywhere(sandbox, text), None, "`{text}`");
    }
}

#[test]
fn every_frame_is_free_of_what_was_forgotten() {
    let (sandbox, mut archive) = filled();
    for nth in [1, 30, 59] {
        let text = format!("{SECRET} {nth} ");
        assert!(
            is_in_frame(&sandbox, &text).is_some(),
            "`{text}` is found before"
        );
    }
    let planned = forget(
        &mut archive,
        &Forget {
            dry_run: true,
            ..of_conversation("doomed")
        },
    );
    assert!(
        is_anywhere(&sandbox, SECRET).is_some(),
        "a dry run changes nothing"
    );
    let done = forget(&mut archive, &of_conversation("doomed"));
    assert!(done.finished && !done.stopped, "{done:?}");
    assert_eq!(
        ForgetReport {
            finished: false,
            ..done.clone()
        },
        planned
    );
    assert_eq!((done.messages, done.reflections, done.marks), (61, 1, 2));
    assert_eq!(
        (done.conversations, done.titles),
        (vec!["doomed".into()], 1)
    );
    assert_gone(&sandbox, &mut archive);
    assert_eq!(texts(&archive).len(), 59, "the others are kept");
    drop(archive);
    assert_eq!(is_anywhere(&sandbox, SECRET), None);
}

#[test]
fn an_import_does_not_bring_back_what_was_forgotten() {
    let (sandbox, mut archive) = filled();
    let exported = export(&archive).join("\n");
    forget(&mut archive, &of_conversation("doomed"));
    let kept = export(&archive);
    let log = fs_err::read(sandbox.logs().join("c.jsonl")).unwrap();
    // The same log as if it were new, a copy, and an export of before.
    sandbox.database().execute("DELETE FROM file", []).unwrap();
    sandbox.write("copy.jsonl", &log);
    sandbox.write("export.jsonl", exported.as_bytes());
    let report = import(&mut archive, &sandbox.request());
    assert_eq!(counts(&report).0, 0, "{report:?}");
    assert_eq!(export(&archive), kept);
    assert_gone(&sandbox, &mut archive);
    // What is said later is kept.
    sandbox.append(
        "c.jsonl",
        &lines(&[generic("doomed", "later", "a fresh start")]),
    );
    let report = import(&mut archive, &sandbox.request());
    assert_eq!(counts(&report).0, 1);
    assert_gone(&sandbox, &mut archive);
}

#[test]
fn forgetting_goes_on_at_the_next_start() {
    struct AfterOneStep<'a>(&'a Stop);
    impl Progress for AfterOneStep<'_> {
        fn at(&self, stage: Stage, _: u64, _: u64) {
            assert_eq!(stage, Stage::Forget);
            self.0.set();
        }
    }
    let (sandbox, mut archive) = filled();
    let many: Vec<Value> = (0..900)
        .map(|nth| {
            generic(
                "doomed",
                &format!("m{nth}"),
                &format!("{SECRET} number {nth}"),
            )
        })
        .collect();
    sandbox.write("many.jsonl", &lines(&many));
    import(&mut archive, &sandbox.request());
    let stop = Stop::new();
    let request = of_conversation("doomed");
    let done = archive
        .forget(&request, &stop, &AfterOneStep(&stop))
        .unwrap();
    assert!(done.stopped && !done.finished, "{done:?}");
    // At once nothing of it is found.
    assert!(!export(&archive).concat().contains(SECRET));
    assert_eq!(search(&mut archive, "quokka").hits.len(), 0);
    assert!(is_anywhere(&sandbox, SECRET).is_some());
    drop(archive);
    let mut archive = sandbox.archive();
    assert_gone(&sandbox, &mut archive);
}

#[test]
fn a_text_is_forgotten_in_every_script_and_spelling() {
    let (sandbox, mut archive) = {
        let sandbox = Sandbox::new();
        // Composed and decomposed, half width, upper case, other space, zero-width characters, escapes.
        let spellings = [
            "Die Firma MÜLLER\u{a0}&  Söhne ruft an",
            "die firma mu\u{308}ller & so\u{308}hne",
            "Mü\u{200b}ller & Söhne",
        ];
        let mut all: Vec<Value> = spellings
            .iter()
            .enumerate()
            .map(|(nth, text)| generic("c", &format!("m{nth}"), text))
            .collect();
        all.push(generic("c", "katakana", "ｱｲﾃﾑ の 在庫"));
        all.push(generic("c", "arabic", "اسم العميل محمد"));
        all.push(generic("c", "greek", "ΟΔΥΣΣΕΥΣ"));
        let mut tool = generic("c", "tool", "");
        tool["role"] = json!("assistant");
        tool["tools"] = json!([{"id": "t", "name": "Write", "input": {"text": "müller\n& söhne"}}]);
        all.push(tool);
        all.push(generic("c", "kept", "Miller & Sons"));
        sandbox.write("c.jsonl", &lines(&all));
        let archive = sandbox.imported();
        (sandbox, archive)
    };
    for (text, count) in [
        ("müller & söhne", 4),
        ("アイテム", 1),
        ("العميل", 1),
        ("οδυσσευς", 1),
        ("nowhere", 0),
    ] {
        let done = forget(&mut archive, &matching(text));
        assert_eq!(done.messages, count, "{text}: {done:?}");
    }
    assert_eq!(texts(&archive), ["c/kept: Miller & Sons"]);
    assert_sound(&archive);
    let nothing = archive.forget(&matching(" \u{200b} "), &Stop::new(), &NoProgress);
    assert!(matches!(nothing, Err(Error::Empty(_))), "{nothing:?}");
    drop(sandbox);
}

#[test]
fn titles_links_and_marks_that_hold_a_text_are_forgotten() {
    let sandbox = Sandbox::new();
    let mut first = generic("c", "1", "the tide comes in");
    first["title"] = json!(format!("The {SECRET}"));
    first["links"] = json!(["https://e.org/1", "https://e.org/quokka"]);
    sandbox.write(
        "c.jsonl",
        &lines(&[first, generic("c", "2", "and goes out")]),
    );
    let mut archive = sandbox.imported();
    let mark = |evidence: &str| Mark {
        ids: vec!["2".into()],
        evidence: Some(evidence.into()),
        now: NOW,
        ..Mark::new(Scope::All)
    };
    archive.mark(&mark("a quokka said so")).unwrap();
    archive.mark(&mark("the moon")).unwrap();
    let done = forget(&mut archive, &matching("QUOKKA"));
    assert_eq!(
        (done.messages, done.titles, done.links, done.marks),
        (0, 1, 1, 1)
    );
    sandbox.database().execute("DELETE FROM file", []).unwrap();
    import(&mut archive, &sandbox.request());
    assert_eq!(conversations(&archive)[0].title, "the tide comes in");
    assert_sound(&archive);
    assert!(export(&archive).concat().contains("the moon"));
}

#[test]
fn projects_and_times_choose_what_is_forgotten() {
    let sandbox = Sandbox::new();
    let at = |project: &str, id: &str, time: &str| {
        json!({"id": id, "conversation": project, "project": project, "role": "user",
               "text": format!("{project} {id}"), "time": time})
    };
    sandbox.write(
        "c.jsonl",
        &lines(&[
            at("shop", "s1", "2026-02-01T10:00:00Z"),
            at("shop", "s2", "2026-02-02T10:00:00Z"),
            at("boats", "b1", "2026-02-01T10:00:00Z"),
            at("boats", "b2", "2026-02-02T10:00:00Z"),
            generic("undated", "u1", "undated u1"),
        ]),
    );
    let mut archive = sandbox.imported();
    let shop = || Scope::Project("shop".into());
    let until = Forget {
        until: Some(1_769_990_400_000), // 2026-02-02
        ..Forget::new(shop())
    };
    let done = forget(&mut archive, &until);
    assert_eq!((done.messages, done.parts), (1, vec!["shop".to_owned()]));
    // What lies out of the scope answers as what isn't there.
    for (conversation, message) in [("boats", "b1"), ("nothing", "n1")] {
        let request = Forget {
            conversations: vec![conversation.into()],
            ..Forget::new(shop())
        };
        let error = archive
            .forget(&request, &Stop::new(), &NoProgress)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("no conversation `{conversation}`")
        );
        let request = Forget {
            messages: vec![message.into()],
            ..Forget::new(shop())
        };
        let error = archive
            .forget(&request, &Stop::new(), &NoProgress)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("no message or reflection `{message}`")
        );
    }
    let done = forget(&mut archive, &Forget::new(Scope::Project("boats".into())));
    assert_eq!(
        (done.messages, done.projects),
        (2, vec!["boats".to_owned()])
    );
    assert!(
        archive
            .projects()
            .unwrap()
            .iter()
            .all(|project| project.name != "boats")
    );
    let mut left = texts(&archive);
    left.sort();
    assert_eq!(left, ["shop/s2: shop s2", "undated/u1: undated u1"]);
    assert_sound(&archive);
    let all = forget(&mut archive, &Forget::new(Scope::All));
    assert_eq!(all.messages, 2);
    assert_eq!(texts(&archive), [""; 0]);
    assert_sound(&archive);
    sandbox.database().execute("DELETE FROM file", []).unwrap();
    assert_eq!(counts(&import(&mut archive, &sandbox.request())), (0, 5));
}

#[test]
fn a_title_that_a_reader_holds_back_is_forgotten() {
    let sandbox = Sandbox::new();
    let title = json!({"type": "summary", "summary": format!("The {SECRET}"), "leafUuid": "one"});
    let session = |text: &str| claude("s-1", "one", "user", text, "/nowhere/kiln");
    sandbox.write(
        "claude-code/s-1.jsonl",
        &lines(&[title.clone(), session("the kiln is hot")]),
    );
    // Here the record that it is about isn't met.
    let other = claude("s-2", "two", "user", "the kiln is cold", "/nowhere/kiln");
    sandbox.write("claude-code/s-2.jsonl", &lines(&[title, other]));
    let mut archive = sandbox.imported();
    assert!(is_anywhere(&sandbox, SECRET).is_some());
    forget(&mut archive, &of_conversation("s-1"));
    assert_eq!(is_anywhere(&sandbox, SECRET), None);
    sandbox.database().execute("DELETE FROM file", []).unwrap();
    import(&mut archive, &sandbox.request());
    assert_eq!(is_anywhere(&sandbox, SECRET), None);
    assert_eq!(texts(&archive), ["s-2/two: the kiln is cold"]);
    assert_sound(&archive);
}

#[test]
fn what_is_damaged_is_forgotten_too() {
    let (sandbox, mut archive) = filled();
    let database = sandbox.database();
    let sql = "UPDATE block SET data = zeroblob(10)
         WHERE id = (SELECT body FROM message JOIN key ON message = message.id LIMIT 1)";
    assert_eq!(database.execute(sql, []).unwrap(), 1);
    drop(database);
    let done = forget(&mut archive, &of_conversation("doomed"));
    assert!(done.finished, "{done:?}");
    assert!(is_anywhere(&sandbox, SECRET).is_none());
}

#[test]
fn what_a_reader_of_the_archive_delays_is_done_at_the_next_start() {
    let (sandbox, mut archive) = filled();
    let vectors = sandbox.home().vectors();
    fs_err::create_dir_all(&vectors).unwrap();
    let frame = zstd::encode_all(SECRET.as_bytes(), 6).unwrap();
    fs_err::write(vectors.join("0.vectors"), frame).unwrap();
    let reader = sandbox.database();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM message")
        .unwrap();
    let done = forget(&mut archive, &of_conversation("doomed"));
    assert!(!done.finished && !done.stopped, "{done:?}");
    assert!(!export(&archive).concat().contains(SECRET));
    assert_eq!(
        fs_err::read_dir(&vectors).unwrap().count(),
        0,
        "mapped files are gone"
    );
    reader.execute_batch("COMMIT").unwrap();
    drop((reader, archive));
    assert_gone(&sandbox, &mut sandbox.archive());
}

#[test]
fn a_conversation_that_is_cut_loses_a_title_that_was_made_of_it() {
    for (rank, is_kept) in [(2, false), (3, true)] {
        let sandbox = Sandbox::new();
        let mut first = generic("c", "1", "the tide comes in");
        first["title"] = json!("All about the tide");
        first["title_rank"] = json!(rank);
        sandbox.write(
            "c.jsonl",
            &lines(&[first, generic("c", "2", "the boat is late")]),
        );
        let mut archive = sandbox.imported();
        let request = Forget {
            messages: vec!["1".into()],
            ..Forget::new(Scope::All)
        };
        let done = forget(&mut archive, &request);
        assert_eq!((done.messages, done.parts), (1, vec!["c".to_owned()]));
        sandbox.database().execute("DELETE FROM file", []).unwrap();
        import(&mut archive, &sandbox.request());
        let title = if is_kept {
            "All about the tide"
        } else {
            "the boat is late"
        };
        assert_eq!(conversations(&archive)[0].title, title);
        assert_eq!(texts(&archive), ["c/2: the boat is late"]);
        assert_eq!(is_anywhere(&sandbox, "the tide comes in"), None);
        assert_sound(&archive);
    }
}

#[test]
fn messages_of_forks_and_reflections_are_forgotten_by_their_ids() {
    let sandbox = Sandbox::new();
    let shared = |session: &str| claude(session, "shared", "user", SECRET, "/nowhere/kiln");
    let own = |session: &str| claude(session, session, "user", "the kiln is hot", "/nowhere/kiln");
    for session in ["s-1", "s-2"] {
        let log = lines(&[shared(session), own(session)]);
        sandbox.write(&format!("claude-code/{session}.jsonl"), &log);
    }
    let mut archive = sandbox.imported();
    let noted = archive
        .reflect(&NewReflection {
            content: format!("the {SECRET} is kept"),
            now: NOW,
            ..NewReflection::default()
        })
        .unwrap();
    let exported = export(&archive).join("\n");
    let request = Forget {
        messages: vec!["shared".into(), noted.id],
        ..Forget::new(Scope::All)
    };
    let done = forget(&mut archive, &request);
    assert_eq!((done.messages, done.reflections), (2, 1));
    sandbox.database().execute("DELETE FROM file", []).unwrap();
    sandbox.write("export.jsonl", exported.as_bytes());
    import(&mut archive, &sandbox.request());
    assert_gone(&sandbox, &mut archive);
    assert_eq!(texts(&archive).len(), 2);
}
