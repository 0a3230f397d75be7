//! What can be typed after `reflect`.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use transcript::MarkStatus;

use super::common::JsonArg;
use super::examples;

/// `reflect`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    after_help = examples::REFLECT_HELP
)]
pub(crate) struct ReflectArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ReflectCommand>,
    /// What to keep; `-` reads it from standard input
    #[arg(value_name = "TEXT", required = true)]
    pub(crate) text: Vec<String>,
    /// File it under this; may be repeated
    #[arg(short, long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// The project that it belongs to [default: that of this directory]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Who says it, by name
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// What to do with reflections.
#[derive(Debug, Subcommand)]
pub(crate) enum ReflectCommand {
    /// List reflections, the newest first
    List(ReflectListArgs),
    /// Change what a reflection says or is filed under
    Edit(ReflectEditArgs),
    /// Delete reflections for good
    Delete {
        /// Their ids, or enough of the start of each
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
    },
    /// Say what became of reflections or of any messages
    Mark(ReflectMarkArgs),
    /// Import the reflections of Claude Self-Reflect
    #[command(after_help = examples::REFLECT_IMPORT_HELP)]
    Import {
        /// Address of its Qdrant, or its database [default: what is found on this machine]
        #[arg(value_name = "STORE")]
        store: Option<String>,
        #[command(flatten)]
        json: JsonArg,
    },
}

/// `reflect list`.
#[derive(Debug, Args)]
pub(crate) struct ReflectListArgs {
    /// Only those of this project, or `all` [default: that of this directory]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Only those filed under this
    #[arg(short, long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
    /// Only those marked so
    #[arg(long, value_name = "STATUS", value_parser = statuses())]
    pub(crate) status: Option<MarkStatus>,
    /// Only those made then or later
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only those made until then; a day counts whole
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// How many to show
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `reflect edit`.
#[derive(Debug, Args)]
pub(crate) struct ReflectEditArgs {
    /// Its id, or enough of the start
    pub(crate) id: String,
    /// What it is to say; `-` reads it from standard input [default: as it was]
    #[arg(value_name = "TEXT", required_unless_present_any = ["tags", "no_tags"])]
    pub(crate) text: Vec<String>,
    /// File it under this instead; may be repeated
    #[arg(short, long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// File it under nothing
    #[arg(long, conflicts_with = "tags")]
    pub(crate) no_tags: bool,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `reflect mark`.
#[derive(Debug, Args)]
pub(crate) struct ReflectMarkArgs {
    /// Ids of reflections or messages, as search shows them
    #[arg(value_name = "ID", required = true)]
    pub(crate) ids: Vec<String>,
    /// What became of them
    #[arg(long, value_name = "STATUS", value_parser = statuses())]
    pub(crate) status: MarkStatus,
    /// What shows that
    #[arg(long, value_name = "TEXT")]
    pub(crate) evidence: Option<String>,
    /// What of them is meant, where they say several things
    #[arg(long, value_name = "TEXT")]
    pub(crate) claim: Option<String>,
    /// Who found it out, by name
    #[arg(long, value_name = "NAME")]
    pub(crate) who: Option<String>,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

impl ReflectCommand {
    /// The file of a store that was given as one.
    pub(crate) fn file_of(store: &str) -> Option<PathBuf> {
        let is_address = store.starts_with("http://") || store.starts_with("https://");
        (!is_address).then(|| PathBuf::from(store))
    }
}

fn statuses() -> impl TypedValueParser<Value = MarkStatus> {
    let names = MarkStatus::ALL.map(|status| PossibleValue::new(status.name()));
    PossibleValuesParser::new(names)
        .try_map(|name| MarkStatus::from_name(&name).ok_or("no such status"))
}
