//! What can be typed of `scan` and `guard`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use guard::{Action, Kind};

use super::common::JsonArg;
use super::examples;

/// `scan`.
#[derive(Debug, Args)]
#[command(after_help = examples::SCAN_HELP)]
pub(crate) struct ScanArgs {
    /// Files and directories; `-` for standard input [default: this directory]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// What to look for: secret, pii, injection, content or all
    #[arg(short, long = "kind", value_name = "KIND", value_parser = kinds(), value_delimiter = ',')]
    #[arg(hide_possible_values = true)]
    pub(crate) kinds: Vec<KindsArg>,
    /// Skip paths that match GLOB, written as in .gitignore
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Include files that git ignores
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Scan what commits of a repository added [default: all commits]
    #[arg(long, value_name = "RANGE", num_args = 0..=1, require_equals = true)]
    pub(crate) history: Option<Option<String>>,
    /// Judge many texts: JSON lines {id, text} from a file, or `-`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "exclude", "no_ignore", "history", "sarif"])]
    pub(crate) batch: Option<PathBuf>,
    /// Exit with code 4 only from this verdict on: flag, mask, quarantine or block
    #[arg(long, value_name = "VERDICT", value_parser = actions())]
    #[arg(hide_possible_values = true)]
    pub(crate) fail_on: Option<Action>,
    #[command(flatten)]
    pub(crate) json: JsonArg,
    /// Print SARIF, which code hosts and editors read
    #[arg(long, conflicts_with = "json")]
    pub(crate) sarif: bool,
}

/// One kind, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KindsArg(pub(crate) guard::Kinds);

fn kinds() -> impl TypedValueParser<Value = KindsArg> {
    let names = Kind::ALL.map(Kind::name).into_iter().chain(["all"]);
    PossibleValuesParser::new(names).map(|name| {
        let kind = Kind::from_name(&name);
        KindsArg(kind.map_or(guard::Kinds::ALL, |kind| guard::Kinds::NONE.with(kind)))
    })
}

fn actions() -> impl TypedValueParser<Value = Action> {
    let names = Action::ALL.into_iter().skip(1).map(Action::name);
    PossibleValuesParser::new(names).map(|name| Action::from_name(&name).unwrap_or_default())
}

/// `guard`.
#[derive(Debug, Subcommand)]
pub(crate) enum GuardCommand {
    /// Measure the guards on labelled sets of texts
    Eval(EvalArgs),
    /// Tell what is found in a text, why, and how to allow it
    Explain(ExplainArgs),
    /// Apply today's rules to stored messages
    Rescan(RescanArgs),
}

/// `guard explain`.
#[derive(Debug, Args)]
#[command(after_help = examples::GUARD_EXPLAIN_HELP)]
pub(crate) struct ExplainArgs {
    /// The text; `-` for standard input
    pub(crate) text: String,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `guard rescan`.
#[derive(Debug, Args)]
#[command(after_help = examples::GUARD_RESCAN_HELP)]
pub(crate) struct RescanArgs {
    /// Show what would be masked, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Only messages of this project, by name, path or key
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `guard eval`.
#[derive(Debug, Args)]
#[command(after_help = examples::GUARD_EVAL_HELP)]
pub(crate) struct EvalArgs {
    /// Directory of the sets, with its subdirectories
    pub(crate) dir: PathBuf,
    /// Measure also on sets that the models were trained on
    #[arg(long)]
    pub(crate) allow_overlap: bool,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}
