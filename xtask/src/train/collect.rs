//! Harmless text that lies on every machine: sources, manuals, changelogs, licences, translations. Of each kind
//! every second package is for training, the others are kept back for measuring.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::corpus;

/// Files of a package, and parts of a file, that are taken at most.
const MAX_FILES: usize = 40;
const MAX_PARTS: usize = 3;
/// Letters of a part.
const PART_LETTERS: usize = 3_000;
/// Files of other sizes, in bytes, say too little or are data.
const FILE_BYTES: (usize, usize) = (120, 4 << 20);

/// Collects from `kinds`, each `NAME=DIR`: the entries of `DIR` are packages. Writes `collected/NAME.jsonl` and,
/// of the packages kept back, `kept/NAME.jsonl` below `data`.
pub(super) fn run(data: &Path, kinds: &[String]) -> anyhow::Result<()> {
    let mut dirs: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
    for kind in kinds {
        let (name, dir) = kind
            .split_once('=')
            .with_context(|| format!("`{kind}` isn't NAME=DIR"))?;
        dirs.entry(name).or_default().push(PathBuf::from(dir));
    }
    for (name, dirs) in dirs {
        let mut texts = [String::new(), String::new()];
        let mut counts = [0, 0];
        for package in packages(&dirs)? {
            let kept = usize::from(is_kept(&package));
            for text in parts(&package)? {
                let row = serde_json::json!({ "text": text, "label": 0 });
                writeln!(texts[kept], "{row}")?;
                counts[kept] += 1;
            }
        }
        for (folder, text) in ["collected", "kept"].iter().zip(&texts) {
            let dir = data.join(folder);
            fs_err::create_dir_all(&dir)?;
            fs_err::write(dir.join(format!("{name}.jsonl")), text)?;
        }
        println!(
            "{name:<16} {} for training, {} kept back",
            counts[0], counts[1]
        );
    }
    Ok(())
}

fn packages(dirs: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for dir in dirs {
        for entry in fs_err::read_dir(dir)? {
            let entry = entry?;
            if !entry.file_type()?.is_symlink() {
                out.push(entry.path());
            }
        }
    }
    out.sort();
    Ok(out)
}

/// Whether a package is kept back, which its name alone tells, without its version.
fn is_kept(package: &Path) -> bool {
    let name = package.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash >> 16) % 2 == 1
}

/// Parts of a package's texts, from files that stand evenly apart in the order of their names.
fn parts(package: &Path) -> anyhow::Result<Vec<String>> {
    let files = if package.is_dir() {
        corpus::files_in(package)?
    } else {
        vec![package.to_owned()]
    };
    let files: Vec<_> = files
        .into_iter()
        .filter(|file| !file.is_symlink())
        .collect();
    let step = files.len().div_ceil(MAX_FILES).max(1);
    let mut out = Vec::new();
    for file in files.iter().step_by(step) {
        let Some(text) = text(file) else { continue };
        let starts = text.len().div_ceil(PART_LETTERS).min(MAX_PARTS);
        for nth in 0..starts {
            let start = text.len() / starts * nth;
            let start = text.as_bytes()[..start]
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| at + 1);
            let part: String = text[start..].chars().take(PART_LETTERS).collect();
            if !part.trim().is_empty() {
                out.push(part);
            }
        }
    }
    Ok(out)
}

/// What a file says, unpacked if its name says that it is packed; nothing if it is no text.
fn text(file: &Path) -> Option<String> {
    let bytes = fs_err::read(file).ok()?;
    let bytes = if file.extension().is_some_and(|ending| ending == "gz") {
        let unpacked = Command::new("gzip").arg("-dc").arg(file).output().ok()?;
        unpacked.stdout
    } else {
        bytes
    };
    if !(FILE_BYTES.0..=FILE_BYTES.1).contains(&bytes.len()) || bytes.contains(&0) {
        return None;
    }
    String::from_utf8(bytes).ok()
}
