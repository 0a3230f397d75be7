//! Masks: what stands for a value, and what can be undone.

use std::borrow::Cow;

use guard::{Finding, Kind, Mask, Masker, Vault, collapse};

fn found(text: &str, kind: Kind, entity: &'static str, value: &str) -> Finding {
    let start = text.find(value).expect("the value is in the text");
    Finding {
        kind,
        entity: Cow::Borrowed(entity),
        rule: Cow::Borrowed("test"),
        start,
        end: start + value.len(),
        score: 1.0,
        why: Cow::Borrowed("a test says so"),
    }
}

#[test]
fn one_value_has_one_placeholder_under_one_key() {
    let masker = Masker::new(&[7; 32], Mask::Placeholder);
    let other = Masker::new(&[8; 32], Mask::Placeholder);
    let text = "first abc then xyz";
    let finding = [found(text, Kind::Secret, "API_KEY", "abc")];
    let masked = masker.mask(text, &finding);
    assert_eq!(masked, masker.mask(text, &finding));
    assert_ne!(masked, other.mask(text, &finding));
    assert_eq!(collapse(&masked), "first [masked:] then xyz");
    assert_eq!(collapse(&masked), collapse(&other.mask(text, &finding)));
}

#[test]
fn overlapping_findings_get_one_mask() {
    let masker = Masker::new(&[7; 32], Mask::SameLength);
    let text = "a bcdef g";
    let findings = [
        found(text, Kind::Pii, "EMAIL_ADDRESS", "bcd"),
        found(text, Kind::Secret, "PASSWORD", "def"),
    ];
    assert_eq!(masker.mask(text, &findings), "a ***** g");
}

#[test]
fn last_four_keeps_four_of_a_long_value_and_none_of_a_short_one() {
    let masker = Masker::new(&[7; 32], Mask::LastFour);
    assert_eq!(
        masker.instead("CREDIT_CARD", "4111-1111-1111-1234"),
        "****-****-****-1234"
    );
    assert_eq!(masker.instead("PASSWORD", "hunter2"), "*******");
}

#[test]
fn a_vault_gives_back_what_it_took() {
    let mut vault = Vault::default();
    let text = "ada@example.org wrote <EMAIL_ADDRESS_1> to bob@example.org";
    let findings = [
        found(text, Kind::Pii, "EMAIL_ADDRESS", "ada@example.org"),
        found(text, Kind::Pii, "EMAIL_ADDRESS", "bob@example.org"),
    ];
    let masked = vault.mask(text, &findings).into_owned();
    assert_eq!(
        masked,
        "<EMAIL_ADDRESS_2> wrote <EMAIL_ADDRESS_1> to <EMAIL_ADDRESS_3>"
    );
    assert_eq!(vault.reveal(&masked), text);
    assert_eq!(
        vault.reveal("a < b > c <EMAIL_ADDRESS_9>"),
        "a < b > c <EMAIL_ADDRESS_9>"
    );
}
