//! Forks, resumed sessions and sub-agents: each conversation has its whole history, each message is kept
//! once, and nothing depends on the order of import.

use proptest::prelude::*;
use recall::{Archive, ConversationView, Error, Forget, NoProgress, Scope, Stop, TreeLine};
use serde_json::{Value, json};
use transcript::Relation;

use crate::support::{
    Sandbox, assert_sound, claude, codex, export, generic, ids, import, lines, search, texts,
};

/// A message of a session of Claude Code, so many seconds into the day.
pub(crate) fn said(session: &str, id: &str, second: usize) -> Value {
    let role = if second.is_multiple_of(2) {
        "user"
    } else {
        "assistant"
    };
    let mut record = claude(session, id, role, &format!("{id} says"), "/nowhere/mill");
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    record["timestamp"] = format!("2026-02-01T{hour:02}:{minute:02}:{second:02}.000Z").into();
    record
}

/// Records as a session repeats them that was forked from another, or resumed without a word of it.
pub(crate) fn repeated(records: &[Value], session: &str, is_told: bool) -> Vec<Value> {
    let repeat = |record: &Value| {
        let mut record = record.clone();
        if is_told {
            let from = json!({"sessionId": record["sessionId"], "messageUuid": record["uuid"]});
            record["forkedFrom"] = from;
        }
        record["sessionId"] = session.into();
        record
    };
    records.iter().map(repeat).collect()
}

/// The ids of a conversation's messages, in order.
pub(crate) fn history(archive: &Archive, conversation: &str) -> Vec<String> {
    let mut found = Vec::new();
    archive
        .messages(conversation, None, false, &mut |view| {
            found.push(view.message.id);
            true
        })
        .unwrap();
    found
}

/// What an archive says of a conversation.
pub(crate) fn told(archive: &Archive, conversation: &str) -> String {
    let view = archive.conversation(conversation).unwrap();
    let children: Vec<_> = view
        .children
        .iter()
        .map(|child| (&child.id, child.relation, child.messages))
        .collect();
    format!(
        "{} «{}» from {:?} {:?}, {:?}–{:?}, {} of {} repeated, {children:?}: {:?}",
        view.id,
        view.title,
        view.parent,
        view.relation,
        view.started,
        view.ended,
        view.repeated,
        view.messages,
        history(archive, conversation)
    )
}

/// An archive of logs that were imported one by one, in this order.
fn archive_of<'a>(logs: impl IntoIterator<Item = &'a (String, Vec<Value>)>) -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    let mut archive = sandbox.archive();
    for (name, records) in logs {
        sandbox.write(&format!("{name}.jsonl"), &lines(records));
        import(&mut archive, &sandbox.request());
    }
    assert_sound(&archive);
    (sandbox, archive)
}

/// The same in one go, where the newest log comes first.
fn archive_at_once(logs: &[(String, Vec<Value>)]) -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    for (name, records) in logs {
        sandbox.write(&format!("{name}.jsonl"), &lines(records));
    }
    let mut archive = sandbox.archive();
    import(&mut archive, &sandbox.request());
    assert_sound(&archive);
    (sandbox, archive)
}

fn log(name: &str, records: Vec<Value>) -> (String, Vec<Value>) {
    (name.to_owned(), records)
}

fn seconds(session: &str, from: usize, count: usize) -> Vec<Value> {
    let message = |n: usize| said(session, &format!("{session}-{n}"), from + n);
    (0..count).map(message).collect()
}

fn parent_of(view: &ConversationView) -> (Option<&str>, Option<Relation>) {
    (view.parent.as_deref(), view.relation)
}

/// A session, a fork that says so, and a fork of that.
fn told_forks() -> Vec<(String, Vec<Value>)> {
    let first = seconds("m1", 0, 4);
    let second = [repeated(&first, "z2", true), seconds("z2", 100, 2)].concat();
    // What it copied of the first it has from the second.
    let third = [repeated(&second[..5], "a3", true), seconds("a3", 200, 2)].concat();
    vec![log("m1", first), log("z2", second), log("a3", third)]
}

