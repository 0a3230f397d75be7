//! Text in pieces: what is released is what masking the whole gives, however the text is cut.

use guard::stream_scanner::{Pace, StreamScanner};
use guard::{
    Action, Engine, EngineOptions, Finding, Kind, Mask, Masker, Pattern, Place, Policy, Stream,
};
use proptest::prelude::*;

/// An engine with patterns of its own beside the built-in rules.
fn engine() -> Engine {
    let pattern = |kind, entity, regex| Pattern::new(kind, entity, regex).expect("a pattern");
    Engine::new(EngineOptions {
        patterns: vec![
            pattern(Kind::Secret, "TOKEN", r"\btok_[a-z0-9]{6,40}\b"),
            pattern(Kind::Pii, "STAFF", r"\bEMP(?:[ -]\d{2,4}){2,5}\b"),
            pattern(
                Kind::Pii,
                "PIN",
                r"(?i)\bpin(?: code)?(?: is|:)? (?P<value>\d{4})\b",
            ),
            pattern(
                Kind::Pii,
                "PLAN",
                r"(?i)project (?:blue )?mongoose|the order of",
            ),
            pattern(Kind::Pii, "EMPTY", r"(?:q7)*"),
            pattern(Kind::Pii, "PAIR", r"\d+;\d+;"),
            pattern(Kind::Secret, "TRAILER", r"hk_[a-z0-9]{8}(?:\.[a-z]+)?"),
            pattern(
                Kind::Secret,
                "BLOCK",
                r"-----BEGIN TEST-----[A-Za-z0-9+/=\s]+?-----END TEST-----",
            ),
        ],
        ..EngineOptions::default()
    })
}

fn masker() -> Masker {
    Masker::new(&[3; 32], Mask::Placeholder)
}

fn policy() -> Policy {
    Policy::of(Place::Output)
        .with(Kind::Pii, Action::Mask)
        .with(Kind::Content, Action::Allow)
}

fn whole(engine: &Engine, text: &str) -> String {
    let findings = engine.judge(text, &policy()).with(Action::Mask);
    masker().mask(text, &findings).into_owned()
}

fn in_pieces<'t>(engine: &Engine, pieces: impl Iterator<Item = &'t str>) -> String {
    let (policy, masker) = (policy(), masker());
    let mut stream = Stream::new(engine, &policy, &masker);
    let mut out = String::new();
    for piece in pieces {
        out.push_str(&stream.push(piece).text);
    }
    out.push_str(&stream.finish().text);
    out
}

/// The text cut every so many characters, from the list of lengths, again and again.
fn cut<'t>(text: &'t str, lengths: &[usize]) -> Vec<&'t str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let at = rest
            .char_indices()
            .nth(*length)
            .map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        6 => "[a-z]{1,9}[.,]?",
        1 => "[A-Z]{2,5}-?[0-9]{0,5}",
        1 => "[0-9]{1,7}",
        1 => Just("EMP 12-3456 77".to_owned()),
        1 => Just("the PIN code is 4711".to_owned()),
        1 => prop_oneof![
            Just("project"), Just("blue"), Just("mongoose"), Just("the order"), Just("of"), Just("hk_abcdefg1"),
            Just("hk_abcdefg1.net"), Just("7;"), Just("q7"), Just("\"john doe\"@example.org"), Just("\"john"),
        ].prop_map(str::to_owned),
        1 => "[0-9;]{1,6}",
        1 => "tok_[a-z0-9]{6,40}",
        1 => Just("ada@example.org".to_owned()),
        1 => Just("4111 1111 1111 1111".to_owned()),
        1 => Just("call +49 30 901820 or (212) 555-0187".to_owned()),
        1 => Just("IBAN DE89 3704 0044 0532 0130 00".to_owned()),
        1 => Just("SSN 536-22-8145".to_owned()),
        1 => Just("from 203.0.113.77".to_owned()),
        1 => Just("born on 12 March 1984".to_owned()),
        1 => Just("order no. 4111 1111 1111 1111".to_owned()),
        1 => "(password|api_key|token)( is |=|: )[a-zA-Z0-9]{8,24}",
        1 => "[a-zA-Z0-9_]{20,60}".prop_map(|rest| ["gh", "p_", &rest].concat()),
        1 => "[a-z]{3,8}".prop_map(|user| format!("https://{user}:hunter2x9@db.example.org/x")),
        1 => Just("日本語のテキスト".to_owned()),
        1 => Just("é👩‍👩‍👧".to_owned()),
        1 => "\\PC{0,12}",
    ];
    let space = prop_oneof![8 => Just(" "), 1 => Just("\n"), 1 => Just(""), 1 => Just("\t")];
    prop::collection::vec((word, space), 0..80)
        .prop_map(|all| all.into_iter().map(|(word, space)| word + space).collect())
}

