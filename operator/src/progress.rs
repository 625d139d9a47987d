//! How far a long command has come: on standard error, where a person looks on, and nowhere else.

use indicatif::{ProgressBar, ProgressStyle};

/// A count that grows. It goes away when the work is done.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Of things of this name. How many there will be is not known.
    pub(crate) fn of(name: &'static str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(name);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} {msg} ({per_sec})") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// One more.
    pub(crate) fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
