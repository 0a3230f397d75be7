//! A progress bar of one line on standard error, for people who watch. Own, because those to be had
//! bring six more crates for what is one line of text.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use recall::{Progress, Stage};
use wire::{size, thousands};

use super::look::StreamLook;
use super::text;
use crate::clock;

/// Shows how far long work is, with its rate and the time left.
pub(crate) struct Bar {
    form: BarForm,
    state: Mutex<Option<ActiveStage>>,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum BarForm {
    /// On one line that is drawn anew, for a terminal that looks so.
    Line(StreamLook),
    /// A line of its own once in a while, for whoever reads a log.
    Log,
    /// Not at all.
    Silent,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Bytes, shown as a size.
    Bytes,
    /// Messages.
    Messages,
    /// Nothing that a number would tell.
    Steps,
}

/// Work that goes on.
struct ActiveStage {
    what: String,
    began: Instant,
    drawn: Option<Instant>,
    /// Units that were done when the work began, which say nothing about its rate.
    first: u64,
}

/// Drawing more often than this costs without being seen.
const DRAW_INTERVAL: Duration = Duration::from_millis(80);

/// How often a log is told.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

impl Bar {
    /// A bar in this form.
    pub(super) fn new(form: BarForm) -> Self {
        Self {
            form,
            state: Mutex::new(None),
        }
    }

    /// Takes the line away, so that something else can be printed.
    pub(crate) fn clear(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let was_drawn = state.take().is_some_and(|running| running.drawn.is_some());
        if was_drawn && matches!(self.form, BarForm::Line(_)) {
            draw("");
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Bar {
    /// Shows how far `what` is; drawn a few times a second, however often this is called.
    pub(crate) fn show(&self, what: &str, unit: Unit, done: u64, total: u64) {
        let interval = match self.form {
            BarForm::Line(_) => DRAW_INTERVAL,
            BarForm::Log => LOG_INTERVAL,
            BarForm::Silent => return,
        };
        let now = clock::instant();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let running = match &mut *state {
            Some(running) if running.what == what => running,
            other => other.insert(ActiveStage {
                what: what.to_owned(),
                began: now,
                drawn: None,
                first: done,
            }),
        };
        if running.drawn.is_some_and(|drawn| now - drawn < interval) {
            return;
        }
        running.drawn = Some(now);
        let line = describe(what, unit, done, total, running.first, now - running.began);
        match self.form {
            BarForm::Line(look) => draw(&text::clip(&line, look.width.saturating_sub(1))),
            BarForm::Log => log(&line),
            BarForm::Silent => {}
        }
    }
}

impl Progress for Bar {
    fn at(&self, stage: Stage, done: u64, total: u64) {
        let (what, unit) = match stage {
            Stage::Import => ("reading logs", Unit::Bytes),
            Stage::Embed => ("embedding messages", Unit::Messages),
            Stage::Check => ("checking messages", Unit::Messages),
            Stage::Forget => ("forgetting messages", Unit::Messages),
        };
        self.show(what, unit, done, total);
    }
}

/// Adds a line to what nobody watches as it grows.
fn log(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text::visible(line));
}

/// Overwrites the line; if that fails there is nobody who watches.
fn draw(line: &str) {
    let _ = write!(std::io::stderr().lock(), "\r\x1b[2K{line}");
}

/// `reading logs  43%  51.2 MB of 118.0 MB  34.1 MB/s  2 s left`
fn describe(
    what: &str,
    unit: Unit,
    done: u64,
    total: u64,
    first: u64,
    elapsed: Duration,
) -> String {
    let amount = |units: u64| match unit {
        Unit::Bytes => size(units),
        Unit::Messages => thousands(units),
        Unit::Steps => String::new(),
    };
    if unit == Unit::Steps {
        return what.to_owned();
    }
    let percent = (done.min(total) * 100).checked_div(total).unwrap_or(100);
    let mut line = format!("{what}  {percent}%  {} of {}", amount(done), amount(total));
    let elapsed = elapsed.as_secs_f64();
    let news = done.saturating_sub(first);
    // In the first moments a rate would jump about.
    if elapsed > 0.5 && news > 0 {
        #[expect(clippy::cast_precision_loss, reason = "a rate is rough")]
        let rate = news as f64 / elapsed;
        #[expect(clippy::cast_precision_loss, reason = "the time left is rough")]
        let left = total.saturating_sub(done) as f64 / rate;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and the cast saturates"
        )]
        let (rate, left) = (rate as u64, left.ceil() as u64);
        line.push_str(&format!("  {}/s  {} left", amount(rate), duration(left)));
    }
    line
}

/// `45 s`, `2 min 05 s`, `3 h 20 min`.
pub(crate) fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_rate_and_time_left() {
        let second = Duration::from_secs(1);
        assert_eq!(
            describe(
                "reading logs",
                Unit::Bytes,
                50_000_000,
                100_000_000,
                0,
                second
            ),
            "reading logs  50%  50.0 MB of 100.0 MB  50.0 MB/s  1 s left"
        );
        assert_eq!(
            describe(
                "embedding messages",
                Unit::Messages,
                1_100,
                11_000,
                1_000,
                second
            ),
            "embedding messages  10%  1,100 of 11,000  100/s  1 min 39 s left"
        );
        assert_eq!(
            describe("checking messages", Unit::Messages, 0, 0, 0, Duration::ZERO),
            "checking messages  100%  0 of 0"
        );
    }
}
