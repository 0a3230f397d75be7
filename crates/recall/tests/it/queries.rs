//! What people type, and what they find.

use embed::{Embedder, FixedEmbedder};
use recall::{Archive, Error, Mode, Scope, SearchNote, SearchRequest, Verdict};
use serde_json::{Value, json};
use transcript::Role;

use crate::support::{NOW, Sandbox, assert_sound, embed as embed_all, generic, ids, lines, search};

/// An archive of these texts; their ids count from 0. Others stand between them, so that none is
/// found for its neighbour's sake.
fn archive_of(texts: &[&str]) -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    let mut all: Vec<Value> = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        all.push(generic(&format!("c{n}"), &n.to_string(), text));
        let between =
            (0..12).map(|k| generic(&format!("b{n}"), &format!("b{n}-{k}"), "lorem ipsum"));
        all.extend(between);
    }
    sandbox.write("a.jsonl", &lines(&all));
    let archive = sandbox.imported();
    (sandbox, archive)
}

/// Checks that each query finds this message first.
#[track_caller]
fn first(archive: &mut Archive, expected: &[(&str, &str)]) {
    for (query, id) in expected {
        let response = search(archive, query);
        assert_eq!(
            ids(&response).first(),
            Some(id),
            "{query}: {:?}",
            ids(&response)
        );
    }
}

#[test]
fn identifiers_are_found_as_typed_and_by_their_parts() {
    let (_sandbox, mut archive) = archive_of(&[
        "error[E0658]: use of unstable library feature",
        "call foo::bar before foo::baz",
        "the retryPolicy gives up after three attempts",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 broke it",
        "see crates/store/src/write.rs line 40",
        "npm ERR! code ELIFECYCLE errno 254",
        "MAX_RETRY_COUNT is read from the environment",
        "policy makers retry elections seldom, said the foo at the bar",
        "HTTPServerError is raised in v1.2.3-rc1",
    ]);
    first(
        &mut archive,
        &[
            ("E0658", "0"),
            ("foo::bar", "1"),
            ("retryPolicy", "2"),
            ("retry policy attempts", "2"),
            ("retry_policy", "2"),
            ("9fceb02d0ae598e95dc970b74767f19372d61af8", "3"),
            ("crates/store/src/write.rs", "4"),
            ("write.rs", "4"),
            ("npm ERR! code ELIFECYCLE errno 254", "5"),
            ("ELIFECYCLE", "5"),
            ("MAX_RETRY_COUNT", "6"),
            ("max retry count", "6"),
            ("http server error", "8"),
            ("v1.2.3-rc1", "8"),
        ],
    );
}

#[test]
fn phrases_must_occur() {
    let (_sandbox, mut archive) = archive_of(&[
        "the tide table is wrong",
        "the table shows a wrong tide",
        "a table for the tide, wrong again",
    ]);
    assert_eq!(ids(&search(&mut archive, "\"tide table\"")), ["0"]);
    assert_eq!(ids(&search(&mut archive, "\"Wrong Tide\"")), ["1"]);
    assert_eq!(ids(&search(&mut archive, "\"table wrong\"")), [""; 0]);
    assert_eq!(ids(&search(&mut archive, "wrong \"tide table\"")), ["0"]);
}

#[test]
fn a_phrase_of_common_words_is_found_among_many() {
    let sandbox = Sandbox::new();
    let other = |n: usize| generic("c", &n.to_string(), &format!("tide {n} and then a table"));
    let mut all: Vec<Value> = (0..150).map(other).collect();
    all.insert(
        70,
        generic(
            "c",
            "phrase",
            "long ago, among much else that was said, the table tide",
        ),
    );
    sandbox.write("a.jsonl", &lines(&all));
    sandbox.import();
    assert_eq!(
        ids(&search(&mut sandbox.archive(), "\"table tide\"")),
        ["phrase"]
    );
}

#[test]
fn prefixes_stand_for_all_that_start_so() {
    let (_sandbox, mut archive) = archive_of(&[
        "harbourmaster",
        "harbouring ships",
        "arbour",
        "foo_bartender",
    ]);
    let response = search(&mut archive, "harb*");
    let mut found = ids(&response);
    found.sort_unstable();
    assert_eq!(found, ["0", "1"]);
    assert_eq!(ids(&search(&mut archive, "barten*")), ["3"]);
}

