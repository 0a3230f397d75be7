//! What must hold for every rule of secrets and personal data, wherever what it finds stands.

use std::sync::LazyLock;

use guard::{Action, Engine, Finding, Kind, Kinds, Mask, Masker, Place, Policy, Stream};
use proptest::prelude::*;

use crate::planted;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);

const MASKED: Kinds = Kinds::NONE.with(Kind::Secret).with(Kind::Pii);

fn masker(mask: Mask) -> Masker {
    Masker::new(&[3; 32], mask)
}

fn policy() -> Policy {
    Policy::of(Place::Output)
        .with(Kind::Pii, Action::Mask)
        .only(MASKED)
}

fn to_mask(text: &str) -> Vec<Finding> {
    ENGINE.judge(text, &policy()).with(Action::Mask)
}

fn masked(text: &str) -> String {
    let findings = to_mask(text);
    masker(Mask::Placeholder).mask(text, &findings).into_owned()
}

fn streamed(text: &str, cuts: &[usize]) -> String {
    let (policy, masker) = (policy(), masker(Mask::Placeholder));
    let mut stream = Stream::new(&ENGINE, &policy, &masker);
    let mut out = String::new();
    let mut rest = text;
    for cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(rest.ceil_char_boundary((*cut).min(rest.len())));
        out.push_str(&stream.push(piece).text);
        rest = after;
    }
    out + &stream.finish().text
}

fn plan() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..40)
}

#[test]
fn every_rule_has_an_example() {
    let mut rules: Vec<String> = Vec::new();
    let mut entities: Vec<String> = Vec::new();
    for text in planted::all() {
        for finding in ENGINE.find(text, MASKED) {
            rules.push(finding.rule.into_owned());
            entities.push(finding.entity.into_owned());
        }
    }
    let missing: Vec<_> = guard::pii::ENTITIES
        .iter()
        .filter(|entity| !entities.iter().any(|found| found == *entity))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let unnamed: Vec<_> = rules
        .iter()
        .filter(|rule| !guard::names::is_rule(rule))
        .collect();
    assert!(unnamed.is_empty(), "not in `names::rules`: {unnamed:?}");
    entities.retain(|entity| !guard::names::entities().any(|known| known == entity));
    assert!(
        entities.is_empty(),
        "not in `names::entities`: {entities:?}"
    );
    rules.sort_unstable();
    rules.dedup();
    assert!(rules.len() > 250, "{} rules: {rules:?}", rules.len());
}

#[test]
fn each_example_streams_as_it_is_whole() {
    for text in planted::all() {
        for text in [
            text.to_owned(),
            format!("{text} {}", "and more words ".repeat(30)),
        ] {
            let whole = masked(&text);
            assert_eq!(streamed(&text, &[40]), whole, "{text:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_part_of_a_finding_survives_masking(plan in plan()) {
        let text = planted::text(&plan);
        let whole = ENGINE.find(&text, MASKED);
        let masked = masker(Mask::SameLength).mask(&text, &whole);
        // What each kind finds alone is masked as well.
        for kind in [Kind::Secret, Kind::Pii] {
            for finding in ENGINE.find(&text, Kinds::NONE.with(kind)) {
                let covers = |other: &Finding| other.start <= finding.start && finding.end <= other.end;
                prop_assert!(whole.iter().any(covers), "{:?}", finding);
            }
        }
        let stars = masked.chars().filter(|c| *c == '*').count();
        let mut covered = vec![false; text.len()];
        for finding in &whole {
            covered[finding.start..finding.end].fill(true);
        }
        let hidden = text.char_indices().filter(|(at, c)| covered[*at] || *c == '*').count();
        prop_assert_eq!(stars, hidden);
    }

    #[test]
    fn masking_twice_is_masking_once(plan in plan()) {
        let text = planted::text(&plan);
        let once = masked(&text);
        prop_assert_eq!(masked(&once), once);
    }

    #[test]
    fn any_pieces_are_masked_as_the_whole_is(
        plan in plan(),
        cuts in prop::collection::vec(1..200_usize, 1..8),
    ) {
        let text = planted::text(&plan);
        prop_assert_eq!(streamed(&text, &cuts), masked(&text), "{:?}", text);
    }
}
