//! What servers of tools and a character with much lore add to a turn, until its request leaves for the model.

use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::args::ChoreArgs;
use crate::program::{Program, ProgramHome};
use crate::report::{FigureTable, Reach, percentile};
use crate::served::{ApiCaller, ModelServer, ServedChat};

/// Servers of tools, of which so many can't be started and so many never answer.
const SERVER_COUNT: usize = 20;
const DEAD_SERVERS: usize = 3;
const HANGING_SERVERS: usize = 2;

/// Entries of the character's lorebook.
const LORE_ENTRIES: usize = 1_000;

/// Turns in one conversation.
const TURNS_TOGETHER: usize = 25;

/// `cargo xtask bench tools [--turns N] [--bin PATH] [--home DIR] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let turns = args.option("--turns")?.unwrap_or(100);
    let home = ProgramHome::from_args(&mut args, "tools")?;
    let program = Program::from_args(&mut args, &home)?;
    args.finish()?;

    let key = program.text(&["key", "create", "bench", "--scope", "chat"])?;
    let config = home.path().join("mcp.json");
    fs_err::write(&config, servers(&program, &home)?.to_string())?;
    let characters = home.lorekeep().join("data/characters");
    fs_err::create_dir_all(&characters)?;
    fs_err::write(characters.join("lore.json"), card().to_string())?;
    let model = ModelServer::start(0)?;
    let mut report = FigureTable::new(format!(
        "A turn with {SERVER_COUNT} servers of tools ({DEAD_SERVERS} dead, {HANGING_SERVERS} hanging), or {LORE_ENTRIES} entries of lore; {turns} turns each"
    ));
    let plain = ServedChat::start_with(&program, (0, model.port()), &[("TOOLS__BUILT_IN", "")])?;
    let bench = ToolBench::new(&plain, &key, &model)?;
    // The first turns load the models, with servers and without.
    let plain_first = bench.turns(&json!({}), 1)?;
    bench.turns(&json!({}), TURNS_TOGETHER)?;
    let mut without = bench.turns(&json!({}), turns)?;
    let mut with_lore = bench.turns(&json!({"character": "lore"}), turns)?;
    plain.running.kill()?;

    let path = config.to_str().context("the home's path is no UTF-8")?;
    let tooled = ServedChat::start_with(&program, (0, model.port()), &[("MCP__PATH", path)])?;
    let bench = ToolBench::new(&tooled, &key, &model)?;
    // The very first turn comes while all are being listed.
    let first = bench.turns(&json!({}), 1)?;
    let mut with_servers = bench.turns(&json!({}), turns)?;
    tooled.running.kill()?;

    let base = percentile(&mut without, 0.5);
    report.note("plain: median", base, "ms");
    report.note(
        "plain: 95th percentile",
        percentile(&mut without, 0.95),
        "ms",
    );
    let first_of = |times: &[f64]| times.first().copied().unwrap_or_default();
    let base_first = first_of(&plain_first);
    report.note("plain: the first turn after the start", base_first, "ms");
    let added = first_of(&first) - base_first;
    report.aim(
        "servers, the first turn after the start: added",
        added,
        "ms",
        Reach::Below(20.0),
    );
    let added = percentile(&mut with_servers, 0.5) - base;
    report.aim("servers: added, median", added, "ms", Reach::Below(20.0));
    let slow = percentile(&mut with_servers, 0.95) - percentile(&mut without, 0.95);
    report.note("servers: added, 95th percentile", slow, "ms");
    let added = percentile(&mut with_lore, 0.5) - base;
    report.aim("lore: added, median", added, "ms", Reach::Below(2.0));
    report.print(as_json);
    Ok(())
}

/// The configuration of the servers: this program's own MCP server, over and over, and some that don't work.
fn servers(program: &Program, home: &ProgramHome) -> anyhow::Result<Value> {
    let own = program.command().get_program().to_owned();
    let own = own
        .into_string()
        .ok()
        .context("the program's path is no UTF-8")?;
    let mut entries = Vec::new();
    for nth in 0..SERVER_COUNT {
        let (command, arguments) = match nth {
            nth if nth < DEAD_SERVERS => ("no-such-program-here", vec![]),
            nth if nth < DEAD_SERVERS + HANGING_SERVERS => ("sleep", vec!["100000"]),
            _ => (&*own, vec!["mcp"]),
        };
        entries.push(json!({
            "type": "command", "transport": "stdio", "name": format!("server-{nth}"), "command": command,
            "args": arguments, "approval": "never",
            "env": {"LOREKEEP_HOME": home.path().join(format!("of-{nth}")), "HOME": home.path()},
        }));
    }
    Ok(json!({"mcp_servers": entries}))
}

/// A character with a lorebook, of which each turn brings up a few entries.
fn card() -> Value {
    let entries: Vec<Value> = (0..LORE_ENTRIES)
        .map(|nth| {
            json!({
                "keys": [format!("harbour {nth}"), format!("lantern{nth}")], "content": format!("Lore of number {nth}: the lantern is lit at dusk."),
                "enabled": true, "insertion_order": nth, "extensions": {}, "secondary_keys": ["stream"],
                "selective": nth % 2 == 0, "use_regex": false,
            })
        })
        .collect();
    json!({"spec": "chara_card_v2", "spec_version": "2.0", "data": {
        "name": "Lore", "description": "Knows the harbour.", "first_mes": "Ahoy.", "extensions": {},
        "character_book": {"entries": entries, "scan_depth": 8, "token_budget": 800, "recursive_scanning": true, "extensions": {}},
    }})
}

struct ToolBench<'a> {
    caller: ApiCaller,
    model: &'a ModelServer,
}

impl<'a> ToolBench<'a> {
    fn new(served: &ServedChat, key: &str, model: &'a ModelServer) -> anyhow::Result<Self> {
        let caller = ApiCaller::new(&served.address, key);
        let began = Instant::now();
        while caller.json(("GET", "/ready"), None).is_err() {
            ensure!(
                began.elapsed().as_secs() < 60,
                "the server doesn't get ready"
            );
        }
        Ok(Self { caller, model })
    }

    /// How long it took in each turn until the request came to the model, in milliseconds.
    fn turns(&self, conversation: &Value, turns: usize) -> anyhow::Result<Vec<f64>> {
        let mut times = Vec::new();
        let mut path = String::new();
        for nth in 0..turns {
            if nth % TURNS_TOGETHER == 0 {
                let made = self
                    .caller
                    .json(("POST", "/api/conversations"), Some(conversation))?;
                let id = made["id"].as_str().context("a conversation has no id")?;
                path = format!("/api/conversations/{id}/turns");
            }
            let text = format!(
                "Is harbour {} lit, or lantern{}? Say it as a stream 3 0",
                nth * 7 % LORE_ENTRIES,
                nth * 3 % LORE_ENTRIES
            );
            times.push(self.turn(&path, &json!({"text": text, "recall": false}))?);
        }
        Ok(times)
    }

    fn turn(&self, path: &str, body: &Value) -> anyhow::Result<f64> {
        self.model.take_arrivals();
        let sent = Instant::now();
        let mut answer = self
            .caller
            .open(("POST", path), Some(body), "text/event-stream")?;
        while let Some((name, data)) = answer.event()? {
            ensure!(name != "RunError", "a turn failed: {data}");
        }
        let arrivals = self.model.take_arrivals();
        let came = arrivals.last().context("nothing came to the model")?;
        Ok(came.saturating_duration_since(sent).as_secs_f64() * 1e3)
    }
}
