//! What became of messages is kept and ranks them.

use recall::{Archive, Error, Mark, Scope, SearchRequest, Verdict};
use transcript::MarkStatus;

use crate::reflections::{insight, with_talk};
use crate::support::{NOW, Sandbox, assert_sound, generic, ids, lines, search};

fn mark(ids: &[&str], status: MarkStatus, now: i64) -> Mark {
    Mark {
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        status,
        evidence: Some("seen".into()),
        now,
        ..Mark::new(Scope::All)
    }
}

#[test]
fn messages_and_reflections_are_marked_by_the_ids_that_hits_show() {
    let (_sandbox, mut archive) = with_talk();
    let kept = archive.reflect(&insight("Jitter is on")).unwrap();
    let all = ["t1", &kept.id[..9], "t1", "#2"];
    let marked = archive
        .mark(&mark(&all, MarkStatus::Resolved, NOW))
        .unwrap();
    let told: Vec<_> = marked
        .iter()
        .map(|marked| {
            (
                marked.id.as_str(),
                marked.project.as_str(),
                marked.is_reflection,
                marked.before,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("t1", "shop", false, None),
            (kept.id.as_str(), "unsorted", true, None),
            ("b1", "boats", false, None),
        ]
    );
    let again = archive
        .mark(&mark(&["t1"], MarkStatus::Open, NOW + 1))
        .unwrap();
    assert_eq!(again[0].before, Some(MarkStatus::Resolved));
    let found = search(&mut archive, "backoff uploads");
    let status = found.hits[0].status.as_ref().unwrap();
    assert_eq!((status.status, status.time), (MarkStatus::Open, NOW + 1));
    assert_eq!(status.evidence.as_deref(), Some("seen"));
    assert_sound(&archive);
}

#[test]
fn an_unknown_id_is_named_and_nothing_is_marked() {
    let (_sandbox, mut archive) = with_talk();
    let error = archive
        .mark(&mark(&["t1", "nope", "#77"], MarkStatus::Resolved, NOW))
        .unwrap_err();
    assert_eq!(error.to_string(), "no message or reflection `nope`, `#77`");
    assert!(search(&mut archive, "backoff").hits[0].status.is_none());
    assert!(matches!(
        archive.mark(&mark(&[], MarkStatus::Open, NOW)),
        Err(Error::Empty(_))
    ));
}

#[test]
fn an_id_of_two_sources_must_be_told_apart() {
    let sandbox = Sandbox::new();
    let mut other = generic("d", "1", "two");
    other["source"] = "elsewhere".into();
    sandbox.write("a.jsonl", &lines(&[generic("c", "1", "one"), other]));
    let mut archive = sandbox.imported();
    let error = archive
        .mark(&mark(&["1"], MarkStatus::Open, NOW))
        .unwrap_err();
    assert_eq!(error.to_string(), "message `1` is ambiguous");
    let Error::AmbiguousMessage { candidates, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(candidates, ["#1", "#2"]);
}

/// Three messages that answer the same query, the first best.
fn answers() -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    let all = [
        generic(
            "a",
            "a1",
            "The uploads retry with a backoff of five seconds",
        ),
        generic(
            "b",
            "b1",
            "The uploads retry with a backoff, as far as I remember from some talk that we had about them",
        ),
        generic(
            "c",
            "c1",
            "Nothing of this kind at all: glaze, and how a kiln is fired, but backoff",
        ),
    ];
    sandbox.write("a.jsonl", &lines(&all));
    let archive = sandbox.imported();
    (sandbox, archive)
}

const QUERY: &str = "uploads retry backoff";

#[test]
fn what_is_settled_ranks_behind_what_fits_as_well() {
    let (_sandbox, mut archive) = answers();
    let before = search(&mut archive, QUERY);
    assert_eq!(ids(&before)[..2], ["a1", "b1"]);
    archive.mark(&mark(&["a1"], MarkStatus::Open, NOW)).unwrap();
    let open = search(&mut archive, QUERY);
    assert_eq!(
        (ids(&open), open.hits[0].score),
        (ids(&before), before.hits[0].score)
    );
    archive
        .mark(&mark(&["a1"], MarkStatus::Resolved, NOW + 1))
        .unwrap();
    let resolved = search(&mut archive, QUERY);
    let hit = resolved
        .hits
        .iter()
        .find(|hit| hit.message_id == "a1")
        .unwrap();
    assert!((hit.score - before.hits[0].score * 0.85).abs() < 1e-9);
    archive
        .mark(&mark(&["a1"], MarkStatus::Superseded, NOW + 2))
        .unwrap();
    let superseded = search(&mut archive, QUERY);
    assert_eq!(superseded.hits[0].message_id, "b1");
    let scores: Vec<f64> = superseded.hits.iter().map(|hit| hit.score).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
}

#[test]
fn what_is_superseded_is_still_an_answer_where_nothing_else_is() {
    let (_sandbox, mut archive) = answers();
    archive
        .mark(&mark(&["a1", "b1"], MarkStatus::Superseded, NOW))
        .unwrap();
    let found = search(&mut archive, "\"backoff of five seconds\"");
    assert_eq!(ids(&found), ["a1"]);
    assert_eq!(found.verdict, Verdict::Relevant);
    let request = SearchRequest {
        min_score: 0.99,
        ..SearchRequest::new(QUERY, Scope::All, NOW)
    };
    let none = archive.search(&request, None).unwrap();
    assert_eq!(none.verdict, Verdict::Nothing);
}
