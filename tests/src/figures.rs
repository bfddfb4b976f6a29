//! The figures of the fault experiments: each run appends a line to a file, and a table shows what all runs came to.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
};

use serde::{Deserialize, Serialize};

/// What one run of one experiment came to.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Figures {
    /// The experiment's number, such as `F4`.
    pub name: String,
    /// What is done to the program, in a few words.
    pub fault: String,
    /// `short` or `long`.
    pub form: String,
    /// By which the run can be repeated.
    pub seed: u64,
    /// How often the fault was made.
    pub runs: u64,
    /// Touchpoints that were acknowledged.
    pub acknowledged: u64,
    /// Touchpoints that the database holds.
    pub stored: u64,
    /// Touchpoints that it holds more than once.
    pub duplicates: u64,
    /// Touchpoints that were acknowledged and that it does not hold.
    pub lost: u64,
    /// The longest time from the end of a fault until the program worked again, in milliseconds.
    pub worst_recovery_ms: Option<u64>,
    /// Whatever else the experiment measures.
    #[serde(default)]
    pub more: BTreeMap<String, f64>,
}

impl Figures {
    /// Appends the figures to a file, as one line of JSON.
    pub fn append(&self, file: &Path) {
        let mut line = serde_json::to_string(self).expect("figures are JSON");
        line.push('\n');
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)
            .and_then(|mut file| file.write_all(line.as_bytes()))
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// The figures of all runs in a file, in their order.
    pub fn read(file: &Path) -> Vec<Self> {
        let text =
            fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        text.lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))
            })
            .collect()
    }

    /// The figures of one experiment and another run of it together; of what was measured besides, those of the later run.
    fn add(&mut self, later: &Self) {
        self.fault.clone_from(&later.fault);
        self.runs += later.runs;
        self.acknowledged += later.acknowledged;
        self.stored += later.stored;
        self.duplicates += later.duplicates;
        self.lost += later.lost;
        self.worst_recovery_ms = self.worst_recovery_ms.max(later.worst_recovery_ms);
        self.more.clone_from(&later.more);
    }

    fn number(&self) -> u32 {
        let digits: String = self.name.chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(u32::MAX)
    }
}

/// All runs as a Markdown table with a row for each experiment and form. The seeds are those of its runs, in their order.
pub fn table(runs: &[Figures]) -> String {
    let mut rows: BTreeMap<(u32, &str, &str), (Figures, Vec<String>)> = BTreeMap::new();
    for run in runs {
        let key = (run.number(), run.name.as_str(), run.form.as_str());
        rows.entry(key)
            .and_modify(|(sum, seeds)| {
                sum.add(run);
                seeds.push(run.seed.to_string());
            })
            .or_insert_with(|| (run.clone(), vec![run.seed.to_string()]));
    }
    let mut table = String::from(
        "| | fault | form | seed | faults | acknowledged | stored | duplicates | lost | worst recovery | also measured |\n\
         |---|---|---|---|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for (row, seeds) in rows.values() {
        let recovery = row
            .worst_recovery_ms
            .map_or_else(|| "–".to_owned(), |time| format!("{time} ms"));
        let more: Vec<String> = row
            .more
            .iter()
            .map(|(name, value)| format!("{name} {}", shown(*value)))
            .collect();
        let more = more.join("; ");
        writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {recovery} | {more} |",
            row.name,
            row.fault,
            row.form,
            seeds.join(", "),
            row.runs,
            row.acknowledged,
            row.stored,
            row.duplicates,
            row.lost,
        )
        .expect("memory takes all");
    }
    table
}

fn shown(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_one_experiment_are_added_up_in_one_row() {
        let run = |name: &str, seed, recovery| Figures {
            name: name.to_owned(),
            fault: "killed".to_owned(),
            form: "short".to_owned(),
            seed,
            runs: 3,
            acknowledged: 100,
            stored: 100,
            worst_recovery_ms: recovery,
            more: [("share".to_owned(), 0.125)].into(),
            ..Figures::default()
        };

        let table = table(&[
            run("F10", 1, None),
            run("F1", 2, Some(7)),
            run("F1", 3, Some(5)),
        ]);

        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| F1 | killed | short | 2, 3 | 6 | 200 | 200 | 0 | 0 | 7 ms | share 0.12 |",
                "| F10 | killed | short | 1 | 3 | 100 | 100 | 0 | 0 | – | share 0.12 |",
            ]
        );
    }

    #[test]
    fn what_is_appended_is_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("figures.jsonl");
        let figures = Figures {
            name: "F1".to_owned(),
            ..Figures::default()
        };

        figures.append(&file);
        figures.append(&file);

        assert_eq!(Figures::read(&file), [figures.clone(), figures]);
    }
}
