//! The project's own chores: checks of its maps, generated docs, evaluation, benchmarks.
fn main() -> anyhow::Result<()> {
    Ok(())
}
