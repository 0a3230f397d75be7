//! Ctrl-C: the first one asks long work to end at its next safe point, the second ends at once.
//!
//! Only commands with such points ask for this; all others end at once as the system has it, which
//! harms nothing, since the archive survives that at any moment.

use std::sync::Once;

use recall::Stop;

static STOP: Stop = Stop::new();

/// The flag that the signals set.
pub(crate) fn stop() -> &'static Stop {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        use signal_hook::consts::{SIGINT, SIGTERM};
        watch(SIGINT);
        watch(SIGTERM);
        #[cfg(unix)]
        watch(signal_hook::consts::SIGHUP);
    });
    &STOP
}

fn watch(signal: i32) {
    let act = move || {
        if STOP.is_set() {
            signal_hook::low_level::exit(128 + signal);
        }
        STOP.set();
    };
    #[expect(
        unsafe_code,
        reason = "the flag is a static of another type than signal-hook's own"
    )]
    // SAFETY: the action runs inside a signal handler. It loads and stores one atomic, or calls
    // `_exit`; both are async-signal-safe, it doesn't allocate, lock or panic.
    let registered = unsafe { signal_hook::low_level::register(signal, act) };
    // Where a signal can't be watched, it ends the program at once, as without this.
    drop(registered);
}

/// Makes this process give way to others: for embedding that nobody waits for.
pub(crate) fn be_nice() {
    #[cfg(unix)]
    {
        // Where the system refuses, the work goes on at its usual priority.
        let _ = rustix::process::nice(10);
    }
}

/// Makes this thread, and those that it starts, give way to others, where the system tells threads
/// apart.
pub(crate) fn be_nice_here() {
    // POSIX has one priority for a process; Linux has one for each thread.
    #[cfg(target_os = "linux")]
    be_nice();
}

/// Lets this process have as many files open as the system allows it, for servers with many connections:
/// some systems begin with 256.
pub(crate) fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        // Where the system refuses, fewer connections are served at a time.
        let _ = setrlimit(Resource::Nofile, raised);
    }
}
