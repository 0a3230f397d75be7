//! What the guards cost on one thread: all of them on 2 kB of ordinary text, and masking while a text comes in.
//!
//! Each text is judged several times and its shortest time counts, so that what else the machine does changes
//! little. Beside microseconds there are ratios to a yardstick that is timed in between: hashing the same text
//! byte by byte so many times, so that figures of two machines can be compared.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use guard::{Action, Engine, Kind, Kinds, Mask, Masker, Place, Policy, Stream};

use crate::args::ChoreArgs;
use crate::repo;
use crate::report::{FigureTable, Reach, percentile};

/// Bytes of a text.
const TEXT_BYTES: usize = 2_000;

/// What all guards should take for such a text at most, 95th percentile, and a token of a stream on average.
const MAX_TEXT_US: f64 = 1_000.0;
const MAX_TOKEN_US: f64 = 20.0;

/// How often the yardstick hashes a text.
const YARDSTICK_ROUNDS: usize = 100;

/// Letters of a token, about as many as models have.
const TOKEN_LETTERS: usize = 4;

/// `cargo run --release -p xtask -- bench guards [--texts N] [--runs N] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let count: usize = args.option("--texts")?.unwrap_or(60);
    let runs: usize = args.option("--runs")?.unwrap_or(5);
    args.finish()?;
    ensure!(
        !cfg!(debug_assertions),
        "this measures the guards that it is built with: cargo run --release -p xtask -- bench guards"
    );
    let engine = Engine::default();
    let mut report = FigureTable::new(format!(
        "guards on {TEXT_BYTES} bytes, one thread, shortest of {runs} runs"
    ));
    for (name, texts) in kinds_of_text(count)? {
        let mut yardstick = times(&texts, runs, |text| {
            black_box(yardstick(text));
        });
        let yardstick = percentile(&mut yardstick, 0.5);
        report.note(format!("{name}: yardstick, p50"), yardstick, "µs");
        for kind in Kind::ALL {
            let kinds = Kinds::NONE.with(kind);
            let mut times = times(&texts, runs, |text| {
                black_box(engine.find(text, kinds).len());
            });
            let what = format!("{name}: {}, p95", kind.name());
            report.note(what, percentile(&mut times, 0.95), "µs");
        }
        let policy = Policy::of(Place::Scan);
        let mut times = times(&texts, runs, |text| {
            black_box(engine.judge(text, &policy).findings.len());
        });
        let (middle, high) = (percentile(&mut times, 0.5), percentile(&mut times, 0.95));
        report.note(format!("{name}: all, p50"), middle, "µs");
        let most = Reach::Below(MAX_TEXT_US);
        report.aim(format!("{name}: all, p95"), high, "µs", most);
        report.note(format!("{name}: all, p95"), high / yardstick, "yardsticks");
    }
    for (name, text) in streamed_texts()? {
        let best = (0..runs).map(|_| stream(&engine, &text)).min();
        let (all, tokens) = best.unwrap_or_default();
        let mean = micros(all) / tokens.max(1) as f64;
        let most = Reach::Below(MAX_TOKEN_US);
        report.aim(format!("stream, {name}: a token, mean"), mean, "µs", most);
        let mut yardstick = times(&[&text], runs, |text| {
            black_box(yardstick(text));
        });
        let ratio = micros(all) / percentile(&mut yardstick, 0.5);
        report.note(format!("stream, {name}: all of it"), ratio, "yardsticks");
    }
    report.print(as_json);
    Ok(())
}

/// Texts of each kind, cut to [`TEXT_BYTES`].
fn kinds_of_text(count: usize) -> anyhow::Result<Vec<(&'static str, Vec<String>)>> {
    let read = |ending: &str, under: &[&str]| -> anyhow::Result<String> {
        let mut all = String::new();
        for file in repo::files()? {
            if file.ends_with(ending) && under.iter().any(|dir| file.starts_with(dir)) {
                all.push_str(&fs_err::read_to_string(repo::root().join(&file))?);
            }
        }
        Ok(all)
    };
    let prompts = sets(
        &["benign_general", "benign_role_play", "benign_coding"],
        "text",
    )?
    .join("\n");
    let prose = read(".md", &["docs/", "README", "ARCHITECTURE", "CONTRIBUTING"])?;
    let code = read(".rs", &["crates/recall/", "crates/server/"])?;
    let texts = [("prompts", prompts), ("prose", prose), ("code", code)];
    Ok(texts.map(|(name, text)| (name, cut(&text, count))).to_vec())
}

