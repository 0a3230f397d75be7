//! `lorekeep scan --batch`: many texts in one process, judged one by one as they come, so that
//! another program can talk to it through pipes.

use std::io::{BufRead, Read};
use std::path::Path;

use guard::{Engine, Policy};
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;
use wire::{BadLineDoc, JudgedDoc};

use crate::args;
use crate::exit::CommandOutcome;
use crate::input;
use crate::output::Output;

/// Bytes that a line may have.
const MAX_LINE_BYTES: u64 = 256 << 20;

#[derive(Deserialize)]
struct ScanLine<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    text: String,
}

/// Answers each line of `file`, or of standard input for `-`. A line that can't be understood is
/// answered with what is wrong with it and makes the whole fail in the end.
pub(super) fn run(
    engine: &Engine,
    policy: &Policy,
    args: &args::ScanArgs,
    file: &Path,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let mut input = input::open(file)?;
    let mut outcome = CommandOutcome::Done;
    let mut line = Vec::new();
    for number in 1.. {
        let Some(text) = next(&mut input, &mut line)? else {
            break;
        };
        if line.trim_ascii().is_empty() {
            continue;
        }
        let read = text.and_then(|()| {
            serde_json::from_slice::<ScanLine<'_>>(&line).map_err(|error| what_is_wrong(&error))
        });
        match read {
            Ok(asked) => {
                let judgement = engine.judge(&asked.text, policy);
                if args.fail_on.is_some_and(|limit| judgement.action >= limit) {
                    outcome = CommandOutcome::Found;
                }
                out.json_compact(&JudgedDoc::new(asked.id, &judgement))?;
            }
            Err(error) => {
                if outcome == CommandOutcome::Done {
                    outcome = CommandOutcome::Failed;
                }
                out.json_compact(&BadLineDoc {
                    line: number,
                    error,
                })?;
            }
        }
        // Whoever asks through a pipe waits for the answer before asking on.
        out.flush()?;
    }
    Ok(outcome)
}

/// The next line; whether it can be used, and nothing at the end.
fn next(
    input: &mut dyn BufRead,
    line: &mut Vec<u8>,
) -> std::io::Result<Option<Result<(), String>>> {
    line.clear();
    if input.take(MAX_LINE_BYTES).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    if line.len() as u64 == MAX_LINE_BYTES && line.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
        line.truncate(1);
        return Ok(Some(Err(format!(
            "the line is longer than {MAX_LINE_BYTES} bytes"
        ))));
    }
    Ok(Some(Ok(())))
}

/// What is wrong with a line. The parser's own words quote values, which nobody has judged yet.
fn what_is_wrong(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Data => "not an object with a `text` that is a string",
        Category::Syntax | Category::Eof | Category::Io => "not JSON",
    };
    format!("{what} (column {})", error.column())
}
