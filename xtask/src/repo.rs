//! Where the repository is and what belongs to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::Value;

/// A crate of the workspace.
pub(crate) struct WorkspaceMember {
    /// Name of its package.
    pub(crate) package: String,
    /// Its directory, from the root, with `/`.
    pub(crate) dir: String,
    /// Direct dependencies by package name.
    pub(crate) dependencies: BTreeMap<String, Dependency>,
}

/// How a crate depends on another.
#[derive(Clone, Copy, Default)]
pub(crate) struct Dependency {
    /// The other one is a crate of this repository.
    pub(crate) ours: bool,
    /// The crate itself needs it, not only its tests or its build.
    pub(crate) shipped: bool,
}

impl WorkspaceMember {
    /// The last part of its directory, which is what the maps call it.
    pub(crate) fn name(&self) -> &str {
        self.dir.rsplit('/').next().unwrap_or(&self.dir)
    }
}

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> PathBuf {
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo's own setting, not one of the program"
    )]
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// Every file that is or would be committed, from the root, with `/`.
pub(crate) fn files() -> anyhow::Result<Vec<String>> {
    let listing = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ])
        .current_dir(root())
        .output()
        .context("git could not list the files of the repository")?;
    ensure!(
        listing.status.success(),
        "git could not list the files of the repository"
    );
    let mut files: Vec<String> = String::from_utf8(listing.stdout)?
        .split_terminator('\0')
        .filter(|file| root().join(file).is_file())
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// The crates of the workspace, as cargo sees them.
pub(crate) fn members() -> anyhow::Result<Vec<WorkspaceMember>> {
    let metadata = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .context("cargo could not describe the workspace")?;
    ensure!(
        metadata.status.success(),
        "cargo could not describe the workspace: {}",
        String::from_utf8_lossy(&metadata.stderr)
    );
    let metadata: Value = serde_json::from_slice(&metadata.stdout)?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo names no packages")?;
    packages.iter().map(member).collect()
}

fn member(package: &Value) -> anyhow::Result<WorkspaceMember> {
    let text = |value: &Value| {
        value
            .as_str()
            .map(str::to_owned)
            .context("cargo left out a name")
    };
    let manifest = PathBuf::from(text(&package["manifest_path"])?);
    let root = root().canonicalize()?;
    let dir = manifest.parent().unwrap_or(&manifest).canonicalize()?;
    let dir = dir.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
    let mut dependencies: BTreeMap<String, Dependency> = BTreeMap::new();
    for dependency in package["dependencies"].as_array().into_iter().flatten() {
        let known = dependencies.entry(text(&dependency["name"])?).or_default();
        known.ours |= !dependency["path"].is_null();
        known.shipped |= dependency["kind"].is_null();
    }
    Ok(WorkspaceMember {
        package: text(&package["name"])?,
        dir,
        dependencies,
    })
}
