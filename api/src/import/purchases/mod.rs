//! Purchase logs: one row a purchase, as in the CDNOW data of Fader and Hardie (`customer_id,sample_id,date,cds,dollars`).

use std::fmt;
use std::io::{self, Read};

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, Trim};
use lazo_domain::clock::Timestamp;
use serde_json::{Value, json};

use super::digest::{Occurrences, digest, hex};
use super::header::{Column, Columns};
use super::{Reason, RowError, value};

/// No row of a purchase log comes near it; a quotation mark that is never closed does, and must not fill the memory.
const ROW_BYTES: usize = 64 * 1024;

/// One purchase of a log. Its `Debug` shows the line alone, for the rest is personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct PurchaseRow {
    /// Line of the file where the row begins; the header is line 1.
    pub line: u64,
    /// The customer's id in the shop, as written (leading zeros count).
    pub customer_id: String,
    /// The order's id as written, else one made of the row's content and its occurrence among equal rows.
    pub order_id: String,
    /// When the purchase was made; midnight UTC where the log knows only the day.
    pub at: Timestamp,
    /// What was paid, in units of the currency, as written: a decimal that never passes through a binary fraction.
    pub revenue: String,
    /// ISO 4217 code, where the log has one; else the deployment's currency is meant.
    pub currency: Option<String>,
    /// How many units were bought, where the log says so.
    pub quantity: Option<u32>,
    /// Names the touchpoint, so that a second import of the row is recognised.
    pub message_id: String,
}

impl PurchaseRow {
    /// The purchase as a `track` item of the Segment protocol.
    pub fn item(&self) -> Value {
        let mut properties = json!({ "order_id": self.order_id, "revenue": self.revenue });
        if let Some(currency) = &self.currency {
            properties["currency"] = json!(currency);
        }
        if let Some(quantity) = self.quantity {
            properties["quantity"] = json!(quantity);
            properties["products"] = json!([{ "quantity": quantity }]);
        }
        json!({
            "type": "track",
            "event": "Order Completed",
            "messageId": self.message_id,
            "userId": self.customer_id,
            "timestamp": self.at.to_string(),
            "properties": properties,
        })
    }
}

impl fmt::Debug for PurchaseRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PurchaseRow")
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// The purchases of a CSV file (RFC 4180, comma, UTF-8, lines ending in LF or CRLF), row by row.
///
/// A wrong header is the only item of its file. A wrong row is told and passed over; a file that cannot be read further ends with
/// the error. Memory does not grow with the file, but for a count of each different row without an order id.
pub fn rows<R: Read>(reader: R) -> impl Iterator<Item = Result<PurchaseRow, RowError>> {
    let csv = ReaderBuilder::new()
        .has_headers(false)
        .trim(Trim::All)
        .from_reader(Budget {
            reader,
            left: ROW_BYTES,
        });
    Rows {
        csv,
        columns: None,
        record: ByteRecord::new(),
        occurrences: Occurrences::default(),
        ended: false,
    }
}

struct Rows<R> {
    csv: Reader<Budget<R>>,
    columns: Option<Columns>,
    record: ByteRecord,
    occurrences: Occurrences,
    ended: bool,
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<PurchaseRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        if self.columns.is_none() {
            match self.header() {
                Ok(columns) => self.columns = Some(columns),
                Err(reason) => {
                    self.ended = true;
                    return Some(Err(RowError { line: 1, reason }));
                }
            }
        }
        match self.read() {
            Ok(true) => {
                let line = self.line();
                Some(
                    self.purchase(line)
                        .map_err(|reason| RowError { line, reason }),
                )
            }
            Ok(false) => {
                self.ended = true;
                None
            }
            Err(reason) => {
                self.ended = !matches!(reason, Reason::Width { .. });
                Some(Err(RowError {
                    line: self.line(),
                    reason,
                }))
            }
        }
    }
}

impl<R: Read> Rows<R> {
    fn header(&mut self) -> Result<Columns, Reason> {
        self.read()?;
        Columns::find(&self.record)
    }

