//! Which column of a purchase log means what.

use csv::ByteRecord;

use super::Reason;

/// Where a value stands, and the name that errors give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Position in the row, from 0.
    pub(super) position: usize,
    /// The spelling that the header uses.
    pub(super) name: &'static str,
}

/// The columns of one file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) customer: Column,
    pub(super) date: Column,
    pub(super) amount: Column,
    pub(super) quantity: Option<Column>,
    pub(super) order: Option<Column>,
    pub(super) currency: Option<Column>,
}

// `cds` and `dollars` are the spellings of the CDNOW purchase log.
const CUSTOMER: &[&str] = &["customer_id", "customer"];
const DATE: &[&str] = &["date", "ordered_at"];
const AMOUNT: &[&str] = &["amount", "revenue", "dollars"];
const QUANTITY: &[&str] = &["quantity", "units", "cds"];
const ORDER: &[&str] = &["order_id", "order"];
const CURRENCY: &[&str] = &["currency"];

impl Columns {
    /// Reads the header. Columns that mean nothing to a purchase are passed over.
    pub(super) fn find(header: &ByteRecord) -> Result<Self, Reason> {
        Ok(Self {
            customer: required(header, CUSTOMER, "the customer (customer_id)")?,
            date: required(header, DATE, "the date (date or ordered_at)")?,
            amount: required(header, AMOUNT, "the amount (amount, revenue or dollars)")?,
            quantity: optional(header, QUANTITY, "the number of units")?,
            order: optional(header, ORDER, "the order id")?,
            currency: optional(header, CURRENCY, "the currency")?,
        })
    }
}

fn required(
    header: &ByteRecord,
    spellings: &[&'static str],
    meaning: &'static str,
) -> Result<Column, Reason> {
    optional(header, spellings, meaning)?.ok_or(Reason::MissingColumn(meaning))
}

fn optional(
    header: &ByteRecord,
    spellings: &[&'static str],
    meaning: &'static str,
) -> Result<Option<Column>, Reason> {
    let mut found = header.iter().enumerate().filter_map(|(position, cell)| {
        let name = spellings
            .iter()
            .find(|spelling| cell.eq_ignore_ascii_case(spelling.as_bytes()))?;
        Some(Column { position, name })
    });
    let column = found.next();
    if found.next().is_some() {
        return Err(Reason::RepeatedColumn(meaning));
    }
    Ok(column)
}