#[test]
fn text_of_any_script_is_found() {
    let (_sandbox, mut archive) = archive_of(&[
        "重试策略在三次之后放弃",
        "リトライの方針は三回で諦める",
        "นโยบายการลองใหม่หยุดหลังจากสามครั้ง",
        "재시도 정책은 세 번 후에 포기합니다",
        "Политика повторов сдаётся после трёх попыток",
        "سياسة إعادة المحاولة تتوقف بعد ثلاث مرات",
        "पुनः प्रयास नीति तीन बार के बाद रुकती है",
        "Η πολιτική επανάληψης σταματά μετά από τρεις φορές",
        "Die Wiederholungsrichtlinie gibt nach drei Versuchen auf, übrigens schön",
        "Chính sách thử lại dừng sau ba lần",
        "המדיניות נעצרת אחרי שלוש פעמים",
    ]);
    first(
        &mut archive,
        &[
            ("重试策略", "0"),
            ("策略", "0"),
            ("リトライ", "1"),
            ("方針", "1"),
            ("นโยบาย", "2"),
            ("정책", "3"),
            ("재시도", "3"),
            ("политика", "4"),
            ("ПОВТОРОВ", "4"),
            ("المحاولة", "5"),
            ("प्रयास", "6"),
            ("नीति", "6"),
            ("πολιτικη", "7"),
            ("ubrigens schon", "8"),
            ("WIEDERHOLUNGSRICHTLINIE", "8"),
            ("chinh sach", "9"),
            ("המדיניות", "10"),
        ],
    );
    assert_sound(&archive);
}

#[test]
fn english_words_are_found_by_their_stem() {
    let (_sandbox, mut archive) = archive_of(&["We decided on retrying failed uploads"]);
    first(
        &mut archive,
        &[("retries", "0"), ("deciding", "0"), ("failure upload", "0")],
    );
}

#[test]
fn typos_are_forgiven_only_where_nothing_matches() {
    let (_sandbox, mut archive) = archive_of(&[
        "the harbour is deep",
        "the labour is hard",
        "the harp is out of tune",
    ]);
    let response = search(&mut archive, "harbuor");
    assert_eq!(ids(&response), ["0"]);
    let corrected = SearchNote::Corrected(vec![("harbuor".into(), "harbour".into())]);
    assert_eq!(response.notes, [corrected]);
    let response = search(&mut archive, "harp");
    assert_eq!((ids(&response), response.notes.len()), (vec!["2"], 0));
    assert_eq!(ids(&search(&mut archive, "qqqqqqq")), [""; 0]);
}

/// What a narrowed search says where it finds nothing.
fn notes_of(
    archive: &mut Archive,
    query: &str,
    narrow: impl FnOnce(&mut SearchRequest),
) -> Vec<SearchNote> {
    let mut request = SearchRequest::new(query, Scope::All, NOW);
    narrow(&mut request);
    let response = archive.search(&request, None).unwrap();
    assert_eq!(ids(&response), [""; 0]);
    response.notes
}

#[test]
fn a_search_that_finds_nothing_says_what_left_everything_out() {
    let sandbox = Sandbox::new();
    let mut old = generic("c", "1", "the harbour is deep");
    old["time"] = json!("2026-01-02T10:00:00Z");
    let mut new = generic("c", "2", "the lighthouse is tall");
    new["time"] = json!("2026-02-03T11:00:00Z");
    sandbox.write("a.jsonl", &lines(&[old, new]));
    sandbox.import();
    let mut archive = sandbox.archive();
    let (first, last) = (1_767_348_000_000, 1_770_116_400_000);
    assert_eq!(
        notes_of(&mut archive, "harbour", |request| request.since =
            Some(last + 1)),
        [SearchNote::NothingInTime { latest: Some(last) }]
    );
    assert_eq!(
        notes_of(&mut archive, "harbour", |request| request.since =
            Some(first + 1)),
        [SearchNote::OutsideTime { latest: first }]
    );
    assert_eq!(
        notes_of(&mut archive, "harbour", |request| request.role =
            Some(Role::Tool)),
        [SearchNote::OtherRoles(Role::Tool)]
    );
    assert_eq!(
        notes_of(&mut archive, "harbour", |request| request.source =
            Some("codex".into())),
        [SearchNote::OtherSources("codex".into())]
    );
    assert_eq!(
        notes_of(&mut archive, "harbour", |request| request.file =
            Some("mole.rs".into())),
        [SearchNote::NoFile("mole.rs".into())]
    );
    assert_eq!(
        notes_of(&mut archive, "harbour", |request| request.tool =
            Some("Dredge".into())),
        [SearchNote::NoTool("Dredge".into())]
    );
}

