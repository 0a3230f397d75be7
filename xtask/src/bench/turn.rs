//! What a turn adds: from a person's message to the request that leaves for the model, with the person's memory
//! searched and without.

use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::search::filled;
use crate::args::ChoreArgs;
use crate::client::memory;
use crate::program::{Program, ProgramHome};
use crate::report::{FigureTable, Reach, percentile};
use crate::served::{ApiCaller, ModelServer, ServedChat};

/// Turns in one conversation: as many as people have in a long one.
const TURNS_TOGETHER: usize = 25;

/// `cargo xtask bench turn [--passages N] [--mode M] [--turns N] [--bin PATH] [--home DIR] [--models DIR] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let passages = args.option("--passages")?.unwrap_or(100_000);
    let turns = args.option("--turns")?.unwrap_or(200);
    let mode: String = args
        .option("--mode")?
        .unwrap_or_else(|| "hybrid".to_owned());
    let home = ProgramHome::from_args(&mut args, "turn")?;
    let program = Program::from_args(&mut args, &home)?;
    args.finish()?;

    let queries = filled(&program, &home, passages, &mode)?;
    let key = program.text(&["key", "create", "bench", "--scope", "chat"])?;
    let model = ModelServer::start(0)?;
    let mut report = FigureTable::new(format!(
        "A turn, {mode}, {passages} passages, {turns} turns"
    ));
    let began = Instant::now();
    let served = ServedChat::start(&program, 0, model.port())?;
    let caller = ApiCaller::new(&served.address, &key);
    while caller.json(("GET", "/ready"), None).is_err() {
        ensure!(
            began.elapsed().as_secs() < 60,
            "the server doesn't get ready"
        );
    }
    let ready = began.elapsed().as_secs_f64() * 1e3;
    report.aim("start to ready", ready, "ms", Reach::Below(300.0));
    let idle = memory(served.running.child.id(), "Private_Dirty")? / 1e6;
    report.aim("private memory, idle", idle, "MB", Reach::Below(60.0));
    let bench = TurnBench {
        caller: &caller,
        model: &model,
        queries: &queries,
    };
    // The first turns load the models.
    bench.added(true, TURNS_TOGETHER)?;
    for (name, recalls) in [("memory off", false), ("memory on", true)] {
        let mut times = bench.added(recalls, turns)?;
        report.note(format!("{name}: median"), percentile(&mut times, 0.5), "ms");
        let slow = percentile(&mut times, 0.95);
        let name = format!("{name}: 95th percentile");
        match recalls {
            true => report.aim(name, slow, "ms", Reach::Below(30.0)),
            false => report.note(name, slow, "ms"),
        }
    }
    report.print(as_json);
    served.running.kill()?;
    Ok(())
}

struct TurnBench<'a> {
    caller: &'a ApiCaller,
    model: &'a ModelServer,
    queries: &'a [String],
}

impl TurnBench<'_> {
    /// How long it took in each turn until the request came to the model, in milliseconds.
    fn added(&self, recalls: bool, turns: usize) -> anyhow::Result<Vec<f64>> {
        let mut times = Vec::new();
        let mut path = String::new();
        for nth in 0..turns {
            if nth % TURNS_TOGETHER == 0 {
                let made = self
                    .caller
                    .json(("POST", "/api/conversations"), Some(&json!({})))?;
                let id = made["id"].as_str().context("a conversation has no id")?;
                path = format!("/api/conversations/{id}/turns");
            }
            times.push(self.turn(&path, &self.queries[nth % self.queries.len()], recalls)?);
        }
        Ok(times)
    }

    fn turn(&self, path: &str, query: &str, recalls: bool) -> anyhow::Result<f64> {
        self.model.take_arrivals();
        let body: Value =
            json!({"text": format!("{query}? Say it as a stream 3 0"), "recall": recalls});
        let sent = Instant::now();
        let mut answer = self
            .caller
            .open(("POST", path), Some(&body), "text/event-stream")?;
        while let Some((name, data)) = answer.event()? {
            ensure!(name != "RunError", "a turn failed: {data}");
        }
        let arrivals = self.model.take_arrivals();
        let came = arrivals.last().context("nothing came to the model")?;
        Ok(came.saturating_duration_since(sent).as_secs_f64() * 1e3)
    }
}
