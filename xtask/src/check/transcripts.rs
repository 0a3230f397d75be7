//! Logs against what comes out of the archive: each text once, nothing twice, every broken line
//! reported.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use anyhow::ensure;
use serde_json::Value;

use super::expected::Expected;
use super::said::{LogLine, Said, squeezed};
use crate::args::ChoreArgs;
use crate::program::{Program, ProgramHome, walk};

/// Examples shown of each kind of difference.
const MAX_EXAMPLES: usize = 8;

/// A text as it was exported.
type SaidKey = (String, String);

/// `cargo xtask check transcripts DIR [--bin PATH] [--examples N]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let home = ProgramHome::from_args(&mut args, "transcripts")?;
    let examples = args.option("--examples")?.unwrap_or(MAX_EXAMPLES);
    let bin: Option<PathBuf> = args.option("--bin")?;
    let bin = bin.unwrap_or_else(|| crate::repo::target_dir().join("release/lorekeep"));
    let program = Program::new(&bin, &home)?;
    let dir = fs_err::canonicalize(args.path("the directory of logs")?)?;
    args.finish()?;

    let mut expected = Expected::default();
    for file in walk(&dir)? {
        expected.read(&file)?;
    }
    let outcome = program.import(&dir, &["--no-embed", "--json"])?;
    let report: Value = serde_json::from_str(&outcome.stdout)?;
    let exported = program.json_lines(&["export", "--format", "jsonl"])?;

    let [claude, codex, generic, other] = expected.files;
    println!("{claude} files of Claude Code, {codex} of Codex, {generic} generic, {other} others");
    let differences = compare(&expected, &exported);
    let problems = problems(&expected, &report);
    let mut bad = 0;
    for (what, is_bad, all) in [
        ("missing", true, &differences.missing),
        ("exported more than once", true, &differences.repeated),
        (
            "exported but not found by the second reading",
            false,
            &differences.extra,
        ),
        (
            "broken lines that were not reported",
            true,
            &problems.unreported,
        ),
        (
            "reported lines that the second reading could read",
            false,
            &problems.surprising,
        ),
    ] {
        println!("{what}: {}", all.len());
        all.iter()
            .take(examples)
            .for_each(|example| println!("    {example}"));
        bad += if is_bad { all.len() } else { 0 };
    }
    println!(
        "{} texts expected, {} exported",
        differences.expected, differences.exported
    );
    ensure!(bad == 0, "{bad} losses, repeats or silent problems");
    Ok(())
}

#[derive(Default)]
struct Differences {
    expected: usize,
    exported: usize,
    missing: Vec<String>,
    repeated: Vec<String>,
    extra: Vec<String>,
}

fn compare(expected: &Expected, exported: &[Value]) -> Differences {
    let mut said: BTreeMap<SaidKey, BTreeMap<&str, &Said>> = BTreeMap::new();
    for one in &expected.said {
        let same = said
            .entry((one.role.to_owned(), one.text.clone()))
            .or_default();
        let known = same.entry(&one.identity).or_insert(one);
        if one.required && !known.required {
            *known = one;
        }
    }
    let mut found: HashMap<SaidKey, Vec<&Value>> = HashMap::new();
    for message in exported {
        let role = message["role"].as_str().unwrap_or_default();
        let text = squeezed(message["text"].as_str().unwrap_or_default());
        // Summaries and injected text say themselves that nobody typed them.
        let is_said = message["kind"]
            .as_str()
            .is_none_or(|kind| kind == "command");
        if matches!(role, "user" | "assistant") && is_said && !text.is_empty() {
            found
                .entry((role.to_owned(), text))
                .or_default()
                .push(message);
        }
    }
    let mut differences = Differences::default();
    for (key, same) in &said {
        if same.values().any(|one| !one.countable) {
            continue;
        }
        let required = same.values().filter(|one| one.required).count();
        let count = found.get(key).map_or(0, Vec::len);
        differences.expected += required;
        if count < required {
            let one = same.values().find(|one| one.required);
            let place = one.map(|one| shown(&one.place)).unwrap_or_default();
            let example = format!(
                "{} of {required}, {place}: {}",
                required - count,
                start(key)
            );
            differences
                .missing
                .extend(std::iter::repeat_n(example, required - count));
        }
        if count > same.len() {
            differences
                .repeated
                .push(format!("{count} for {}: {}", same.len(), start(key)));
        }
    }
    for (key, messages) in &found {
        differences.exported += messages.len();
        if !said.contains_key(key) {
            let example = |message: &&Value| format!("{}: {}", message["id"], start(key));
            differences.extra.extend(messages.iter().map(example));
        }
    }
    differences.extra.sort();
    differences
}

fn start((role, text): &SaidKey) -> String {
    let start: String = text.chars().take(90).collect();
    format!("{role}: {start}")
}

fn shown(place: &LogLine) -> String {
    format!("{}:{}", place.path.display(), place.line)
}

struct Problems {
    unreported: Vec<String>,
    surprising: Vec<String>,
}

fn problems(expected: &Expected, report: &Value) -> Problems {
    let mut reported = BTreeSet::new();
    let mut count = 0;
    for source in report["sources"].as_array().into_iter().flatten() {
        let listed = source["problems"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        reported.extend(listed.iter().map(place));
        count += usize_in(&source["problem_count"]).unwrap_or(listed.len());
    }
    let mut silent: Vec<String> = expected
        .broken
        .iter()
        .filter(|place| !reported.contains(place))
        .map(shown)
        .collect();
    // Reports list the first problems and count them all.
    let unlisted = count.saturating_sub(reported.len());
    silent.truncate(silent.len().saturating_sub(unlisted));
    let known =
        |place: &&LogLine| expected.broken.contains(place) || expected.doubtful.contains(place);
    let surprising = reported.iter().filter(|place| !known(place));
    Problems {
        unreported: silent,
        surprising: surprising.map(shown).collect(),
    }
}

fn place(problem: &Value) -> LogLine {
    let path = PathBuf::from(problem["path"].as_str().unwrap_or_default());
    LogLine {
        path,
        line: usize_in(&problem["line"]).unwrap_or_default(),
    }
}

fn usize_in(value: &Value) -> Option<usize> {
    value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Expected, LogLine, Said, compare};

    fn said(identity: &str) -> Said {
        Said {
            role: "user",
            text: "go on".to_owned(),
            identity: identity.to_owned(),
            required: true,
            countable: true,
            place: LogLine {
                path: "a.jsonl".into(),
                line: 1,
            },
        }
    }

    #[test]
    fn repeats_of_one_message_count_once() {
        let expected = Expected {
            said: vec![said("1"), said("1"), said("2")],
            ..Expected::default()
        };
        let message = json!({"id": "x", "role": "user", "text": "go on"});
        let once = compare(&expected, std::slice::from_ref(&message));
        assert_eq!((once.missing.len(), once.repeated.len()), (1, 0));
        let thrice = compare(&expected, &[message.clone(), message.clone(), message]);
        assert_eq!((thrice.missing.len(), thrice.repeated.len()), (0, 1));
    }
}