#[test]
fn forks_show_their_whole_history_in_whatever_order_they_are_imported() {
    let logs = told_forks();
    for order in [
        [0, 1, 2],
        [2, 1, 0],
        [1, 2, 0],
        [2, 0, 1],
        [0, 2, 1],
        [1, 0, 2],
    ] {
        let (_sandbox, mut archive) = archive_of(order.iter().map(|at| &logs[*at]));
        for (name, records) in &logs {
            let ids: Vec<_> = records
                .iter()
                .map(|record| record["uuid"].as_str().unwrap())
                .collect();
            assert_eq!(history(&archive, name), ids, "{order:?}");
        }
        let [first, second, third] = ["m1", "z2", "a3"].map(|id| archive.conversation(id).unwrap());
        assert_eq!(parent_of(&first), (None, None));
        assert_eq!(parent_of(&second), (Some("m1"), Some(Relation::Fork)));
        assert_eq!(parent_of(&third), (Some("z2"), Some(Relation::Fork)));
        assert_eq!((first.repeated, second.repeated, third.repeated), (0, 4, 5));
        assert_eq!(first.children[0].id, "z2");
        assert_eq!(second.children[0].id, "a3");
        assert_eq!(texts(&archive).len(), 8, "each message is kept once");
        // A hit is where it was said first.
        let response = search(&mut archive, "m1-1 says");
        let hit = &response.hits[0];
        assert_eq!(
            (hit.message_id.as_str(), hit.conversation_id.as_str()),
            ("m1-1", "m1")
        );
        let found = ids(&response);
        assert_eq!(found.iter().filter(|id| **id == "m1-1").count(), 1);
    }
}

/// Sessions that were resumed under another id, of which their logs say nothing. Their ids are in no order.
#[test]
fn resumed_sessions_go_on_with_the_one_that_ended_first() {
    let first = seconds("f1", 0, 2);
    let second = [repeated(&first, "c2", false), seconds("c2", 100, 2)].concat();
    let third = [repeated(&second, "d3", false), seconds("d3", 200, 2)].concat();
    let logs = [log("f1", first), log("c2", second), log("d3", third)];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let (_sandbox, archive) = archive_of(order.iter().map(|at| &logs[*at]));
        let views = ["f1", "c2", "d3"].map(|id| archive.conversation(id).unwrap());
        let repeated: Vec<u64> = views.iter().map(|view| view.repeated).collect();
        assert_eq!(repeated, [0, 2, 4], "{order:?}");
        assert_eq!(parent_of(&views[0]), (None, None));
        assert_eq!(parent_of(&views[1]), (Some("f1"), Some(Relation::Resume)));
        assert_eq!(parent_of(&views[2]), (Some("c2"), Some(Relation::Resume)));
        let first = &views[0].children;
        assert_eq!((first.len(), first[0].id.as_str()), (1, "c2"));
    }
    let (_sandbox, archive) = archive_at_once(&logs);
    assert_eq!(history(&archive, "d3").len(), 6);
}

/// A fork of Codex begins with its own header, then comes that of its parent and what that said.
#[test]
fn a_fork_of_codex_has_its_own_folder_and_its_parents_history() {
    let parent = codex(
        "019d0000-0000-7000-8000-00000000000a",
        "/nowhere/sluice",
        None,
        "timber?",
    );
    let turn = json!({"type": "task_started", "turn_id": "019d0001-0000-7000-8000-00000000000a"});
    let turn =
        json!({"timestamp": "2026-02-02T10:00:00.000Z", "type": "event_msg", "payload": turn});
    let parent = [&parent[..1], &[turn], &parent[1..]].concat();
    let own = codex(
        "019d0900-0000-7000-8000-00000000000b",
        "/nowhere/weir",
        None,
        "hinges?",
    );
    let mut header = own[0].clone();
    header["payload"]["forked_from_id"] = parent[0]["payload"]["id"].clone();
    let turn = json!({"type": "task_started", "turn_id": "019d0901-0000-7000-8000-00000000000b"});
    let turn =
        json!({"timestamp": "2026-02-02T12:00:00.000Z", "type": "event_msg", "payload": turn});
    let fork = [&[header], &parent[..], &[turn], &own[1..]].concat();
    let logs = [log("rollout-a", parent), log("rollout-b", fork)];
    for order in [[0, 1], [1, 0]] {
        let (_sandbox, archive) = archive_of(order.iter().map(|at| &logs[*at]));
        let view = archive.conversation("019d0900").unwrap();
        assert_eq!((view.messages, view.repeated), (4, 2), "{order:?}");
        assert_eq!(view.relation, Some(Relation::Fork));
        assert_eq!(view.project, "weir");
        let parent = archive.conversation("019d0000").unwrap();
        assert_eq!((parent.messages, parent.project.as_str()), (2, "sluice"));
        assert_eq!(
            history(&archive, "019d0900")[..2],
            history(&archive, "019d0000")
        );
    }
    // Its parent's log may be gone.
    let (_sandbox, archive) = archive_of([&logs[1]]);
    let view = archive.conversation("019d0900").unwrap();
    assert_eq!((view.messages, view.repeated), (4, 0));
    assert_eq!(
        view.parent.as_deref(),
        Some("019d0000-0000-7000-8000-00000000000a")
    );
}

