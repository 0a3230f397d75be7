//! Options that several commands share.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use transcript::{Registry, Source};

/// What commands that look around are narrowed by.
#[derive(Debug, Args)]
pub(crate) struct NarrowArgs {
    /// Only this project, or `all` [default: that of this directory]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Only messages from TIME on: 2026-03-01, yesterday, 7d
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only messages up to TIME; a day includes all of it
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}

/// The option of every command that reads.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct JsonArg {
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// Names of sources.
pub(super) fn sources() -> impl TypedValueParser<Value = Source> {
    let sources = Registry::shipped();
    let names = sources.all().iter();
    PossibleValuesParser::new(names.map(|source| PossibleValue::new(source.name())))
        .try_map(move |name| sources.find(&name).ok_or("no such source"))
}