    fn read(&mut self) -> Result<bool, Reason> {
        self.csv.get_mut().left = ROW_BYTES;
        self.csv
            .read_byte_record(&mut self.record)
            .map_err(|error| match error.into_kind() {
                ErrorKind::UnequalLengths {
                    expected_len, len, ..
                } => Reason::Width {
                    expected: expected_len,
                    found: len,
                },
                ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                    Reason::TooLong
                }
                ErrorKind::Io(error) => Reason::Unreadable(error.kind()),
                _ => Reason::Unreadable(io::ErrorKind::InvalidData),
            })
    }

    /// Where the row just read begins. The library counts blank lines before a row as part of it, so it is found from its end.
    fn line(&self) -> u64 {
        let inside: u64 = self
            .record
            .as_slice()
            .iter()
            .map(|byte| u64::from(*byte == b'\n'))
            .sum();
        let ending = u64::from(!self.csv.is_done());
        let after = self.csv.position().line();
        after.saturating_sub(ending).saturating_sub(inside).max(1)
    }

    fn purchase(&mut self, line: u64) -> Result<PurchaseRow, Reason> {
        let Some(columns) = &self.columns else {
            return Err(Reason::Unreadable(io::ErrorKind::InvalidData));
        };
        let record = &self.record;
        let customer_id = filled(record, columns.customer)?;
        let date = filled(record, columns.date)?;
        let at = value::instant(date).ok_or(Reason::Date(columns.date.name))?;
        let revenue = filled(record, columns.amount)?;
        if !value::is_amount(revenue) {
            return Err(Reason::Amount(columns.amount.name));
        }
        let quantity = given(record, columns.quantity)?;
        let units = quantity
            .map(|(text, column)| text.parse().map_err(|_| Reason::Quantity(column.name)))
            .transpose()?;
        let currency = match given(record, columns.currency)? {
            Some((code, column)) if !value::is_currency(code) => {
                return Err(Reason::Currency(column.name));
            }
            other => other.map(|(code, _)| code),
        };
        let order = given(record, columns.order)?.map(|(id, _)| id);

        let content = digest(&[
            customer_id,
            date,
            revenue,
            quantity.map_or("", |(text, _)| text),
            currency.unwrap_or(""),
            order.unwrap_or(""),
        ]);
        // A row with an order id that comes twice is the same order; without one, two equal rows are two purchases.
        let name = match order {
            Some(_) => hex(&content),
            None => format!("{}-{}", hex(&content), self.occurrences.count(content)),
        };
        Ok(PurchaseRow {
            line,
            customer_id: customer_id.to_owned(),
            order_id: order.map_or_else(|| format!("row-{name}"), str::to_owned),
            at,
            revenue: revenue.to_owned(),
            currency: currency.map(str::to_owned),
            quantity: units,
            message_id: format!("purchase-{name}"),
        })
    }
}

fn text(record: &ByteRecord, column: Column) -> Result<&str, Reason> {
    std::str::from_utf8(record.get(column.position).unwrap_or_default())
        .map_err(|_| Reason::Utf8(column.name))
}

fn filled(record: &ByteRecord, column: Column) -> Result<&str, Reason> {
    let text = text(record, column)?;
    if text.is_empty() {
        Err(Reason::Empty(column.name))
    } else {
        Ok(text)
    }
}

fn given(record: &ByteRecord, column: Option<Column>) -> Result<Option<(&str, Column)>, Reason> {
    let Some(column) = column else {
        return Ok(None);
    };
    let text = text(record, column)?;
    Ok((!text.is_empty()).then_some((text, column)))
}

/// A reader that gives at most a row's worth of bytes until it is topped up, and no carriage returns, so that lines count the same
/// whether they end in LF or in CRLF.
struct Budget<R> {
    reader: R,
    left: usize,
}

impl<R: Read> Read for Budget<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.left == 0 {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            let most = buffer.len().min(self.left);
            let read = self.reader.read(&mut buffer[..most])?;
            self.left -= read;
            let mut kept = 0;
            for position in 0..read {
                if buffer[position] != b'\r' {
                    buffer[kept] = buffer[position];
                    kept += 1;
                }
            }
            if kept > 0 || read == 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests;