/// At most `count` parts of a text, evenly apart.
fn cut(text: &str, count: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > TEXT_BYTES {
        let (part, after) = rest.split_at(rest.floor_char_boundary(TEXT_BYTES));
        parts.push(part.to_owned());
        rest = after;
    }
    let step = parts.len().div_ceil(count.max(1)).max(1);
    parts.into_iter().step_by(step).collect()
}

/// What a model might say: ordinary text, sentences with personal data, and nothing but such data.
fn streamed_texts() -> anyhow::Result<Vec<(&'static str, String)>> {
    let ordinary = kinds_of_text(30)?;
    let ordinary: Vec<String> = ordinary.into_iter().flat_map(|(_, texts)| texts).collect();
    let sentences = sets(&["pii_structured"], "text")?.join("\n");
    let mut values = String::new();
    for row in rows("pii_structured")? {
        let text = row["text"].as_str().unwrap_or_default();
        for span in row["spans"].as_array().into_iter().flatten() {
            let place = |key: &str| span[key].as_u64().and_then(|at| usize::try_from(at).ok());
            let range = place("start").zip(place("end"));
            let value = range.and_then(|(start, end)| text.get(start..end));
            values.push_str(value.context("a span of the set isn't in its text")?);
            values.push('\n');
        }
    }
    Ok(vec![
        ("ordinary", ordinary.concat()),
        ("sentences with personal data", sentences),
        ("nothing but personal data", values),
    ])
}

fn rows(set: &str) -> anyhow::Result<Vec<serde_json::Value>> {
    let path = repo::root().join(format!("crates/guard/sets/{set}.jsonl"));
    let text = fs_err::read_to_string(path)?;
    Ok(text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?)
}

fn sets(names: &[&str], key: &str) -> anyhow::Result<Vec<String>> {
    let mut out = Vec::new();
    for name in names {
        let rows = rows(name)?;
        let texts = rows.iter().filter_map(|row| row[key].as_str());
        out.extend(texts.map(str::to_owned));
    }
    Ok(out)
}

/// The shortest time of each text in microseconds.
fn times<T: AsRef<str>>(texts: &[T], runs: usize, judge: impl Fn(&str)) -> Vec<f64> {
    // What is made ready once isn't counted.
    texts.iter().for_each(|text| judge(text.as_ref()));
    let time = |text: &T| {
        let once = |_| {
            let start = Instant::now();
            judge(text.as_ref());
            start.elapsed()
        };
        micros((0..runs.max(1)).map(once).min().unwrap_or_default())
    };
    texts.iter().map(time).collect()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn yardstick(text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for _ in 0..YARDSTICK_ROUNDS {
        for byte in black_box(text).bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

/// The time of all pushes of a text in tokens, and how many these are.
fn stream(engine: &Engine, text: &str) -> (Duration, usize) {
    let policy = Policy::of(Place::Output)
        .with(Kind::Pii, Action::Mask)
        .only(Kinds::NONE.with(Kind::Secret).with(Kind::Pii));
    let masker = Masker::new(&[3; 32], Mask::Placeholder);
    let mut stream = Stream::new(engine, &policy, &masker);
    let mut tokens = 0;
    let mut rest = text;
    let start = Instant::now();
    while !rest.is_empty() {
        let end = rest.char_indices().nth(TOKEN_LETTERS);
        let (token, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        black_box(stream.push(token));
        tokens += 1;
        rest = after;
    }
    black_box(stream.finish());
    (start.elapsed(), tokens)
}
