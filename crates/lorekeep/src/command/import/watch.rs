//! `lorekeep import --watch`: goes on importing what changes until it is told to end.

use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use embed::MiniLmOptions;
use recall::{Archive, CatchUp, Caught, Look, Stop, Sweeper};
use wire::{CaughtDoc, thousands, when};

use crate::clock;
use crate::command::app::App;
use crate::exit::CommandOutcome;
use crate::interrupt;
use crate::opening;
use crate::output::Output;
use crate::watch::{Wake, Watch};

/// How long an import of this process waits for another's.
const IMPORT_LOCK_TIMEOUT: Duration = Duration::from_millis(500);

/// The look that begins: at everything, however long that takes.
const FIRST_LOOK_TIME: Duration = Duration::from_secs(60);

/// How long what is new waits to be embedded: loading the model for each line that an assistant
/// writes would cost more than embedding it.
const EMBED_DELAY: Duration = Duration::from_secs(5);

/// Passages that are embedded before what else waits is looked at.
const MAX_EMBED_PASSAGES: usize = 4096;

/// What a watcher is told to do.
#[derive(Clone, Copy)]
pub(super) struct WatchOptions {
    /// Print JSON lines.
    pub(super) json: bool,
    /// Embed what is new, if there is a model.
    pub(super) embed: bool,
}

/// Watches until `stop` is set.
pub(super) fn run(
    app: &App,
    archive: &mut Archive,
    mut watch: Watch,
    options: WatchOptions,
    stop: &Stop,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    if !options.json {
        out.note(&greeting(app, &watch));
    }
    std::thread::scope(|scope| {
        let mut embedding = WatchEmbedding::new(app, scope, stop);
        let mut sweeper = Sweeper::new();
        let (mut is_behind, mut complained) = (true, false);
        let mut wake = Wake::Look(Look::Within(FIRST_LOOK_TIME));
        loop {
            if let Wake::Look(look) = wake {
                let began = clock::instant();
                match catch_up(app, archive, &mut sweeper, look, stop) {
                    Ok(caught) => {
                        tell(&caught, began, options, out)?;
                        is_behind = caught.waiting_files > 0;
                        if caught.added > 0 && options.embed {
                            embedding.gather();
                        }
                        complained = false;
                    }
                    Err(error) if passes(&error) => {
                        if !complained {
                            out.warning(&format!("{error:#}; it is tried again"));
                        }
                        (complained, is_behind) = (true, false);
                    }
                    Err(error) => return Err(error),
                }
            }
            embedding.go_on();
            if let Some(complaint) = watch.complaint() {
                out.warning(&complaint);
                out.note(&format!(
                    "logs are looked at every {} s instead",
                    watch.poll().as_secs()
                ));
            }
            wake = watch.next(&mut sweeper, is_behind, stop);
            if wake == Wake::End {
                return Ok(CommandOutcome::Done);
            }
        }
    })
}

/// Whether a failure may be over by the next look: a watcher outlives a disk that was full.
fn passes(error: &anyhow::Error) -> bool {
    use recall::Error::{Full, Io, Locked};
    matches!(error.downcast_ref(), Some(Full | Locked | Io(_)))
}

/// `watching ~/.claude and ~/.codex; Ctrl-C ends it`
fn greeting(app: &App, watch: &Watch) -> String {
    let roots = app.loaded.roots();
    let roots: Vec<String> = roots.all().map(|root| app.loaded.shorten(root)).collect();
    let how = match watch.listens() {
        true => String::new(),
        false => format!(" every {} s", watch.poll().as_secs()),
    };
    format!("watching {}{how}; Ctrl-C ends it", roots.join(", "))
}

fn catch_up(
    app: &App,
    archive: &mut Archive,
    sweeper: &mut Sweeper,
    look: Look,
    stop: &Stop,
) -> anyhow::Result<Caught> {
    let request = CatchUp {
        roots: app.loaded.roots(),
        look,
        wait: IMPORT_LOCK_TIMEOUT,
        now: clock::millis(),
    };
    Ok(archive.catch_up(sweeper, &request, stop, &mut |_| {})?)
}

/// Says what was read, if anything was.
fn tell(
    caught: &Caught,
    began: Instant,
    options: WatchOptions,
    out: &mut Output,
) -> anyhow::Result<()> {
    if caught.changed == 0 {
        return Ok(());
    }
    if options.json {
        let time = when::rfc3339(clock::millis());
        out.json_compact(&CaughtDoc::new(caught, time, clock::took_ms(began)))?;
    } else if caught.added > 0 {
        let mut page = out.page();
        page.push(&format!(
            "{}  {} from {}",
            clock::now().strftime("%H:%M:%S"),
            count(caught.added, "message"),
            count(caught.changed, "log"),
        ))
        .end();
        out.print(page)?;
    }
    out.flush()
}

/// `1 log`, `12 logs`.
fn count(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{} {what}s", thousands(number)),
    }
}

/// Embeds what is new, at low priority. The model is loaded for each time anew, which takes some
/// tens of milliseconds, so that a watcher at rest is small.
struct WatchEmbedding<'scope, 'env> {
    app: &'env App,
    scope: &'scope Scope<'scope, 'env>,
    stop: &'env Stop,
    running: Option<ScopedJoinHandle<'scope, ()>>,
    due: Option<Instant>,
}

impl<'scope, 'env> WatchEmbedding<'scope, 'env> {
    fn new(app: &'env App, scope: &'scope Scope<'scope, 'env>, stop: &'env Stop) -> Self {
        Self {
            app,
            scope,
            stop,
            running: None,
            due: None,
        }
    }

    /// Waits for more of what is new.
    fn gather(&mut self) {
        self.due.get_or_insert(clock::instant() + EMBED_DELAY);
    }

    /// Starts when it is time, unless it is running.
    fn go_on(&mut self) {
        let is_running = self.running.as_ref().is_some_and(|run| !run.is_finished());
        if is_running || self.due.is_none_or(|due| due > clock::instant()) {
            return;
        }
        self.due = None;
        let (app, stop) = (self.app, self.stop);
        self.running = Some(self.scope.spawn(move || {
            interrupt::be_nice_here();
            // What can't be embedded now goes on waiting, and `status` tells how much does.
            drop(embed(app, stop));
        }));
    }
}

fn embed(app: &App, stop: &Stop) -> anyhow::Result<()> {
    let mut archive = app.archive()?;
    let threads = opening::embedding_threads(app.settings());
    let model = opening::model(&app.loaded, MiniLmOptions::many_texts(threads)).load();
    if let Some(embedder) = model.embedder() {
        while archive.embed_some(embedder, MAX_EMBED_PASSAGES, stop)? > 0 {}
    }
    Ok(())
}
