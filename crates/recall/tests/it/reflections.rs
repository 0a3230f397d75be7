//! Reflections are stored, found, changed and deleted like nothing else and found like everything else.

use embed::FixedEmbedder;
use recall::{
    Archive, Error, Mark, Mode, NewReflection, Reflection, ReflectionChange, ReflectionFilter,
    ReflectionProject, Scope, SearchRequest,
};
use serde_json::json;
use transcript::{MarkStatus, Role};

use crate::support::{
    NOW, Sandbox, assert_sound, conversations, embed as embed_all, export, generic, ids,
    in_project, lines, search,
};

pub(crate) fn insight(content: &str) -> NewReflection {
    NewReflection {
        content: content.to_owned(),
        now: NOW,
        ..NewReflection::default()
    }
}

/// An archive with a few messages of two projects, embedded.
pub(crate) fn with_talk() -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    let mut other = generic("boats", "b1", "The harbour closes at dusk, says the pilot");
    other["project"] = json!("boats");
    let own = generic("talk", "t1", "Which backoff do uploads use?");
    sandbox.write("talk.jsonl", &lines(&[own, other]));
    let archive = sandbox.imported();
    (sandbox, archive)
}

fn shop() -> ReflectionProject {
    ReflectionProject::Project("shop".into())
}

fn listed(archive: &Archive, filter: &ReflectionFilter) -> Vec<String> {
    let all = archive.reflections(filter).unwrap();
    all.into_iter()
        .map(|reflection| reflection.content)
        .collect()
}

#[test]
fn a_reflection_is_kept_and_found_with_everything_else() {
    let (_sandbox, mut archive) = with_talk();
    let kept = archive
        .reflect(&NewReflection {
            tags: vec![
                " retries ".into(),
                "up\nloads".into(),
                "retries".into(),
                " ".into(),
            ],
            place: shop(),
            role: Role::Assistant,
            author: Some("claude-code".into()),
            conversation: Some("talk".into()),
            created: Some(NOW - 5),
            ..insight("\nUploads use exponential backoff with jitter.\n")
        })
        .unwrap();
    assert_eq!(kept.content, "Uploads use exponential backoff with jitter.");
    assert_eq!(kept.tags, ["retries", "up loads"]);
    assert_eq!((kept.project.as_str(), kept.created), ("shop", NOW - 5));
    assert_eq!(kept.id.len(), 36);
    assert_eq!(archive.reflection(&kept.id, &Scope::All).unwrap(), kept);
    assert_eq!(
        archive.reflection(&kept.id[..9], &Scope::All).unwrap(),
        kept
    );
    let found = search(&mut archive, "exponential jitter");
    let hit = &found.hits[0];
    assert_eq!(
        (hit.message_id.as_str(), hit.source.as_str()),
        (kept.id.as_str(), "reflection")
    );
    assert_eq!(hit.title, "Uploads use exponential backoff with jitter.");
    let about = hit.reflection.as_ref().unwrap();
    assert_eq!(
        (about.id.as_str(), about.author.as_deref()),
        (kept.id.as_str(), Some("claude-code"))
    );
    assert_eq!(about.tags, kept.tags);
    assert!(hit.status.is_none());
    embed_all(&mut archive);
    let request = SearchRequest {
        mode: Mode::Semantic,
        ..SearchRequest::new(
            "Uploads use exponential backoff with jitter.",
            Scope::All,
            NOW,
        )
    };
    let found = archive
        .search(&request, Some(&FixedEmbedder::new(32)))
        .unwrap();
    assert_eq!(found.hits[0].message_id, kept.id);
    let conversation = archive.conversation(&kept.id[..8]).unwrap();
    assert_eq!((conversation.id, conversation.messages), (kept.id, 1));
    assert_sound(&archive);
}

#[test]
fn a_search_can_leave_reflections_out() {
    let (_sandbox, mut archive) = with_talk();
    archive
        .reflect(&insight("Uploads use the backoff of the tests"))
        .unwrap();
    assert_eq!(search(&mut archive, "uploads backoff").hits.len(), 2);
    let request = SearchRequest {
        without_reflections: true,
        ..SearchRequest::new("uploads backoff", Scope::All, NOW)
    };
    assert_eq!(ids(&archive.search(&request, None).unwrap()), ["t1"]);
    let request = SearchRequest {
        source: Some("reflection".into()),
        ..SearchRequest::new("uploads backoff", Scope::All, NOW)
    };
    let found = archive.search(&request, None).unwrap();
    assert_eq!(found.hits.len(), 1);
    assert!(found.hits[0].reflection.is_some());
}

