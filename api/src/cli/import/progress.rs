//! How far an import is, shown while it runs: a bar on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::tally::counted;
use crate::cli::output::Output;

/// How much time passes between two lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(10);
const BAR: &str = "{bar:30} {percent:>3} %  {msg}  {eta} left";
const NO_SIZE: &str = "{spinner} {msg}";

/// What shows how far an import is.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
    said: Instant,
}

impl Progress {
    /// Begins to show the progress of a file of this many bytes.
    pub(super) fn start(size: Option<u64>) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::stderr());
            let template = if size.is_some() { BAR } else { NO_SIZE };
            let style = ProgressStyle::with_template(template);
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        let now = Instant::now();
        Self {
            bar,
            started: now,
            said: now,
        }
    }

    /// Shows that so many rows and bytes were read.
    pub(super) fn show(
        &mut self,
        rows: u64,
        bytes: u64,
        output: &mut Output<'_>,
    ) -> io::Result<()> {
        if let Some(bar) = &self.bar {
            bar.set_message(counted(rows, "row"));
            bar.set_position(bytes);
        } else if self.said.elapsed() >= BETWEEN_LINES {
            self.said = Instant::now();
            output.note(format!("{} read", counted(rows, "row")))?;
        }
        Ok(())
    }

    /// Ends, and says how fast it was.
    pub(super) fn end(self, rows: u64) -> String {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
        let millis = self.started.elapsed().as_millis().max(1);
        let speed = u128::from(rows) * 1000 / millis;
        let (seconds, tenths) = (millis / 1000, millis / 100 % 10);
        format!("{seconds}.{tenths} s, {speed} rows a second")
    }
}
