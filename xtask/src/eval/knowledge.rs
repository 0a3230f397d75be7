//! Knowledge: 200 sections of prose, code and tables in documents of several formats, a question for each in other
//! words, and whether the right section is among the first five and its place opens where it stands.

mod made;

use anyhow::Context;
use serde_json::{Value, json};

use self::made::{MadeDocument, MadeSection, documents};
use crate::args::ChoreArgs;
use crate::program::{Program, ProgramHome};
use crate::report::{FigureTable, Reach, percent_with_interval};

/// Among how many sections the right one must be.
const WITHIN: usize = 5;

/// `cargo xtask eval knowledge [--bin PATH] [--home DIR] [--models DIR] [--misses] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let shows_misses = args.flag("--misses");
    let home = ProgramHome::from_args(&mut args, "knowledge")?;
    let program = Program::from_args(&mut args, &home)?;
    args.finish()?;

    let made = documents();
    for document in &made {
        let file = home.path().join(document.name);
        fs_err::write(&file, &document.bytes)?;
        let path = file.to_str().context("a path that isn't UTF-8")?;
        program.run(&["knowledge", "add", path])?;
    }
    let mut report =
        FigureTable::new("Knowledge: the right section within 5, and where its place leads");
    let (mut all, mut found, mut right_places) = (0, 0, 0);
    for kind in ["prose", "code", "tables"] {
        let (mut asked, mut met) = (0, 0);
        for document in made.iter().filter(|document| document.kind == kind) {
            for section in &document.sections {
                asked += 1;
                let answer = ask(&program, &section.question)?;
                let hit = answer
                    .iter()
                    .take(WITHIN)
                    .find(|hit| is_right(hit, section));
                match hit {
                    Some(hit) => {
                        met += 1;
                        right_places += u64::from(opens_there(hit, document, section));
                    }
                    None if shows_misses => {
                        eprintln!("{kind}: {} → {}", section.question, first(&answer));
                    }
                    None => {}
                }
            }
        }
        let [share, ..] = percent_with_interval(met, asked);
        report.note(format!("{kind}: within 5 of {asked}"), share, "%");
        all += asked;
        found += met;
    }
    let [share, low, high] = percent_with_interval(found, all);
    report.aim(
        format!("right section within 5, of {all}"),
        share,
        "%",
        Reach::AtLeast(85.0),
    );
    report.note("its 95% interval from", low, "%");
    report.note("to", high, "%");
    let [opens, ..] = percent_with_interval(right_places, found);
    report.aim(
        "place opens where it stands",
        opens,
        "%",
        Reach::AtLeast(100.0),
    );
    report.print(as_json);
    Ok(())
}

fn ask(program: &Program, question: &str) -> anyhow::Result<Vec<Value>> {
    let text = program.text(&["knowledge", "search", "--json", "--", question])?;
    let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| json!({}));
    Ok(answer["sections"].as_array().cloned().unwrap_or_default())
}

fn is_right(hit: &Value, section: &MadeSection) -> bool {
    let text = hit["text"].as_str().unwrap_or_default();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    flat.contains(&section.needle)
}

/// Whether the section's place leads to where it stands in the document as it was made: lines that hold it, the page
/// or the anchor that it was put on.
fn opens_there(hit: &Value, document: &MadeDocument, section: &MadeSection) -> bool {
    let at = &hit["at"];
    if let Some(page) = section.page {
        return at["page"] == page && hit["fragment"] == format!("page={page}");
    }
    if let Some(anchor) = &section.anchor {
        return hit["fragment"] == anchor.as_str();
    }
    let (first, last) = (at["lines"][0].as_u64(), at["lines"][1].as_u64());
    let (Some(first), Some(last)) = (first, last) else {
        return false;
    };
    let text = String::from_utf8_lossy(&document.bytes);
    let (first, last) = (
        usize::try_from(first).unwrap_or(0),
        usize::try_from(last).unwrap_or(0),
    );
    let lines: Vec<&str> = text
        .lines()
        .skip(first.saturating_sub(1))
        .take(last + 1 - first)
        .collect();
    let flat = lines
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    flat.contains(&section.needle)
}

fn first(answer: &[Value]) -> String {
    let first = answer
        .first()
        .map(|hit| hit["text"].as_str().unwrap_or_default());
    first.unwrap_or("nothing").chars().take(100).collect()
}
