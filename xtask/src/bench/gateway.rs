//! What the gateway adds: the same requests to a model server that does nothing, straight and through `serve`.

mod load;

use std::time::Instant;

use anyhow::{Context, ensure};

use crate::args::ChoreArgs;
use crate::program::{Program, ProgramHome};
use crate::report::{FigureTable, Reach, percentile};
use crate::served::{ModelServer, ServedChat};
use load::{Endpoint, StreamedTokens};

/// Tokens of the long stream whose CPU time is measured.
const LONG_TOKENS: usize = 20_000;

/// Tokens a second of each of the concurrent streams.
const TOKENS_A_SECOND: usize = 10;

/// Tokens of the stream whose pieces are timed, and the time between them in milliseconds.
const DELAYED_TOKENS: usize = 1_000;
const DELAYED_PAUSE_MS: usize = 5;

/// How long the concurrent streams go on.
const SECONDS: usize = 10;

/// `cargo xtask bench gateway [--streams N] [--requests N] [--other URL --other-pid PID] [--bin PATH] [--json]`.
///
/// `--other` measures another proxy beside it, such as LiteLLM, which must be set up to ask the model server at
/// `--model-port`; `--serve-model` only runs that server.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let serves_only = args.flag("--serve-model");
    let streams = args.option("--streams")?.unwrap_or(500);
    let requests = args.option("--requests")?.unwrap_or(300);
    let model_port = args.option("--model-port")?.unwrap_or(0);
    let other: Option<String> = args.option("--other")?;
    let other_pid: Option<u32> = args.option("--other-pid")?;
    let home = ProgramHome::new("gateway")?;
    let model = ModelServer::start(model_port)?;
    if serves_only {
        args.finish()?;
        std::thread::park();
        return Ok(());
    }
    let program = Program::from_args(&mut args, &home)?;
    args.finish()?;
    let key = program.text(&["key", "create", "bench", "--scope", "gateway"])?;
    let ServedChat { running, address } = ServedChat::start(&program, 0, model.port())?;
    let pid = running.child.id();
    let direct = Endpoint::new(&format!("127.0.0.1:{}", model.port()), "none");
    let through = Endpoint::new(&address, key.trim());

    let mut report = FigureTable::new(format!("The gateway, {streams} streams"));
    latencies(&mut report, &direct, &through, requests)?;
    let at_once = at_16(&mut report, "through the gateway", &through, requests * 16)?;
    report.note("memory after that", memory(pid)?, "MB");
    if let Some(other) = other {
        let other = Endpoint::new(&other, "sk-bench");
        let slow = beside(&mut report, &direct, &other, requests, other_pid)?;
        let times = at_once / slow;
        report.aim(
            "times the requests/s of the other proxy",
            times,
            "",
            Reach::AtLeast(10.0),
        );
    }
    delays(&mut report, (&direct, &through), &model)?;
    cpu(&mut report, &through, pid)?;
    concurrent(&mut report, (&direct, &through), streams, pid)?;
    report.print(as_json);
    running.kill()?;
    Ok(())
}

fn latencies(
    report: &mut FigureTable,
    direct: &Endpoint,
    through: &Endpoint,
    requests: usize,
) -> anyhow::Result<()> {
    // The first requests load the weights of the guards.
    through.latencies(20)?;
    let mut bare = direct.latencies(requests)?;
    let mut guarded = through.latencies(requests)?;
    let (bare_half, half) = (percentile(&mut bare, 0.5), percentile(&mut guarded, 0.5));
    report.note("model server alone, not streaming: median", bare_half, "ms");
    report.note("through the gateway: median", half, "ms");
    report.aim("added: median", half - bare_half, "ms", Reach::Below(3.0));
    let slow = percentile(&mut guarded, 0.95) - percentile(&mut bare, 0.95);
    report.note("added: 95th percentile", slow, "ms");
    Ok(())
}

/// How long after the token that brought it a piece of a stream comes. What guards hold back comes with a later
/// token, and is counted from that one on.
fn delays(
    report: &mut FigureTable,
    (direct, through): (&Endpoint, &Endpoint),
    model: &ModelServer,
) -> anyhow::Result<()> {
    let mut measured = Vec::new();
    for endpoint in [direct, through] {
        model.take_tokens();
        let streamed = endpoint.stream(DELAYED_TOKENS, DELAYED_PAUSE_MS)?;
        let tokens = model.take_tokens();
        // The last pieces are the end, which no token brings.
        let pieces = streamed.moments.iter().rev().skip(3);
        let mut delays: Vec<f64> = pieces
            .filter_map(|moment| {
                let before = tokens.partition_point(|token| token <= moment);
                let token = tokens[..before].last()?;
                Some(moment.duration_since(*token).as_secs_f64() * 1e3)
            })
            .collect();
        measured.push((percentile(&mut delays, 0.5), percentile(&mut delays, 0.95)));
    }
    let added = |at: usize| match at {
        0 => measured[1].0 - measured[0].0,
        _ => measured[1].1 - measured[0].1,
    };
    report.note(
        "a piece of a stream, straight: 95th percentile",
        measured[0].1,
        "ms",
    );
    report.note("added to a piece: median", added(0), "ms");
    report.aim(
        "added to a piece: 95th percentile",
        added(1),
        "ms",
        Reach::Below(0.2),
    );
    Ok(())
}

