//! What may be found: by project, source, role, file, tool and time.

use recall::{Archive, Error, Scope, SearchRequest};
use serde_json::json;
use transcript::Role;

use crate::support::{NOW, Sandbox, codex, generic, ids, in_project, lines};

/// Messages about tides in two projects, of two sources, with tools and files.
fn tides() -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    let mut all = Vec::new();
    for (n, (project, role)) in [
        ("boats", "user"),
        ("boats", "assistant"),
        ("mill", "user"),
        ("mill", "system"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut line = generic(
            project,
            &format!("m{n}"),
            &format!("the tide is {n} hours off"),
        );
        line["project"] = project.into();
        line["role"] = role.into();
        line["time"] = format!("2026-01-0{}T00:00:00Z", n + 1).into();
        all.push(line);
    }
    all[1]["tools"] = json!([{"id": "t", "name": "mcp__almanac__lookup", "input": {}}]);
    all[1]["files"] = json!({"edited": ["/nowhere/boats/src/tide.rs"]});
    // Enough that stands between for the surroundings of one not to reach the other.
    let far = (0..30).map(|n| generic("filler", &format!("f{n}"), &format!("nothing of note {n}")));
    all.splice(2..2, far);
    sandbox.write("a.jsonl", &lines(&all));
    let thread = codex(
        "t1",
        "/nowhere/kiln",
        None,
        "Does the tide matter to a kiln?",
    );
    sandbox.write("rollout-1.jsonl", &lines(&thread));
    sandbox.import();
    let archive = sandbox.archive();
    (sandbox, archive)
}

