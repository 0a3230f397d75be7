//! Findings that overlap: all of what they cover is masked. A `¦` in a text is taken out first, as in
//! the tests of secrets.

use guard::{
    Action, Allow, Engine, EngineOptions, Finding, Kind, Kinds, Mask, Masker, Place, Policy, Vault,
};

const SECRETS: Kinds = Kinds::NONE.with(Kind::Secret);

fn masked(engine: &Engine, text: &str, policy: &Policy) -> String {
    let findings = engine.judge(text, policy).with(Action::Mask);
    let masker = Masker::new(&[1; 32], Mask::Placeholder);
    let masked = masker.mask(text, &findings);
    guard::collapse(&masked).into_owned()
}

/// What is left of texts in an archive.
fn check_all(rows: &[(&str, &str)]) {
    let engine = Engine::default();
    for (text, expected) in rows {
        let text = text.replace('¦', "");
        let left = masked(&engine, &text, &Policy::of(Place::Store));
        assert_eq!(left, *expected, "{text}");
    }
}

#[test]
fn overlapping_secrets_are_masked_whole() {
    check_all(&[
        (
            "client_secret = \"vnpKnA1hEDCM4PmBxd:AKIA¦R2FQUOSBEGZGSYEB:Ucl1MhOoSfAqFd\"",
            "client_secret = \"[masked:]\"",
        ),
        (
            "curl -u bob:vnpKnA1hEDCM4PmBxd-ghp_¦c3j27xdcg2lMLzgeonyLGcTJFiz4soCmZ9cp https://x",
            "curl -u bob:[masked:] https://x",
        ),
        (
            "https://bob:vnpKnA1hEDCM:ghp_¦c3j27xdcg2lMLzgeonyLGcTJFiz4soCmZ9cp:Ucl1MhOo@db.x.org/",
            "https://bob:[masked:]@db.x.org/",
        ),
        (
            "Authorization: Bearer vnpKnA1hED.ghp_¦c3j27xdcg2lMLzgeonyLGcTJFiz4soCmZ9cp.Ucl1MhOo",
            "Authorization: Bearer [masked:]",
        ),
        (
            "export DB_PASSWORD=\"vnpKnA1hED|ghp_¦c3j27xdcg2lMLzgeonyLGcTJFiz4soCmZ9cp\"",
            "export DB_PASSWORD=\"[masked:]\"",
        ),
    ]);
}

#[test]
fn what_is_left_of_a_password_beside_a_placeholder_is_masked() {
    check_all(&[
        (
            "password = \"vnpKnA1hEDCM4PmBxd.[masked:ACCESS_TOKEN:b8ff328b].Ucl1MhOoSfAqFd\"",
            "password = \"[masked:]\"",
        ),
        (
            "curl -u bob:vnpKnA1hEDCM4PmBxd-[masked:ACCESS_TOKEN:b8ff328b] https://x",
            "curl -u bob:[masked:] https://x",
        ),
        (
            "https://bob:vnpKnA1hEDCM:[masked:ACCESS_TOKEN:b8ff328b]:Ucl1MhOo@db.x.org/",
            "https://bob:[masked:]@db.x.org/",
        ),
        (
            "password=[masked:X:00000000]Kd8mzQ2xvBr7Lw",
            "password=[masked:]",
        ),
        // Words around one are no value.
        (
            "the password is [masked:PASSWORD:b8ff328b] by the way, token: [masked:JWT:00000000]",
            "the password is [masked:] by the way, token: [masked:]",
        ),
    ]);
}

#[test]
fn a_private_key_cut_short_is_masked_to_where_it_ends() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7¦x9Lm2Rt8Kq4Z";
    let begin = "-----BEGIN ¦PRIVATE KEY-----";
    for (text, expected) in [
        (
            format!("Bearer eyJTf02V85NT3O.gK4x9Zq7Lm2Rt8{begin}{line}"),
            "Bearer [masked:]",
        ),
        (
            format!("{{\"key\": \"{begin}\\n{line}\\nab\", \"n\": 1}}"),
            "{\"key\": \"[masked:]\", \"n\": 1}",
        ),
        (
            format!("{begin}\n{line}\nCut\n\nand then words"),
            "[masked:]\n\nand then words",
        ),
        (
            format!("{begin}\n{line}\nThe rest is gone"),
            "[masked:]\nThe rest is gone",
        ),
    ] {
        check_all(&[(&text, expected)]);
    }
}

