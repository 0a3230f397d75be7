//! The command line of `facts`.

use clap::{Args, Subcommand};

use super::{JsonArg, examples};

/// `facts`.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct FactsArgs {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: FactsCommand,
}

/// `facts`.
#[derive(Debug, Subcommand)]
pub(crate) enum FactsCommand {
    /// List the facts, the newest first
    List(FactsListArgs),
    /// Search the facts by meaning and by words
    Search(FactsSearchArgs),
    /// Write down a fact yourself
    Add(FactsAddArgs),
    /// Change a fact; the old text is gone for good
    Edit(FactsEditArgs),
    /// Forget facts for good, with the older ones that they took the place of
    Forget {
        /// Ids, or starts that only one id has
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        #[command(flatten)]
        json: JsonArg,
    },
    /// Write all facts, those that don't hold any more too, as lines that `lorekeep import` reads
    #[command(after_help = examples::FACTS_EXPORT_HELP)]
    Export,
}

/// `facts list`.
#[derive(Debug, Args)]
pub(crate) struct FactsListArgs {
    /// Only those with this topic
    #[arg(long, value_name = "TOPIC")]
    pub(crate) topic: Option<String>,
    /// Those that don't hold any more too
    #[arg(long)]
    pub(crate) past: bool,
    /// Only those behind this one in the list
    #[arg(long, value_name = "ID")]
    pub(crate) after: Option<String>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `facts search`.
#[derive(Debug, Args)]
pub(crate) struct FactsSearchArgs {
    /// What to look for
    #[arg(required = true, value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    /// How many
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `facts add`.
#[derive(Debug, Args)]
pub(crate) struct FactsAddArgs {
    /// The statement
    #[arg(required = true, value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// What it is about; may be given several times
    #[arg(long = "topic", value_name = "TOPIC")]
    pub(crate) topics: Vec<String>,
    /// A fact that doesn't hold any more because of it
    #[arg(long, value_name = "ID")]
    pub(crate) replaces: Vec<String>,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `facts edit`.
#[derive(Debug, Args)]
pub(crate) struct FactsEditArgs {
    /// Its id, or a start that only one id has
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// The new statement; without it the old one stays
    #[arg(value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// The topics in place of all old ones
    #[arg(long = "topic", value_name = "TOPIC", conflicts_with = "no_topics")]
    pub(crate) topics: Vec<String>,
    /// Take all topics away
    #[arg(long)]
    pub(crate) no_topics: bool,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}
