//! Lists the files of the built page, so that a release build has them in itself. A debug build reads them from the
//! checkout when it is asked, so that a new page needs no new program.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script is told by its environment what to do"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    // A debug build has nothing of the page in itself, so a new page is no reason to build it again.
    let mut files = Vec::new();
    if is_release() {
        println!("cargo::rerun-if-changed={}", dist.display());
        if dist.is_dir() {
            collect(&dist, &dist, &mut files)?;
        }
    } else {
        println!("cargo::rerun-if-changed=build.rs");
    }
    files.sort();
    let mut source = String::from("&[\n");
    for (name, path) in &files {
        let _ = writeln!(source, "    ({name:?}, include_bytes!({path:?})),");
    }
    source.push_str("]\n");
    let out = std::env::var_os("OUT_DIR").map(PathBuf::from);
    fs_err::write(out.unwrap_or_default().join("files.rs"), source)
}

fn is_release() -> bool {
    std::env::var("PROFILE").is_ok_and(|profile| profile == "release")
}

/// The files below `dir`, by their names from `root` on.
fn collect(root: &Path, dir: &Path, files: &mut Vec<(String, PathBuf)>) -> std::io::Result<()> {
    for entry in fs_err::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            let name = name.to_string_lossy().replace('\\', "/");
            files.push((name, path.canonicalize()?));
        }
    }
    Ok(())
}
