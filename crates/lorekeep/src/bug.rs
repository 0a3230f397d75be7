//! What a person sees if the program has a bug: where it is and how to report it, and nothing of
//! what the program was working on, since that is their conversations.

use std::panic::PanicHookInfo;

use crate::output::say_without_output;

const REPORT_URL: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");

/// Replaces the message of a panic.
pub(crate) fn install_hook() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        report(info);
        // Developers need the message; it may hold content, so that others aren't shown it.
        if cfg!(debug_assertions) {
            usual(info);
        }
    }));
}

fn report(info: &PanicHookInfo<'_>) {
    let place = info.location().map_or_else(
        || "an unknown place".to_owned(),
        |location| format!("`{}:{}`", location.file(), location.line()),
    );
    let version = env!("CARGO_PKG_VERSION");
    say_without_output(&format!(
        "error: lorekeep {version} has a bug at {place}\n\
         hint: what was archived is safe; please report this line at {REPORT_URL}"
    ));
}
