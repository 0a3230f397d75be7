//! The moment by which a hook is over, whatever it is doing then.

use std::process::ExitCode;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use recall::Stop;

use super::log::HookLog;
use crate::clock;

/// How long a hook may take until the settings are read.
const INITIAL_LIMIT: Duration = Duration::from_millis(300);
/// How long before the end work is asked to come to a safe point.
const STOP_MARGIN: Duration = Duration::from_millis(80);

/// Ends the process in time.
pub(super) struct Deadline {
    shared: Arc<DeadlineWatch>,
    start: Instant,
}

#[derive(Default)]
struct DeadlineWatch {
    state: Mutex<DeadlineState>,
    changed: Condvar,
    stop: Stop,
}

#[derive(Default)]
struct DeadlineState {
    limit: Duration,
    log: Option<(HookLog, String)>,
    is_over: bool,
}

impl Deadline {
    /// Starts to count the time of the hook, and the thread that ends the process when it is over.
    pub(super) fn start() -> Self {
        let shared = Arc::new(DeadlineWatch::default());
        let start = clock::instant();
        shared.lock().limit = INITIAL_LIMIT;
        let watched = Arc::clone(&shared);
        // Without a watchdog the hook still ends, only perhaps late.
        let _ = std::thread::Builder::new()
            .name("deadline".to_owned())
            .stack_size(128 << 10)
            .spawn(move || watch(&watched, start));
        Self { shared, start }
    }

    /// Sets how long the hook may take in all, and where it is told if it takes longer.
    pub(super) fn set(&self, limit: Duration, log: &HookLog, event: &str) {
        let mut state = self.shared.lock();
        state.limit = limit;
        state.log = Some((log.clone(), event.to_owned()));
        self.shared.changed.notify_all();
    }

    /// How long there is until the end, with time to come to a safe point.
    pub(super) fn left(&self) -> Duration {
        let limit = self.shared.lock().limit.saturating_sub(STOP_MARGIN);
        limit.saturating_sub(self.start.elapsed())
    }

    /// The flag that is set [`STOP_MARGIN`] before the end, for work that can stop at safe points.
    pub(super) fn stop(&self) -> &Stop {
        &self.shared.stop
    }

    /// Says that the work is done, so that the process ends by itself.
    pub(super) fn end(&self) -> ExitCode {
        self.shared.lock().is_over = true;
        ExitCode::SUCCESS
    }
}

impl DeadlineWatch {
    fn lock(&self) -> std::sync::MutexGuard<'_, DeadlineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until the work is over, or the time.
fn watch(shared: &DeadlineWatch, start: Instant) {
    let mut state = shared.lock();
    while !state.is_over {
        let passed = start.elapsed();
        if passed >= state.limit {
            if let Some((log, event)) = &state.log {
                log.note(event, "took too long and was ended");
            }
            end();
        }
        let soft = state.limit.saturating_sub(STOP_MARGIN);
        if passed >= soft {
            shared.stop.set();
        }
        let next = if passed < soft { soft } else { state.limit };
        let wait = next.saturating_sub(passed).max(Duration::from_millis(1));
        let waited = shared.changed.wait_timeout(state, wait);
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// Ends the process as if all were well: who waits for a hook must neither wait on nor be alarmed.
/// What was being written is undone when the archive is opened next.
fn end() -> ! {
    #[expect(clippy::exit, reason = "nothing else ends a thread that waits")]
    std::process::exit(0)
}