/// Made ready once: each of its patterns is compiled.
static ENGINE: std::sync::LazyLock<Engine> = std::sync::LazyLock::new(engine);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pieces_give_what_the_whole_gives(
        text in words(),
        lengths in prop::collection::vec(1..30_usize, 1..8),
    ) {
        let engine = &*ENGINE;
        let released = in_pieces(engine, cut(&text, &lengths).into_iter());
        prop_assert_eq!(released, whole(engine, &text));
    }

    #[test]
    fn seeking_in_pieces_finds_what_the_whole_has(
        parts in prop::collection::vec(words(), 1..12),
        bytes in 64..4096_usize,
        lengths in prop::collection::vec(1..2000_usize, 1..4),
    ) {
        let engine = &*ENGINE;
        let text = parts.join("\n");
        let found = seek(engine, &text, bytes, &lengths);
        let whole = engine.judge(&text, &policy()).findings;
        let expected: Vec<Finding> = whole.into_iter().map(|judged| judged.finding).collect();
        prop_assert_eq!(found, expected);
    }
}

/// Findings by a scanner, with places in the whole text.
fn seek(engine: &Engine, text: &str, bytes: usize, lengths: &[usize]) -> Vec<Finding> {
    let policy = policy();
    let mut scanner = StreamScanner::new(engine, &policy, Pace::Pieces(bytes));
    let mut found = Vec::new();
    let mut next = 0;
    let mut take = |settled: guard::stream_scanner::Settled<'_>| {
        let offset = usize::try_from(settled.offset).expect("a short text");
        assert_eq!(offset + settled.range.start, next, "nothing is left out");
        next = offset + settled.range.end;
        for judged in settled.findings {
            let mut finding = judged.finding;
            finding.start += offset;
            finding.end += offset;
            found.push(finding);
        }
    };
    for piece in cut(text, lengths) {
        if let Some(settled) = scanner.push(piece) {
            take(settled);
        }
    }
    take(scanner.finish());
    assert_eq!(next, text.len());
    found
}

#[test]
fn plain_words_are_released_at_once_and_numbers_when_they_have_ended() {
    let (engine, policy, masker) = (engine(), policy(), masker());
    let mut stream = Stream::new(&engine, &policy, &masker);
    assert_eq!(stream.push("the boat leaves ").text, "the boat leaves ");
    assert_eq!(stream.push("at no").text, "at ");
    assert_eq!(stream.push("on, berth 12").text, "noon, berth ");
    assert_eq!(stream.push("-34 it is").text, "");
    assert_eq!(stream.finish().text, "12-34 it is");
}

#[test]
fn a_text_without_spaces_is_released_in_bounded_time_and_memory() {
    let (engine, policy, masker) = (engine(), policy(), masker());
    let mut stream = Stream::new(&engine, &policy, &masker);
    let piece = "x9".repeat(50);
    let mut released = 0;
    for pushed in 1..=20_000 {
        released += stream.push(&piece).text.len();
        assert!(pushed * piece.len() - released <= 256 << 10);
    }
    assert_eq!(released + stream.finish().text.len(), 20_000 * piece.len());
}

#[test]
fn a_block_is_held_until_it_ends_and_no_longer() {
    let engine = engine();
    let body = "MIIB\n".repeat(400);
    let text = format!("key:\n-----BEGIN TEST-----\n{body}-----END TEST-----\nafter it\n");
    let released = in_pieces(&engine, cut(&text, &[7]).into_iter());
    assert!(released.starts_with("key:\n[masked:BLOCK:"), "{released}");
    assert_eq!(released, whole(&engine, &text));
    let open = format!("-----BEGIN TEST-----\n{}", "word ".repeat(20_000));
    assert_eq!(in_pieces(&engine, cut(&open, &[50]).into_iter()), open);
}

