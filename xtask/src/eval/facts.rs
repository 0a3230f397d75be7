//! How good facts about the person are that the chat draws: sixty made-up conversations of ten people, had with the real
//! program as a server, and a scripted model that proposes true facts, what it said itself, secrets, duplicates and
//! junk in equal parts. It never sees what is right: that is in a file which only the count afterwards reads.

mod talk;
mod proposer;
mod score;

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use self::proposer::Proposer;
use self::score::{FactTally, Labels};
use self::talk::{Talker, talkers};
use crate::args::ChoreArgs;
use crate::program::{Program, ProgramHome};
use crate::repo;
use crate::report::percent_with_interval;
use crate::served::{ApiCaller, ServedChat};

/// How long nothing must have been asked for until all is drawn.
const QUIET: Duration = Duration::from_millis(1_500);

/// How long the facts of one person may take.
const MAX_WAIT: Duration = Duration::from_secs(120);

/// `cargo xtask eval facts [--bin PATH] [--models DIR] [--no-model] [--verbose] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let verbose = args.flag("--verbose");
    let without_model = args.flag("--no-model");
    let bin: Option<std::path::PathBuf> = args.option("--bin")?;
    let models: Option<std::path::PathBuf> = args.option("--models")?;
    args.finish()?;
    let bin = bin.unwrap_or_else(|| repo::target_dir().join("release/lorekeep"));
    let folder = repo::root().join("xtask/facts");
    let talkers = talkers(&fs_err::read_to_string(folder.join("talk.txt"))?)?;
    let labels = Labels::parse(&fs_err::read_to_string(folder.join("labels.txt"))?)?;
    let (mut halves, mut all) = (
        [FactTally::default(), FactTally::default()],
        FactTally::default(),
    );
    for talker in &talkers {
        let home = ProgramHome::new("facts")?;
        let program = Program::new(&bin, &home)?;
        match (&models, without_model) {
            (_, true) => {}
            (Some(models), false) => home.borrow_models(models)?,
            (None, false) => program.fetch_model(),
        }
        let proposer = Proposer::start(talker)?;
        let facts = facts_of(&program, talker, &proposer)?;
        let tally = labels.count(&talker.name, &facts, proposer.take_proposed());
        if verbose {
            tally.tell(&talker.name);
        }
        halves[usize::from(talker.is_test)].add(&tally);
        all.add(&tally);
    }
    let named = [("dev", &halves[0]), ("test", &halves[1]), ("all", &all)];
    if as_json {
        let document: serde_json::Map<String, Value> = named
            .iter()
            .map(|(name, tally)| ((*name).to_owned(), tally.json()))
            .collect();
        println!("{}", Value::Object(document));
    } else {
        print!("{}", table(&named));
    }
    Ok(())
}

/// Has a person's conversations, and what is known of them afterwards.
fn facts_of(
    program: &Program,
    talker: &Talker,
    proposer: &Proposer,
) -> anyhow::Result<Vec<String>> {
    let key = program.text(&[
        "key", "create", "facts", "--scope", "chat", "--scope", "memory",
    ])?;
    let settings = [
        ("FACTS__EXTRACT", "true"),
        ("FACTS__DAILY_TOKENS", "10000000"),
    ];
    let served = ServedChat::start_with(program, (0, proposer.port()), &settings)?;
    let caller = ApiCaller::new(&served.address, &key);
    let began = Instant::now();
    while caller.json(("GET", "/ready"), None).is_err() {
        if began.elapsed() > MAX_WAIT {
            bail!("the server doesn't get ready");
        }
    }
    for conversation in &talker.conversations {
        let made = caller.json(("POST", "/api/conversations"), Some(&json!({})))?;
        let id = made["id"]
            .as_str()
            .context("no id of a conversation")?
            .to_owned();
        for exchange in conversation {
            proposer.expect(exchange.number);
            let path = format!("/api/conversations/{id}/turns");
            let body = json!({"text": exchange.said});
            let mut turn = caller.open(("POST", &path), Some(&body), "text/event-stream")?;
            while let Some((name, data)) = turn.event()? {
                // What a guard refuses is said to nobody.
                let is_refused = data["error"]["type"] == "input_check_error";
                if name == "RunError" && !is_refused {
                    bail!("{}: a turn failed: {data}", talker.name);
                }
            }
        }
        wait_until_quiet(&caller, proposer)?;
    }
    let list = caller.json(("GET", "/api/facts?limit=1000"), None)?;
    served.running.kill()?;
    let facts = list["facts"].as_array().cloned().unwrap_or_default();
    let text = |fact: &Value| fact["memory"].as_str().unwrap_or_default().to_owned();
    Ok(facts.iter().map(text).collect())
}

/// Waits until the server asks for nothing any more and its facts stay the same.
fn wait_until_quiet(caller: &ApiCaller, proposer: &Proposer) -> anyhow::Result<()> {
    let began = Instant::now();
    let version = || -> anyhow::Result<Value> {
        Ok(caller.json(("GET", "/api/facts?limit=1"), None)?["version"].clone())
    };
    let mut before = version()?;
    let mut since = Instant::now();
    while since.elapsed() < QUIET || proposer.asked_within(QUIET) {
        if began.elapsed() > MAX_WAIT {
            bail!("facts are still drawn after {} s", MAX_WAIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
        let now = version()?;
        if now != before {
            (before, since) = (now, Instant::now());
        }
    }
    Ok(())
}

fn table(named: &[(&str, &FactTally); 3]) -> String {
    let mut text = "| people | proposals (true, own, secret, duplicate, junk) | kept | precision | recall | duplicates | outdated \
         | secrets kept |\n|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for (name, tally) in named {
        let parts: Vec<String> = tally.proposed.iter().map(u64::to_string).collect();
        text.push_str(&format!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} |\n",
            parts.join(", "),
            tally.kept,
            share(tally.right, tally.kept),
            share(tally.right, tally.labels),
            share(tally.repeated, tally.kept),
            tally.outdated,
            tally.secrets,
        ));
    }
    text
}

/// A share with Wilson's interval of 95%.
fn share(part: u64, all: u64) -> String {
    if all == 0 {
        return "–".to_owned();
    }
    let [share, low, high] = percent_with_interval(part, all);
    format!("{share:.1}% of {all} ({low:.1}–{high:.1})")
}
