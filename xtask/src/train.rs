//! Trains the small models of `guard` from labelled sets and from text that the project wrote: on
//! one thread, from a fixed seed, with arithmetic that is the same on every machine, so that the
//! same data gives the same bytes.

mod collect;
mod content;
mod corpus;
mod fit;
mod folds;
mod grammar;
mod held_sources;
mod injection;
mod recipe;
mod sources;
mod words;

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::args::ChoreArgs;
use crate::repo;
use recipe::Recipe;

const ALL_RECIPES: &[Recipe] = &[
    injection::INJECTION_RECIPE,
    injection::TASK_RECIPE,
    content::CONTENT_RECIPE,
];

/// `cargo xtask train …`.
pub(crate) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let name = args.word().context("train what?")?;
    if name == "collect" {
        let data: PathBuf = args.option("--data")?.context("--data is missing")?;
        let kinds = std::iter::from_fn(|| args.word()).collect::<Vec<_>>();
        return collect::run(&data, &kinds);
    }
    if name == "words" {
        let data: PathBuf = args.option("--data")?.context("--data is missing")?;
        let check = args.flag("--check");
        args.finish()?;
        let recipe = &injection::INJECTION_RECIPE;
        let mut examples = (recipe.examples)(&data)?;
        examples.extend((recipe.pool)(&data)?);
        return words::run(&examples, check);
    }
    let Some(recipe) = ALL_RECIPES.iter().find(|recipe| recipe.name == name) else {
        let known: Vec<_> = ALL_RECIPES.iter().map(|recipe| recipe.name).collect();
        bail!("no such model `{name}`: {}", known.join(", "));
    };
    let data: PathBuf = args.option("--data")?.context("--data is missing")?;
    let out: Option<PathBuf> = args.option("--out")?;
    let without: Option<String> = args.option("--without")?;
    let held: Option<PathBuf> = args.option("--held")?;
    let check = args.flag("--check");
    let in_folds = args.flag("--folds");
    let by_source = args.flag("--sources");
    let only: Option<String> = args.option("--only")?;
    args.finish()?;

    let mut examples = (recipe.examples)(&data)?;
    if let Some(without) = &without {
        examples.retain(|example| without.split(',').all(|family| family != example.family));
    }
    corpus::report(&examples, recipe.outputs);
    let mut pool = (recipe.pool)(&data)?;
    if let Some(without) = &without {
        pool.retain(|example| without.split(',').all(|family| family != example.family));
    }
    println!("{:<32} {:>6}", "pool", pool.len());
    if in_folds {
        folds::report(recipe, &examples, out.as_deref())?;
        return Ok(());
    }
    if by_source && recipe.name == content::CONTENT_RECIPE.name {
        return held_sources::report(recipe, &examples);
    }
    if by_source {
        let task = fs_err::read(repo::root().join("crates/guard/weights/task.bin"))?;
        sources::report(recipe, &examples, &pool, &task, only.as_deref());
        return Ok(());
    }
    if let Some(held) = &held {
        examples = folds::hold_back(examples, held)?;
    }
    let fitted = fit::fit(
        &examples,
        &pool,
        recipe.parts,
        &recipe.settings,
        recipe.outputs.len(),
    );
    let bytes = fitted.bytes(recipe.settings.bits);
    let committed = repo::root().join(format!("crates/guard/weights/{name}.bin"));
    if check {
        if fs_err::read(&committed)? != bytes {
            bail!("{} isn't what this data gives", committed.display());
        }
        println!("the weights are what this data gives");
        return Ok(());
    }
    let out = out.unwrap_or(committed);
    fs_err::write(&out, &bytes)?;
    println!("{}: {} bytes", out.display(), bytes.len());
    Ok(())
}
