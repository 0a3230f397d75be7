//! The tables of figures in the guards' docs: each row is what `lorekeep guard eval` says of a set, so that no
//! figure is copied by hand.
//!
//! `xtask/eval/guards.json` lists the rows. Most sets are other people's and not part of this repository: a row
//! whose set isn't there stays as it is.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::args::ChoreArgs;
use crate::program::{Program, ProgramHome};
use crate::repo;
use crate::report::percent_with_interval;

/// Where development data lies, beside the checkout.
const SHARED_DATA: &str = "../shared/data/guard";

/// `cargo xtask eval guards [--check] [--data DIR] [--bin PATH]`: `DIR` has sets beside those of the repository,
/// several with a comma between them.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let check = args.flag("--check");
    let data: Option<String> = args.option("--data")?;
    let home = ProgramHome::from_args(&mut args, "eval-guards")?;
    let program = Program::from_args(&mut args, &home)?;
    args.finish()?;
    let mut dirs = vec![repo::root().join("crates/guard/sets")];
    match data {
        Some(data) => dirs.extend(data.split(',').map(PathBuf::from)),
        None => dirs.push(repo::root().join(SHARED_DATA)),
    }
    let mut figures = HashMap::new();
    for dir in dirs {
        if dir.is_dir() {
            measure(&program, &dir, &mut figures)?;
        } else {
            println!("{} isn't there: its rows stay as they are", dir.display());
        }
    }
    let list = fs_err::read_to_string(repo::root().join("xtask/eval/guards.json"))?;
    let list: Value = serde_json::from_str(&list)?;
    let mut stale = Vec::new();
    for table in list.as_array().context("no list of tables")? {
        let text = |key: &str| table[key].as_str().with_context(|| format!("no `{key}`"));
        let (page, name) = (text("page")?, text("table")?);
        let path = repo::root().join(page);
        let current = fs_err::read_to_string(&path)?;
        let block = find_block(&current, name).with_context(|| format!("{page}: no `{name}`"))?;
        let rows = rows(table, &current[block.clone()], &figures)?;
        if check {
            let old = known_rows(&current[block]);
            let is_stale = |(title, row): &&(String, String)| {
                old.get(title.as_str())
                    .is_none_or(|old| figures_of(old) != figures_of(row))
            };
            let titles = rows.iter().filter(is_stale).map(|(title, _)| title.clone());
            stale.extend(titles);
            continue;
        }
        let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
        let anew = format!("{HEADING}{}\n", rows.join("\n"));
        let page = [&current[..block.start], &anew, &current[block.end..]].concat();
        if page != current {
            fs_err::write(&path, page)?;
            println!("wrote {}", path.display());
        }
    }
    if !stale.is_empty() {
        bail!(
            "not what is measured: {} (`cargo xtask eval guards` writes the tables anew)",
            stale.join("; ")
        );
    }
    Ok(())
}

const HEADING: &str = "| set | of | texts | found | 95% | flagged wrongly | 95% | weights of |\n|---|---|---|---|---|---|---|---|\n";

/// Adds what the program says of each set below a directory, by the set's name.
fn measure(program: &Program, dir: &Path, out: &mut HashMap<String, Value>) -> anyhow::Result<()> {
    let dir = dir.to_string_lossy();
    let answer = program.text(&["guard", "eval", &dir, "--json"])?;
    let answer: Value = serde_json::from_str(&answer)?;
    for set in answer["sets"].as_array().into_iter().flatten() {
        let name = set["name"].as_str().unwrap_or_default().to_owned();
        out.insert(name, set.clone());
    }
    for skipped in answer["skipped"].as_array().into_iter().flatten() {
        println!("skipped {}: {}", skipped["path"], skipped["why"]);
    }
    Ok(())
}