/// Ids found by a request, in order of the ids.
#[track_caller]
fn found(archive: &mut Archive, request: &SearchRequest) -> Vec<String> {
    let response = archive.search(request, None).unwrap();
    let mut ids: Vec<String> = ids(&response).into_iter().map(str::to_owned).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn each_filter_keeps_to_what_it_says() {
    let (_sandbox, mut archive) = tides();
    let all = SearchRequest::new("tide hours", Scope::All, NOW);
    let request = SearchRequest {
        role: Some(Role::Assistant),
        ..all.clone()
    };
    assert_eq!(found(&mut archive, &request)[0], "m1");
    assert_eq!(
        found(&mut archive, &in_project("tide", "mill")),
        ["m2", "m3"]
    );
    let request = SearchRequest {
        source: Some("codex".into()),
        ..all.clone()
    };
    let response = archive.search(&request, None).unwrap();
    assert!(!response.hits.is_empty() && response.hits.iter().all(|hit| hit.source == "codex"));
    let request = SearchRequest {
        source: Some("nobody".into()),
        ..all.clone()
    };
    assert_eq!(found(&mut archive, &request), [""; 0]);
    // At or after the one, before the other.
    let at = |day: &str| {
        format!("2026-01-{day}T00:00:00Z")
            .parse::<jiff::Timestamp>()
            .unwrap()
    };
    let since = Some(at("02").as_millisecond());
    let until = Some(at("04").as_millisecond());
    let request = SearchRequest {
        since,
        until,
        source: Some("jsonl".into()),
        ..all.clone()
    };
    assert_eq!(found(&mut archive, &request), ["m1", "m2"]);
    let request = SearchRequest {
        min_score: 1.1,
        ..all
    };
    assert_eq!(found(&mut archive, &request), [""; 0]);
}

#[test]
fn files_and_tools_bring_what_was_said_around_them() {
    let (_sandbox, mut archive) = tides();
    let all = SearchRequest::new("tide hours", Scope::All, NOW);
    for file in [
        "tide.rs",
        "src/tide.rs",
        "./src/tide.rs",
        "/nowhere/boats/src/tide.rs",
    ] {
        let request = SearchRequest {
            file: Some(file.into()),
            ..all.clone()
        };
        let found = found(&mut archive, &request);
        assert!(
            found.contains(&"m1".into()) && !found.contains(&"m3".into()),
            "{file} {found:?}"
        );
    }
    for file in ["ide.rs", "other/tide.rs", "TIDE"] {
        let request = SearchRequest {
            file: Some(file.into()),
            ..all.clone()
        };
        assert_eq!(found(&mut archive, &request), [""; 0], "{file}");
    }
    for tool in ["mcp__almanac__lookup", "lookup", "LOOKUP"] {
        let request = SearchRequest {
            tool: Some(tool.into()),
            ..all.clone()
        };
        let found = found(&mut archive, &request);
        assert!(
            found.contains(&"m1".into()) && !found.contains(&"m3".into()),
            "{tool} {found:?}"
        );
    }
    let request = SearchRequest {
        tool: Some("look".into()),
        ..all
    };
    assert_eq!(found(&mut archive, &request), [""; 0]);
}

#[test]
fn names_of_projects_are_forgiving_but_never_guessed() {
    let (_sandbox, mut archive) = tides();
    for name in [
        "kiln",
        "KILN",
        "/nowhere/kiln",
        "/nowhere/kiln/",
        "dir:/nowhere/kiln",
    ] {
        assert_eq!(
            found(&mut archive, &in_project("kiln", name)).len(),
            2,
            "{name}"
        );
    }
    let error = archive
        .search(&in_project("tide", "boat"), None)
        .unwrap_err();
    assert!(
        matches!(&error, Error::NoProject { near, .. } if near == &["boats"]),
        "{error:?}"
    );
    let sandbox = Sandbox::new();
    for (n, place) in ["/nowhere/ines/boats", "/nowhere/jo/boats"]
        .into_iter()
        .enumerate()
    {
        let thread = codex(&format!("t{n}"), place, None, "Low tide?");
        sandbox.write(&format!("rollout-{n}.jsonl"), &lines(&thread));
    }
    sandbox.import();
    let mut archive = sandbox.archive();
    let error = archive
        .search(&in_project("tide", "boats"), None)
        .unwrap_err();
    let Error::AmbiguousProject { mut candidates, .. } = error else {
        panic!("{error:?}")
    };
    candidates.sort_unstable();
    assert_eq!(candidates, ["ines/boats", "jo/boats"]);
    for name in &candidates {
        assert_eq!(
            archive
                .search(&in_project("tide", name), None)
                .unwrap()
                .project
                .as_ref(),
            Some(name)
        );
    }
}

#[test]
fn pages_of_hits_follow_each_other() {
    let (_sandbox, mut archive) = tides();
    let all = SearchRequest::new("tide", Scope::All, NOW);
    let whole = found(
        &mut archive,
        &SearchRequest {
            limit: 50,
            ..all.clone()
        },
    );
    let mut pages = Vec::new();
    for offset in (0..whole.len() + 2).step_by(2) {
        pages.extend(found(
            &mut archive,
            &SearchRequest {
                offset,
                limit: 2,
                ..all.clone()
            },
        ));
    }
    pages.sort_unstable();
    assert_eq!(pages, whole);
    assert_eq!(
        found(&mut archive, &SearchRequest { limit: 0, ..all }),
        [""; 0]
    );
}

#[test]
fn neighbours_come_along_in_order() {
    let (_sandbox, mut archive) = tides();
    let request = SearchRequest {
        context: 2,
        ..SearchRequest::new("\"note 15\"", Scope::All, NOW)
    };
    let response = archive.search(&request, None).unwrap();
    let hit = &response.hits[0];
    let around = |views: &[recall::MessageView]| -> Vec<String> {
        views.iter().map(|view| view.message.id.clone()).collect()
    };
    assert_eq!(
        (around(&hit.before), hit.message_id.as_str()),
        (vec!["f13".into(), "f14".into()], "f15")
    );
    assert_eq!(around(&hit.after), ["f16", "f17"]);
}

#[test]
fn a_file_and_a_tool_bring_nothing_of_another_conversation() {
    let said = |conversation: &str, n: usize| {
        let id = format!("{conversation}{n}");
        generic(conversation, &id, &format!("the tide is {n} hours off"))
    };
    let mut all: Vec<_> = (0..3).map(|n| said("first", n)).collect();
    all[2]["tools"] = json!([{"id": "t", "name": "lookup", "input": {}}]);
    all[2]["files"] = json!({"edited": ["/nowhere/boats/src/tide.rs"]});
    all.extend((0..3).map(|n| said("second", n)));
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", &lines(&all));
    sandbox.import();
    let mut archive = sandbox.archive();
    let all = SearchRequest::new("tide", Scope::All, NOW);
    for request in [
        SearchRequest {
            file: Some("tide.rs".into()),
            ..all.clone()
        },
        SearchRequest {
            tool: Some("lookup".into()),
            ..all.clone()
        },
    ] {
        let found = found(&mut archive, &request);
        let is_own = found.iter().all(|id| id.starts_with("first"));
        assert!(is_own && found.contains(&"first1".into()), "{found:?}");
    }
}

#[test]
fn a_project_is_found_by_the_name_that_is_shown() {
    let sandbox = Sandbox::new();
    let places = [
        "/nowhere/boats",
        "/far/nowhere/boats",
        "/very/far/nowhere/boats",
    ];
    for (n, place) in places.into_iter().enumerate() {
        let thread = codex(&format!("t{n}"), place, None, "Low tide?");
        sandbox.write(&format!("rollout-{n}.jsonl"), &lines(&thread));
    }
    let mut named = generic("named", "m", "tide");
    named["project"] = "boats".into();
    sandbox.write("a.jsonl", &lines(&[named]));
    sandbox.import();
    let mut archive = sandbox.archive();
    let projects = archive.projects().unwrap();
    assert_eq!(projects.len(), 4);
    for project in projects {
        let response = archive
            .search(&in_project("tide", &project.name), None)
            .unwrap();
        assert_eq!(response.project.as_ref(), Some(&project.name));
        assert_eq!(
            response.hits.len() as u64,
            project.messages,
            "{}",
            project.name
        );
    }
}

#[test]
fn a_title_is_made_of_the_projects_own_words() {
    let in_project_of = |project: &str, id: &str, role: &str, text: &str| {
        let mut line = generic("c", id, text);
        (line["project"], line["role"]) = (project.into(), role.into());
        line
    };
    let all = [
        in_project_of("mill", "m", "user", "the secret of the millstone"),
        in_project_of("boats", "b1", "assistant", "the tide is low"),
        in_project_of("boats", "b2", "assistant", "the oars are wet"),
    ];
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", &lines(&all));
    sandbox.import();
    let mut archive = sandbox.archive();
    let request = SearchRequest {
        context: 2,
        ..in_project("tide", "boats")
    };
    let response = archive.search(&request, None).unwrap();
    let hit = &response.hits[0];
    assert_eq!(
        (hit.message_id.as_str(), hit.title.as_str()),
        ("b1", "the tide is low")
    );
    let around: Vec<_> = hit.after.iter().map(|view| view.title.as_str()).collect();
    assert_eq!(around, ["the tide is low"]);
    let mill = archive
        .search(&in_project("millstone", "mill"), None)
        .unwrap();
    assert_eq!(mill.hits[0].title, "the secret of the millstone");
}

#[test]
fn a_typo_is_not_corrected_into_another_projects_word() {
    let sandbox = Sandbox::new();
    let mut secret = generic("mill", "m", "the millstone of the harbuor");
    secret["project"] = "mill".into();
    let mut own = generic("boats", "b", "the harbour and the milestone");
    own["project"] = "boats".into();
    sandbox.write("a.jsonl", &lines(&[secret, own]));
    sandbox.import();
    let mut archive = sandbox.archive();
    let mut notes = |query, project| {
        let response = archive.search(&in_project(query, project), None).unwrap();
        format!("{:?}", response.notes)
    };
    // The nearest word, alone and beside another typo, is the other project's.
    assert!(notes("millstonr", "mill").contains("millstone"));
    let told = notes("harbourr millstonr", "boats");
    assert!(
        told.contains("harbour") && !told.contains("millstone"),
        "{told}"
    );
    // A word that only the other project has is a typo here.
    assert!(notes("harbuor", "boats").contains("\"harbour\""));
}
