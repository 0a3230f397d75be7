//! The project's own chores: checks of its maps, generated docs, logs to measure with,
//! evaluation, benchmarks. It drives the program as a process and knows nothing of its insides, so
//! that what it measures and checks is what a user gets. Training is the exception: it makes the
//! weights of `guard` with the features that `guard` computes.
#![allow(
    clippy::disallowed_methods,
    reason = "chores read and write the repository's own files"
)]
#![expect(clippy::print_stdout, reason = "chores report to the terminal")]
#![expect(clippy::print_stderr, reason = "chores report to the terminal")]

mod args;
mod repo;
mod modules;
mod tidy;
mod docs;
mod picture;
mod process;
mod program;
mod made_pdf;
mod client;
mod report;
mod served;
mod logs;
mod bench;
mod eval;
mod train;
mod check;

use std::process::ExitCode;

use anyhow::bail;

const HELP_TEXT: &str = "\
usage: cargo xtask COMMAND

  tidy                                 maps, arrows, modules, names and habits are as they should be
  tidy --names [CRATE]                 constants of one word, and type names that stand twice
  modules [CRATE]                      what each file of a crate uses of the others, circles, arrows up
  docs [--check] [--bin PATH]          docs/cli.md and docs/settings.md from the built program
  picture [--bin PATH] [--models DIR]  docs/search.svg, a terminal with a search in the samples
  logs --out DIR (--mb N [--sessions K] [--codex-share P] | --files N | --generic N) [--seed S]
                                       logs to measure with, the same for the same seed
  logs --measure DIR                   what a directory of logs is made of
  bench import [--logs DIR] [--json]   speed, memory and size of importing
  bench search [--passages N] [--json] whole-process search
  bench daemon [--passages N] [--json] search inside a running process
  bench mcp [--passages N] [--json]    start, calls and memory of MCP servers, ten of them at once
  bench watch [--files N] [--json]     a watcher at rest and at work, and searches that look for news
  bench gateway [--streams N] [--json] what the gateway adds to a model server, in time, CPU and memory
  bench turn [--passages N] [--json]   what a turn of the chat adds before its request leaves
  bench tools [--turns N] [--json]     what 20 servers of tools, and 1,000 entries of lore, add to a turn
  bench guards [--texts N] [--runs N] [--json]
                                       what guards cost on 2 kB and in a stream; of a release build of xtask
  eval retrieval DIR [--mode M]        recall and nDCG on messages.jsonl, queries.jsonl, qrels.tsv
  eval known-item DIR --queries FILE   the right session for each query over real logs
  eval blame [--repositories N] [--seed S] [--json]
                                       who wrote which line, in repositories with known authors
  eval guards [--check] [--data DIR,DIR] tables of figures in the guards' docs, from `lorekeep guard eval`
  train MODEL --data DIR [--check | --out FILE | --folds | --sources [--only SOURCE,SOURCE]]
                                       the weights of a guard's model, the same bytes for the same data
  train words --data DIR [--check]     words that are no names, and sketches of what is trained on
  train collect --data DIR NAME=FROM…  harmless text of this machine, half of its packages kept back
  check transcripts DIR                an independent reading of logs against what is exported
  check halves DIR                     logs in one go against logs that were cut at random places
  check crash [--rounds N] [--together N]
                                       kill -9 and two imports at once lose and repeat nothing
  check secrets DIR [--share P]        secrets planted in logs are in no file and no answer
  check calls [--rounds N] [--seconds S] [--seed S]
                                       whatever a client sends, the MCP server answers on, over both ways
  check settings [--rounds N] [--seconds S] [--seed S]
                                       settings files of any bytes are changed and given back as they were
  check turns [--rounds N] [--seed S]  turns whose server is killed or whose listener goes are kept once

bench, eval and check run target/release/lorekeep, or what --bin names, in a home of its own.
";

fn main() -> ExitCode {
    match run(args::ChoreArgs::from_process()) {
        Ok(()) => ExitCode::SUCCESS,
        // Without the backtrace that `RUST_BACKTRACE` would add to a chore's own complaint.
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: args::ChoreArgs) -> anyhow::Result<()> {
    match args.word().as_deref() {
        Some("tidy") => tidy::run(args),
        Some("modules") => modules::run(args),
        Some("docs") => docs::run(args),
        Some("picture") => picture::run(args),
        Some("logs") => logs::run(args),
        Some("bench") => bench::run(args),
        Some("eval") => eval::run(args),
        Some("train") => train::run(args),
        Some("check") => check::run(args),
        None | Some("help" | "--help" | "-h") => {
            print!("{HELP_TEXT}");
            Ok(())
        }
        Some(other) => bail!("no such command `{other}`\n\n{HELP_TEXT}"),
    }
}