#[test]
fn two_sessions_in_one_file_are_linked() {
    let both = [
        seconds("s1", 0, 2),
        seconds("s2", 100, 2),
        vec![said("s1", "late", 200)],
    ]
    .concat();
    let (_sandbox, archive) = archive_of([&log("s1", both)]);
    let [first, second] = ["s1", "s2"].map(|id| archive.conversation(id).unwrap());
    assert_eq!(parent_of(&first), (None, None));
    assert_eq!(parent_of(&second), (Some("s1"), Some(Relation::Resume)));
    assert_eq!((first.messages, second.messages), (3, 2));
}

/// One session has its evening before its morning in its log.
#[test]
fn messages_stand_in_the_order_of_time() {
    let mut untimed = said("s", "untimed", 0);
    untimed["timestamp"] = Value::Null;
    let records = [
        seconds("s", 40_000, 2),
        vec![
            said("s", "morning", 20_000),
            untimed,
            said("s", "evening", 40_001),
        ],
    ]
    .concat();
    let (_sandbox, archive) = archive_of([&log("s", records)]);
    let expected = ["morning", "untimed", "s-0", "s-1", "evening"];
    assert_eq!(history(&archive, "s"), expected);
}

#[test]
fn the_start_of_an_id_means_the_conversation_and_not_its_sub_agents() {
    let mut agent = said("5e55-0001", "x1", 10);
    agent["isSidechain"] = true.into();
    agent["agentId"] = "7".into();
    let other = said("5e66-0001", "y1", 20);
    let logs = [
        log(
            "5e55-0001",
            [seconds("5e55-0001", 0, 2), vec![agent]].concat(),
        ),
        log("5e66-0001", vec![other]),
    ];
    let (_sandbox, archive) = archive_of(&logs);
    assert_eq!(archive.conversation("5e55").unwrap().id, "5e55-0001");
    assert_eq!(archive.locate("5e55").unwrap().conversation, "5e55-0001");
    let agent = archive.conversation("5e55-0001/a").unwrap();
    assert_eq!(
        parent_of(&agent),
        (Some("5e55-0001"), Some(Relation::SubAgent))
    );
    let Err(Error::AmbiguousConversation { candidates, .. }) = archive.conversation("5e") else {
        panic!("two conversations start so");
    };
    assert_eq!(candidates, ["5e55-0001", "5e66-0001"]);
}

/// The conversations of a tree, indented by their depth.
fn tree(archive: &Archive, id: &str) -> Vec<String> {
    let tree = archive.tree(id, false).unwrap();
    let line = |line: &TreeLine| match line {
        TreeLine::Conversation {
            depth,
            is_asked,
            is_archived,
            conversation,
        } => format!(
            "{depth} {}{}{} {}",
            conversation.id,
            if *is_asked { "*" } else { "" },
            if *is_archived { "" } else { "?" },
            conversation.messages
        ),
        TreeLine::More { depth, count } => format!("{depth} and {count} more"),
    };
    tree.lines.iter().map(line).collect()
}

#[test]
fn a_tree_shows_what_came_out_of_what() {
    let (_sandbox, archive) = archive_of(&told_forks());
    let expected = |asked: &str| {
        let lines = ["0 m1 4", "1 z2 6", "2 a3 7"];
        let marked = |line: &str| line.replace(asked, &format!("{asked}*"));
        lines.map(marked)
    };
    for id in ["m1", "z2", "a3"] {
        assert_eq!(tree(&archive, id), expected(id));
    }
    let orphan = told_forks().pop().unwrap();
    let (_sandbox, archive) = archive_of([&orphan]);
    assert_eq!(tree(&archive, "a3"), ["0 z2? 0", "1 a3* 7"]);
}

