//! Turns of the chat whose server is killed, or whose listener goes away, at any moment: nothing that was said is
//! lost or there twice, and what is shown afterwards is what is kept.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::args::ChoreArgs;
use crate::logs::Rng;
use crate::program::{Program, ProgramHome};
use crate::served::{ApiCaller, ModelServer, OpenAnswer, ServedChat, streamed_text};

/// Within this time of its beginning a turn is disturbed, in milliseconds.
const DISTURBED_WITHIN_MS: usize = 350;

/// Time between tokens, in milliseconds.
const PAUSE_MS: usize = 4;

/// Tokens of an answer.
const TOKENS: std::ops::Range<usize> = 5..80;

/// Rounds in one conversation.
const ROUNDS_TOGETHER: usize = 50;

/// How long a server that starts again is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// What went wrong, and what was seen beside it.
#[derive(Default)]
struct Tally {
    kills: usize,
    drops: usize,
    lost: usize,
    doubled: usize,
    /// What is shown afterwards isn't what is kept.
    half: usize,
    /// An answer that is none of the model's.
    wrong: usize,
    /// Kills after which a little of what had been shown isn't kept.
    shorter: usize,
}

/// What a listener was told until it went away.
#[derive(Default)]
struct Heard {
    text: String,
    has_end: bool,
}

/// `cargo xtask check turns [--rounds N] [--seed S] [--bin PATH]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let rounds = args.option("--rounds")?.unwrap_or(300);
    let seed = args.option("--seed")?.unwrap_or(1);
    let home = ProgramHome::new("turns")?;
    let program = Program::from_args(&mut args, &home)?;
    args.finish()?;
    let key = program.text(&["key", "create", "check", "--scope", "chat"])?;
    let model = ModelServer::start(0)?;
    let mut served = ServedChat::start(&program, 0, model.port())?;
    let port = served
        .address
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok());
    let port: u16 = port.context("the server listens at no port")?;
    let caller = ApiCaller::new(&served.address, &key);
    let mut rng = Rng::new(seed, 0);
    let mut tally = Tally::default();
    let mut conversation = String::new();
    for round in 0..rounds {
        if round % ROUNDS_TOGETHER == 0 {
            let made = caller.json(("POST", "/api/conversations"), Some(&json!({})))?;
            conversation = text_of(&made["id"]);
        }
        let turn = Turn {
            path: format!("/api/conversations/{conversation}/turns"),
            question: question_id(&mut rng),
            tokens: rng.range(TOKENS.start, TOKENS.end),
        };
        let kills = rng.below(3) == 0;
        let moment = Duration::from_millis(rng.below(DISTURBED_WITHIN_MS) as u64);
        let heard = std::thread::scope(|scope| {
            let listener = scope.spawn(|| turn.begin(&caller, Instant::now() + moment));
            if kills {
                std::thread::sleep(moment);
                served.running.child.kill()?;
            }
            listener.join().ok().context("the listener panicked")
        })?;
        if kills {
            tally.kills += 1;
            served.running.finish()?;
            served = ServedChat::start(&program, port, model.port())?;
        } else {
            tally.drops += 1;
        }
        // As a client does that doesn't know whether it was heard.
        let shown = turn.go_on(&caller)?;
        let view = format!("/api/conversations/{conversation}?branches=all");
        let view = caller.json(("GET", &view), None)?;
        tally.count(round, &turn, (&heard, &shown), &view);
    }
    served.running.kill()?;
    program.text(&["verify"])?;
    println!(
        "{rounds} rounds, {} of them kills: {} lost, {} doubled, {} shown otherwise than kept, {} wrong; after {} \
         kills the end of what was shown wasn't kept",
        tally.kills, tally.lost, tally.doubled, tally.half, tally.wrong, tally.shorter
    );
    let bad = tally.lost + tally.doubled + tally.half + tally.wrong;
    ensure!(
        bad == 0,
        "{bad} rounds went wrong; the same again: --seed {seed}"
    );
    Ok(())
}

