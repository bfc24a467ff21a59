//! A line that shows how far something is.

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::record::Progress;

/// It; nothing is shown to programs.
pub struct Bar {
    bar: ProgressBar,
    quiet: bool,
}

impl Bar {
    /// A new one.
    pub fn new(quiet: bool) -> Self {
        Self { bar: ProgressBar::hidden(), quiet }
    }

    /// Takes it away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Starts anew, for so many records.
    pub fn start(&mut self, file: &str, records: u64) {
        self.bar.finish_and_clear();
        if self.quiet {
            return;
        }
        self.bar = ProgressBar::new(records);
        if let Ok(style) = ProgressStyle::with_template("  {msg} {bar:30} {pos}/{len} {rate} {eta}") {
            let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                // It writes to the terminal's line, where there is nothing to be done about a failure.
                let _ = write!(out, "{:.0}/s", state.per_sec());
            };
            self.bar.set_style(style.with_key("rate", rate));
        }
        self.bar.set_message(file.to_owned());
    }

    /// So many are done.
    pub fn set(&self, records: u64) {
        self.bar.set_position(records);
    }
}

impl Progress for Bar {
    fn begin(&mut self, file: &str, records: u64) {
        self.start(file, records);
    }

    fn done(&mut self, records: u64) {
        self.set(records);
    }
}