#[test]
fn a_session_that_is_its_own_parent_is_no_ones_child() {
    let own = repeated(&seconds("s", 0, 2), "s", true);
    let mut line = generic("g", "g1", "ahoy");
    line["conversation_parent"] = "g".into();
    let mut header = codex(
        "019d0000-0000-7000-8000-00000000000a",
        "/nowhere/a",
        None,
        "ahoy",
    );
    header[0]["payload"]["forked_from_id"] = header[0]["payload"]["id"].clone();
    let logs = [
        log("s", own),
        log("g", vec![line]),
        log("rollout-1", header),
    ];
    let (_sandbox, archive) = archive_of(&logs);
    for id in ["s", "g", "019d0000-0000-7000-8000-00000000000a"] {
        let view = archive.conversation(id).unwrap();
        assert_eq!((parent_of(&view), view.child_count), ((None, None), 0));
        assert_eq!(tree(&archive, id).len(), 1);
    }
}

/// Logs that say in a circle what was forked from what.
#[test]
fn a_loop_of_forks_ends() {
    let shared = seconds("s0", 0, 2);
    let names = ["s0", "s1", "s2", "s3"];
    let part = |at: usize| {
        let mut records = repeated(&shared, names[at], false);
        for record in &mut records {
            record["forkedFrom"] = json!({"sessionId": names[(at + 1) % 4], "messageUuid": "x"});
        }
        log(
            names[at],
            [records, vec![said(names[at], names[at], 100 * at + 10)]].concat(),
        )
    };
    let logs: Vec<_> = (0..4).map(part).collect();
    let (_sandbox, archive) = archive_of(&logs);
    let expected: Vec<_> = names.map(|id| told(&archive, id)).to_vec();
    for id in names {
        assert_eq!(history(&archive, id).len(), 3);
        assert_eq!(tree(&archive, id).len(), 4);
    }
    for order in [[3, 2, 1, 0], [2, 0, 3, 1]] {
        let (_sandbox, archive) = archive_of(order.iter().map(|at| &logs[*at]));
        assert_eq!(
            names.map(|id| told(&archive, id)).to_vec(),
            expected,
            "{order:?}"
        );
    }
}

/// Ten thousand forks of one session, read as one export would have them.
#[test]
fn ten_thousand_forks_of_one_session_are_told_in_a_few_lines() {
    const FORKS: usize = 10_000;
    let first = seconds("root", 0, 3);
    let mut records = Vec::new();
    for n in 0..FORKS {
        let name = format!("fork-{n:05}");
        records.extend(repeated(&first, &name, true));
        records.push(said(&name, &format!("own-{n}"), 10 + n));
    }
    records.extend(first);
    let sandbox = Sandbox::new();
    sandbox.write("forks.jsonl", &lines(&records));
    let mut archive = sandbox.archive();
    import(&mut archive, &sandbox.request());
    let view = archive.conversation("root").unwrap();
    assert_eq!((view.messages, view.child_count), (3, FORKS as u64));
    assert_eq!(view.children.len(), 20);
    assert_eq!(history(&archive, "fork-09876").len(), 4);
    for id in ["root", "fork-09876"] {
        let tree = tree(&archive, id);
        assert!(tree.len() < 30, "{} lines", tree.len());
        assert!(tree.last().unwrap().ends_with(" more"), "{tree:?}");
        assert!(tree.iter().any(|line| line.contains(&format!("{id}*"))));
    }
    let response = search(&mut archive, "root-1 says");
    assert_eq!(response.hits[0].conversation_id, "root");
}

/// A chain in which each session goes on with the one before.
#[test]
fn a_long_chain_of_forks_is_told_from_near_by() {
    const LINKS: usize = 300;
    let mut records = seconds("link-000", 0, 1);
    for n in 1..LINKS {
        let last = records.last().unwrap().clone();
        let name = format!("link-{n:03}");
        records.extend(repeated(&[last], &name, true));
        records.push(said(&name, &format!("own-{n}"), 10 * n));
    }
    let (_sandbox, archive) = archive_of([&log("links", records)]);
    let tree = archive.tree("link-200", false).unwrap();
    assert!(tree.is_cut_above);
    assert!(tree.lines.len() <= 202, "{}", tree.lines.len());
    assert_eq!(history(&archive, "link-200"), ["own-199", "own-200"]);
}

#[test]
fn a_forgotten_fork_stays_away_and_leaves_its_parent_whole() {
    let logs = told_forks();
    let (sandbox, mut archive) = archive_of(&logs);
    let request = Forget {
        conversations: vec!["z2".into()],
        ..Forget::new(Scope::All)
    };
    archive.forget(&request, &Stop::new(), &NoProgress).unwrap();
    archive.read_logs_again().unwrap();
    import(&mut archive, &sandbox.request());
    assert!(archive.conversation("z2").is_err());
    assert_eq!(history(&archive, "m1").len(), 4);
    // What the fork said itself is gone from those that repeated it.
    assert_eq!(history(&archive, "a3").len(), 6);
    assert_sound(&archive);
}

