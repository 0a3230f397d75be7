//! ARCHITECTURE.md against the code: the stages, the crates with their arrows and invariants, the
//! modules of each, the dependencies and their reasons.

use std::collections::BTreeSet;

use anyhow::Context;

use super::arrows::arrows_of;
use super::markdown::{MarkdownTable, code_spans, items_under, tables};
use crate::repo::{self, WorkspaceMember};

const MAP_PAGE: &str = "ARCHITECTURE.md";

/// What is not true in the maps.
pub(super) fn check(members: &[WorkspaceMember]) -> anyhow::Result<Vec<String>> {
    let page = fs_err::read_to_string(repo::root().join(MAP_PAGE)).context("the map is missing")?;
    let tables = tables(&page);
    let mut wrong = Vec::new();
    wrong.extend(stages(&tables));
    wrong.extend(crates(&tables, members));
    for member in members {
        wrong.extend(modules(&tables, member)?);
        let invariants = items_under(&page, &format!("`{}`", member.dir));
        if member.dir.starts_with("crates/") && !(2..=4).contains(&invariants) {
            wrong.push(format!(
                "{MAP_PAGE}: `{}` has {invariants} invariants, should have 2 to 4",
                member.dir
            ));
        }
    }
    wrong.extend(dependencies(&tables, members));
    Ok(wrong)
}

fn find<'a>(tables: &'a [MarkdownTable], first: &str, heading: &str) -> Option<&'a MarkdownTable> {
    tables
        .iter()
        .find(|table| table.header[0] == first && table.heading.contains(heading))
}

/// The name in a cell: what its code span says.
fn name_in(cell: &str) -> String {
    code_spans(cell)
        .first()
        .copied()
        .unwrap_or_default()
        .to_owned()
}

fn names(table: &MarkdownTable) -> BTreeSet<String> {
    table.rows.iter().map(|row| name_in(&row[0])).collect()
}

/// `what` in words, for each name that only one side has.
fn differences(said: &BTreeSet<String>, real: &BTreeSet<String>, what: &str) -> Vec<String> {
    let missing = real
        .difference(said)
        .map(|name| format!("{MAP_PAGE}: {what} `{name}` is missing"));
    let stale = said
        .difference(real)
        .map(|name| format!("{MAP_PAGE}: {what} `{name}` doesn't exist"));
    missing.chain(stale).collect()
}

fn stages(tables: &[MarkdownTable]) -> Vec<String> {
    match tables.first() {
        Some(first) if first.header == ["stage", "in → out", "where"] => first
            .rows
            .iter()
            .filter(|row| {
                row.get(2)
                    .is_none_or(|place| !code_spans(place).iter().any(exists))
            })
            .map(|row| {
                format!(
                    "{MAP_PAGE}: the stage {} names no place that exists",
                    row[0]
                )
            })
            .collect(),
        _ => vec![format!("{MAP_PAGE}: must open with the table of stages")],
    }
}

fn exists(path: &&str) -> bool {
    repo::root().join(path).exists()
}

fn crates(tables: &[MarkdownTable], members: &[WorkspaceMember]) -> Vec<String> {
    let Some(table) = find(tables, "crate", "") else {
        return vec![format!("{MAP_PAGE}: the table of crates is missing")];
    };
    let ours = || {
        members
            .iter()
            .filter(|member| member.dir.starts_with("crates/"))
    };
    let real = ours().map(|member| member.name().to_owned()).collect();
    let mut wrong = differences(&names(table), &real, "crate");
    for member in ours() {
        let row = table
            .rows
            .iter()
            .find(|row| name_in(&row[0]) == member.name());
        let said = row
            .and_then(|row| row.last())
            .map(|cell| code_spans(cell))
            .unwrap_or_default();
        let said: BTreeSet<String> = said.into_iter().map(str::to_owned).collect();
        let real = arrows_of(member, members).into_iter().collect();
        let what = format!("the arrow from `{}` to", member.name());
        wrong.extend(differences(&said, &real, &what));
    }
    wrong
}

/// The top-level modules of a crate, which its table must list as `name.rs`, or `name/` for a
/// directory of binaries.
fn modules(tables: &[MarkdownTable], member: &WorkspaceMember) -> anyhow::Result<Vec<String>> {
    let Some(table) = find(tables, "module", &format!("`{}`", member.dir)) else {
        return Ok(vec![format!(
            "{MAP_PAGE}: the table of modules of `{}` is missing",
            member.dir
        )]);
    };
    let mut real = BTreeSet::new();
    for entry in fs_err::read_dir(repo::root().join(&member.dir).join("src"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let stem = name.strip_suffix(".rs");
        if stem.is_some_and(|stem| !["lib", "main", "tests"].contains(&stem)) || name == "bin" {
            real.insert(name);
        }
    }
    Ok(differences(
        &names(table),
        &real,
        &format!("the module of `{}`", member.dir),
    ))
}

fn dependencies(tables: &[MarkdownTable], members: &[WorkspaceMember]) -> Vec<String> {
    let Some(table) = find(tables, "dependency", "") else {
        return vec![format!("{MAP_PAGE}: the table of dependencies is missing")];
    };
    let all = members.iter().flat_map(|member| &member.dependencies);
    let real = all
        .filter(|(_, dependency)| !dependency.ours)
        .map(|(name, _)| name.clone())
        .collect();
    let mut wrong = differences(&names(table), &real, "the dependency");
    let bare = |row: &&Vec<String>| row.get(1).is_none_or(|reason| reason.len() < 10);
    for row in table.rows.iter().filter(bare) {
        wrong.push(format!(
            "{MAP_PAGE}: the dependency {} has no reason",
            row[0]
        ));
    }
    wrong
}
