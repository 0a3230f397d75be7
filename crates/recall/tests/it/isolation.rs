//! A search in a project never brings anything of another, whatever is asked (promise S3).

use std::cell::RefCell;

use embed::FixedEmbedder;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use recall::{
    Archive, ConceptRequest, Decay, ExportFilter, FileRequest, GroupBy, LearningsRequest, Mark,
    Mode, RecapRequest, RecentRequest, ReflectionChange, ReflectionFilter, Scope, SearchRequest,
    SearchResponse, TimelineRequest,
};
use serde_json::{Value, json};
use transcript::{MarkStatus, Role};

use crate::support::{NOW, Sandbox, assert_sound, embed as embed_all, lines, views};

const PROJECTS: [&str; 3] = ["boats", "mill", "kiln"];

/// Few words, so that projects share most of them.
const WORDS: [&str; 10] = [
    "tide",
    "table",
    "wheel",
    "retryPolicy",
    "E0658",
    "glaze",
    "潮汐表",
    "поток",
    "src/main.rs",
    "oar",
];

/// A message that says in every part which project it belongs to.
fn message(project: usize, n: usize, conversation: usize, words: &[usize], time: i64) -> Value {
    let name = PROJECTS[project];
    let words: Vec<&str> = words.iter().map(|word| WORDS[*word]).collect();
    let said = format!("{} only{name} {}", words.join(" "), words.concat());
    let time = jiff::Timestamp::from_second(1_770_000_000 + time)
        .unwrap()
        .to_string();
    let role = ["user", "assistant", "tool"][n % 3];
    let mut line = json!({
        "id": format!("{name}-{n}"), "project": name, "time": time,
        "conversation": format!("c{conversation}-{}", conversation % 2 * project),
        "role": role,
    });
    if n % 6 == 1 {
        line["reflection"] = json!({"tags": [format!("only{name}")]});
    }
    if n % 3 == 2 {
        line["results"] = json!([{"call": "t", "output": said}]);
    } else {
        line["text"] = said.into();
        line["tools"] =
            json!([{"id": "t", "name": "Read", "input": {"path": format!("only{name}")}}]);
        line["files"] = json!(["src/main.rs"]);
    }
    line
}

fn any_archive() -> impl Strategy<Value = Vec<Value>> {
    let words = prop::collection::vec(0..WORDS.len(), 1..5);
    let one = (0..PROJECTS.len(), 0..4_usize, words, 0..5_000_000_i64);
    prop::collection::vec(one, 8..60).prop_map(|all| {
        let numbered = all.into_iter().enumerate();
        numbered
            .map(|(n, (project, at, words, time))| message(project, n, at, &words, time))
            .collect()
    })
}

fn any_request() -> impl Strategy<Value = SearchRequest> {
    let word = prop::sample::select(WORDS.to_vec());
    let part = prop_oneof![
        4 => word.clone().prop_map(str::to_owned),
        1 => word.clone().prop_map(|word| format!("\"{word}\"")),
        1 => word.clone().prop_map(|word| format!("{}*", word.chars().take(3).collect::<String>())),
        1 => word.prop_map(|word| format!("{word}x")),
        1 => prop::sample::select(PROJECTS.to_vec()).prop_map(|name| format!("only{name}")),
        1 => prop::sample::select(PROJECTS.to_vec()).prop_map(|name| format!("only{name}x")),
    ];
    let query = prop::collection::vec(part, 1..5).prop_map(|parts| parts.join(" "));
    let mode = prop::sample::select(vec![Mode::Hybrid, Mode::Lexical, Mode::Semantic]);
    let role = prop::option::of(prop::sample::select(vec![Role::User, Role::Tool]));
    let file = prop::option::of(Just("main.rs".to_owned()));
    let tool = prop::option::of(Just("Read".to_owned()));
    let since = prop::option::of(Just(NOW - 1_000_000_000));
    let decay = prop::option::of(Just(Decay {
        weight: 0.5,
        half_life_days: 20.0,
    }));
    let project = prop::sample::select(PROJECTS.to_vec());
    let page = (1..30_usize, 0..4_usize, 0..4_usize);
    (query, mode, role, file, tool, since, decay, project, page).prop_map(
        |(query, mode, role, file, tool, since, decay, project, (limit, offset, context))| {
            let scope = Scope::Project(project.to_owned());
            SearchRequest {
                mode,
                role,
                file,
                tool,
                since,
                decay,
                limit,
                offset,
                context,
                ..SearchRequest::new(query, scope, NOW)
            }
        },
    )
}

