//! Which crate may depend on which: the order of the data, nothing against it.

use crate::repo::WorkspaceMember;

/// Each crate and those of ours that it may depend on. Adding to this is a decision of its own.
const ALLOWED_ARROWS: &[(&str, &[&str])] = &[
    ("files", &[]),
    ("transcript", &[]),
    ("guard", &[]),
    ("embed", &["files"]),
    ("recall", &["files", "transcript", "guard", "embed"]),
    ("memory", &["transcript", "guard", "embed", "recall"]),
    ("wire", &["transcript", "guard", "recall"]),
    ("document", &[]),
    ("fetch", &[]),
    ("mcp", &["files", "memory", "wire"]),
    ("tools", &["files"]),
    (
        "chat",
        &[
            "files", "guard", "memory", "wire", "document", "fetch", "tools",
        ],
    ),
    ("site", &["files"]),
    (
        "server",
        &[
            "files", "guard", "embed", "memory", "wire", "mcp", "chat", "site",
        ],
    ),
    (
        "lorekeep",
        &[
            "files",
            "transcript",
            "guard",
            "embed",
            "recall",
            "memory",
            "wire",
            "document",
            "fetch",
            "mcp",
            "tools",
            "chat",
            "server",
        ],
    ),
    // For training alone: the features of a model have to be those that judge with it.
    ("xtask", &["guard"]),
];

/// What the pure crates must not reach, even through a dependency that looks harmless.
const IMPURE_DEPENDENCIES: &[(&str, &[&str])] = &[
    (
        "transcript",
        &[
            "fs-err", "memmap2", "rusqlite", "tokio", "ureq", "reqwest", "walkdir",
        ],
    ),
    (
        "document",
        &[
            "fs-err", "memmap2", "rusqlite", "ureq", "reqwest", "walkdir",
        ],
    ),
    (
        "guard",
        &[
            "fs-err", "memmap2", "rusqlite", "tokio", "ureq", "reqwest", "walkdir",
        ],
    ),
];

/// Arrows that shouldn't be there.
pub(super) fn check(members: &[WorkspaceMember]) -> Vec<String> {
    members
        .iter()
        .flat_map(|member| wrong_arrows(member, members))
        .collect()
}

fn wrong_arrows(member: &WorkspaceMember, members: &[WorkspaceMember]) -> Vec<String> {
    let Some((_, allowed)) = ALLOWED_ARROWS
        .iter()
        .find(|(name, _)| *name == member.name())
    else {
        return vec![format!(
            "{}: a crate that the arrows in xtask/src/tidy/arrows.rs don't know",
            member.dir
        )];
    };
    let mut wrong = Vec::new();
    for ours in arrows_of(member, members) {
        if !allowed.contains(&ours.as_str()) {
            wrong.push(format!(
                "{}/Cargo.toml: must not depend on `{ours}`",
                member.dir
            ));
        }
    }
    let impure = IMPURE_DEPENDENCIES
        .iter()
        .find(|(name, _)| *name == member.name());
    for name in impure.map(|(_, names)| *names).unwrap_or_default() {
        if member
            .dependencies
            .get(*name)
            .is_some_and(|dependency| dependency.shipped)
        {
            wrong.push(format!(
                "{}/Cargo.toml: pure, so without `{name}`",
                member.dir
            ));
        }
    }
    wrong
}

/// Those of our crates that this one depends on, in the order of the workspace.
pub(super) fn arrows_of(member: &WorkspaceMember, members: &[WorkspaceMember]) -> Vec<String> {
    let ours = |other: &&WorkspaceMember| {
        member
            .dependencies
            .get(&other.package)
            .is_some_and(|dependency| dependency.ours)
    };
    members
        .iter()
        .filter(ours)
        .map(|other| other.name().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{WorkspaceMember, check};
    use crate::repo::Dependency;

    fn member(name: &str, ours: &[&str]) -> WorkspaceMember {
        let arrow = Dependency {
            ours: true,
            shipped: true,
        };
        WorkspaceMember {
            package: format!("lorekeep-{name}"),
            dir: format!("crates/{name}"),
            dependencies: ours
                .iter()
                .map(|name| (format!("lorekeep-{name}"), arrow))
                .collect(),
        }
    }

    #[test]
    fn an_arrow_against_the_data_is_named() {
        let members = [
            member("transcript", &["recall"]),
            member("recall", &["transcript"]),
        ];
        assert_eq!(
            check(&members),
            ["crates/transcript/Cargo.toml: must not depend on `recall`"]
        );
    }
}
