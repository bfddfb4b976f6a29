//! The numbers of a run: as a table of Markdown, and as JSON.

use std::{fmt::Write, fs, path::Path};

use serde_json::{Value, json};

/// What a number has to be.
#[derive(Clone, Copy, Debug)]
pub enum Aim {
    /// Nothing is asked of it.
    None,
    /// No less than this.
    AtLeast(f64),
    /// No more than this.
    AtMost(f64),
}

/// What one line of the table measures.
#[derive(Clone, Debug)]
struct Line {
    section: &'static str,
    what: String,
    on: String,
    unit: &'static str,
    rounds: Vec<f64>,
    aim: Aim,
}

/// All lines so far.
#[derive(Debug, Default)]
pub struct Report {
    lines: Vec<Line>,
    section: &'static str,
}

impl Line {
    fn sorted(&self) -> Vec<f64> {
        let mut rounds = self.rounds.clone();
        rounds.sort_unstable_by(f64::total_cmp);
        rounds
    }

    fn median(&self) -> f64 {
        median(&self.rounds)
    }

    fn range(&self) -> [f64; 2] {
        let rounds = self.sorted();
        [rounds.first(), rounds.last()].map(|end| end.copied().unwrap_or_default())
    }

    fn is_met(&self) -> Option<bool> {
        match self.aim {
            Aim::None => None,
            Aim::AtLeast(bound) => Some(self.median() >= bound),
            Aim::AtMost(bound) => Some(self.median() <= bound),
        }
    }

    fn markdown(&self) -> String {
        let [least, most] = self.range();
        let aim = match self.aim {
            Aim::None => String::new(),
            Aim::AtLeast(bound) => format!("≥ {}", shown(bound)),
            Aim::AtMost(bound) => format!("≤ {}", shown(bound)),
        };
        let met = match self.is_met() {
            None => "",
            Some(true) => "met",
            Some(false) => "**not met**",
        };
        let range = if self.rounds.len() > 1 {
            format!("{} – {}", shown(least), shown(most))
        } else {
            String::new()
        };
        let median = shown(self.median());
        let (what, on, unit) = (&self.what, &self.on, self.unit);
        format!("| {what} | {on} | {median} {unit} | {range} | {aim} | {met} |")
    }

    fn json(&self) -> Value {
        let aim = match self.aim {
            Aim::None => Value::Null,
            Aim::AtLeast(bound) => json!({ "atLeast": bound }),
            Aim::AtMost(bound) => json!({ "atMost": bound }),
        };
        json!({
            "section": self.section, "what": self.what, "on": self.on, "unit": self.unit,
            "median": self.median(), "rounds": self.rounds, "aim": aim, "met": self.is_met(),
        })
    }
}

impl Report {
    /// Begins a section.
    pub fn section(&mut self, title: &'static str) {
        self.section = title;
        say(&format!("{title} …"));
    }

    /// Adds a line: what was measured, on what, and the number of each round.
    pub fn add(&mut self, what: &str, on: &str, unit: &'static str, rounds: &[f64], aim: Aim) {
        let line = Line {
            section: self.section,
            what: what.to_owned(),
            on: on.to_owned(),
            unit,
            rounds: rounds.to_vec(),
            aim,
        };
        say(&line.markdown());
        self.lines.push(line);
    }

    /// The table.
    pub fn markdown(&self, machine: &str) -> String {
        let mut text = format!("{machine}\n");
        let mut section = "";
        for line in &self.lines {
            if line.section != section {
                section = line.section;
                let _ = write!(
                    text,
                    "\n### {section}\n\n| measured | on | median | range | aim | |\n|---|---|---|---|---|---|\n"
                );
            }
            let _ = writeln!(text, "{}", line.markdown());
        }
        text
    }

    /// Writes the numbers to a file.
    pub fn write(&self, file: &Path, machine: &str, quick: bool) {
        let lines: Vec<Value> = self.lines.iter().map(Line::json).collect();
        let report = json!({ "machine": machine, "quick": quick, "lines": lines });
        let text = serde_json::to_string_pretty(&report).expect("numbers are JSON");
        if let Some(folder) = file.parent() {
            let _ = fs::create_dir_all(folder);
        }
        fs::write(file, text + "\n").unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

/// The number in the middle.
pub fn median(rounds: &[f64]) -> f64 {
    let mut rounds = rounds.to_vec();
    rounds.sort_unstable_by(f64::total_cmp);
    let middle = rounds.len() / 2;
    match (rounds.get(middle), rounds.len() % 2) {
        (Some(upper), 0) => f64::midpoint(rounds[middle - 1], *upper),
        (Some(middle), _) => *middle,
        (None, _) => 0.0,
    }
}

/// A number with the digits that it bears: these measurements do not repeat to more than three.
fn shown(number: f64) -> String {
    if number >= 1_000.0 {
        let rounded = format!("{:.0}", (number / 10.0).round() * 10.0);
        let (mut text, digits) = (String::new(), rounded.len());
        for (place, digit) in rounded.chars().enumerate() {
            if place > 0 && (digits - place) % 3 == 0 {
                text.push(',');
            }
            text.push(digit);
        }
        text
    } else if number >= 100.0 {
        format!("{number:.0}")
    } else if number >= 10.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.2}")
    }
}

/// Tells whoever waits for the table how it goes.
#[expect(clippy::print_stderr, reason = "the table alone goes to stdout")]
pub fn say(text: &str) {
    eprintln!("{text}");
}

/// The machine and what runs on it.
pub fn machine(versions: &[String]) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let (cpu, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kibibytes: u64 = memory
        .lines()
        .find_map(|line| {
            line.strip_prefix("MemTotal:")?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .unwrap_or_default();
    let kernel = read("/proc/sys/kernel/osrelease");
    format!(
        "{model}, {cores} cores shared by load generator, server and databases, {} GiB, Linux {}, {}.",
        kibibytes.div_ceil(1 << 20),
        kernel.trim(),
        versions.join(", ")
    )
}
