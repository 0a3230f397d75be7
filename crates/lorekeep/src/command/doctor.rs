//! `lorekeep doctor`: looks at everything that can be wrong, and repairs it if asked to.

mod checks;
mod registrations;

use recall::{Archive, Error, ProblemAt, Progress, Stop, VerifyReport};
use wire::{CheckDoc, DoctorDoc, ProblemDoc, thousands};

use super::app::App;
use crate::args;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::interrupt;
use crate::opening;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::settings::{Environment, LoadedSettings};
use checks::{CheckState, DoctorCheck};

/// How many problems of the logs are listed.
const PROBLEMS_LISTED: usize = 100;

/// What was found.
#[derive(Default)]
struct Findings {
    checks: Vec<DoctorCheck>,
    repaired: Vec<String>,
    problems: Vec<ProblemAt>,
}

/// Checks, and repairs first if asked to; works with wrong settings too.
pub(crate) fn run(
    environment: &Environment,
    args: &args::DoctorArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let stop = interrupt::stop();
    let loaded = LoadedSettings::read(environment)?;
    let mut findings = Findings::default();
    findings.checks.push(checks::settings(&loaded));
    let app = App::of(loaded);
    if args.repair {
        findings
            .repaired
            .extend(checks::close_permissions(app.home().data())?);
    }
    // Before the archive is opened, which may close some itself.
    findings.checks.push(checks::permissions(app.home().data()));
    if app.home().database().exists() {
        archive(&app, args, stop, out, &mut findings);
    } else {
        findings.checks.push(checks::no_archive());
    }
    findings.checks.push(checks::model(&app.loaded));
    findings.checks.push(checks::sources(&app.loaded));
    findings
        .checks
        .extend(registrations::checks(environment, &app));
    report(&app, args, &findings, out)?;
    if stop.is_set() {
        return Ok(CommandOutcome::Interrupted);
    }
    let well = findings
        .checks
        .iter()
        .all(|check| check.state != CheckState::Bad);
    Ok(if well {
        CommandOutcome::Done
    } else {
        CommandOutcome::Failed
    })
}

/// What can be looked at quickly, for a server that is asked: all but reading the whole archive and starting what
/// assistants start.
pub(crate) fn quick_checks(loaded: &LoadedSettings) -> Vec<server::HealthCheck> {
    let home = &loaded.locations.home;
    let mut checks = vec![checks::settings(loaded), checks::permissions(home.data())];
    let opened = opening::opener(loaded).open();
    match opened.and_then(|archive| archive.status()) {
        Ok(status) => checks.extend(checks::status(&status)),
        Err(error) => checks.push(checks::failed("archive", error)),
    }
    checks.extend([checks::model(loaded), checks::sources(loaded)]);
    let told = |check: DoctorCheck| server::HealthCheck {
        name: check.name,
        state: check.state.name(),
        what: check.what,
        hint: check.hint,
    };
    checks.into_iter().map(told).collect()
}

/// The checks that need the archive; what fails becomes a finding, so that the others go on.
fn archive(
    app: &App,
    args: &args::DoctorArgs,
    stop: &Stop,
    out: &mut Output,
    findings: &mut Findings,
) {
    let bar = out.progress();
    let opened = app.opener().open();
    let mut archive = match opened {
        Err(Error::Damaged(_)) if args.repair => match salvaged(app, stop, &bar, findings) {
            Some(archive) => archive,
            None => return,
        },
        Err(error) => return findings.checks.push(checks::failed("archive", error)),
        Ok(archive) => archive,
    };
    let mut verified = match args.repair {
        true => repaired(&mut archive, stop, &bar, findings),
        false => archive.verify(stop, &bar),
    };
    let is_damaged = match &verified {
        Ok(report) => report.is_damaged,
        Err(error) => matches!(error, Error::Damaged(_)),
    };
    if args.repair && is_damaged && !stop.is_set() {
        drop(archive);
        archive = match salvaged(app, stop, &bar, findings) {
            Some(archive) => archive,
            None => return,
        };
        verified = archive.verify(stop, &bar);
    }
    findings.checks.push(match verified {
        Ok(report) => checks::verified(&report, stop),
        Err(error) => checks::failed("archive", error),
    });
    drop(bar);
    match archive.status() {
        Ok(status) => findings.checks.extend(checks::status(&status)),
        Err(error) => findings.checks.push(checks::failed("status", error)),
    }
    match archive.problems(PROBLEMS_LISTED) {
        Ok(problems) => findings.problems = problems,
        Err(error) => findings.checks.push(checks::failed("logs", error)),
    }
}

