//! `lorekeep health`: whether the server of this home is ready.

use std::time::Duration;

use super::app::App;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::output::Output;

/// How long the server may take to say so.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Asks `/ready` of the server that serves this archive.
pub(crate) fn run(app: &App, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let running = server::running_server(app.home().data());
    let running = running.ok_or_else(|| {
        Fault::failure("no server runs for this archive").hint("`lorekeep serve` starts one")
    })?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(ANSWER_TIMEOUT))
        .http_status_as_error(false)
        // A proxy of the environment doesn't know this machine's loopback.
        .proxy(None)
        .build()
        .into();
    let url = running.url("/ready");
    let answer = agent.get(&url).call();
    let status = match answer {
        Ok(answer) => answer.status().as_u16(),
        Err(error) => {
            return Err(Fault::failure(format!("`{url}` doesn't answer: {error}")).into());
        }
    };
    if status == 200 {
        out.text("ready\n")?;
        return Ok(CommandOutcome::Done);
    }
    Err(
        Fault::failure(format!("the server isn't ready: `{url}` answers {status}"))
            .hint("`server.log` in the directory of logs says why")
            .into(),
    )
}