#[test]
fn the_question_itself_and_an_announcement_rank_below_the_answer() {
    let sandbox = Sandbox::new();
    let say = |id: &str, role: &str, text: &str| {
        let mut said = generic("c", id, text);
        said["role"] = json!(role);
        said
    };
    sandbox.write(
        "a.jsonl",
        &lines(&[
            say("asked", "user", "What is the retry policy for uploads?"),
            say(
                "announced",
                "assistant",
                "Let me look at the retry policy for uploads.",
            ),
            say(
                "answered",
                "assistant",
                "Uploads are retried five times: the policy doubles the wait up to 8 s.",
            ),
        ]),
    );
    sandbox.import();
    let mut archive = sandbox.archive();
    let response = search(&mut archive, "what is the retry policy for uploads");
    assert_eq!(ids(&response)[0], "answered");
    // Whoever types a name wants the messages that hold it, whatever they say.
    assert_eq!(ids(&search(&mut archive, "retry policy")).len(), 3);
}

#[test]
fn nearly_the_same_text_is_shown_once_unless_a_number_differs() {
    let text = |port: u16, end: &str| {
        format!(
            "the gateway listens on port {port} and hands what it gets to the mill behind the weir, {end}"
        )
    };
    let (_sandbox, mut archive) = archive_of(&[
        &text(8080, "where the miller reads it"),
        &text(8080, "where the miller reads it."),
        &text(9090, "where the miller reads it"),
    ]);
    let response = search(&mut archive, "which port does the gateway listen on");
    assert_eq!(response.hits.len(), 2);
    assert_eq!(
        response
            .hits
            .iter()
            .map(|hit| hit.folded.len())
            .sum::<usize>(),
        1
    );
}

#[test]
fn no_query_is_malformed() {
    let (_sandbox, mut archive) = archive_of(&["near the harbour OR the sea"]);
    for query in [
        "NEAR(harbour sea, 5)",
        "harbour AND NOT sea",
        "terms:harbour",
        "\"harbour",
        "harbour\"",
        "(harbour",
        "harbour*",
        "^harbour",
        "harbour + -sea",
        "'; DROP TABLE message; -- harbour",
        "har\u{0}bour harbour",
        "{harbour} : \\ %_ harbour",
        "harbour\u{1b}[31m \u{202e}",
    ] {
        assert_eq!(
            ids(&search(&mut archive, query)).first(),
            Some(&"0"),
            "{query}"
        );
    }
    assert_sound(&archive);
}

#[test]
fn a_query_of_ten_thousand_words_is_answered() {
    let (_sandbox, mut archive) = archive_of(&["the harbourmaster of Bergen"]);
    let many: String = (0..10_000).map(|n| format!("w{n} ")).collect();
    let response = search(&mut archive, &format!("{many} harbourmaster"));
    assert_eq!(ids(&response).first(), Some(&"0"));
    assert!(!response.notes.is_empty());
    let megabyte = "harbourmaster ".repeat(80_000);
    assert_eq!(ids(&search(&mut archive, &megabyte)).first(), Some(&"0"));
    search(&mut archive, &"x".repeat(1 << 20));
}

#[test]
fn a_query_without_words_is_an_error() {
    let (_sandbox, mut archive) = archive_of(&["the harbour"]);
    for query in ["", "   ", "?!", "\"\"", "***", "\u{1b}"] {
        let error = archive
            .search(&SearchRequest::new(query, Scope::All, NOW), None)
            .unwrap_err();
        assert!(matches!(error, Error::Query(_)), "{query:?}");
    }
    let semantic = SearchRequest {
        mode: Mode::Semantic,
        ..SearchRequest::new("harbour", Scope::All, NOW)
    };
    assert!(matches!(
        archive.search(&semantic, None),
        Err(Error::NoModel)
    ));
}