/// Something that is said.
struct Turn {
    path: String,
    question: String,
    tokens: usize,
}

impl Turn {
    fn body(&self) -> Value {
        let text = format!("Say it as a stream {} {PAUSE_MS}", self.tokens);
        json!({"id": self.question, "text": text})
    }

    /// Says it and listens until a moment, or until the connection ends.
    fn begin(&self, caller: &ApiCaller, until: Instant) -> Heard {
        let body = self.body();
        let opened = caller.open(("POST", &self.path), Some(&body), "text/event-stream");
        opened
            .map(|answer| listen(answer, Some(until)))
            .unwrap_or_default()
    }

    /// Says it again, and listens to the end of what comes of it.
    fn go_on(&self, caller: &ApiCaller) -> anyhow::Result<Heard> {
        let started = caller.json(("POST", &self.path), Some(&self.body()))?;
        let events = format!("/api/turns/{}/events", text_of(&started["turn"]));
        let began = Instant::now();
        loop {
            let opened = caller.open(("GET", &events), None, "text/event-stream");
            let heard = opened
                .map(|answer| listen(answer, None))
                .unwrap_or_default();
            if heard.has_end {
                return Ok(heard);
            }
            ensure!(began.elapsed() < PATIENCE, "{events} has no end");
        }
    }
}

fn listen(mut answer: OpenAnswer, until: Option<Instant>) -> Heard {
    let mut heard = Heard::default();
    while let Ok(Some((name, data))) = answer.event() {
        match name.as_str() {
            "RunSnapshot" => heard.text = text_of(&data["text"]),
            "RunContent" => heard
                .text
                .push_str(data["text"].as_str().unwrap_or_default()),
            _ => {}
        }
        let is_end = matches!(name.as_str(), "RunCompleted" | "RunError" | "RunCancelled");
        heard.has_end |= is_end || data["is_ended"] == json!(true);
        if heard.has_end || until.is_some_and(|until| Instant::now() >= until) {
            break;
        }
    }
    heard
}

impl Tally {
    fn count(&mut self, round: usize, turn: &Turn, (heard, shown): (&Heard, &Heard), view: &Value) {
        let messages = view["thread"].as_array().map_or(&[][..], Vec::as_slice);
        let questions = messages
            .iter()
            .filter(|message| message["id"] == json!(turn.question));
        let answers = messages
            .iter()
            .filter(|message| message["parent"] == json!(turn.question));
        let (questions, answers) = (questions.count(), answers.collect::<Vec<_>>());
        let tell = |what: &str, count: &mut usize| {
            *count += 1;
            println!(
                "round {round}: {what}: {questions} questions, {} answers",
                answers.len()
            );
        };
        if questions > 1 || answers.len() > 1 {
            tell("doubled", &mut self.doubled);
        }
        let Some(answer) = answers.first().filter(|_| questions > 0) else {
            return tell("lost", &mut self.lost);
        };
        let kept = text_of(&answer["text"]);
        let said = streamed_text(turn.tokens as u64);
        if kept != shown.text {
            tell("shown otherwise than kept", &mut self.half);
        }
        if !said.starts_with(&kept) || (answer["state"] == json!("whole") && said != kept) {
            tell("not what the model said", &mut self.wrong);
        }
        self.shorter += usize::from(heard.text.len() > kept.len());
    }
}

fn question_id(rng: &mut Rng) -> String {
    let mut part = |end: usize| rng.below(end);
    let (a, b, c, d, e, f) = (
        part(1 << 32),
        part(1 << 16),
        part(1 << 12),
        part(1 << 12),
        part(1 << 24),
        part(1 << 24),
    );
    format!("{a:08x}-{b:04x}-4{c:03x}-a{d:03x}-{e:06x}{f:06x}")
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
