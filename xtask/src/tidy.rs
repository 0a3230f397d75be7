//! Checks that what this repository says of itself is true, so that a map that goes stale fails a
//! test instead of misleading a reader.

mod markdown;
mod maps;
mod pages;
mod arrows;
mod files;

use anyhow::bail;

use crate::args::Args;
use crate::repo;

/// `cargo xtask tidy`.
pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    args.finish()?;
    let complaints = complaints()?;
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    match complaints.len() {
        0 => {
            println!("tidy: arrows, maps and files are as they should be");
            Ok(())
        }
        many => bail!("{many} untidy places"),
    }
}

/// Everything that is untidy, a line each.
fn complaints() -> anyhow::Result<Vec<String>> {
    let members = repo::members()?;
    let files = repo::files()?;
    let mut complaints = arrows::check(&members);
    complaints.extend(maps::check(&members)?);
    complaints.extend(pages::check(&files)?);
    complaints.extend(files::check(&files)?);
    Ok(complaints)
}

#[cfg(test)]
mod tests {
    use super::complaints;

    #[test]
    fn arrows_maps_and_files_are_as_they_should_be() {
        let complaints = complaints().unwrap();
        assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    }
}