#[test]
fn what_says_the_same_is_folded() {
    let text = "The harbourmaster closes the gate at nine, whatever the weather may be";
    let shouted = text.to_uppercase();
    let (_sandbox, mut archive) = archive_of(&[text, &shouted, "The harbourmaster sleeps"]);
    let response = search(&mut archive, "harbourmaster gate");
    assert_eq!(ids(&response).len(), 2, "{:?}", ids(&response));
    assert_eq!(response.hits[0].folded.len(), 1);
}

#[test]
fn nothing_relevant_is_said_so() {
    let (_sandbox, mut archive) = archive_of(&["the harbour is deep", "the mill is dry"]);
    assert_eq!(search(&mut archive, "harbour").verdict, Verdict::Relevant);
    let response = search(&mut archive, "quantum chromodynamics lagrangian");
    assert_eq!(
        (response.verdict, response.hits.len()),
        (Verdict::Nothing, 0)
    );
    let embedder = embed::FixedEmbedder::new(32);
    let request = SearchRequest::new("quantum chromodynamics lagrangian", Scope::All, NOW);
    let response = archive.search(&request, Some(&embedder)).unwrap();
    assert_ne!(response.verdict, Verdict::Relevant);
    let empty = Sandbox::new();
    assert_eq!(
        search(&mut empty.archive(), "harbour").verdict,
        Verdict::Nothing
    );
}

#[test]
fn tools_and_their_output_are_found() {
    let sandbox = Sandbox::new();
    let mut call = generic("c", "call", "");
    call["role"] = "assistant".into();
    call["tools"] = json!([{"id": "t", "name": "Bash", "input": {"command": "cargo nextest run"}}]);
    let mut result = generic("c", "result", "");
    result["role"] = "tool".into();
    let output = "\u{1b}[31merror\u{1b}[0m[E0277]: the trait bound isn't satisfied";
    result["results"] = json!([{"call": "t", "output": output}]);
    let mut thought = generic("c", "thought", "");
    thought["role"] = "assistant".into();
    thought["thinking"] = "Perhaps the borrowck is confused".into();
    let mut hidden = generic("c", "hidden", "a reminder about zeppelins");
    hidden["kind"] = "injected".into();
    sandbox.write("a.jsonl", &lines(&[call, result, thought, hidden]));
    let mut archive = sandbox.imported();
    first(
        &mut archive,
        &[
            ("nextest", "call"),
            ("E0277", "result"),
            ("borrowck", "thought"),
        ],
    );
    assert_eq!(ids(&search(&mut archive, "zeppelins")), [""; 0]);
    // Kept all the same.
    assert_eq!(crate::support::texts(&archive).len(), 4);
}

#[test]
fn what_arrives_later_is_found_by_an_open_archive() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", &lines(&[generic("c", "1", "the harbour")]));
    let mut open = sandbox.imported();
    let embedder = embed::FixedEmbedder::new(32);
    let request = SearchRequest::new("windmill", Scope::All, NOW);
    let response = open.search(&request, Some(&embedder)).unwrap();
    assert_ne!(response.verdict, Verdict::Relevant);
    sandbox.append("a.jsonl", &lines(&[generic("c", "2", "the windmill")]));
    sandbox.import();
    assert_eq!(ids(&search(&mut open, "windmill"))[0], "2");
    embed_all(&mut sandbox.archive());
    let semantic = SearchRequest {
        mode: Mode::Semantic,
        ..request
    };
    assert_eq!(
        ids(&open.search(&semantic, Some(&embedder)).unwrap())[0],
        "2"
    );
}

#[test]
fn words_are_taken_as_typed_where_that_is_asked() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "a.jsonl",
        &lines(&[generic("c", "m", "the lighthouse needs paint")]),
    );
    sandbox.import();
    let mut archive = sandbox.archive();
    assert_eq!(ids(&search(&mut archive, "lighthuose")), ["m"]);
    let request = SearchRequest {
        as_typed: true,
        ..SearchRequest::new("lighthuose", Scope::All, NOW)
    };
    assert!(archive.search(&request, None).unwrap().hits.is_empty());
}