#[test]
fn a_value_that_runs_into_a_block_is_held_with_it() {
    let engine = engine();
    let body = "mF9B5f41JqM8zLwT".repeat(40);
    let end = "-----END RSA PRIVATE KEY-----";
    let text =
        format!("relay_token=\"d6D16bAb6-----BEGIN RSA PRIVATE KEY-----{body}{end}\" after it");
    let expected = whole(&engine, &text);
    assert!(!expected.contains("d6D16bAb6"), "{expected}");
    for length in [1, 7, 64, 300] {
        assert_eq!(in_pieces(&engine, cut_every(&text, length)), expected);
    }
}

/// A text in every piece size up to some, and cut once at every place, gives what the whole gives.
#[track_caller]
fn check_every_cut(text: &str) {
    let engine = engine();
    let expected = whole(&engine, text);
    for length in 1..12 {
        assert_eq!(
            in_pieces(&engine, cut_every(text, length)),
            expected,
            "{length}"
        );
    }
    for (at, _) in text.char_indices() {
        let pieces = [&text[..at], &text[at..]];
        assert_eq!(
            in_pieces(&engine, pieces.into_iter()),
            expected,
            "cut at {at}"
        );
    }
}

#[test]
fn a_mailbox_is_held_until_an_at_sign_shows_it() {
    check_every_cut("ask \"john doe\"@example.org or \"the harbour\", they said");
    check_every_cut("联系人dat本émira.holm@post.example.org，谢谢");
    check_every_cut("写信给山田太郎@example.org。");
}

#[test]
fn words_that_a_pattern_begins_with_are_held() {
    check_every_cut(
        "our project blue whale and project blue mongoose, the order of the day, the orders",
    );
    check_every_cut("hk_abcdefg1.and hk_abcdefg1. hk_abcdefg1");
    check_every_cut("12;34;56;78; 9;8;7;6;5; 1;");
}

#[test]
fn what_is_masked_counts_as_one_letter_to_what_stands_before_it() {
    let key = "kc6GMoZLvHdwFYRiulIIdiRpYXAV54w0afVDl7KNtR43HMkAIVMz6gqGoBmIsMWr".repeat(5);
    let text = format!(
        "Personalausweis T22000129-----BEGIN RSA PRIVATE KEY-----{key}-----END RSA PRIVATE KEY-----\\n\
         Personalausweis T22000129}} and so on"
    );
    let engine = engine();
    let expected = whole(&engine, &text);
    for length in [1, 7, 40] {
        assert_eq!(
            in_pieces(&engine, cut_every(&text, length)),
            expected,
            "{length}"
        );
    }
}

#[test]
fn a_value_between_tags_goes_on_over_spaces() {
    let engine = engine();
    let text = format!(
        "<client_secret>hoiV5TAowFM8ytbqLeVbm</client_secret>password: now --пароль TwbyMoBU72V5MS5tCNQ9aC9 {}",
        "and more words of no weight ".repeat(30)
    );
    assert_eq!(
        in_pieces(&engine, cut_every(&text, 1)),
        whole(&engine, &text)
    );
}

#[test]
fn little_is_held_back_where_nothing_could_be_a_part_of_a_finding() {
    let text = "We met at 5 in the old mill and talked of 12 boats. It cost 30 euros; nobody complained! \
                \"Fine\", said Mira, \"the tide is with us (for once).\" Then f(x) = y[2] + 1 was solved. "
        .repeat(20);
    let (engine, policy, masker) = (Engine::default(), policy(), masker());
    let mut stream = Stream::new(&engine, &policy, &masker);
    let (mut pushed, mut released, mut most) = (0, 0, 0);
    for piece in cut_every(&text, 4) {
        pushed += piece.len();
        released += stream.push(piece).text.len();
        most = most.max(pushed - released);
    }
    // A number and what follows it, and what came since the text was last looked at.
    assert!(most <= 64 + 24, "{most} bytes");
    assert_eq!(released + stream.finish().text.len(), text.len());
}

#[test]
fn patterns_that_match_nothing_are_no_findings_and_hold_nothing_back() {
    let pattern = |regex| Pattern::new(Kind::Pii, "ANY", regex);
    for nothing_else in ["", "()", r"\b", "^", "$", "(?m)^$"] {
        assert!(pattern(nothing_else).is_err(), "{nothing_else}");
    }
    let patterns = ["x*", "y?z?", "(?:)|x"].map(|regex| pattern(regex).expect("a pattern"));
    let engine = Engine::new(EngineOptions {
        patterns: patterns.to_vec(),
        ..EngineOptions::default()
    });
    let text = "plain words, é and 日本 too, ".repeat(40);
    assert_eq!(
        in_pieces(&engine, cut_every(&text, 3)),
        whole(&engine, &text)
    );
    let (policy, masker) = (policy(), masker());
    let mut stream = Stream::new(&engine, &policy, &masker);
    assert_eq!(stream.push("the boat leaves ").text, "the boat leaves ");
}

