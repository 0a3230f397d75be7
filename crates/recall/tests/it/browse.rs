//! Looking around without a query: files, concepts, recent work, timelines, sessions, recaps.

use recall::{
    Archive, ConceptRequest, Error, FileRequest, Granularity, GroupBy, LearningsRequest, Mark,
    NewReflection, OpenEnd, RecapRequest, RecentRequest, ReflectionProject, Scope, TimelineRequest,
    Verdict,
};
use serde_json::{Value, json};
use transcript::{FileAction, MarkStatus};

use crate::support::{NOW, Sandbox, conversations, import, lines};

/// A message of the generic format, minutes after 2026-02-01T10:00:00Z.
fn said(project: &str, conversation: &str, id: &str, role: &str, minute: i64, text: &str) -> Value {
    let time = jiff::Timestamp::from_second(1_769_940_000 + minute * 60).unwrap();
    json!({
        "id": id, "conversation": conversation, "project": project, "role": role,
        "time": time.to_string(), "text": text,
    })
}

/// The same with a tool that edits or reads files.
fn touching(mut line: Value, tool: &str, edited: &[&str], read: &[&str]) -> Value {
    line["tools"] = json!([{"id": "t", "name": tool, "input": {}}]);
    line["files"] = json!({"edited": edited, "read": read});
    line
}

fn in_boats() -> Scope {
    Scope::Project("boats".into())
}

/// Two projects, three conversations in one of them.
fn work() -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    let a = |id, role, minute, text| said("boats", "a", id, role, minute, text);
    let b = |id, role, minute, text| said("boats", "b", id, role, minute, text);
    let m = |id, role, minute, text| said("mill", "m", id, role, minute, text);
    let tide = "/nowhere/boats/src/tide.rs";
    sandbox.write(
        "a.jsonl",
        &lines(&[
            a(
                "a1",
                "user",
                0,
                "The login fails with an expired JWT. Fix the authentication.",
            ),
            touching(
                a("a2", "assistant", 1, "I look at the login first."),
                "Read",
                &[],
                &[tide],
            ),
            touching(a("a3", "assistant", 2, ""), "Edit", &[tide], &[]),
            touching(a("a4", "assistant", 3, ""), "Edit", &[tide], &[]),
            a(
                "a5",
                "assistant",
                4,
                "**Root cause:** the clock of the token was local.\n\nDone. Shall I push it?",
            ),
        ]),
    );
    sandbox.write(
        "b.jsonl",
        &lines(&[
            b("b1", "user", 20, "Draw the tide table in docker"),
            touching(
                b("b2", "assistant", 21, "The container draws it."),
                "Write",
                &["/nowhere/boats/docs/table.md"],
                &[],
            ),
            b("b3", "user", 22, "And now without the container"),
        ]),
    );
    sandbox.write(
        "m.jsonl",
        &lines(&[
            m("m1", "user", 30, "The wheel of the mill needs a login page"),
            touching(
                m(
                    "m2",
                    "assistant",
                    31,
                    "The secret of the mill is its wheel.",
                ),
                "Edit",
                &["/nowhere/mill/src/tide.rs"],
                &[],
            ),
        ]),
    );
    sandbox.write(
        "late.jsonl",
        &lines(&[
            said("boats", "c", "c1", "user", 3000, "Which boats are late?"),
            said("boats", "c", "c2", "assistant", 3001, "None of them."),
        ]),
    );
    sandbox.import();
    let archive = sandbox.archive();
    (sandbox, archive)
}

fn file(path: &str, scope: Scope) -> FileRequest {
    FileRequest {
        path: path.into(),
        limit: 10,
        ..FileRequest::new(scope)
    }
}