/// A rare word helps the messages around it; they ranked among those that hold it, and before some.
#[test]
fn what_holds_the_word_ranks_before_all_that_do_not() {
    let sandbox = Sandbox::new();
    let mut all = Vec::new();
    for n in 0..12 {
        let conversation = format!("c{n}");
        let say = |id: String, text: String| generic(&conversation, &id, &text);
        all.extend((0..4).map(|k| say(format!("{n}-before-{k}"), format!("mill gate {k}"))));
        let padding = "beam and wheel and flour ".repeat(1 + 6 * (n % 4));
        all.push(say(
            format!("{n}-holds"),
            format!("{padding} And so the quoin of mill {n} failed with ENOENT under --dry-run. {padding}"),
        ));
        all.extend((0..4).map(|k| say(format!("{n}-after-{k}"), format!("run the dry mill {k}"))));
    }
    sandbox.write("a.jsonl", &lines(&all));
    let mut archive = sandbox.imported();
    let embedder = FixedEmbedder::new(32);
    for embedded in [false, true] {
        if embedded {
            embed_all(&mut archive);
        }
        for query in ["quoin", "ENOENT", "--dry-run", "quoin failed"] {
            let mut request = SearchRequest::new(query, Scope::All, NOW);
            request.limit = 20;
            let embedder = embedded.then_some(&embedder as &dyn Embedder);
            let response = archive.search(&request, embedder).unwrap();
            let holds: Vec<_> = ids(&response)
                .iter()
                .map(|id| id.ends_with("-holds"))
                .collect();
            assert!(holds.len() > 12, "{query}: neighbours fill up after it");
            assert!(holds[..12].iter().all(|holds| *holds), "{query}: {holds:?}");
            assert!(holds[12..].iter().all(|holds| !holds), "{query}: {holds:?}");
            let scores: Vec<_> = response.hits.iter().map(|hit| hit.score).collect();
            assert!(
                scores.is_sorted_by(|one, next| one >= next),
                "{query}: {scores:?}"
            );
            assert!(scores[11] > scores[12], "{query}: {scores:?}");
        }
    }
}

#[test]
fn korean_and_japanese_are_found_in_every_form() {
    let (_sandbox, mut archive) = archive_of(&[
        "\u{1106}\u{116e}\u{11af}\u{1105}\u{1166} 이름은 pdf 입니다",
        "今日は ﾃｽﾄ と ｶﾞｲﾄﾞ を書いた",
        "か\u{3099}き\u{3099}く\u{3099} の話",
        "die Großmühlenstraße und ışık",
        "the code is ٤٢٧ today",
    ]);
    first(
        &mut archive,
        &[
            ("물레", "0"),
            ("テスト", "1"),
            ("ﾃｽﾄ", "1"),
            ("ガイド", "1"),
            ("がぎぐ", "2"),
            ("Grossmühlenstrasse", "3"),
            ("isik", "3"),
            ("427", "4"),
        ],
    );
}

#[test]
fn one_conversation_does_not_fill_the_page() {
    let sandbox = Sandbox::new();
    let mut all: Vec<_> = (0..9)
        .map(|n| {
            generic(
                "long",
                &format!("long-{n}"),
                &format!("the tide table, line {n}, of the harbour"),
            )
        })
        .collect();
    all.push(generic(
        "short",
        "short-0",
        "somebody moved the tide table into the mill last week",
    ));
    sandbox.write("a.jsonl", &lines(&all));
    let mut archive = sandbox.imported();
    let request = SearchRequest {
        per_conversation: Some(2),
        ..SearchRequest::new("tide table", Scope::All, NOW)
    };
    let response = archive.search(&request, None).unwrap();
    let of: Vec<_> = response
        .hits
        .iter()
        .map(|hit| (hit.conversation_id.as_str(), hit.more))
        .collect();
    assert_eq!(of.len(), 3, "{of:?}");
    assert!(
        of.contains(&("long", 7)) && of.contains(&("short", 0)),
        "{of:?}"
    );
    let whole = search(&mut archive, "tide table");
    assert_eq!(whole.hits.len(), 10);
}
