//! Checks that what this repository says of itself is true, so that a map that goes stale fails a
//! test instead of misleading a reader.

mod markdown;
mod maps;
mod pages;
mod arrows;
mod circles;
mod names;
mod files;

use anyhow::bail;

use crate::args::ChoreArgs;
use crate::{modules, repo};

/// `cargo xtask tidy`: says what is untidy. With `--names`, lists the names that say too little, of
/// all crates or of one.
pub(crate) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    if args.flag("--names") {
        let only = args.word();
        args.finish()?;
        let names = names_of(&modules::of_workspace(&repo::members()?)?);
        for line in names::summary(&names) {
            println!("{line}");
        }
        for line in names::listing(&names, only.as_deref()) {
            println!("{line}");
        }
        return Ok(());
    }
    args.finish()?;
    let complaints = complaints()?;
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    match complaints.len() {
        0 => {
            println!("tidy: arrows, modules, names, maps and files are as they should be");
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
    let crates = modules::of_workspace(&members)?;
    complaints.extend(circles::check(&crates));
    complaints.extend(names::check(&names_of(&crates)));
    Ok(complaints)
}

fn names_of(crates: &[modules::CrateModules]) -> Vec<names::CrateNames> {
    crates.iter().map(names::of_crate).collect()
}

#[cfg(test)]
mod tests {
    use super::complaints;

    #[test]
    fn arrows_modules_names_maps_and_files_are_as_they_should_be() {
        let complaints = complaints().unwrap();
        assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    }
}
