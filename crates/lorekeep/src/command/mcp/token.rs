//! The token that clients over HTTP send.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use files::{Access, Draft};

use crate::fault::Fault;

/// Bytes of a token; twice as many characters.
const TOKEN_BYTES: usize = 32;

/// The fewest characters of a token that a person chose.
const MIN_TOKEN_CHARACTERS: usize = 16;

/// Bytes of a file with a token at most.
const MAX_FILE_BYTES: u64 = 64 << 10;

/// The file of the token that is made where none is set.
pub(crate) fn own_file(data: &Path) -> PathBuf {
    data.join("mcp-token")
}

/// The token in a person's file, which nobody else may read.
pub(crate) fn read(file: &Path) -> anyhow::Result<String> {
    let text = files::read_text(file, MAX_FILE_BYTES)?;
    check_rights(file)?;
    let token = text.trim().to_owned();
    if token.len() < MIN_TOKEN_CHARACTERS || token.contains(char::is_whitespace) {
        let what = format!("`{}` holds no token", file.display());
        let hint = format!("put one line of at least {MIN_TOKEN_CHARACTERS} characters into it");
        return Err(Fault::usage(what).hint(hint).into());
    }
    Ok(token)
}

/// The token that is kept beside the archive; made where there is none.
pub(crate) fn own(file: &Path) -> anyhow::Result<String> {
    if file.exists() {
        return read(file);
    }
    if let Some(data) = file.parent() {
        files::create_private_dir(data)?;
    }
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).context("making a token")?;
    let token: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // Whole or not at all: another server that starts now must not read half of it.
    let mut draft = Draft::new(file, Access::Private)?;
    writeln!(draft, "{token}")?;
    if draft.place_if_absent()? {
        Ok(token)
    } else {
        read(file)
    }
}

#[cfg(unix)]
fn check_rights(file: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs_err::metadata(file)?.permissions().mode();
    if mode & 0o077 != 0 {
        let what = format!("`{}` can be read by others", file.display());
        let hint = format!("`chmod 600 {}`", file.display());
        return Err(Fault::usage(what).hint(hint).into());
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_rights(_: &Path) -> anyhow::Result<()> {
    Ok(())
}
