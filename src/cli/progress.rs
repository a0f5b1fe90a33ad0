//! A progress bar on standard error, only when somebody watches and only when the work takes a while.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use why401::Progress;
use why401::report::sanitize;

/// How long the work may take before a bar appears.
const PATIENCE: Duration = Duration::from_millis(500);

/// Shows how far the work is; clears what it showed when it goes.
pub struct Meter {
    started: Instant,
    watched: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Meter {
    /// A meter that starts now.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            watched: std::io::stderr().is_terminal(),
            bar: Mutex::new(None),
        }
    }

    /// Shows how far the work is, from any thread.
    pub fn show(&self, progress: Progress) {
        if !self.watched || self.started.elapsed() < PATIENCE {
            return;
        }
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bar.get_or_insert_with(new_bar);
        bar.set_length(progress.total);
        bar.set_position(progress.done);
        bar.set_message(sanitize::line(progress.what).into_owned());
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn new_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:24} {percent:>3}% {wide_msg}");
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