/// Everything of a response that a person or an assistant gets to see.
fn shown(response: &SearchResponse) -> String {
    let mut shown = format!("{:?}\n", response.notes);
    for hit in &response.hits {
        let around = hit.before.iter().chain(&hit.after);
        let around: Vec<_> = around
            .map(|view| format!("{:?} {} {}", view.message, view.project, view.title))
            .collect();
        let parts = [&hit.message_id, &hit.project, &hit.title, &hit.excerpt];
        let (reflection, status) = (&hit.reflection, &hit.status);
        shown.push_str(&format!("{parts:?} {:?} {around:?} ", hit.folded));
        shown.push_str(&format!("{reflection:?} {status:?}\n"));
    }
    shown
}

/// Whether a text has something of a project other than this one.
fn has_other(text: &str, project: &str) -> bool {
    let others = PROJECTS.iter().filter(|other| **other != project);
    others
        .into_iter()
        .any(|other| text.contains(&format!("only{other}")) || text.contains(&format!("{other}-")))
}

fn check(archive: &mut Archive, request: &SearchRequest) -> Result<usize, TestCaseError> {
    let embedder = FixedEmbedder::new(32);
    let response = match archive.search(request, Some(&embedder)) {
        Ok(response) => response,
        // A project that nothing was said in.
        Err(recall::Error::NoProject { .. }) => return Ok(0),
        Err(error) => return Err(TestCaseError::fail(format!("{error}"))),
    };
    let Scope::Project(project) = &request.scope else {
        return Ok(0);
    };
    prop_assert_eq!(response.project.as_ref(), Some(project));
    prop_assert!(
        !has_other(&shown(&response), project),
        "{}",
        shown(&response)
    );
    prop_assert!(response.hits.iter().all(|hit| hit.project == *project));
    Ok(response.hits.len())
}

/// Deletes a reflection, says more in another, and marks a third.
fn change_reflections(archive: &mut Archive) {
    let all = archive
        .reflections(&ReflectionFilter::new(Scope::All))
        .unwrap();
    if let [first, second, third, ..] = &all[..] {
        archive.delete_reflection(&first.id, &Scope::All).unwrap();
        let change = ReflectionChange {
            content: Some(format!("{} only{}", second.content, second.project)),
            ..ReflectionChange::default()
        };
        archive
            .edit_reflection(&second.id, &Scope::All, &change)
            .unwrap();
        let mark = Mark {
            ids: vec![third.id.clone()],
            status: MarkStatus::Superseded,
            evidence: Some(format!("only{}", third.project)),
            now: NOW,
            ..Mark::new(Scope::All)
        };
        archive.mark(&mark).unwrap();
    }
    for project in PROJECTS {
        let filter = ReflectionFilter {
            ..ReflectionFilter::new(Scope::Project(project.into()))
        };
        if let Ok(own) = archive.reflections(&filter) {
            assert!(!has_other(&format!("{own:?}"), project), "{own:?}");
        }
    }
}