#[test]
fn a_file_tells_who_touched_it_and_why() {
    let (_sandbox, archive) = work();
    let history = archive.file_history(&file("tide.rs", in_boats())).unwrap();
    assert_eq!(history.paths, ["/nowhere/boats/src/tide.rs"]);
    assert_eq!((history.touches, history.conversations), (3, 1));
    let used = &history.uses[0];
    assert_eq!(
        (used.conversation_id.as_str(), used.message_id.as_str()),
        ("a", "a4")
    );
    assert_eq!(
        (used.action, used.edits, used.reads),
        (FileAction::Edited, 2, 1)
    );
    assert_eq!(used.tools, [("Edit".to_owned(), 2), ("Read".to_owned(), 1)]);
    assert_eq!(used.excerpt, "I look at the login first.");
    assert!(used.first < used.last);
    let everywhere = archive.file_history(&file("src/*.rs", Scope::All)).unwrap();
    let of: Vec<_> = everywhere
        .uses
        .iter()
        .map(|used| used.conversation_id.as_str())
        .collect();
    assert_eq!(of, ["m", "a"], "the latest first");
}

#[test]
fn a_file_is_narrowed_by_time_and_action() {
    let (_sandbox, archive) = work();
    let ids = |request: &FileRequest| -> Vec<String> {
        let history = archive.file_history(request).unwrap();
        history
            .uses
            .into_iter()
            .map(|used| used.conversation_id)
            .collect()
    };
    let all = file("**/*", in_boats());
    assert_eq!(ids(&all), ["b", "a"]);
    let read = FileRequest {
        action: Some(FileAction::Read),
        ..all.clone()
    };
    assert_eq!(ids(&read), ["a"]);
    let late = FileRequest {
        since: Some(1_769_940_000_000 + 10 * 60_000),
        ..all.clone()
    };
    assert_eq!(ids(&late), ["b"]);
    assert_eq!(ids(&file("nothing.rs", in_boats())), [""; 0]);
    assert_eq!(ids(&file(" ", in_boats())), [""; 0]);
}

#[test]
fn a_renamed_file_is_found_by_what_it_was_called() {
    let sandbox = Sandbox::new();
    let root = sandbox.path().join("repo");
    fs_err::create_dir_all(root.join("src")).unwrap();
    let git = |args: &[&str]| {
        let done = std::process::Command::new("git")
            .arg("-C")
            .arg(&root)
            .args(["-c", "user.name=I", "-c", "user.email=i@example.invalid"])
            .args(args)
            .env_remove("GIT_DIR")
            .output();
        assert!(done.unwrap().status.success(), "{args:?}");
    };
    git(&["init", "-q"]);
    fs_err::write(root.join("src/old.rs"), "fn tide() {}\n".repeat(20)).unwrap();
    git(&["add", "."]);
    git(&["commit", "-qm", "one"]);
    git(&["mv", "src/old.rs", "src/new.rs"]);
    git(&["commit", "-qm", "two"]);
    let old = root.join("src/old.rs");
    let line = said("boats", "a", "a1", "assistant", 0, "It gets a tide.");
    sandbox.write(
        "a.jsonl",
        &lines(&[touching(line, "Edit", &[&old.to_string_lossy()], &[])]),
    );
    sandbox.import();
    let archive = sandbox.archive();
    let new = file("src/new.rs", Scope::All);
    assert_eq!(archive.file_history(&new).unwrap().touches, 0);
    let asked = FileRequest {
        directory: Some(root.join("src/..")),
        ..new
    };
    let history = archive.file_history(&asked).unwrap();
    assert_eq!(history.renamed_from, ["src/old.rs"]);
    assert_eq!(history.uses[0].message_id, "a1");
}

#[test]
fn concepts_are_found_by_their_words() {
    let (_sandbox, mut archive) = work();
    let request = ConceptRequest {
        concept: "auth".into(),
        include_files: true,
        limit: 5,
        now: NOW,
        ..ConceptRequest::new(in_boats())
    };
    let report = archive.concept(&request, None).unwrap();
    assert_eq!(
        (report.concept.as_str(), report.is_class),
        ("authentication", true)
    );
    assert_eq!(report.hits.len(), 1);
    assert_eq!(report.hits[0].hit.message_id, "a1");
    assert!(report.hits[0].hit.score >= 0.8);
    assert_eq!(report.files[0].0, "/nowhere/boats/src/tide.rs");
    let docker = ConceptRequest {
        concept: "containerization".into(),
        ..request.clone()
    };
    let report = archive.concept(&docker, None).unwrap();
    assert_eq!(report.concept, "docker");
    assert_eq!(report.hits[0].hit.conversation_id, "b");
    assert_eq!(report.hits[0].found, 3);
    // Any other words are searched for.
    let tides = ConceptRequest {
        concept: "tide table".into(),
        ..request.clone()
    };
    let report = archive.concept(&tides, None).unwrap();
    assert!(!report.is_class && report.hits[0].hit.message_id == "b1");
    let none = ConceptRequest {
        concept: "refactoring".into(),
        ..request
    };
    assert_eq!(
        archive.concept(&none, None).unwrap().verdict,
        Verdict::Nothing
    );
}