/// Makes anew what is derived; what verifying finds then.
fn repaired(
    archive: &mut Archive,
    stop: &Stop,
    progress: &dyn Progress,
    findings: &mut Findings,
) -> recall::Result<VerifyReport> {
    match archive.repair(stop, progress) {
        Ok(repaired) => findings.repaired.extend(repaired),
        // What verifying finds says more.
        Err(Error::Damaged(_)) => {}
        Err(error) => findings.checks.push(checks::failed("repair", error)),
    }
    archive.verify(stop, progress)
}

/// A new archive of what can be read of the damaged one; if there is none, a finding says why.
fn salvaged(
    app: &App,
    stop: &Stop,
    progress: &dyn Progress,
    findings: &mut Findings,
) -> Option<Archive> {
    let label = clock::now().strftime("%Y%m%d-%H%M%S").to_string();
    let opener = app.opener();
    match opener.salvage(&label, stop, progress) {
        Ok(report) => {
            findings.repaired.extend(report.told);
            if report.has_lost_tombstones {
                findings.checks.push(checks::lost_tombstones());
            }
        }
        Err(error) => {
            findings.checks.push(checks::not_salvaged(error));
            return None;
        }
    }
    match opener.open() {
        Ok(archive) => Some(archive),
        Err(error) => {
            findings.checks.push(checks::failed("archive", error));
            None
        }
    }
}

fn report(
    app: &App,
    args: &args::DoctorArgs,
    findings: &Findings,
    out: &mut Output,
) -> anyhow::Result<()> {
    if args.json.json {
        return out.json(&DoctorDoc {
            well: findings
                .checks
                .iter()
                .all(|check| check.state != CheckState::Bad),
            checks: findings.checks.iter().map(doc).collect(),
            repaired: &findings.repaired,
            problems: findings.problems.iter().map(ProblemDoc::new).collect(),
        });
    }
    let mut page = out.page();
    for repaired in &findings.repaired {
        page.paint(Ink::Good, "fixed ").line(Ink::Plain, repaired);
    }
    for check in &findings.checks {
        print(check, &mut page);
    }
    for problem in &findings.problems {
        page.push("      ")
            .line(Ink::Dim, &super::import::locate(app, problem));
    }
    let listed = findings.problems.len();
    if listed == PROBLEMS_LISTED {
        page.push("      ").line(
            Ink::Dim,
            &format!("(the first {})", thousands(listed as u64)),
        );
    }
    out.print(page)
}

fn print(check: &DoctorCheck, page: &mut TextPage) {
    let ink = match check.state {
        CheckState::Good => Ink::Good,
        CheckState::Note => Ink::Warn,
        CheckState::Bad => Ink::Bad,
    };
    page.paint(ink, &format!("{:<6}", check.state.name()));
    page.line(Ink::Plain, &format!("{}: {}", check.name, check.what));
    if let Some(hint) = &check.hint {
        page.push("      ").line(Ink::Dim, &format!("hint: {hint}"));
    }
}

fn doc(check: &DoctorCheck) -> CheckDoc<'_> {
    CheckDoc {
        name: check.name,
        state: check.state.name(),
        what: &check.what,
        hint: check.hint.as_deref(),
    }
}