#[test]
fn a_forgotten_conversation_is_gone_from_its_forks() {
    let (sandbox, mut archive) = archive_of(&told_forks());
    let request = Forget {
        conversations: vec!["m1".into()],
        ..Forget::new(Scope::All)
    };
    archive.forget(&request, &Stop::new(), &NoProgress).unwrap();
    archive.read_logs_again().unwrap();
    import(&mut archive, &sandbox.request());
    assert!(archive.conversation("m1").is_err());
    assert_eq!(history(&archive, "z2"), ["z2-0", "z2-1"]);
    let response = search(&mut archive, "m1-1 says");
    assert!(ids(&response).iter().all(|id| !id.starts_with("m1")));
    assert_sound(&archive);
}

#[test]
fn an_export_tells_which_conversations_repeat_a_message() {
    let (_sandbox, archive) = archive_of(&told_forks());
    let lines = export(&archive);
    let sandbox = Sandbox::new();
    sandbox.write("export.jsonl", lines.join("\n").as_bytes());
    let mut again = sandbox.archive();
    import(&mut again, &sandbox.request());
    assert_eq!(export(&again), lines);
    for id in ["m1", "z2", "a3"] {
        assert_eq!(told(&again, id), told(&archive, id));
    }
}

/// A session of a family: what it came out of (an earlier one), how much of that it repeats, how much it says
/// itself, and whether its log tells.
#[derive(Clone, Debug)]
struct Member {
    from: usize,
    repeats: usize,
    says: usize,
    is_told: bool,
}

fn family() -> impl Strategy<Value = Vec<Member>> {
    let member = (0..6_usize, 1..6_usize, 0..4_usize, any::<bool>());
    let member = member.prop_map(|(from, repeats, says, is_told)| Member {
        from,
        repeats,
        says: says.max(usize::from(!is_told)),
        is_told,
    });
    prop::collection::vec(member, 1..6)
}

/// The logs of a family. The names are in no order.
fn logs_of(family: &[Member]) -> Vec<(String, Vec<Value>)> {
    let mut logs: Vec<(String, Vec<Value>)> = vec![log("m", seconds("m", 0, 4))];
    for (nth, member) in family.iter().enumerate() {
        let name = format!("{}{nth}", ["q", "b", "x"][nth % 3]);
        let (_, from) = &logs[member.from % logs.len()];
        let repeats = member.repeats.min(from.len());
        let own = seconds(&name, 1_000 * (nth + 1), member.says);
        let records = [repeated(&from[..repeats], &name, member.is_told), own].concat();
        logs.push((name, records));
    }
    logs
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_family_of_sessions_is_the_same_in_whatever_order_it_comes(
        family in family(),
        order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
        cut in 0.0..1.0_f64,
    ) {
        let logs = logs_of(&family);
        let (_sandbox, expected) = archive_at_once(&logs);
        let all = |archive: &Archive| -> Vec<String> {
            let named = logs.iter().filter(|(_, records)| !records.is_empty());
            named.map(|(name, _)| told(archive, name)).collect()
        };
        for (name, records) in &logs {
            let ids: Vec<_> = records.iter().map(|record| record["uuid"].as_str().unwrap()).collect();
            prop_assert_eq!(history(&expected, name), ids);
        }
        // Each message is kept where it was said first.
        for text in texts(&expected) {
            let (conversation, rest) = text.split_once('/').unwrap();
            prop_assert!(rest.starts_with(&format!("{conversation}-")), "{}", text);
        }
        let order: Vec<_> = order.into_iter().filter_map(|at| logs.get(at)).collect();
        let (_sandbox, shuffled) = archive_of(order.iter().copied());
        prop_assert_eq!(all(&shuffled), all(&expected));
        prop_assert_eq!(export(&shuffled), export(&expected));
        let sandbox = Sandbox::new();
        let mut grown = sandbox.archive();
        for part in [cut, 1.0] {
            for (name, records) in &order {
                let end = (records.len() as f64 * part) as usize;
                sandbox.write(&format!("{name}.jsonl"), &lines(&records[..end]));
                import(&mut grown, &sandbox.request());
            }
        }
        prop_assert_eq!(all(&grown), all(&expected));
        prop_assert_eq!(export(&grown), export(&expected));
    }
}