fn recent(scope: Scope, group_by: GroupBy) -> RecentRequest {
    RecentRequest {
        group_by,
        limit: 10,
        now: NOW,
        ..RecentRequest::new(scope)
    }
}

#[test]
fn recent_work_is_told_by_conversation() {
    let (_sandbox, archive) = work();
    let work = archive
        .recent(&recent(in_boats(), GroupBy::Conversation))
        .unwrap();
    let ids: Vec<&str> = work
        .groups
        .iter()
        .map(|group| group.conversations[0].0.as_str())
        .collect();
    assert_eq!(ids, ["c", "b", "a"]);
    let (c, b, a) = (&work.groups[0], &work.groups[1], &work.groups[2]);
    assert_eq!(
        (c.open, b.open, a.open),
        (None, Some(OpenEnd::Unanswered), Some(OpenEnd::Question))
    );
    assert_eq!(a.messages, 5);
    assert_eq!(a.files, ["/nowhere/boats/src/tide.rs"]);
    assert_eq!(a.topics, ["authentication"]);
    assert_eq!(a.answered.as_ref().unwrap().text, "Done. Shall I push it?");
    assert_eq!(a.asked.as_ref().unwrap().message_id, "a1");
    let one = RecentRequest {
        limit: 1,
        ..recent(in_boats(), GroupBy::Conversation)
    };
    assert_eq!(archive.recent(&one).unwrap().groups.len(), 1);
}

#[test]
fn recent_work_is_told_by_day_and_session() {
    let (_sandbox, archive) = work();
    let days = archive.recent(&recent(Scope::All, GroupBy::Day)).unwrap();
    let told: Vec<_> = days
        .groups
        .iter()
        .map(|day| (day.day.as_deref(), day.messages))
        .collect();
    assert_eq!(told, [(Some("2026-02-03"), 2), (Some("2026-02-01"), 10)]);
    assert_eq!(days.groups[1].projects, ["boats", "mill"]);
    assert_eq!(days.groups[1].conversation_count, 3);
    // Where the person is, the day may be another.
    let east = RecentRequest {
        zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(14)),
        ..recent(Scope::All, GroupBy::Day)
    };
    let days = archive.recent(&east).unwrap();
    assert_eq!(days.groups[1].day.as_deref(), Some("2026-02-02"));
    let sessions = archive
        .recent(&recent(Scope::All, GroupBy::Session))
        .unwrap();
    let told: Vec<_> = sessions
        .groups
        .iter()
        .map(|s| (s.projects[0].as_str(), s.messages))
        .collect();
    assert_eq!(told, [("boats", 2), ("mill", 2), ("boats", 8)]);
}

#[test]
fn sub_agents_are_part_of_what_started_them() {
    let sandbox = Sandbox::with_fixtures();
    sandbox.import();
    let archive = sandbox.archive();
    let work = archive
        .recent(&recent(Scope::All, GroupBy::Conversation))
        .unwrap();
    let session = work
        .groups
        .iter()
        .find(|group| group.conversations[0].0 == "b0a7-0001")
        .unwrap();
    assert_eq!(session.conversation_count, 1);
    assert!(session.messages > 10);
    assert!(
        work.groups
            .iter()
            .all(|group| !group.conversations[0].0.contains("agent"))
    );
}

