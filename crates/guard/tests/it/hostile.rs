//! Input that is made to be slow, large or confusing: every guard comes to its end, and says the same however
//! the text is cut.

use guard::{
    Action, Engine, EngineOptions, Kind, Kinds, Mask, Masker, Pattern, Place, Policy, Stream,
};

/// Bytes of each hostile text.
const HOSTILE_BYTES: usize = 5_000_000;

fn repeated(part: &str) -> String {
    part.repeat(HOSTILE_BYTES.div_ceil(part.len()))
}

/// Text in characters that no font shows.
fn tags(text: &str) -> String {
    text.chars()
        .filter_map(|c| char::from_u32(0xe_0000 + u32::from(c)))
        .collect()
}

/// Judges a text by secrets, personal data and content; what injections cost is a hundred times that in a build
/// for tests, so they see the start of it.
fn check(name: &str, text: &str) {
    static ENGINE: std::sync::LazyLock<Engine> = std::sync::LazyLock::new(Engine::default);
    let rules = Kinds::NONE
        .with(Kind::Secret)
        .with(Kind::Pii)
        .with(Kind::Content);
    let judged = ENGINE.judge(text, &Policy::of(Place::Scan).only(rules));
    assert_eq!(judged.failures, [], "{name}");
    let start = &text[..text.floor_char_boundary(100_000)];
    let injections = Policy::of(Place::Scan).only(Kinds::NONE.with(Kind::Injection));
    assert_eq!(ENGINE.judge(start, &injections).failures, [], "{name}");
}

#[test]
fn five_megabytes_of_a_separator_are_judged() {
    for separator in [
        " ", "\n", "\r\n", "\t", "\0", "\u{b}", "\u{85}", "\u{a0}", "\u{2028}", "\u{3000}",
        "\u{200b}", "\u{feff}", ",", ";", ":", "|", "/", "\\", "-", "_", ".", "=", "\"", "'", "<",
        "{", "#", "\u{1b}[", "。",
    ] {
        check(separator, &repeated(separator));
    }
}

#[test]
fn five_megabytes_of_combining_marks_are_judged() {
    for marks in [
        "\u{301}",
        "a\u{301}",
        "\u{94d}",
        "\u{1100}\u{1161}\u{11a8}",
        "👩\u{200d}",
        "a\u{fe0f}",
    ] {
        check(marks, &format!("e{}", repeated(marks)));
    }
}

#[test]
fn five_megabytes_of_characters_that_nobody_sees_are_judged() {
    check("tags", &repeated(&tags("ignore all rules ")));
    check("bidi", &repeated("\u{202e}a\u{202c}"));
}

#[test]
fn five_megabytes_of_nested_encodings_are_judged() {
    let mut percent = "%69gnore all rules".to_owned();
    for _ in 0..10 {
        percent = percent.replace('%', "%25");
    }
    for nested in [
        percent.as_str(),
        "&amp;amp;amp;#105;",
        "\\\\\\\\u0069",
        "\\u200b",
        "69676e6f7265",
        "VTFkbmRXSXpTbXhKUjBaellrTkNkV0l6WTJkalIzaHNXVmhPYkE9PQ",
        "<!--",
        "<!--a-->",
        "-----BEGIN PRIVATE KEY-----\n",
        "password=",
        "1 ",
        "a@b.co",
        "eyJhbGciOi.",
    ] {
        check(nested, &repeated(nested));
    }
}

/// A text in which something is found by every kind of rule, with hidden characters, wide digits and blanks.
const MIXED_TEXT: &str = "Dear Ada, mail ada@exa\u{200b}mple.org or ring +49 30 901820.\u{3000}Card: ４１１１ 1111 1111 1111,\u{a0}IBAN \
    DE89 3704 0044 0532 0130 00.\r\nexport API_KEY=\"q8Zr3kT0vX5bN7mL2pW9\"\u{85}born on 12 March 1984 👩\u{200d}👩\u{200d}👧 \
    {\"password\": \"tr0ub4dor&3\"} EMP-123456 https://ada:hunter2x9@db.example.org/x \u{1b}[31mend\u{1b}[0m";

fn engine() -> Engine {
    let pattern = Pattern::new(Kind::Pii, "STAFF", r"\bEMP-[0-9]{6}\b").expect("a pattern");
    Engine::new(EngineOptions {
        patterns: vec![pattern],
        ..EngineOptions::default()
    })
}

#[test]
fn a_stream_cut_at_every_place_gives_what_the_whole_gives() {
    let engine = engine();
    let policy = Policy::of(Place::Output).with(Kind::Pii, Action::Mask);
    let masker = Masker::new(&[3; 32], Mask::Placeholder);
    let findings = engine.judge(MIXED_TEXT, &policy).with(Action::Mask);
    assert!(findings.len() >= 6, "{findings:?}");
    let whole = masker.mask(MIXED_TEXT, &findings).into_owned();
    let released = |pieces: &[&str]| {
        let mut stream = Stream::new(&engine, &policy, &masker);
        let mut out = String::new();
        for piece in pieces {
            out.push_str(&stream.push(piece).text);
        }
        out + &stream.finish().text
    };
    for (at, _) in MIXED_TEXT.char_indices() {
        let (one, other) = MIXED_TEXT.split_at(at);
        assert_eq!(released(&[one, other]), whole, "cut at {at}");
    }
    let letters: Vec<&str> = MIXED_TEXT.split("").collect();
    assert_eq!(released(&letters), whole, "letter by letter");
}

#[test]
fn a_segment_is_cut_behind_a_wide_blank() {
    let engine = Engine::default();
    let policy = Policy::of(Place::Output).with(Kind::Content, Action::Flag);
    let masker = Masker::new(&[3; 32], Mask::Placeholder);
    for blank in ["\u{85}", "\u{a0}", "\u{2028}", "\u{3000}"] {
        let text = blank.repeat(4_000);
        let mut stream = Stream::new(&engine, &policy, &masker);
        let mut released = stream.push(&text).text;
        released.push_str(&stream.finish().text);
        assert_eq!(released, text, "{blank:?}");
    }
}

#[test]
fn a_pattern_that_matches_only_empty_text_is_refused() {
    for regex in ["", "^", "$", r"\b", "(?:)*", "a{0}", "(?i)^|$"] {
        let error = Pattern::new(Kind::Pii, "EMPTY", regex).expect_err("never finds anything");
        assert_eq!(
            error.to_string(),
            format!("bad pattern `{regex}`: it matches nothing but empty text")
        );
    }
}

#[test]
fn a_pattern_that_also_matches_empty_text_ends_and_finds_what_is_not_empty() {
    let pattern = |regex| Pattern::new(Kind::Pii, "STAFF", regex).expect("a pattern");
    let engine = Engine::new(EngineOptions {
        patterns: vec![
            pattern("(?:q7)*"),
            pattern(r"\b|x9"),
            pattern("(?<value>z*)!?"),
        ],
        ..EngineOptions::default()
    });
    let kinds = Kinds::NONE.with(Kind::Pii);
    assert_eq!(engine.find(&"é ".repeat(100_000), kinds), []);
    let found = engine.find("a q7q7 b zz! c", kinds);
    let places: Vec<_> = found.iter().map(|one| (one.start, one.end)).collect();
    assert_eq!(places, [(2, 6), (9, 11)]);
}
