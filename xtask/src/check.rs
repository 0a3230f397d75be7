//! To come.

/// To come.
pub(crate) fn run(args: crate::args::Args) -> anyhow::Result<()> {
    args.finish()
}
