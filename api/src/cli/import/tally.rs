//! What became of the rows, and the words about it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::cli::output::Failure;
use crate::import::{Column, Plan, Subject};

/// How many lines are named for each reason.
const LINES: usize = 5;
/// How many different reasons and names of events are told apart.
const KINDS: usize = 50;

/// What became of the rows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) rows: u64,
    pub(super) accepted: u64,
    pub(super) duplicates: u64,
    pub(super) quarantined: u64,
    pub(super) rejected: u64,
    /// Why rows were rejected or quarantined.
    pub(super) reasons: Told,
    /// What is told of rows that are in.
    pub(super) notes: Told,
    /// How many touchpoints there are of each name, or would be.
    pub(super) names: BTreeMap<String, u64>,
}

/// Sentences about rows: how many each is about, and the first lines.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Told(BTreeMap<String, (u64, Vec<u64>)>);

impl Told {
    /// Says a sentence about a line.
    pub(super) fn add(&mut self, sentence: String, line: u64) {
        let sentence = if self.0.len() < KINDS || self.0.contains_key(&sentence) {
            sentence
        } else {
            "other reasons".to_owned()
        };
        let (count, lines) = self.0.entry(sentence).or_default();
        *count += 1;
        if lines.len() < LINES {
            lines.push(line);
        }
    }

    fn words(&self) -> impl Iterator<Item = String> {
        let mut told: Vec<_> = self.0.iter().collect();
        told.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        told.into_iter().map(|(sentence, (count, lines))| {
            let named: Vec<String> = lines.iter().map(u64::to_string).collect();
            let word = if lines.len() == 1 { "line" } else { "lines" };
            let all = u64::try_from(lines.len()).is_ok_and(|lines| lines == *count);
            let more = if all { "" } else { ", …" };
            format!("  {count} × {sentence} ({word} {}{more})", named.join(", "))
        })
    }
}

impl Tally {
    /// Counts one more of a name.
    pub(super) fn count_name(&mut self, name: &str) {
        let name = if self.names.len() < KINDS || self.names.contains_key(name) {
            name
        } else {
            "others"
        };
        *self.names.entry(name.to_owned()).or_default() += 1;
    }

    /// The one line that says most.
    pub(super) fn summary(&self, is_dry: bool) -> String {
        let Self {
            accepted,
            quarantined,
            rejected,
            ..
        } = self;
        let rows = counted(self.rows, "row");
        if is_dry {
            return format!(
                "{rows}: {accepted} would be accepted, {rejected} rejected; nothing was stored"
            );
        }
        let duplicates = counted(self.duplicates, "duplicate");
        format!(
            "{rows}: {accepted} accepted, {duplicates}, {quarantined} quarantined, {rejected} rejected"
        )
    }

    /// The lines that say the rest.
    pub(super) fn details(&self, is_dry: bool) -> Vec<String> {
        let mut words = Vec::new();
        if is_dry && !self.names.is_empty() {
            let names: Vec<_> = self
                .names
                .iter()
                .map(|(name, count)| format!("{count} × {name}"))
                .collect();
            words.push(format!("Touchpoints: {}", names.join(", ")));
        }
        for (title, told) in [
            ("Not imported:", &self.reasons),
            ("To be known:", &self.notes),
        ] {
            if !told.0.is_empty() {
                words.push(title.to_owned());
                words.extend(told.words());
            }
        }
        words
    }

    /// Whether every row is in.
    pub(super) fn outcome(&self, subject: Subject, rejects: Option<&Path>) -> Result<(), Failure> {
        let one = match subject {
            Subject::Profiles => "a profile",
            Subject::Touchpoints => "a touchpoint",
            Subject::Purchases => "a purchase",
        };
        let sentence = match self.quarantined + self.rejected {
            0 => return Ok(()),
            1 => format!("1 row did not become {one}"),
            lost => format!("{lost} rows did not become {}", subject.as_str()),
        };
        let place = rejects
            .filter(|path| self.rejected > 0 && path.exists())
            .map(|path| format!("; mend and import {}", path.display()));
        Err(Failure::new(format!(
            "{sentence}{}.",
            place.unwrap_or_default()
        )))
    }
}

/// What the columns of a file were used for.
pub(super) fn column_words(columns: &[Column], items: u64, plan: &Plan) -> Vec<String> {
    let (used, unused): (Vec<&Column>, Vec<&Column>) =
        columns.iter().partition(|column| column.field.is_some());
    let used: Vec<String> = used
        .iter()
        .filter_map(|column| Some(format!("{} → {}", column.name, column.field.as_ref()?)))
        .collect();
    let unused: Vec<String> = unused
        .iter()
        .map(|column| match plan.meant(&column.name) {
            Some(near) => format!("{} (is it {near}?)", column.name),
            None => column.name.clone(),
        })
        .collect();
    let mut words = Vec::new();
    if items > 0 {
        words.push(format!(
            "{} of the Segment protocol, taken as they are",
            counted(items, "item")
        ));
    }
    if !used.is_empty() {
        words.push(format!("Columns: {}", used.join(", ")));
    }
    if !unused.is_empty() {
        words.push(format!("Not used: {}", unused.join(", ")));
    }
    words
}

/// So many of what is named in the singular.
pub(super) fn counted(number: u64, name: &str) -> String {
    match number {
        1 => format!("1 {name}"),
        _ => format!("{number} {name}s"),
    }
}
