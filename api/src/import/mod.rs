//! Reading files of the past: rows of CSV or JSON lines become items of the Segment protocol.
//!
//! Nothing is stored here: bytes in, items out, row by row. A file can be read again and again: every row gives the same `messageId`
//! and the same order id each time, so that a second import changes nothing.

mod digest;
mod draft;
mod field;
mod lines;
mod mapping;
mod names;
mod plan;
mod reason;
mod rejects;
mod rows;
mod segment;
mod table;
mod value;

pub use field::{Field, Subject, UnknownField, ValueType};
pub use mapping::{
    ColumnField, Delimiter, FieldValue, Mapping, MappingError, date_format, time_zone,
};
pub use plan::{Column, Plan, PlanError};
pub use reason::Reason;
pub use rejects::Rejects;
pub use rows::{FileFormat, OpenError, Original, Place, Row, Rows};
pub use value::Formats;

/// The longest row of a file that is read, in bytes: 1 MiB. A quotation mark that is never closed makes longer ones, and must not fill
/// the memory.
pub const MAX_ROW_BYTES: usize = 1024 * 1024;
