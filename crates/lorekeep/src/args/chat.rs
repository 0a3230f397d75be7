//! The command line of `chat`.

use clap::Args;

use super::examples;

/// `chat`.
#[derive(Debug, Args)]
#[command(after_help = examples::CHAT_HELP)]
pub(crate) struct ChatArgs {
    /// What to say; what is piped in stands behind it. Without either a conversation begins on the terminal
    #[arg(value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// Go on with this conversation: its id, or `last`
    #[arg(long, short, value_name = "ID")]
    pub(crate) conversation: Option<String>,
    /// The model that answers, as `provider/model` or by its name alone
    #[arg(long, short, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Instructions that stand before everything else
    #[arg(long, value_name = "TEXT")]
    pub(crate) system: Option<String>,
    /// The character that speaks in a new conversation, as `lorekeep character list` prints it
    #[arg(long, value_name = "ID", conflicts_with = "conversation")]
    pub(crate) character: Option<String>,
    /// Put a new conversation into this project: what you set for it holds there, and only its memory is searched
    #[arg(long, value_name = "NAME", conflicts_with = "conversation")]
    pub(crate) project: Option<String>,
    /// Don't search your memory for what you say
    #[arg(long)]
    pub(crate) no_recall: bool,
    /// Keep nothing of the conversation
    #[arg(long)]
    pub(crate) off_record: bool,
}