fn cpu(report: &mut FigureTable, through: &Endpoint, pid: u32) -> anyhow::Result<()> {
    through.stream(1_000, 0)?;
    let before = cpu_seconds(pid)?;
    let start = Instant::now();
    let streamed = through.stream(LONG_TOKENS, 0)?;
    let took = cpu_seconds(pid)? - before;
    ensure!(
        streamed.is_whole,
        "the long stream broke off after {} bytes of text",
        streamed.text_bytes
    );
    let per_token = took * 1e6 / LONG_TOKENS as f64;
    report.aim(
        "CPU time a streamed token",
        per_token,
        "µs",
        Reach::Below(20.0),
    );
    report.note(
        "tokens/s of one stream",
        LONG_TOKENS as f64 / start.elapsed().as_secs_f64(),
        "/s",
    );
    Ok(())
}

fn concurrent(
    report: &mut FigureTable,
    (direct, through): (&Endpoint, &Endpoint),
    streams: usize,
    pid: u32,
) -> anyhow::Result<()> {
    let tokens = TOKENS_A_SECOND * SECONDS;
    let pause = 1_000 / TOKENS_A_SECOND;
    let bare = direct.streams(streams, tokens, pause);
    let guarded = through.streams(streams, tokens, pause);
    let rate = |all: &[StreamedTokens]| {
        let slowest = all.iter().map(|one| one.seconds).fold(0.0, f64::max);
        all.iter().map(|one| one.text_bytes).sum::<usize>() as f64 / slowest.max(0.001)
    };
    let failed = guarded.iter().filter(|one| !one.is_whole).count();
    report.aim("streams that failed", failed as f64, "", Reach::Below(1.0));
    report.note("text of the model server alone, bytes", rate(&bare), "/s");
    report.aim(
        "share of that through the gateway",
        rate(&guarded) / rate(&bare),
        "",
        Reach::AtLeast(0.9),
    );
    report.aim("peak memory", peak_memory(pid)?, "MB", Reach::Below(300.0));
    Ok(())
}

fn beside(
    report: &mut FigureTable,
    direct: &Endpoint,
    other: &Endpoint,
    requests: usize,
    pid: Option<u32>,
) -> anyhow::Result<f64> {
    other.latencies(20)?;
    let mut bare = direct.latencies(requests)?;
    let mut slow = other.latencies(requests)?;
    report.note(
        "the other proxy, added: median",
        percentile(&mut slow, 0.5) - percentile(&mut bare, 0.5),
        "ms",
    );
    let at_once = at_16(report, "the other proxy", other, requests * 4)?;
    if let Some(pid) = pid {
        report.note("the other proxy, memory", memory(pid)?, "MB");
    }
    Ok(at_once)
}

/// Requests at 16 connections: how many a second, which is returned, and how long the median takes.
fn at_16(
    report: &mut FigureTable,
    what: &str,
    endpoint: &Endpoint,
    requests: usize,
) -> anyhow::Result<f64> {
    let (a_second, mut times) = endpoint.requests_a_second(16, requests)?;
    report.note(
        format!("{what}, requests/s at 16 connections"),
        a_second,
        "/s",
    );
    let half = percentile(&mut times, 0.5);
    report.note(format!("{what}, median at 16 connections"), half, "ms");
    Ok(a_second)
}

/// The memory of a process and of all that it started, in megabytes: what they share counts once.
fn memory(pid: u32) -> anyhow::Result<f64> {
    let mut kilobytes = 0.0;
    for pid in descendants(pid)? {
        let rollup = fs_err::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let number = line.context("no memory")?.trim().trim_end_matches(" kB");
        kilobytes += number.parse::<f64>()?;
    }
    Ok(kilobytes / 1e3)
}

/// A process, and those that it started.
fn descendants(pid: u32) -> anyhow::Result<Vec<u32>> {
    let mut all = vec![pid];
    for process in fs_err::read_dir("/proc")?.flatten() {
        let name = process.file_name();
        let Some(child) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // It may have ended meanwhile.
        let Ok(stat) = fs_err::read_to_string(format!("/proc/{child}/stat")) else {
            continue;
        };
        let parent = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().nth(1));
        if parent.and_then(|parent| parent.parse().ok()) == Some(pid) {
            all.extend(descendants(child)?);
        }
    }
    Ok(all)
}

/// CPU time that a process used, of all its threads.
fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = fs_err::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, rest) = stat.rsplit_once(')').context("no process name")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    let (user, system) = (
        ticks(11).context("no user time")?,
        ticks(12).context("no system time")?,
    );
    Ok((user + system) / 100.0)
}

/// The most memory that a process had, in megabytes.
fn peak_memory(pid: u32) -> anyhow::Result<f64> {
    let status = fs_err::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("no peak memory")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1e3)
}
