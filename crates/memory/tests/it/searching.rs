//! Searches: after a look at the logs, with the model where there is one, else by words.

use memory::{Lag, Memory, MemoryOptions, Mode, ModelAvailability, Scope, SearchRequest};

use crate::support::{Machine, reflect};

fn request(query: &str) -> SearchRequest {
    SearchRequest::new(query, Scope::All, 1_770_000_000_000)
}

#[test]
fn what_was_said_a_moment_ago_is_found() {
    let machine = Machine::new();
    let memory = Memory::new(machine.options());
    machine.say("1", "the glaze of the blue pot cracked");
    // A search waits a tenth of a second for what is new; a busy machine may need several.
    let mut searches = (0..100).map(|_| memory.search(&request("glaze")).expect("an answer"));
    let found = searches.find(|found| found.lag == Some(Lag::default()));
    assert_eq!(found.expect("caught up").response.hits.len(), 1);
    let again = memory.search_archived(&request("glaze"));
    assert!(again.expect("an answer").lag.is_none());
}

#[test]
fn logs_that_are_not_followed_stay_unread() {
    let machine = Machine::new();
    let memory = Memory::new(MemoryOptions {
        follow: None,
        ..machine.options()
    });
    machine.say("1", "the glaze of the blue pot cracked");
    let found = memory.search(&request("glaze")).expect("an answer");
    assert!(found.response.hits.is_empty() && found.lag.is_none());
}

#[test]
fn without_a_model_words_are_searched_and_that_is_said() {
    let machine = Machine::new();
    let memory = Memory::new(MemoryOptions {
        model: machine.missing_model(),
        ..machine.options()
    });
    reflect(&memory, "fire the kiln slowly");
    let found = memory.search(&request("kiln")).expect("an answer");
    assert_eq!(found.response.hits.len(), 1);
    assert!(matches!(found.model, ModelAvailability::Missing));
    assert_eq!(
        found.model.fallback_note().as_deref(),
        Some("searched by words only: there is no embedding model")
    );
    let by_words = SearchRequest {
        mode: Mode::Lexical,
        ..request("kiln")
    };
    let found = memory.search(&by_words).expect("an answer");
    assert_eq!(
        found.model.fallback_note(),
        None,
        "nobody asked for meaning"
    );
}

#[test]
fn one_model_serves_all_threads_and_memories() {
    let machine = Machine::new();
    let options = machine.options();
    let (one, other) = (Memory::new(options.clone()), Memory::new(options));
    reflect(&one, "fire the kiln slowly");
    let model = one.model().load();
    let embedder = model.embedder().expect("a model");
    let embedded = one
        .archive()
        .and_then(|mut archive| Ok(archive.embed_some(embedder, 16, &memory::Stop::new())?));
    assert_eq!(embedded.expect("it is embedded"), 1);
    std::thread::scope(|scope| {
        for memory in [&one, &other, &one, &other] {
            scope.spawn(move || {
                let semantic = SearchRequest {
                    mode: Mode::Semantic,
                    ..request("kiln")
                };
                let found = memory.search(&semantic).expect("an answer");
                assert!(matches!(found.model, ModelAvailability::Ready(_)));
                assert!(found.embedding.is_some());
            });
        }
    });
}
