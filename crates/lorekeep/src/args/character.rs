//! The command line of `character`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{JsonArg, examples};

/// `character`.
#[derive(Debug, Subcommand)]
pub(crate) enum CharacterCommand {
    /// List the characters
    List(JsonArg),
    /// Show a character
    Show {
        /// Its id, as `character list` prints it
        id: String,
        #[command(flatten)]
        json: JsonArg,
    },
    /// Take in cards: JSON, PNG and CHARX files of other programs, or TOML files
    #[command(after_help = examples::CHARACTER_IMPORT_HELP)]
    Import(CharacterImportArgs),
    /// Write a character's card to a file, or as JSON to standard output
    Export {
        /// Its id
        id: String,
        /// Where to: `….json`, or `….png` for a character with a picture
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Say what is wrong with files, without taking them in
    Check {
        /// Cards, or TOML files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// `character import`.
#[derive(Debug, Args)]
pub(crate) struct CharacterImportArgs {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Replace characters of the same name
    #[arg(long)]
    pub(crate) replace: bool,
}
