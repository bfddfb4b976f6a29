//! What an experiment has found: published as one line, and held to what every experiment promises.

use std::{collections::BTreeMap, path::Path, time::Duration};

use lazo_tests::figures::Figures;

use super::{count::Count, long};
use crate::PROGRAM;

/// The figures of an experiment, as they come together.
pub(super) struct Report {
    figures: Figures,
}

impl Report {
    /// Of an experiment by its number, and what it does to the program.
    pub(super) fn new(name: &str, fault: &str, seed: u64) -> Self {
        let form = if long() { "long" } else { "short" };
        Self {
            figures: Figures {
                name: name.to_owned(),
                fault: fault.to_owned(),
                form: form.to_owned(),
                seed,
                runs: 1,
                more: BTreeMap::new(),
                ..Figures::default()
            },
        }
    }

    /// How often the fault was made.
    pub(super) fn runs(&mut self, runs: usize) {
        self.figures.runs = wide(runs);
    }

    /// A time from the end of a fault until the program worked again.
    pub(super) fn recovered(&mut self, time: Duration) {
        let time = u64::try_from(time.as_millis()).expect("a short time");
        self.figures.worst_recovery_ms = self.figures.worst_recovery_ms.max(Some(time));
    }

    /// Another figure.
    pub(super) fn also(&mut self, name: &str, value: impl Into<f64>) {
        self.figures.more.insert(name.to_owned(), value.into());
    }

    /// A time, in milliseconds.
    pub(super) fn also_time(&mut self, name: &str, time: Duration) {
        self.also(&format!("{name} (ms)"), (time.as_secs_f64() * 1e3).round());
    }

    /// What the database holds, beside what was acknowledged.
    pub(super) fn counted(&mut self, count: &Count) {
        self.figures.acknowledged += wide(count.acknowledged);
        self.figures.stored += wide(count.stored);
        self.figures.duplicates += wide(count.duplicates);
        self.figures.lost += wide(count.lost.len());
    }

    /// Prints the figures and appends them to `target/faults.jsonl`, before anything is asserted of them.
    #[expect(clippy::print_stdout, reason = "it is shown with `--nocapture`")]
    pub(super) fn publish(&self) {
        let line = serde_json::to_string(&self.figures).expect("figures are JSON");
        println!("{line}");
        // PROGRAM is target/PROFILE/NAME.
        let target = Path::new(PROGRAM).ancestors().nth(2).expect("a folder");
        self.figures.append(&target.join("faults.jsonl"));
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).expect("64 bits")
}
