//! What was typed as it stands somewhere is found there, whatever a model makes of it.

use recall::{Archive, Scope, SearchRequest, SearchResponse, Verdict};
use serde_json::{Value, json};

use crate::support::{NOW, Sandbox, generic, ids, lines, search};

const HASH: &str = "9fceb02d0ae598e95dc970b74767f19372d61af8";

/// Words of talk that has nothing to do with what is looked for but shares some of its words.
const TALK: [&str; 16] = [
    "error", "trait", "write", "crates", "store", "bound", "lines", "slack", "harbour", "kettle",
    "window", "garden", "letter", "bridge", "candle", "sixteen",
];

/// What a tool put out.
fn output(id: &str, text: &str) -> Value {
    let mut line = generic(id, id, "");
    line["role"] = "tool".into();
    line["results"] = json!([{"call": "t", "output": text}]);
    line
}

/// The `n`th piece of talk, each other words in another order.
fn talk(n: usize) -> Value {
    let word = |k: usize| TALK[(n * (2 * k + 1) + k * k + n / 16) % TALK.len()];
    let words: Vec<&str> = (0..7).map(word).collect();
    generic(
        &format!("talk{}", n / 20),
        &format!("t{n}"),
        &format!("{} {n}", words.join(" ")),
    )
}

fn archive_of(all: &[Value]) -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", &lines(all));
    let archive = sandbox.imported();
    (sandbox, archive)
}

/// Texts of one conversation each; their ids count from 0.
fn archive_of_texts(texts: &[&str]) -> (Sandbox, Archive) {
    let line = |(n, text): (usize, &&str)| generic(&format!("c{n}"), &n.to_string(), text);
    archive_of(&texts.iter().enumerate().map(line).collect::<Vec<_>>())
}

/// A search with terms and meaning.
fn hybrid(archive: &mut Archive, request: &SearchRequest) -> SearchResponse {
    let embedder = embed::FixedEmbedder::new(32);
    archive.search(request, Some(&embedder)).unwrap()
}

#[test]
fn tool_output_is_found_as_it_stands_among_much_talk() {
    let mut all: Vec<Value> = (0..600).map(talk).collect();
    let outputs = [
        ("hash", format!("HEAD is now at {HASH} before the storm")),
        ("path", "modified: crates/store/src/write.rs".to_owned()),
        (
            "line",
            "error[E0277]: the trait bound `Oar: Clone` is not satisfied".to_owned(),
        ),
        (
            "phrase",
            "in all there were sixteen slack lines on the quay".to_owned(),
        ),
    ];
    for (n, (id, text)) in outputs.iter().enumerate() {
        all.insert(100 * n + 50, output(id, text));
    }
    let (_sandbox, mut archive) = archive_of(&all);
    for (query, id) in [
        (HASH, "hash"),
        ("crates/store/src/write.rs", "path"),
        (
            "error[E0277]: the trait bound `Oar: Clone` is not satisfied",
            "line",
        ),
        ("\"sixteen slack lines\"", "phrase"),
    ] {
        let response = hybrid(&mut archive, &SearchRequest::new(query, Scope::All, NOW));
        assert_eq!(
            ids(&response).first(),
            Some(&id),
            "{query}: {:?}",
            ids(&response)
        );
        assert_eq!(response.verdict, Verdict::Relevant, "{query}");
    }
}

#[test]
fn a_phrase_is_found_among_many_of_the_same_words() {
    let other = |n: usize| generic("c", &n.to_string(), &format!("the table {n} of a tide"));
    let mut all: Vec<Value> = (0..1_500).map(other).collect();
    all.insert(
        3,
        generic("c", "phrase", "long ago, among much else, the tide table"),
    );
    let (_sandbox, mut archive) = archive_of(&all);
    assert_eq!(ids(&search(&mut archive, "\"tide table\"")), ["phrase"]);
    let request = SearchRequest::new("\"tide table\"", Scope::All, NOW);
    assert_eq!(ids(&hybrid(&mut archive, &request)), ["phrase"]);
}

#[test]
fn one_character_finds_what_it_stands_in() {
    let (_sandbox, mut archive) = archive_of_texts(&["我喜欢喝茶", "茶很好", "我喜欢水"]);
    let mut response = search(&mut archive, "茶");
    response
        .hits
        .sort_by(|a, b| a.message_id.cmp(&b.message_id));
    assert_eq!(ids(&response), ["0", "1"]);
}

#[test]
fn one_character_is_found_before_any_other() {
    let pairs: Vec<String> = ('一'..)
        .take(60)
        .map(|after| format!("茶{after}"))
        .collect();
    let texts: Vec<&str> = pairs.iter().map(String::as_str).collect();
    let (_sandbox, mut archive) = archive_of_texts(&texts);
    let request = SearchRequest {
        limit: 100,
        ..SearchRequest::new("茶", Scope::All, NOW)
    };
    assert_eq!(archive.search(&request, None).unwrap().hits.len(), 60);
}

#[test]
fn one_letter_of_a_script_with_spaces_is_a_word() {
    let (_sandbox, mut archive) = archive_of_texts(&["я дома", "ягода поспела"]);
    assert_eq!(ids(&search(&mut archive, "я")), ["0"]);
}

#[test]
fn vowel_signs_make_no_difference() {
    let (_sandbox, mut archive) = archive_of_texts(&["كَرْمَة", "بيت"]);
    assert_eq!(ids(&search(&mut archive, "كرمة")), ["0"]);
    assert_eq!(ids(&search(&mut archive, "كَرْمَة")), ["0"]);
}

#[test]
fn the_start_of_a_hash_finds_it() {
    let text = format!("commit {HASH} broke it");
    let (_sandbox, mut archive) = archive_of_texts(&["nothing of note", &text]);
    let response = search(&mut archive, &HASH[..7]);
    assert_eq!(
        (ids(&response), response.verdict),
        (vec!["1"], Verdict::Relevant)
    );
    assert_eq!(response.notes, []);
}

#[test]
fn a_code_is_never_taken_for_another() {
    let (_sandbox, mut archive) = archive_of_texts(&["error[E0658]: unstable library feature"]);
    let response = search(&mut archive, "E0659");
    assert_eq!(
        (ids(&response), response.verdict),
        (vec![], Verdict::Nothing)
    );
    assert_eq!(response.notes, []);
}

#[test]
fn words_that_say_nothing_answer_nothing() {
    let (_sandbox, mut archive) = archive_of_texts(&["who are you", "what is it", "the oar"]);
    for query in ["who are you", "what is it", "the", "is the"] {
        assert_ne!(
            search(&mut archive, query).verdict,
            Verdict::Relevant,
            "{query}"
        );
        let response = hybrid(&mut archive, &SearchRequest::new(query, Scope::All, NOW));
        assert_ne!(response.verdict, Verdict::Relevant, "{query}");
    }
}

#[test]
fn as_many_hits_are_given_as_asked_for() {
    let tide = |n: usize| {
        generic(
            &format!("c{}", n / 10),
            &n.to_string(),
            &format!("tide {n}"),
        )
    };
    let (_sandbox, mut archive) = archive_of(&(0..450).map(tide).collect::<Vec<_>>());
    let request = SearchRequest {
        limit: 1_000,
        ..SearchRequest::new("tide", Scope::All, NOW)
    };
    assert_eq!(archive.search(&request, None).unwrap().hits.len(), 450);
    assert_eq!(hybrid(&mut archive, &request).hits.len(), 450);
}