#[test]
fn what_overlaps_is_one_finding_of_the_surest() {
    let text = "client_secret = \"vnpKnA1hEDCM4PmBxd:AKIA¦R2FQUOSBEGZGSYEB:Ucl1MhOoSfAqFd\"";
    let text = text.replace('¦', "");
    let found = Engine::default().find(&text, SECRETS);
    let found: Vec<_> = found
        .iter()
        .map(|one| (&*one.rule, one.start, one.end))
        .collect();
    assert_eq!(found, [("aws-access-token", 17, text.len() - 1)]);
}

/// A secret that is part of another, where a policy or the settings say of one that it may stay.
#[test]
fn what_one_rule_may_leave_another_masks() {
    let text = "client_secret = \"vnpKnA1hEDCM4PmBxd:AKIA¦R2FQUOSBEGZGSYEB:Ucl1MhOoSfAqFd\"";
    let text = text.replace('¦', "");
    let policy = |rule| Policy::of(Place::Scan).except(Some(Kind::Secret), rule, Action::Allow);
    let engine = Engine::default();
    let outer = "client_secret = \"[masked:]\"";
    let inner = "client_secret = \"vnpKnA1hEDCM4PmBxd:[masked:]:Ucl1MhOoSfAqFd\"";
    assert_eq!(masked(&engine, &text, &policy("aws-access-token")), outer);
    assert_eq!(masked(&engine, &text, &policy("generic-api-key")), inner);
    let allow = Allow::new(&["AKIA[A-Z0-9]+".to_owned()]).expect("a pattern");
    let engine = Engine::new(EngineOptions {
        allow,
        ..EngineOptions::default()
    });
    assert_eq!(masked(&engine, &text, &Policy::of(Place::Store)), outer);
}

#[test]
fn a_secret_that_overlaps_personal_data_is_masked_with_it() {
    let token = ["ghp_", "c3j27xdcg2lMLzgeonyLGcTJFiz4soCmZ9cp"].concat();
    let text = format!("to {token}@post.example.org now");
    let engine = Engine::default();
    let both = Policy::of(Place::Scan);
    assert_eq!(masked(&engine, &text, &both), "to [masked:] now");
    let found = engine.judge(&text, &both).with(Action::Mask);
    let kinds: Vec<_> = found.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [Kind::Secret, Kind::Pii]);
    let vaulted = Vault::default().mask(&text, &found).into_owned();
    assert_eq!(vaulted, "to <ACCESS_TOKEN_1> now");
    let secrets = Policy::of(Place::Store);
    let left = masked(&engine, &text, &secrets);
    assert_eq!(left, "to [masked:]@post.example.org now");
}

#[test]
fn masked_text_is_masked_already() {
    let engine = Engine::default();
    let policy = Policy::of(Place::Store).with(Kind::Pii, Action::Mask);
    let masker = Masker::new(&[1; 32], Mask::Placeholder);
    for text in [
        "password: [masked:PASSWORD:1f0c93aa]",
        "phone [masked:PHONE_NUMBER:12345678] and order 785 8949",
        "[masked:US_SSN:12345678] 123456789, [masked:CREDIT_CARD:87654321] 4104332181960019",
        "API_KEY=[masked:API_KEY:1f0c93aa]; the password is [masked:PASSWORD:1f0c93aa].",
    ] {
        assert_eq!(engine.judge(text, &policy).with(Action::Mask), [], "{text}");
    }
    for text in [
        "Tel: 785 8949 785 8950 785 8951",
        "mira@post.example.org2125550147 call me at 2125550147",
        "\u{1b}ghp_¦c3j27xdcg2lMLzgeonyLGcTJFiz4soCmZ9cp",
    ] {
        let text = text.replace('¦', "");
        let mask = |text: &str| {
            let findings: Vec<Finding> = engine.judge(text, &policy).with(Action::Mask);
            masker.mask(text, &findings).into_owned()
        };
        let once = mask(&text);
        assert_ne!(once, text);
        assert_eq!(mask(&once), once, "{text}");
    }
}