/// The rows of a table with their titles: measured ones anew, others as they were.
fn rows(
    table: &Value,
    current: &str,
    figures: &HashMap<String, Value>,
) -> anyhow::Result<Vec<(String, String)>> {
    let old = known_rows(current);
    let weights = table["weights"].as_str().context("no `weights`")?;
    let date = date_of(weights)?;
    let mut out = Vec::new();
    for row in table["rows"].as_array().into_iter().flatten() {
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        let sets = row["sets"].as_array().into_iter().flatten();
        let sets: Vec<&str> = sets.filter_map(Value::as_str).collect();
        let measured: Vec<&Value> = sets.iter().flat_map(|name| named(figures, name)).collect();
        let is_whole = sets
            .iter()
            .all(|name| named(figures, name).next().is_some());
        let title = text("title").to_owned();
        match Some(measured).filter(|_| is_whole && !sets.is_empty()) {
            Some(measured) => {
                let shares = shares(&measured);
                let row = format!("| {title} | {} | {shares} | {date} |", text("origin"));
                out.push((title, row));
            }
            None => match old.get(title.as_str()) {
                Some(line) => out.push((title, (*line).to_owned())),
                None => println!("no data for `{title}`, which has no row yet"),
            },
        }
    }
    Ok(out)
}

/// The sets of a name, or of all names that begin with what stands before a `*`.
fn named<'a>(
    figures: &'a HashMap<String, Value>,
    name: &'a str,
) -> impl Iterator<Item = &'a Value> {
    let fits = move |known: &str| match name.strip_suffix('*') {
        Some(start) => known.starts_with(start),
        None => known == name,
    };
    let sets = figures.iter().filter(move |(known, _)| fits(known));
    sets.map(|(_, set)| set)
}

/// How many texts sets have together, the share found of those that are something and flagged of those that are
/// nothing.
fn shares(sets: &[&Value]) -> String {
    let sum = |key: &str| -> u64 { sets.iter().filter_map(|set| set[key].as_u64()).sum() };
    let (hits, misses) = (sum("hits"), sum("misses"));
    let (alarms, passed) = (sum("false_alarms"), sum("passed"));
    let found = share(hits, hits + misses);
    let flagged = share(alarms, alarms + passed);
    let texts = hits + misses + alarms + passed;
    format!("{texts} | {found} | {flagged}")
}

/// A share and Wilson's interval of 95%; two empty cells for a share of nothing.
fn share(part: u64, all: u64) -> String {
    if all == 0 {
        return " | ".to_owned();
    }
    let [share, low, high] = percent_with_interval(part, all);
    format!("{share:.1}% of {all} | {low:.1}–{high:.1}")
}

/// The day of the last commit that changed a file; `not committed` if it has changed since.
fn date_of(path: &str) -> anyhow::Result<String> {
    let git = |arguments: &[&str]| -> anyhow::Result<String> {
        let mut command = Command::new("git");
        let output = command.current_dir(repo::root()).args(arguments).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if !git(&["status", "--porcelain", "--", path])?.is_empty() {
        return Ok("not committed".to_owned());
    }
    git(&["log", "-1", "--format=%cs", "--", path])
}

/// What stands between the marks of a table.
fn find_block(page: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let begin = format!("<!-- guard eval: {name} -->\n");
    let start = page.find(&begin)? + begin.len();
    let end = page[start..].find("<!-- end -->")?;
    Some(start..start + end)
}

/// The rows of a table by their titles.
fn known_rows(block: &str) -> HashMap<&str, &str> {
    let rows = block.lines().skip(2);
    rows.filter_map(|row| Some((row.strip_prefix("| ")?.split(" | ").next()?, row)))
        .collect()
}

/// A row without the day of its weights.
fn figures_of(row: &str) -> &str {
    let row = row.trim_end_matches(['|', ' ']);
    row.rsplit_once('|').map_or(row, |(figures, _)| figures)
}

#[cfg(test)]
mod tests {
    use super::{figures_of, find_block, known_rows, share};

    #[test]
    fn a_table_is_found_with_its_rows() {
        let page =
            "a\n<!-- guard eval: b -->\n| set |\n|---|\n| x y | 2 | 2026-01-02 |\n<!-- end -->\nc";
        let block = &page[find_block(page, "b").unwrap()];
        let row = known_rows(block)["x y"];
        assert_eq!(figures_of(row), figures_of("| x y | 2 | 2027-03-04 |"));
        assert_ne!(figures_of(row), figures_of("| x y | 3 | 2026-01-02 |"));
        assert_eq!(find_block(page, "c"), None);
    }

    #[test]
    fn shares_have_wilsons_interval() {
        assert_eq!(share(0, 206), "0.0% of 206 | 0.0–1.8");
        assert_eq!(share(0, 0), " | ");
    }
}
