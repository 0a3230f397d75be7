//! Scopes fail closed: what isn't meant isn't found, and nothing tells that it is there.

use embed::FixedEmbedder;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use recall::{
    Archive, BlameRequest, ConceptRequest, Error, ExportFilter, FileRequest, GroupBy,
    LearningsRequest, Mark, Mode, NewReflection, ReadRequest, RecapRequest, RecentRequest,
    ReflectionChange, ReflectionFilter, ReflectionProject, Scope, SearchRequest, TimelineRequest,
};
use serde_json::json;
use transcript::MarkStatus;

use crate::support::{NOW, Sandbox, claude, embed, generic, import, lines};

/// An archive with two projects that have directories, and a reflection in each.
fn two() -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    let mut archive = sandbox.archive();
    for (session, project) in [("s-boats", "boats"), ("s-mill", "mill")] {
        let cwd = sandbox.path().join("work").join(project);
        fs_err::create_dir_all(&cwd).unwrap();
        let cwd = cwd.to_string_lossy();
        let asked = format!("Decision: the tide turns the {project} wheel");
        let mut said = claude(session, &format!("{session}-1"), "user", &asked, &cwd);
        said["timestamp"] = json!("2026-02-01T10:00:00.000Z");
        let done = claude(
            session,
            &format!("{session}-2"),
            "assistant",
            "It turns.",
            &cwd,
        );
        sandbox.write(&format!("{session}.jsonl"), &lines(&[said, done]));
        // One after the other, so that the numbers of messages are known.
        import(&mut archive, &sandbox.request());
    }
    for project in ["boats", "mill"] {
        let new = NewReflection {
            content: format!("The tide table of {project} hangs in the mill"),
            place: ReflectionProject::Project(project.into()),
            now: NOW,
            ..NewReflection::default()
        };
        archive.reflect(&new).unwrap();
    }
    embed(&mut archive);
    (sandbox, archive)
}

/// Everything that can be asked about a scope, as text; an error is an answer too.
fn asked(archive: &mut Archive, scope: &Scope, id: &str) -> Vec<String> {
    let mut answers = Vec::new();
    let embedder = FixedEmbedder::new(32);
    for mode in [Mode::Hybrid, Mode::Lexical, Mode::Semantic] {
        let request = SearchRequest {
            mode,
            context: 2,
            ..SearchRequest::new("tide wheel", scope.clone(), NOW)
        };
        let found = archive.search(&request, Some(&embedder));
        answers.push(format!("{:?}", found.map(|found| found.hits)));
    }
    let concept = ConceptRequest {
        concept: "tide".into(),
        include_files: true,
        limit: 10,
        ..ConceptRequest::new(scope.clone())
    };
    let found = archive.concept(&concept, Some(&embedder));
    answers.push(format!("{:?}", found.map(|found| found.hits)));
    let recent = RecentRequest {
        limit: 10,
        group_by: GroupBy::Day,
        now: NOW,
        ..RecentRequest::new(scope.clone())
    };
    answers.push(format!(
        "{:?}",
        archive.recent(&recent).map(|work| work.groups)
    ));
    let timeline = archive.timeline(&TimelineRequest::new(scope.clone()));
    answers.push(format!(
        "{:?}",
        timeline.map(|timeline| (timeline.periods, timeline.undated))
    ));
    let recap = RecapRequest {
        conversations: 10,
        reflections: 10,
        ..RecapRequest::new(scope.clone())
    };
    let recap = archive.recap(&recap);
    answers.push(format!(
        "{:?}",
        recap.map(|recap| (recap.work, recap.reflections))
    ));
    let file = FileRequest {
        path: "*".into(),
        limit: 10,
        ..FileRequest::new(scope.clone())
    };
    answers.push(format!(
        "{:?}",
        archive.file_history(&file).map(|file| file.uses)
    ));
    answers.push(format!("{:?}", archive.standing_out(scope, 10)));
    answers.push(format!("{:?}", archive.latest_conversations(scope, 10)));
    answers.push(format!(
        "{:?}",
        archive.reflections(&ReflectionFilter::new(scope.clone()))
    ));
    let mut exported = Vec::new();
    let done = archive.export(&ExportFilter::new(scope.clone()), &mut |view| {
        exported.push(view);
        true
    });
    answers.push(format!("{exported:?} {done:?}"));
    answers.extend(by_id(archive, scope, id));
    answers
}

/// Everything that names something by its id.
fn by_id(archive: &mut Archive, scope: &Scope, id: &str) -> Vec<String> {
    let mut read = Vec::new();
    let request = ReadRequest {
        conversation: id.into(),
        scope: scope.clone(),
        around: None,
        from: 0,
        quarantined: true,
    };
    let done = archive.read(&request, &mut |view| {
        read.push(view);
        true
    });
    let learnings = LearningsRequest {
        session: id.into(),
        limit: 10,
        ..LearningsRequest::new(scope.clone())
    };
    let one = ExportFilter {
        conversation: Some(id.into()),
        ..ExportFilter::new(scope.clone())
    };
    let exported = archive.export(&one, &mut |_| true);
    let change = ReflectionChange {
        content: Some("something else".into()),
        tags: None,
        now: NOW,
    };
    let mark = Mark {
        ids: vec![id.into()],
        status: MarkStatus::Resolved,
        now: NOW,
        ..Mark::new(scope.clone())
    };
    vec![
        format!("{read:?} {done:?}"),
        format!("{:?}", archive.learnings(&learnings)),
        format!("{exported:?}"),
        format!("{:?}", archive.reflection(id, scope)),
        format!("{:?}", archive.edit_reflection(id, scope, &change)),
        format!("{:?}", archive.mark(&mark)),
        format!("{:?}", archive.delete_reflection(id, scope)),
    ]
}

