//! Reading files of the past: a purchase log becomes touchpoints of the Segment protocol.
//!
//! Pure: bytes in, items out. A file can be read again and again: every row gives the same `messageId` and the same order id each
//! time, so that a second import changes nothing.

mod digest;
mod error;
mod header;
mod purchases;
mod value;

pub use error::{Reason, RowError};
pub use purchases::{PurchaseRow, rows};
