//! Strategies of proptest for conditions and for the histories they are asked about.
//!
//! Both draw on the same few names, values and whole hours, so that what is generated often matches, ties and lies exactly at the
//! edge of a window.

pub(crate) mod conditions;
mod histories;

pub use conditions::{condition, filter, leaf, span, window};
pub use histories::{Happened, History, Score, happened, history};

use proptest::prelude::*;

use crate::clock::Timestamp;

/// An hour in milliseconds.
pub const HOUR: i64 = 3_600_000;

/// The first instant at which something happens: 2026-02-20T00:00:00Z, so that both 29 February and a change of clocks are near.
pub const BEGIN: Timestamp = Timestamp(1_771_545_600_000);

/// In so many hours after [`BEGIN`] all happens.
pub const HOURS: i64 = 240;

const NAMES: [&str; 3] = ["Product Viewed", "Added To Cart", "Email Opened"];
const SOURCES: [&str; 2] = ["shop", "mailer"];
pub(crate) const PROPERTIES: [&str; 5] = ["category", "price", "tags", "starts", "place.city"];
const TRAITS: [&str; 5] = ["country", "age", "likes", "birthday", "address.city"];
const TEXTS: [&str; 6] = ["Málaga", "MALAGA", "ropa", "5", "2026-02-24", "--03-01"];
const NUMBERS: [f64; 6] = [-1.5, 0.0, 0.1, 5.0, 12.345_67, 9e9];
/// The keys of segments, score models and purposes.
pub const KEYS: [&str; 2] = ["first", "second"];
const GRADES: [&str; 2] = ["COLD", "HOT"];

/// One of a few instants, on whole hours.
pub fn instant() -> impl Strategy<Value = Timestamp> {
    (0..HOURS).prop_map(|hours| BEGIN.plus_millis(hours * HOUR))
}

pub(crate) fn one_of(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(names).prop_map(str::to_owned)
}
