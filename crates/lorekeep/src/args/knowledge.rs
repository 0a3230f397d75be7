//! The command line of `knowledge`.

use clap::{Args, Subcommand};

use super::{JsonArg, examples};

/// `knowledge`.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct KnowledgeArgs {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: KnowledgeCommand,
}

/// What to do with documents.
#[derive(Debug, Subcommand)]
pub(crate) enum KnowledgeCommand {
    /// Add files, folders or web pages
    #[command(after_help = examples::KNOWLEDGE_ADD_HELP)]
    Add(KnowledgeAddArgs),
    /// List the documents
    List {
        #[command(flatten)]
        scope: KnowledgeScopeArgs,
        #[command(flatten)]
        json: JsonArg,
    },
    /// Search the documents, and show sections with their places
    Search(KnowledgeSearchArgs),
    /// Remove documents for good
    Remove {
        /// Ids, as `knowledge list` prints them, or names
        #[arg(required = true, value_name = "DOCUMENT")]
        documents: Vec<String>,
        #[command(flatten)]
        json: JsonArg,
    },
    /// Read documents again from where they came from, and those in the folders of characters
    Reindex {
        /// Ids or names [default: all]
        #[arg(value_name = "DOCUMENT")]
        documents: Vec<String>,
        #[command(flatten)]
        json: JsonArg,
    },
}

/// Whose documents are meant.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct KnowledgeScopeArgs {
    /// Those of this character, by its id
    #[arg(long, value_name = "ID")]
    pub(crate) character: Option<String>,
    /// Those of this project of the chat
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Those of this conversation of the chat
    #[arg(long, value_name = "ID")]
    pub(crate) conversation: Option<String>,
}

/// `knowledge add`.
#[derive(Debug, Args)]
pub(crate) struct KnowledgeAddArgs {
    /// Files, folders, or addresses that begin with `https://` or `http://`
    #[arg(required = true, value_name = "FILE|DIR|URL")]
    pub(crate) sources: Vec<String>,
    #[command(flatten)]
    pub(crate) scope: KnowledgeScopeArgs,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `knowledge search`.
#[derive(Debug, Args)]
pub(crate) struct KnowledgeSearchArgs {
    /// What is looked for
    #[arg(required = true, value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    /// How many sections to show
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) limit: u16,
    #[command(flatten)]
    pub(crate) scope: KnowledgeScopeArgs,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `extract-document`.
#[derive(Debug, Args)]
pub(crate) struct ExtractDocumentArgs {
    /// What is on standard input
    pub(crate) kind: String,
    /// Memory that reading may take, in MiB
    pub(crate) memory_mib: u64,
    /// Processor time that reading may take, in seconds
    pub(crate) cpu_seconds: u64,
}