#[test]
fn a_timeline_counts_by_period_and_project() {
    let (_sandbox, archive) = work();
    let request = TimelineRequest {
        stats: true,
        ..TimelineRequest::new(Scope::All)
    };
    let timeline = archive.timeline(&request).unwrap();
    let keys: Vec<&str> = timeline
        .periods
        .iter()
        .map(|period| period.key.as_str())
        .collect();
    assert_eq!(
        keys,
        ["2026-02-01", "2026-02-03"],
        "periods without work are left out"
    );
    let first = &timeline.periods[0];
    assert_eq!((first.activity.messages, first.activity.prompts), (10, 4));
    assert_eq!(
        (first.activity.conversations, first.activity.files_edited),
        (3, 3)
    );
    assert_eq!(first.activity.tool_calls, 5);
    assert_eq!(first.projects[0].0, "boats");
    assert_eq!(first.projects[0].1.messages, 8);
    assert_eq!(first.files[0], ("/nowhere/boats/src/tide.rs".to_owned(), 2));
    assert_eq!(timeline.total.conversations, 4);
    for (granularity, key) in [
        (Granularity::Hour, "2026-02-01 10:00"),
        (Granularity::Week, "2026-W05"),
        (Granularity::Month, "2026-02"),
    ] {
        let request = TimelineRequest {
            granularity,
            ..TimelineRequest::new(Scope::All)
        };
        assert_eq!(archive.timeline(&request).unwrap().periods[0].key, key);
    }
    let late = TimelineRequest {
        since: Some(1_770_000_000_000),
        scope: in_boats(),
        ..request
    };
    assert_eq!(archive.timeline(&late).unwrap().total.messages, 2);
}

#[test]
fn learnings_are_what_a_session_shows() {
    let (_sandbox, archive) = work();
    let request = LearningsRequest {
        session: "a".into(),
        scope: in_boats(),
        limit: 50,
    };
    let learnt = archive.learnings(&request).unwrap();
    assert_eq!(learnt.outcomes.len(), 1);
    assert!(learnt.outcomes[0].is_stated && learnt.outcomes[0].message_id == "a5");
    assert_eq!(learnt.files, [("/nowhere/boats/src/tide.rs".to_owned(), 2)]);
    let elsewhere = LearningsRequest {
        session: "m".into(),
        ..request.clone()
    };
    assert!(matches!(
        archive.learnings(&elsewhere),
        Err(Error::NoConversation(_))
    ));
}

#[test]
fn commits_of_a_session_are_learnt() {
    let sandbox = Sandbox::new();
    let mut call = said("boats", "a", "a1", "assistant", 0, "");
    call["tools"] =
        json!([{"id": "t1", "name": "Bash", "input": {"command": "git add . && git commit -m x"}}]);
    let mut result = said("boats", "a", "a2", "tool", 1, "");
    result["results"] =
        json!([{"call": "t1", "output": "[main 1a2b3c4] Add the tide\n 1 file changed"}]);
    sandbox.write("a.jsonl", &lines(&[call, result]));
    sandbox.import();
    let request = LearningsRequest {
        session: "a".into(),
        limit: 5,
        ..LearningsRequest::new(Scope::All)
    };
    let learnt = sandbox.archive().learnings(&request).unwrap();
    assert_eq!(
        learnt.commits,
        [("1a2b3c4".to_owned(), "Add the tide".to_owned())]
    );
}

#[test]
fn a_recap_leaves_out_the_conversation_that_it_is_for() {
    let (_sandbox, archive) = work();
    let request = RecapRequest {
        conversations: 2,
        without: Some("c".into()),
        now: NOW,
        ..RecapRequest::new(in_boats())
    };
    let recap = archive.recap(&request).unwrap();
    let ids: Vec<&str> = recap
        .work
        .iter()
        .map(|group| group.conversations[0].0.as_str())
        .collect();
    assert_eq!(ids, ["b", "a"]);
    assert_eq!(recap.project.as_deref(), Some("boats"));
}