#[test]
fn no_search_leads_out_of_its_project() {
    let found = RefCell::new(0);
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    let requests = prop::collection::vec(any_request(), 12);
    TestRunner::new(config)
        .run(
            &(any_archive(), requests, 1..60_usize),
            |(all, requests, cut)| {
                let sandbox = Sandbox::new();
                // A part is found only by its terms, a part is known to searches before the rest comes.
                let (first, rest) = all.split_at(cut.min(all.len()));
                sandbox.write("a.jsonl", &lines(first));
                let mut archive = sandbox.imported();
                for (n, request) in requests.iter().enumerate() {
                    if n == 4 {
                        sandbox.append("a.jsonl", &lines(rest));
                        sandbox.import();
                    }
                    if n == 6 {
                        change_reflections(&mut archive);
                    }
                    if n == 8 {
                        embed_all(&mut archive);
                    }
                    *found.borrow_mut() += check(&mut archive, request)?;
                }
                assert_sound(&archive);
                Ok(())
            },
        )
        .unwrap();
    assert!(*found.borrow() > 100, "the searches find something");
}

/// Everything that looking around tells of a project.
fn looked_around(archive: &mut Archive, project: &str, word: &str) -> recall::Result<String> {
    let scope = Scope::Project(project.to_owned());
    let mut told = String::new();
    let file = FileRequest {
        path: "main.rs".into(),
        limit: 20,
        ..FileRequest::new(scope.clone())
    };
    told.push_str(&format!("{:?}", archive.file_history(&file)?));
    for group_by in GroupBy::ALL {
        let request = RecentRequest {
            limit: 20,
            group_by,
            now: NOW,
            ..RecentRequest::new(scope.clone())
        };
        told.push_str(&format!("{:?}", archive.recent(&request)?));
    }
    let request = TimelineRequest {
        stats: true,
        ..TimelineRequest::new(scope.clone())
    };
    told.push_str(&format!("{:?}", archive.timeline(&request)?));
    let request = RecapRequest {
        conversations: 10,
        now: NOW,
        ..RecapRequest::new(scope.clone())
    };
    told.push_str(&format!("{:?}", archive.recap(&request)?));
    for concept in [word, "search"] {
        let request = ConceptRequest {
            concept: concept.into(),
            include_files: true,
            limit: 10,
            now: NOW,
            ..ConceptRequest::new(scope.clone())
        };
        told.push_str(&format!("{:?}", archive.concept(&request, None)?));
    }
    told.push_str(&format!("{:?}", archive.standing_out(&scope, 20)?));
    for session in ["c0-0", "c1-0", "c1-1", "c1-2", "c", ""] {
        let request = LearningsRequest {
            session: session.into(),
            scope: scope.clone(),
            limit: 10,
        };
        told.push_str(&format!("{:?}", archive.learnings(&request)));
    }
    Ok(told)
}

#[test]
fn looking_around_never_leads_out_of_its_project() {
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&(any_archive(), 0..WORDS.len()), |(all, word)| {
            let sandbox = Sandbox::new();
            sandbox.write("a.jsonl", &lines(&all));
            sandbox.import();
            let mut archive = sandbox.archive();
            for project in PROJECTS {
                match looked_around(&mut archive, project, WORDS[word]) {
                    Ok(told) => prop_assert!(!has_other(&told, project), "{told}"),
                    // A project that nothing was said in.
                    Err(recall::Error::NoProject { .. }) => {}
                    Err(error) => return Err(TestCaseError::fail(format!("{error}"))),
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_export_of_a_project_has_nothing_of_another() {
    let sandbox = Sandbox::new();
    let all: Vec<_> = (0..90)
        .map(|n| message(n % 3, n, n % 4, &[n % 10], 0))
        .collect();
    sandbox.write("a.jsonl", &lines(&all));
    sandbox.import();
    let archive = sandbox.archive();
    assert_eq!(views(&archive).len(), 90);
    for project in PROJECTS {
        let filter = ExportFilter::new(Scope::Project(project.into()));
        let mut count = 0;
        archive
            .export(&filter, &mut |view| {
                assert!(
                    !has_other(&format!("{:?}", view.message), project),
                    "{:?}",
                    view.message
                );
                assert!(!has_other(&view.title, project), "{}", view.title);
                count += 1;
                true
            })
            .unwrap();
        assert_eq!(count, 30);
    }
}