#[test]
fn a_reflection_belongs_to_the_project_of_its_place() {
    let (sandbox, mut archive) = with_talk();
    let repository = sandbox.path().join("kiln");
    fs_err::create_dir_all(repository.join(".git/objects")).unwrap();
    fs_err::create_dir_all(repository.join(".git/refs")).unwrap();
    fs_err::write(repository.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    fs_err::write(
        repository.join(".git/config"),
        "[remote \"origin\"]\n\turl = git@example.org:jo/kiln.git\n",
    )
    .unwrap();
    let at = |place| NewReflection {
        place,
        ..insight("Cone six needs eight hours")
    };
    let mut project = |place| archive.reflect(&at(place)).unwrap().project;
    assert_eq!(project(ReflectionProject::Nowhere), "unsorted");
    assert_eq!(project(shop()), "shop");
    assert_eq!(
        project(ReflectionProject::Directory(repository.join("glaze"))),
        "kiln"
    );
    assert_eq!(
        project(ReflectionProject::Directory("/nowhere/ines/mill".into())),
        "mill"
    );
    assert_eq!(
        project(ReflectionProject::Directory("/nowhere/ines/mill".into())),
        "mill"
    );
    let error = archive
        .reflect(&at(ReflectionProject::Project("shope".into())))
        .unwrap_err();
    assert!(
        matches!(&error, Error::NoProject { near, .. } if *near == ["shop"]),
        "{error}"
    );
    let keys: Vec<String> = archive
        .projects()
        .unwrap()
        .into_iter()
        .map(|p| p.key)
        .collect();
    assert!(
        keys.contains(&"git:example.org/jo/kiln".to_owned()),
        "{keys:?}"
    );
    assert!(
        keys.contains(&"dir:/nowhere/ines/mill".to_owned()),
        "{keys:?}"
    );
    assert_sound(&archive);
}

#[test]
fn reflections_of_another_project_are_neither_found_nor_listed() {
    let (_sandbox, mut archive) = with_talk();
    let at = |place: &str, content: &str| NewReflection {
        place: ReflectionProject::Project(place.into()),
        ..insight(content)
    };
    archive.reflect(&at("shop", "Backoff is doubled")).unwrap();
    archive
        .reflect(&at("boats", "Backoff the harbour wall"))
        .unwrap();
    embed_all(&mut archive);
    for mode in [Mode::Lexical, Mode::Hybrid, Mode::Semantic] {
        let request = SearchRequest {
            mode,
            ..in_project("backoff harbour wall", "shop")
        };
        let found = archive
            .search(&request, Some(&FixedEmbedder::new(32)))
            .unwrap();
        assert!(
            found.hits.iter().all(|hit| hit.project == "shop"),
            "{found:?}"
        );
    }
    let filter = ReflectionFilter {
        ..ReflectionFilter::new(Scope::Project("boats".into()))
    };
    assert_eq!(listed(&archive, &filter), ["Backoff the harbour wall"]);
}

#[test]
fn reflections_are_listed_newest_first_by_tag_time_and_status() {
    let (_sandbox, mut archive) = with_talk();
    let mut keep = |content: &str, tag: &str, created: i64| {
        let new = NewReflection {
            tags: vec![tag.to_owned()],
            created: Some(created),
            ..insight(content)
        };
        archive.reflect(&new).unwrap().id
    };
    let (_, two) = (keep("one", "Odd", 1_000), keep("two", "even", 2_000));
    keep("three", "odd", 3_000);
    let mark = Mark {
        ids: vec![two],
        status: MarkStatus::Resolved,
        now: NOW,
        ..Mark::new(Scope::All)
    };
    archive.mark(&mark).unwrap();
    let all = ReflectionFilter::new(Scope::All);
    assert_eq!(listed(&archive, &all), ["three", "two", "one"]);
    let odd = ReflectionFilter {
        tag: Some("odd".into()),
        ..all.clone()
    };
    assert_eq!(listed(&archive, &odd), ["three", "one"]);
    let between = ReflectionFilter {
        since: Some(1_000),
        until: Some(3_000),
        ..all.clone()
    };
    assert_eq!(listed(&archive, &between), ["two", "one"]);
    let done = ReflectionFilter {
        status: Some(MarkStatus::Resolved),
        ..all.clone()
    };
    assert_eq!(listed(&archive, &done), ["two"]);
    let last = ReflectionFilter { limit: 1, ..all };
    assert_eq!(listed(&archive, &last), ["three"]);
}

#[test]
fn an_edited_reflection_is_found_by_its_new_text_only() {
    let (sandbox, mut archive) = with_talk();
    let old = archive
        .reflect(&NewReflection {
            place: shop(),
            ..insight("The quokka jumps the fence")
        })
        .unwrap();
    let mark = Mark {
        ids: vec![old.id.clone()],
        now: NOW,
        ..Mark::new(Scope::All)
    };
    archive.mark(&mark).unwrap();
    embed_all(&mut archive);
    let change = ReflectionChange {
        content: Some("The wombat digs below it".into()),
        tags: Some(vec!["zoo".into()]),
        now: NOW + 9,
    };
    let new = archive
        .edit_reflection(&old.id[..8], &Scope::All, &change)
        .unwrap();
    let expected = Reflection {
        content: "The wombat digs below it".into(),
        tags: vec!["zoo".into()],
        updated: Some(NOW + 9),
        status: new.status.clone(),
        ..old.clone()
    };
    assert_eq!(new, expected);
    assert!(new.status.is_some());
    assert!(search(&mut archive, "quokka").hits.is_empty());
    assert_eq!(ids(&search(&mut archive, "wombat")), [old.id.as_str()]);
    embed_all(&mut archive);
    let status = archive.status().unwrap();
    assert_eq!((status.indexed.embedded, status.messages), (3, 3));
    assert_gone(&sandbox, "quokka");
    assert_sound(&archive);
    // Tags alone, and nothing at all.
    let tags = ReflectionChange {
        tags: Some(vec![]),
        now: NOW + 10,
        ..ReflectionChange::default()
    };
    let bare = archive
        .edit_reflection(&old.id, &Scope::All, &tags)
        .unwrap();
    assert_eq!((bare.content, bare.tags), (new.content, vec![]));
    assert_sound(&archive);
}

/// Nothing of a word is in any file of the archive.
#[track_caller]
fn assert_gone(sandbox: &Sandbox, word: &str) {
    let word = word.as_bytes();
    for directory in [sandbox.home().data().to_owned(), sandbox.home().vectors()] {
        for entry in fs_err::read_dir(directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            let bytes = fs_err::read(&path).unwrap_or_default();
            assert!(
                !bytes.windows(word.len()).any(|part| part == word),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn a_deleted_reflection_leaves_nothing() {
    let (sandbox, mut archive) = with_talk();
    let before = (export(&archive), archive.status().unwrap().indexed);
    for is_embedded in [false, true] {
        let gone = archive
            .reflect(&NewReflection {
                place: shop(),
                ..insight("A pangolin in the pantry")
            })
            .unwrap();
        let mark = Mark {
            ids: vec![gone.id.clone()],
            now: NOW,
            ..Mark::new(Scope::All)
        };
        archive.mark(&mark).unwrap();
        if is_embedded {
            embed_all(&mut archive);
        }
        assert_eq!(
            archive
                .delete_reflection(&gone.id, &Scope::All)
                .unwrap()
                .content,
            gone.content
        );
        assert!(search(&mut archive, "pangolin").hits.is_empty());
        assert!(matches!(
            archive.reflection(&gone.id, &Scope::All),
            Err(Error::NoReflection(_))
        ));
        assert!(matches!(
            archive.conversation(&gone.id),
            Err(Error::NoConversation(_))
        ));
        assert_eq!(
            (export(&archive), archive.status().unwrap().indexed),
            before
        );
        for table in ["reflection", "mark", "pending"] {
            let sql = format!("SELECT count(*) FROM {table}");
            let left: i64 = sandbox
                .database()
                .query_row(&sql, [], |row| row.get(0))
                .unwrap();
            assert_eq!(left, 0, "{table}");
        }
        assert_gone(&sandbox, "pangolin");
        assert_sound(&archive);
    }
    // What comes next isn't taken for what was there before.
    let next = archive.reflect(&insight("An aardvark instead")).unwrap();
    embed_all(&mut archive);
    let request = SearchRequest {
        mode: Mode::Semantic,
        ..SearchRequest::new("A pangolin in the pantry", Scope::All, NOW)
    };
    let found = archive
        .search(&request, Some(&FixedEmbedder::new(32)))
        .unwrap();
    assert!(
        found
            .hits
            .iter()
            .all(|hit| hit.message_id != next.id || hit.score < 0.5)
    );
}

#[test]
fn a_deleted_word_is_gone_from_an_index_that_was_merged() {
    let (sandbox, mut archive) = with_talk();
    // Unlike from their first letter: the index keeps of a term only what it doesn't share with the
    // one before.
    let word = |n: u8| -> String {
        let letter = |at: u8| char::from(b'a' + (n.wrapping_mul(7) ^ at.wrapping_mul(11)) % 26);
        (0..9).map(letter).chain(['q']).collect()
    };
    let all: Vec<String> = (0..40)
        .map(|n| archive.reflect(&insight(&word(n))).unwrap().id)
        .collect();
    for n in [3_u8, 17, 38] {
        assert_eq!(search(&mut archive, &word(n)).hits.len(), 1);
        archive
            .delete_reflection(&all[usize::from(n)], &Scope::All)
            .unwrap();
        assert_gone(&sandbox, &word(n));
    }
    assert_eq!(search(&mut archive, &word(4)).hits.len(), 1);
    assert_sound(&archive);
}

#[test]
fn one_of_many_in_a_block_is_deleted_alone() {
    let (_sandbox, mut archive) = with_talk();
    for n in 0..5 {
        archive
            .reflect(&insight(&format!("Insight number {n} about llamas")))
            .unwrap();
    }
    // What is imported shares blocks, and here a conversation.
    let again = Sandbox::new();
    let shared: Vec<String> = export(&archive)
        .iter()
        .map(|line| {
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            if line["source"] == "reflection" {
                line["conversation"] = "notes".into();
            }
            line.to_string()
        })
        .collect();
    again.write("export.jsonl", shared.join("\n").as_bytes());
    let mut archive = again.imported();
    let all = archive
        .reflections(&ReflectionFilter::new(Scope::All))
        .unwrap();
    assert_eq!(all.len(), 5);
    archive.delete_reflection(&all[2].id, &Scope::All).unwrap();
    let change = ReflectionChange {
        content: Some("Alpacas, rather".into()),
        ..ReflectionChange::default()
    };
    archive
        .edit_reflection(&all[1].id, &Scope::All, &change)
        .unwrap();
    let left = listed(&archive, &ReflectionFilter::new(Scope::All));
    assert_eq!(left.len(), 4);
    assert!(left.contains(&"Alpacas, rather".to_owned()), "{left:?}");
    assert_eq!(search(&mut archive, "\"about llamas\"").hits.len(), 3);
    assert_eq!(archive.conversation("notes").unwrap().messages, 4);
    embed_all(&mut archive);
    assert_sound(&archive);
}

#[test]
fn what_is_too_long_or_empty_is_refused_with_the_limit() {
    let (_sandbox, mut archive) = with_talk();
    let fine = NewReflection {
        content: "x".repeat(64 << 10),
        tags: (0..32).map(|n| format!("{n:064}")).collect(),
        ..insight("")
    };
    archive.reflect(&fine).unwrap();
    let mut refused = |new: NewReflection| {
        let error = archive.reflect(&new).unwrap_err();
        match error {
            Error::TooLong { limit, unit, .. } => format!("{error}, of {limit} {unit}"),
            error => error.to_string(),
        }
    };
    assert_eq!(refused(insight(" \n")), "the reflection is empty");
    assert_eq!(
        refused(insight(&"x".repeat((64 << 10) + 1))),
        "the reflection has 65537 bytes, of 65536 bytes"
    );
    let tagged = |tags: Vec<String>| NewReflection {
        tags,
        ..insight("fine")
    };
    assert_eq!(
        refused(tagged((0..33).map(|n| n.to_string()).collect())),
        "the list of tags has 33 tags, of 32 tags"
    );
    assert_eq!(
        refused(tagged(vec!["é".repeat(65)])),
        "a tag has 65 characters, of 64 characters"
    );
    assert_eq!(
        archive
            .reflections(&ReflectionFilter::new(Scope::All))
            .unwrap()
            .len(),
        1
    );
    assert_sound(&archive);
}

#[test]
fn many_writers_in_one_instant_lose_nothing() {
    let (sandbox, _archive) = with_talk();
    let mut archives: Vec<Archive> = (0..4).map(|_| sandbox.archive()).collect();
    std::thread::scope(|scope| {
        for (writer, archive) in archives.iter_mut().enumerate() {
            scope.spawn(move || {
                for n in 0..20 {
                    // The same words in the same millisecond are two reflections all the same.
                    let new = insight(&format!("Insight {}", n + writer % 2 * 100));
                    archive
                        .reflect(&NewReflection {
                            place: shop(),
                            ..new
                        })
                        .unwrap();
                }
            });
        }
    });
    let archive = sandbox.archive();
    let all = archive
        .reflections(&ReflectionFilter::new(Scope::All))
        .unwrap();
    assert_eq!(all.len(), 80);
    let mut ids: Vec<&str> = all
        .iter()
        .map(|reflection| reflection.id.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 80);
    assert_sound(&archive);
}

#[test]
fn an_export_gives_the_same_reflections_and_marks_again() {
    let (sandbox, mut archive) = with_talk();
    let kept = archive
        .reflect(&NewReflection {
            tags: vec!["a, b".into(), "c".into()],
            place: shop(),
            role: Role::Assistant,
            author: Some("codex".into()),
            conversation: Some("talk".into()),
            ..insight("Backoff is capped at eight seconds")
        })
        .unwrap();
    let home = ReflectionProject::Directory("/nowhere/ines/mill".into());
    archive
        .reflect(&NewReflection {
            place: home,
            ..insight("The wheel turns")
        })
        .unwrap();
    let edited = ReflectionChange {
        content: Some("The wheel stands".into()),
        ..Default::default()
    };
    let newest = archive
        .reflections(&ReflectionFilter::new(Scope::All))
        .unwrap()[0]
        .id
        .clone();
    archive
        .edit_reflection(&newest, &Scope::All, &edited)
        .unwrap();
    for (status, now) in [(MarkStatus::Open, NOW), (MarkStatus::Superseded, NOW + 1)] {
        let mark = Mark {
            ids: vec![kept.id.clone(), "t1".into()],
            scope: Scope::All,
            status,
            evidence: Some("measured".into()),
            claim: Some("the cap".into()),
            who: Some("Ines".into()),
            now,
        };
        archive.mark(&mark).unwrap();
    }
    let again = Sandbox::new();
    again.write("export.jsonl", export(&archive).join("\n").as_bytes());
    let mut copy = again.imported();
    assert_eq!(export(&copy), export(&archive));
    let all = |archive: &Archive| {
        archive
            .reflections(&ReflectionFilter::new(Scope::All))
            .unwrap()
    };
    assert_eq!(all(&copy), all(&archive));
    let hit = |archive: &mut Archive| search(archive, "uploads").hits[0].status.clone();
    assert_eq!(hit(&mut copy), hit(&mut archive));
    assert_sound(&copy);
    // Nothing is added by importing it where it came from, even if it was edited since.
    sandbox.write("export.jsonl", export(&archive).join("\n").as_bytes());
    let change = ReflectionChange {
        content: Some("No cap at all".into()),
        ..Default::default()
    };
    archive
        .edit_reflection(&kept.id, &Scope::All, &change)
        .unwrap();
    let before = export(&archive);
    sandbox.import();
    assert_eq!(export(&archive), before);
    assert_sound(&archive);
}

#[test]
fn a_line_without_more_is_a_reflection_too() {
    let sandbox = Sandbox::new();
    let line = json!({"conversation": "r1", "role": "user", "text": "Mind the gap", "reflection": {"tags": ["rail"]}});
    let other = json!({"id": "r2", "conversation": "r2", "role": "assistant", "text": "Stand clear", "source": "reflection"});
    sandbox.write("notes.jsonl", &lines(&[line, other]));
    let archive = sandbox.imported();
    let all = archive
        .reflections(&ReflectionFilter::new(Scope::All))
        .unwrap();
    let mut ids: Vec<&str> = all
        .iter()
        .map(|reflection| reflection.id.as_str())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["r1", "r2"]);
    assert_eq!(
        archive.reflection("r1", &Scope::All).unwrap().tags,
        ["rail"]
    );
    assert_eq!(conversations(&archive).len(), 2);
    assert_sound(&archive);
}

/// What was kept on purpose was found below what was only said.
#[test]
fn a_reflection_that_fits_comes_first() {
    let sandbox = Sandbox::new();
    let said: Vec<_> = (0..6)
        .map(|n| {
            let text = format!("the tide table of harbour {n} hangs in the mill of harbour {n}");
            generic("c", &n.to_string(), &text)
        })
        .collect();
    sandbox.write("a.jsonl", &lines(&said));
    let mut archive = sandbox.imported();
    let kept = archive
        .reflect(&NewReflection {
            content:
                "After long talks: the tide table goes into the mill, not into the harbour office, \
                      where nobody reads it and the damp spoils the paper within a month or two."
                    .into(),
            now: NOW,
            ..NewReflection::default()
        })
        .unwrap();
    let found = search(&mut archive, "tide table mill");
    assert_eq!(found.hits[0].reflection.as_ref().unwrap().id, kept.id);
    let done = Mark {
        ids: vec![kept.id.clone()],
        status: MarkStatus::Superseded,
        now: NOW,
        ..Mark::new(Scope::All)
    };
    archive.mark(&done).unwrap();
    let found = search(&mut archive, "tide table mill");
    assert!(found.hits[0].reflection.is_none());
}
