//! The program: settings, command line, and the surfaces over the archive.
//!
//! A thin layer: arguments and settings become requests to `recall` and `memory`, their answers become
//! text or JSON. It must not know how anything is read, stored or ranked.

mod args;
mod settings;
mod setup;
mod command;
mod completion;
mod opening;
mod guards;
mod input;
mod scan;
mod eval;
mod watch;
mod key_command;
mod chatting;
mod clock;
mod last_search;
mod hook;
mod supervised;
mod tool_tokens;
mod tool_servers;
mod output;
mod interrupt;
mod fault;
mod hint;
mod exit;
mod bug;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use args::{Cli, CliCommand};
use command::app::App;
use exit::CommandOutcome;
use output::Output;
use settings::Environment;

fn main() -> ExitCode {
    // Before all else: it has to start in no time, and whatever the settings say.
    if let Some(command) = supervised::command() {
        return tools::supervise(&command);
    }
    if hook::must_keep_quiet() {
        hook::keep_quiet();
        // Not even a bug may trouble an assistant.
        return catch_unwind(start).unwrap_or(ExitCode::SUCCESS);
    }
    bug::install_hook();
    // A bug is a failure like any other to whoever called; the hook has said what there is to say.
    catch_unwind(AssertUnwindSafe(start)).unwrap_or(ExitCode::FAILURE)
}

fn start() -> ExitCode {
    match completion::answer() {
        Ok(false) => {}
        Ok(true) | Err(_) => return ExitCode::SUCCESS,
    }
    let environment = Environment::of_process();
    let mut out = Output::new(environment.terminal(), environment.pager());
    let parser = Cli::command().term_width(out.look().width.min(100));
    let parsed = parser.try_get_matches();
    match parsed.and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches)) {
        Ok(Cli {
            command: Some(CliCommand::Hook(args)),
            settings_dir,
            ..
        }) => {
            drop(out);
            hook::run(&args, &environment.with_dir(settings_dir))
        }
        Ok(cli) => {
            out.choose_color(cli.color);
            let environment = environment.with_dir(cli.settings_dir);
            let result = run(cli.command, &environment, &mut out);
            exit::finish(result, &mut out)
        }
        // Arguments of a later version, perhaps: a complaint would stand in a context.
        Err(answer) if answer.use_stderr() && hook::must_keep_quiet() => ExitCode::SUCCESS,
        Err(answer) => exit::answer(&answer, &mut out),
    }
}

fn run(
    command: Option<CliCommand>,
    environment: &Environment,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let app = || App::new(environment);
    match command {
        None => command::orient::run(&app()?, out),
        Some(CliCommand::Import(args)) => command::import::run(&app()?, &args, out),
        Some(CliCommand::Search(args)) => command::search::run(&app()?, &args, out),
        Some(CliCommand::Show(args)) => command::show::run(&app()?, &args, out),
        Some(CliCommand::Recent(args)) => command::recent::run(&app()?, &args, out),
        Some(CliCommand::Timeline(args)) => command::timeline::run(&app()?, &args, out),
        Some(CliCommand::File(args)) => command::file::run(&app()?, &args, out),
        Some(CliCommand::Blame(args)) => command::blame::run(&app()?, &args, out),
        Some(CliCommand::Export(args)) => command::export::run(&app()?, args, out),
        Some(CliCommand::Scan(args)) => command::scan::run(environment, &args, out),
        Some(CliCommand::Guard { command }) => command::guard::run(environment, command, out),
        Some(CliCommand::Reflect(args)) => command::reflect::run(&app()?, *args, out),
        Some(CliCommand::Forget(args)) => command::forget::run(&app()?, &args, out),
        Some(CliCommand::Exclude { command }) => command::exclude::run(&app()?, &command, out),
        Some(CliCommand::Projects(args)) => command::projects::run(&app()?, &args, out),
        Some(CliCommand::Sources(args)) => command::sources::run(&app()?, args, out),
        Some(CliCommand::Status(args)) => {
            command::status::run(&App::despite_faults(environment, out)?, args, out)
        }
        Some(CliCommand::Verify(args)) => command::verify::run(&app()?, args, out),
        Some(CliCommand::Doctor(args)) => command::doctor::run(environment, &args, out),
        Some(CliCommand::Setup(args)) => command::setup::run(environment, &args, out),
        Some(CliCommand::Config { command }) => command::config::run(environment, command, out),
        Some(CliCommand::Model { command }) => command::model::run(&app()?, command, out),
        Some(CliCommand::Mcp(args)) => {
            let app = App::despite_faults(environment, out)?;
            command::mcp::run(&app, environment, &args, out)
        }
        Some(CliCommand::Chat(args)) => command::chat::run(&app()?, &args, out),
        Some(CliCommand::Serve(args)) => command::serve::run(app()?, &args, out),
        Some(CliCommand::Character { command }) => command::character::run(&app()?, command, out),
        Some(CliCommand::Knowledge(args)) => command::knowledge::run(&app()?, args.command, out),
        Some(CliCommand::ExtractDocument(args)) => command::extract_document::run(&args, out),
        Some(CliCommand::Facts(args)) => command::facts::run(&app()?, args.command, out),
        Some(CliCommand::Migrate(args)) => command::migrate::run(&app()?, args.command, out),
        Some(CliCommand::Key(args)) => command::key::run(&app()?, args.command, out),
        Some(CliCommand::Health) => command::health::run(&app()?, out),
        // Seen to before: it must say nothing, whatever happens.
        Some(CliCommand::Hook(_)) => Ok(CommandOutcome::Done),
        Some(CliCommand::Completions { shell }) => command::completions::run(shell, out),
        Some(CliCommand::Man { dir }) => command::man::run(&dir, out),
    }
}
