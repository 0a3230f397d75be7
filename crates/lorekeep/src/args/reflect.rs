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
    /// The insight; `-` reads it from standard input
    #[arg(value_name = "TEXT", required = true)]
    pub(crate) text: Vec<String>,
    /// Tag it with TAG; may be repeated
    #[arg(short, long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// The project that it belongs to [default: that of this directory]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Name of the author
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
    /// Change the text or the tags of a reflection
    Edit(ReflectEditArgs),
    /// Delete reflections for good
    Delete {
        /// Ids of reflections, or unique starts of them
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
    },
    /// Mark reflections or messages as open, resolved or superseded
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
    /// Only this project, or `all` [default: that of this directory]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Only reflections with this tag
    #[arg(short, long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
    /// Only reflections with this status
    #[arg(long, value_name = "STATUS", value_parser = statuses())]
    pub(crate) status: Option<MarkStatus>,
    /// Only reflections from TIME on
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only reflections up to TIME; a day includes all of it
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
    /// Id of the reflection, or a unique start of it
    pub(crate) id: String,
    /// The new text; `-` reads it from standard input [default: unchanged]
    #[arg(value_name = "TEXT", required_unless_present_any = ["tags", "no_tags"])]
    pub(crate) text: Vec<String>,
    /// Replace its tags with TAG; may be repeated
    #[arg(short, long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// Remove its tags
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
    /// The status to set
    #[arg(long, value_name = "STATUS", value_parser = statuses())]
    pub(crate) status: MarkStatus,
    /// Evidence for it
    #[arg(long, value_name = "TEXT")]
    pub(crate) evidence: Option<String>,
    /// Which claim is meant, if a message makes several
    #[arg(long, value_name = "TEXT")]
    pub(crate) claim: Option<String>,
    /// Name of the person who sets it
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