/// That nothing of either project is in an answer.
#[track_caller]
fn assert_silent(answers: &[String]) {
    for answer in answers {
        let names = ["boats", "mill", "tide", "turns"];
        assert!(!names.iter().any(|name| answer.contains(name)), "{answer}");
    }
}

#[test]
fn a_directory_without_a_project_finds_nothing() {
    let (sandbox, mut archive) = two();
    let unknown = sandbox.path().join("elsewhere");
    fs_err::create_dir_all(&unknown).unwrap();
    for scope in [
        Scope::Directory(unknown.clone()),
        Scope::Directory(unknown.join("not/there")),
        Scope::Nothing,
    ] {
        assert_silent(&asked(&mut archive, &scope, "s-"));
    }
    // Who asks for all gets all, and the directory of a project gets that.
    let all = SearchRequest::new("tide wheel", Scope::All, NOW);
    assert!(archive.search(&all, None).unwrap().hits.len() >= 4);
    let boats = Scope::Directory(sandbox.path().join("work/boats"));
    let found = archive.search(&SearchRequest::new("tide", boats, NOW), None);
    let found = found.unwrap();
    assert_eq!(found.project.as_deref(), Some("boats"));
    assert!(!found.hits.is_empty() && found.hits.iter().all(|hit| hit.project == "boats"));
}

#[test]
fn blame_in_a_directory_without_a_project_names_no_conversation() {
    let (sandbox, archive) = two();
    let file = sandbox.path().join("elsewhere/notes.txt");
    fs_err::create_dir_all(file.parent().unwrap()).unwrap();
    fs_err::write(&file, "It turns.\n").unwrap();
    let report = archive.blame(&BlameRequest {
        scope: Scope::Directory(file.parent().unwrap().to_owned()),
        file,
        within: None,
        sources: transcript::Registry::shipped(),
        lines: None,
        commit: None,
        now: NOW,
    });
    assert_eq!(report.unwrap().edits, 0);
}

#[test]
fn an_id_of_another_project_answers_as_one_that_nobody_has() {
    let (_sandbox, mut archive) = two();
    let mill = Scope::Project("mill".into());
    let boats = Scope::Project("boats".into());
    let theirs = archive
        .reflections(&ReflectionFilter::new(boats.clone()))
        .unwrap();
    let reflection = theirs[0].id.clone();
    for theirs in [
        "s-boats",
        "s-boats-1",
        "s-b",
        "#1",
        &reflection,
        &reflection[..9],
    ] {
        let nobodys = format!("{}?", &theirs[..theirs.len() - 1]);
        let answers = by_id(&mut archive, &mill, theirs);
        let expected = by_id(&mut archive, &mill, &nobodys);
        for (answer, expected) in answers.iter().zip(&expected) {
            // A number is the only id that is understood before it is looked for.
            assert_eq!(
                answer.replace(theirs, "ID"),
                expected.replace(&nobodys, "ID")
            );
        }
        let failed = archive.read(
            &ReadRequest {
                conversation: theirs.into(),
                scope: mill.clone(),
                around: None,
                from: 0,
                quarantined: false,
            },
            &mut |_| true,
        );
        assert!(
            matches!(failed, Err(Error::NoConversation(_))),
            "{failed:?}"
        );
    }
    // Nothing was changed by any of that.
    let after = archive.reflections(&ReflectionFilter::new(boats)).unwrap();
    assert!(after.len() == 1 && after[0].id == reflection && after[0].status.is_none());
}

#[test]
fn an_ambiguous_start_of_an_id_counts_only_what_is_in_the_scope() {
    let (_sandbox, archive) = two();
    let read = |scope| {
        let request = ReadRequest {
            conversation: "s-".into(),
            scope,
            around: None,
            from: 0,
            quarantined: false,
        };
        archive.read(&request, &mut |_| true).map(|view| view.id)
    };
    assert!(matches!(
        read(Scope::All),
        Err(Error::AmbiguousConversation { .. })
    ));
    assert_eq!(read(Scope::Project("mill".into())).unwrap(), "s-mill");
}

#[test]
fn no_search_of_a_closed_scope_finds_anything() {
    let sandbox = Sandbox::new();
    let said = |n: usize| generic("c", &n.to_string(), &format!("tide wheel {n}"));
    sandbox.write("a.jsonl", &lines(&(0..40).map(said).collect::<Vec<_>>()));
    let archive = std::cell::RefCell::new(sandbox.imported());
    let scope = prop_oneof![
        Just(Scope::Nothing),
        "[a-z]{1,8}(/[a-z]{1,8}){0,3}"
            .prop_map(|path| Scope::Directory(format!("/nowhere/{path}").into())),
    ];
    let words = prop::sample::select(vec![
        "tide",
        "wheel 7",
        "\"tide wheel\"",
        "ti*",
        "tidd",
        "12",
    ]);
    let mode = prop::sample::select(vec![Mode::Hybrid, Mode::Lexical, Mode::Semantic]);
    let request = (scope, words, mode, any::<bool>()).prop_map(|(scope, words, mode, strict)| {
        SearchRequest {
            mode,
            role: strict.then_some(transcript::Role::User),
            limit: 50,
            ..SearchRequest::new(words, scope, NOW)
        }
    });
    let mut runner = TestRunner::new(Config {
        cases: 64,
        ..Config::default()
    });
    let checked = runner.run(&request, |request| {
        let mut archive = archive.borrow_mut();
        let found = archive.search(&request, Some(&FixedEmbedder::new(32)));
        let found = found.unwrap();
        prop_assert!(found.hits.is_empty() && found.notes.is_empty(), "{found:?}");
        Ok(())
    });
    checked.unwrap();
}
