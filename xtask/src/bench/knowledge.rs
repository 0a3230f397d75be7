//! A long PDF: how long it takes to read, what its reader takes in memory, and what the program beside it does.

use std::process::Stdio;

use anyhow::{Context, ensure};

use crate::args::ChoreArgs;
use crate::logs::Rng;
use crate::made_pdf::made_pdf;
use crate::process::RunningProcess;
use crate::program::{Program, ProgramHome};
use crate::report::{FigureTable, Reach};

const WORDS: [&str; 24] = [
    "harbour", "ledger", "rope", "winter", "the", "a", "captain", "signed", "before", "tide",
    "carried", "grain", "barrels", "north", "and", "of", "under", "lantern", "quay", "weighed",
    "cargo", "slowly", "until", "morning",
];

/// `cargo xtask bench knowledge [--pages N] [--bin PATH] [--home DIR] [--models DIR] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let pages: usize = args.option("--pages")?.unwrap_or(500);
    let home = ProgramHome::from_args(&mut args, "knowledge")?;
    let bin = args.option("--bin")?;
    let program = Program::new(
        &bin.unwrap_or_else(|| crate::repo::target_dir().join("release/lorekeep")),
        &home,
    )?;
    args.finish()?;

    let file = home.path().join("long.pdf");
    let bytes = made_pdf(&made_pages(pages));
    fs_err::write(&file, &bytes)?;
    let mut report = FigureTable::new(format!(
        "A PDF of {pages} pages, {} kB",
        bytes.len() / 1_000
    ));
    let mut command = program.command();
    command
        .args(["extract-document", "pdf", "256", "60"])
        .stdin(fs_err::File::open(&file)?.into_file())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let (code, cost) = RunningProcess::start(&mut command)?.finish()?;
    ensure!(code == Some(0), "the reader ended with {code:?}");
    report.aim(
        "reading, wall",
        cost.wall.as_secs_f64(),
        "s",
        Reach::Below(60.0),
    );
    report.note("reading, processor", cost.cpu.as_secs_f64(), "s");
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    let peak = |bytes: u64| bytes as f64 / 1e6;
    report.aim(
        "reader's memory, peak",
        peak(cost.peak),
        "MB",
        Reach::Below(300.0),
    );
    let path = file.to_str().context("a path that isn't UTF-8")?;
    let added = program.run(&["knowledge", "add", path])?;
    report.aim(
        "adding in all, wall",
        added.cost.wall.as_secs_f64(),
        "s",
        Reach::Below(60.0),
    );
    report.note("adding, peak of the program", peak(added.cost.peak), "MB");
    report.print(as_json);
    Ok(())
}

fn made_pages(count: usize) -> Vec<Vec<(u32, String)>> {
    let mut rng = Rng::new(7, 0);
    let mut line = |words: usize| {
        let words: Vec<&str> = (0..words).map(|_| *rng.pick(&WORDS)).collect();
        words.join(" ")
    };
    (0..count)
        .map(|_| {
            let mut lines = vec![(16, line(4))];
            lines.extend((0..45).map(|_| (11, line(13))));
            lines
        })
        .collect()
}
