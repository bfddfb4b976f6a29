//! What callers are promised about conditions.

mod explanation;
mod parse;
mod round_trip;
