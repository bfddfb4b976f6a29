//! `lazo import`: files of the past become touchpoints.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use lazo_entity::source;

use super::output::{Failure, Output};
use super::session::Session;
use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::import::{PurchaseRow, RowError, rows};
use crate::touchpoint::decoding::{DecodingRules, incoming};
use crate::touchpoint::reading::{EnvelopeFields, RawItem, Request};
use crate::touchpoint::{Answer, Incoming, Status};

/// How often a batch is offered to a database that is busy or away.
const TRIES: u32 = 10;
/// The line of the header.
const HEADER: u64 = 1;
/// How many rows pass between two words of progress.
const PROGRESS: u64 = 10_000;

#[derive(Debug, Subcommand)]
pub(super) enum Options {
    /// Imports a purchase log: CSV with a row for each purchase. A second import of the same file changes nothing.
    Purchases(Purchases),
}

#[derive(Debug, Args)]
pub(super) struct Purchases {
    /// The file.
    file: PathBuf,
    /// The key of the source that the purchases come from.
    #[arg(long, value_name = "KEY")]
    source: String,
    /// How many rows are stored at a time.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    batch: u16,
}

impl Options {
    pub(super) async fn run(self, config: Config, output: &mut Output<'_>) -> Result<(), Failure> {
        let Self::Purchases(purchases) = self;
        let name = purchases.file.display();
        let file = File::open(&purchases.file)
            .map_err(|error| Failure::new(format!("{name}: {error}")))?;
        let session = Session::open(config).await?;
        let source = usable_source(&session.app, &purchases.source).await?;
        let mut log = rows(BufReader::new(file)).peekable();
        // Without a header that can be read, no row can be: nothing was rejected, the file is not a purchase log.
        if let Some(Err(error)) = log.peek()
            && error.line == HEADER
        {
            return Err(Failure::new(format!("{name}: {error}.")));
        }
        let mut import = Import {
            rules: DecodingRules::of(&session.app),
            app: &session.app,
            source,
            batch: usize::from(purchases.batch),
            waiting: Vec::new(),
            counts: Counts::default(),
            output,
        };
        import.read(log).await?;
        let counts = import.counts;
        session.close().await?;
        output.note(counts.summary())?;
        match counts.unused() {
            0 => Ok(()),
            1 => Err(Failure::new("1 row did not become a purchase.")),
            unused => Err(Failure::new(format!(
                "{unused} rows did not become purchases."
            ))),
        }
    }
}

/// The source of a key, if it takes touchpoints that reach profiles.
async fn usable_source(app: &App, key: &str) -> Result<Arc<source::Model>, Failure> {
    let source = app.source_keys().find(key).await?;
    let source = source.ok_or_else(|| Failure::new("--source: this is the key of no source."))?;
    if source.archived_at.is_some() {
        return Err(Failure::new("--source: the source is archived."));
    }
    if !source.live {
        let message = "--source: this is a test source, whose touchpoints never reach profiles.";
        return Err(Failure::new(message));
    }
    Ok(source)
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    rows: u64,
    accepted: u64,
    duplicates: u64,
    quarantined: u64,
    rejected: u64,
}

impl Counts {
    fn unused(self) -> u64 {
        self.quarantined + self.rejected
    }

    fn summary(self) -> String {
        let Self {
            rows,
            accepted,
            duplicates,
            quarantined,
            rejected,
        } = self;
        let (rows, duplicates) = (counted(rows, "row"), counted(duplicates, "duplicate"));
        format!(
            "{rows}: {accepted} accepted, {duplicates}, {quarantined} quarantined, {rejected} rejected"
        )
    }
}

/// So many of what is named in the singular.
fn counted(number: u64, name: &str) -> String {
    match number {
        1 => format!("1 {name}"),
        _ => format!("{number} {name}s"),
    }
}

/// An import under way. It holds one batch of rows at a time.
struct Import<'a, 'o> {
    app: &'a App,
    source: Arc<source::Model>,
    rules: DecodingRules,
    batch: usize,
    /// The lines and items that are not stored yet.
    waiting: Vec<(u64, Vec<u8>)>,
    counts: Counts,
    output: &'a mut Output<'o>,
}

impl Import<'_, '_> {
    async fn read(
        &mut self,
        log: impl Iterator<Item = Result<PurchaseRow, RowError>>,
    ) -> Result<(), Failure> {
        for row in log {
            self.counts.rows += 1;
            match row {
                Ok(row) => self.take(&row).await?,
                Err(error) => {
                    self.counts.rejected += 1;
                    self.output.note(error)?;
                }
            }
            if self.counts.rows.is_multiple_of(PROGRESS) {
                self.output
                    .note(format!("{} rows read", self.counts.rows))?;
            }
        }
        self.store().await
    }

    async fn take(&mut self, row: &PurchaseRow) -> Result<(), Failure> {
        self.waiting
            .push((row.line, row.item().to_string().into_bytes()));
        if self.waiting.len() >= self.batch {
            self.store().await
        } else {
            Ok(())
        }
    }

    async fn store(&mut self) -> Result<(), Failure> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        let request = Request {
            envelope: EnvelopeFields::default(),
            items: waiting
                .iter()
                .map(|(_, item)| RawItem::Json(item))
                .collect(),
            spread: 0,
            values: 0,
        };
        let now = self.app.now();
        let mut assign = || self.app.ids().next(now);
        let items = incoming(&request, &self.source, None, now, &self.rules, &mut assign);
        let answers = record(self.app, items).await?;
        for ((line, _), answer) in waiting.iter().zip(&answers) {
            self.count(*line, answer)?;
        }
        Ok(())
    }

    fn count(&mut self, line: u64, answer: &Answer) -> Result<(), Failure> {
        match answer.status {
            Status::Accepted => self.counts.accepted += 1,
            Status::Duplicate => self.counts.duplicates += 1,
            Status::Quarantined => self.counts.quarantined += 1,
            Status::Rejected => self.counts.rejected += 1,
        }
        if matches!(answer.status, Status::Quarantined | Status::Rejected) {
            let status = answer.status.as_str();
            let reason = answer.reason.as_deref().or(answer.code).unwrap_or_default();
            self.output
                .note(format!("line {line}: {status}: {reason}"))?;
        }
        Ok(())
    }
}

/// Records a batch, with patience for a database that is busy with other processes.
async fn record(app: &App, items: Vec<Incoming>) -> Result<Vec<Answer>, Failure> {
    let mut tries = 1;
    loop {
        match app.writer().record(items.clone()).await {
            Err(Error::Overloaded { retry_after } | Error::Unavailable { retry_after })
                if tries < TRIES =>
            {
                tries += 1;
                tokio::time::sleep(retry_after.max(Duration::from_millis(100))).await;
            }
            outcome => return Ok(outcome?),
        }
    }
}
