//! Rows on their way to the writer, some hundreds at a time.

use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::touchpoint::{Note, Touchpoint};
use lazo_entity::source;

use crate::app::App;
use crate::cli::output::Failure;
use crate::import::{Original, Place, Reason, Row};
use crate::touchpoint::decoding::incoming;
use crate::touchpoint::reading::{EnvelopeFields, RawItem, Request};
use crate::touchpoint::{Answer, Content, Incoming};

/// How many bytes of rows a batch takes at most, beyond its first row.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Over HTTP these are notes of an accepted item. Of a file that can be mended they are reasons to reject a row: it would count as
/// happening now, or as no purchase.
const UNUSABLE: [Note; 3] = [
    Note::UnreadableTime,
    Note::AmountUnreadable,
    Note::OrderUnreadable,
];

/// Rows that are read and not stored yet.
#[derive(Default)]
pub(super) struct Collected {
    rows: Vec<Row>,
    bytes: usize,
}

/// Rows that are decoded: what is sent to the writer, and what became of each row.
pub(super) struct Batch {
    /// The rows in their order.
    pub(super) rows: Vec<Decoded>,
    /// How far the file was read once they are done.
    pub(super) place: Place,
}

/// A row and what became of it.
pub(super) struct Decoded {
    pub(super) line: u64,
    pub(super) original: Original,
    pub(super) fate: Fate,
}

/// What becomes of a row.
pub(super) enum Fate {
    /// The writer is asked to store it.
    Sent,
    /// It is wrong.
    Rejected(Reason),
}

impl Collected {
    pub(super) fn add(&mut self, row: Row) {
        let item = row.item.as_ref().map_or(0, Vec::len);
        self.bytes += row.original.size() + item;
        self.rows.push(row);
    }

    pub(super) fn is_full(&self, rows: usize) -> bool {
        self.rows.len() >= rows || self.bytes >= MAX_BYTES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Decodes the rows as items over HTTP are decoded. Those that are refused are sent too if they are to wait in quarantine.
    pub(super) fn decode(
        self,
        app: &App,
        source: &Arc<source::Model>,
        now: Timestamp,
        place: Place,
        quarantines: bool,
    ) -> (Batch, Vec<Incoming>) {
        let request = Request {
            envelope: EnvelopeFields::default(),
            items: self
                .rows
                .iter()
                .filter_map(|row| row.item.as_deref().ok())
                .map(RawItem::Json)
                .collect(),
            spread: 0,
            values: 0,
        };
        let mut assign = || app.ids().next(now);
        let decoded = incoming(&request, source, None, now, &app.rules(), &mut assign);
        let mut decoded = decoded.into_iter();
        let mut sent = Vec::new();
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let fate = match row.item {
                Err(reason) => Fate::Rejected(reason),
                Ok(_) => match decoded.next().map(|item| checked(item, quarantines)) {
                    Some(Ok(item)) => {
                        sent.push(item);
                        Fate::Sent
                    }
                    Some(Err(reason)) => Fate::Rejected(reason),
                    None => Fate::Rejected(Reason::NotAnObject),
                },
            };
            rows.push(Decoded {
                line: row.line,
                original: row.original,
                fate,
            });
        }
        (Batch { rows, place }, sent)
    }
}

fn checked(item: Incoming, quarantines: bool) -> Result<Incoming, Reason> {
    match &item.content {
        Content::Touchpoint(touchpoint) => match unusable(touchpoint) {
            Some(note) => Err(Reason::Refused {
                code: note.as_str(),
                reason: note.sentence().to_owned(),
            }),
            None => Ok(item),
        },
        Content::Refused { .. } if quarantines => Ok(item),
        Content::Refused { refusal, .. } => Err(Reason::Refused {
            code: refusal.code.as_str(),
            reason: refusal.reason.clone(),
        }),
    }
}

fn unusable(touchpoint: &Touchpoint) -> Option<Note> {
    let mut notes = touchpoint.notes.iter().copied();
    notes.find(|note| UNUSABLE.contains(note))
}

/// Records items, with patience for a database that is busy with other processes.
pub(super) async fn record(app: App, items: Vec<Incoming>) -> Result<Vec<Answer>, Failure> {
    if items.is_empty() {
        return Ok(Vec::new());
    }
    Ok(app.writer().record_in_time(items).await?)
}