#[test]
fn reflections_are_no_work_but_part_of_a_recap() {
    let (_sandbox, mut archive) = work();
    let mut reflect = |content: &str, minute: i64| {
        let new = NewReflection {
            content: content.into(),
            place: ReflectionProject::Project("boats".into()),
            now: NOW + minute * 60_000,
            ..NewReflection::default()
        };
        archive.reflect(&new).unwrap().id
    };
    let open = reflect("the printer is yet to be fixed", 0);
    let over = reflect("the mast leans", 1);
    let newest = reflect("tides come in UTC", 2);
    for (id, status) in [(&open, MarkStatus::Open), (&over, MarkStatus::Resolved)] {
        let mark = Mark {
            ids: vec![id.clone()],
            status,
            now: NOW,
            ..Mark::new(Scope::All)
        };
        archive.mark(&mark).unwrap();
    }
    let request = RecapRequest {
        conversations: 9,
        reflections: 9,
        now: NOW,
        ..RecapRequest::new(in_boats())
    };
    let recap = archive.recap(&request).unwrap();
    let ids: Vec<&String> = recap.reflections.iter().map(|one| &one.id).collect();
    assert_eq!(ids, [&open, &newest]);
    assert_eq!(recap.work.len(), 3);
    let groups = archive
        .recent(&recent(in_boats(), GroupBy::Conversation))
        .unwrap()
        .groups;
    assert_eq!(groups.len(), 3);
    let timeline = archive.timeline(&TimelineRequest::new(Scope::All)).unwrap();
    assert_eq!(timeline.total.conversations, 4);
}

#[test]
fn terms_stand_out_in_their_project() {
    let sandbox = Sandbox::new();
    let mut all = Vec::new();
    for n in 0..6 {
        let id = |name: &str| format!("{name}{n}");
        all.push(said(
            "boats",
            &id("b"),
            &id("x"),
            "user",
            n,
            "please fix the harbour of the service",
        ));
        all.push(said(
            "mill",
            &id("m"),
            &id("y"),
            "user",
            n,
            "please fix the waterwheel of the service",
        ));
    }
    sandbox.write("a.jsonl", &lines(&all));
    sandbox.import();
    let archive = sandbox.archive();
    let terms = archive.standing_out(&in_boats(), 10).unwrap();
    assert_eq!(terms[0].term, "harbour");
    assert_eq!(terms[0].conversations, 6);
    assert!(terms.iter().all(|term| term.term != "waterwheel"));
    assert!(!archive.standing_out(&Scope::All, 10).unwrap().is_empty());
}

#[test]
fn an_empty_archive_has_nothing_to_tell() {
    let sandbox = Sandbox::new();
    let archive = sandbox.archive();
    assert!(
        archive
            .recent(&recent(Scope::All, GroupBy::Day))
            .unwrap()
            .groups
            .is_empty()
    );
    assert!(
        archive
            .timeline(&TimelineRequest::new(Scope::All))
            .unwrap()
            .periods
            .is_empty()
    );
    assert!(
        archive
            .recap(&RecapRequest::new(Scope::All))
            .unwrap()
            .work
            .is_empty()
    );
    assert!(
        archive
            .file_history(&file("*", Scope::All))
            .unwrap()
            .uses
            .is_empty()
    );
    assert!(archive.standing_out(&Scope::All, 5).unwrap().is_empty());
}

#[test]
fn a_conversation_is_of_the_project_with_most_of_its_messages() {
    let sandbox = Sandbox::new();
    let said = |id: usize, project: &str| {
        json!({"conversation": "c", "id": id.to_string(), "project": project, "role": "user",
               "text": format!("message {id}")})
    };
    let projects = ["mill", "boats", "boats", "mill", "boats", "mill", "mill"];
    let all: Vec<_> = projects
        .iter()
        .enumerate()
        .map(|(id, of)| said(id, of))
        .collect();
    sandbox.write("c.jsonl", &lines(&all[..6]));
    sandbox.write("c2.jsonl", &lines(&all));
    sandbox.import();
    assert_eq!(conversations(&sandbox.archive())[0].project, "mill");
}

#[test]
fn the_latest_conversations_are_those_that_were_spoken_in_last() {
    let sandbox = Sandbox::new();
    let mut archive = sandbox.archive();
    for (id, day) in [("new", 9), ("old", 1), ("middle", 5)] {
        let time = format!("2026-02-0{day}T10:00:00Z");
        let said = json!({"conversation": id, "id": id, "role": "user", "text": id, "time": time});
        sandbox.write(&format!("{id}.jsonl"), &lines(&[said]));
        import(&mut archive, &sandbox.request());
    }
    let ids: Vec<_> = conversations(&archive)
        .into_iter()
        .map(|view| view.id)
        .collect();
    assert_eq!(ids, ["new", "middle", "old"]);
}