/// Everything that a stream lets through, its parts put together.
fn released(engine: &Engine, policy: &Policy, text: &str, length: usize) -> guard::ReleasedText {
    let masker = masker();
    let mut stream = Stream::new(engine, policy, &masker);
    let mut all = guard::ReleasedText::default();
    let mut take = |mut one: guard::ReleasedText| {
        all.text.push_str(&one.text);
        all.findings.append(&mut one.findings);
        all.verdicts.append(&mut one.verdicts);
        all.action = all.action.max(one.action);
        assert!(one.judged >= all.judged);
        all.judged = one.judged;
    };
    for piece in cut_every(text, length) {
        take(stream.push(piece));
    }
    take(stream.finish());
    all
}

#[test]
fn models_judge_segments_that_have_ended_and_say_from_where_on() {
    let engine = Engine::default();
    let policy = Policy::of(Place::Output).with(Kind::Content, Action::Flag);
    let calm = "The harbour opens at dawn and the boats go out one by one. ".repeat(30);
    let bad = "You are a worthless piece of shit and everybody hates you. ";
    let text = format!("{calm}{bad}{calm}");
    for length in [1, 4, 100] {
        let all = released(&engine, &policy, &text, length);
        assert_eq!(all.text, text);
        assert_eq!((all.action, all.judged), (Action::Flag, text.len() as u64));
        let [verdict] = &all.verdicts[..] else {
            panic!("one verdict, not {:?}", all.verdicts);
        };
        let found = &verdict.findings[0].finding;
        assert_eq!(found.of(&text).trim(), bad.trim());
        let within =
            verdict.range.start <= found.start as u64 && found.end as u64 <= verdict.range.end;
        assert!(within && verdict.range.start > 1_000, "{verdict:?}");
        assert!(
            verdict.range.end - verdict.range.start <= 2_000,
            "{verdict:?}"
        );
    }
    // The end is judged too, however short it is.
    let all = released(&engine, &policy, bad.trim_end(), 4);
    assert_eq!(all.verdicts.len(), 1);
    let mut block = policy.with(Kind::Content, Action::Block);
    block.sure_of_content = 0.0;
    let all = released(&engine, &block, &text, 4);
    assert_eq!(all.action, Action::Block);
    assert!(
        all.text.len() < calm.len() + 2_000,
        "{} bytes",
        all.text.len()
    );
}

#[test]
fn what_is_to_be_blocked_ends_the_stream() {
    let engine = engine();
    let policy = policy().except(Some(Kind::Secret), "TOKEN", Action::Block);
    let masker = masker();
    let mut stream = Stream::new(&engine, &policy, &masker);
    let mut text = String::new();
    let mut action = Action::Allow;
    for piece in cut(&"before tok_abcdef123 ".repeat(40), &[5]) {
        let released = stream.push(piece);
        text.push_str(&released.text);
        action = action.max(released.action);
    }
    assert_eq!(action, Action::Block);
    assert_eq!(text, "before ");
    assert_eq!(stream.finish().text, "");
}

#[test]
fn lines_that_prose_speaks_of_are_no_key() {
    let engine = engine();
    let line = "mF9B5f41JqM8zLwT".repeat(4);
    let file = format!(
        "Private-Lines: 2\n{line}\n{}\nPrivate-MAC: 00\n",
        &line[..20]
    );
    let prose = "in the header private-lines: 1000 says how many words there are. ".to_owned();
    let cut = format!("{prose}{}{line} {line}\n", "word ".repeat(2000));
    assert_eq!(whole(&engine, &cut), cut);
    for text in [
        cut,
        format!("{prose}{file}{}", "word ".repeat(200)),
        file.replace('2', "9"),
    ] {
        let expected = whole(&engine, &text);
        for length in [3, 100] {
            assert_eq!(in_pieces(&engine, cut_every(&text, length)), expected);
        }
    }
    let masked = whole(&engine, &file);
    let collapsed = guard::collapse(&masked).into_owned();
    assert_eq!(collapsed, "Private-Lines: 2\n[masked:]\nPrivate-MAC: 00\n");
}

fn cut_every(text: &str, length: usize) -> impl Iterator<Item = &str> {
    cut(text, &[length]).into_iter()
}
