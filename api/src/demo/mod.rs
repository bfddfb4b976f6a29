//! A year of a small Spanish shop, made up: what `lazo demo` fills an empty deployment with.
//!
//! Pure and deterministic: the same end of the year gives the same touchpoints, ids included, on every machine. Another end gives the
//! same year moved by whole days. Everybody in it is invented; addresses are in the domains that RFC 2606 reserves for examples.

mod delivery;
mod fill;
mod items;
mod journeys;
mod lucia;
mod names;
mod order;
mod people;
mod plan;
mod rng;
mod shop;
#[cfg(test)]
mod tests;

pub use fill::{Filled, fill_once, sources};
use lazo_domain::clock::Timestamp;
use serde_json::Value;

/// A day in milliseconds.
const DAY: i64 = 24 * 3_600_000;

/// Where a touchpoint of the demo comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DemoSource {
    /// The web shop's pages in browsers: public, so that what it says of people is a claim.
    Web,
    /// The web shop's own system: trusted.
    Server,
    /// The email provider: trusted.
    Email,
    /// Comments and mentions on Instagram: trusted.
    Instagram,
    /// The tills of the shops: trusted.
    Store,
}

impl DemoSource {
    /// All sources of the demo.
    pub const ALL: [Self; 5] = [
        Self::Web,
        Self::Server,
        Self::Email,
        Self::Instagram,
        Self::Store,
    ];
}

/// One touchpoint as its source would send it.
#[derive(Clone)]
pub struct DemoItem {
    /// Where it comes from.
    pub source: DemoSource,
    /// When it arrives.
    pub received_at: Timestamp,
    /// An item of the Segment protocol, below 4 kB.
    pub item: Value,
}

/// The touchpoints of the 365 days before the midnight (UTC) that `until` last passed, in the order of their arrival.
///
/// About 2,000 people and 34,000 touchpoints, some of them sent twice, days late, or by a clock that is hours off. One person is
/// always there: `lucia.ferrer@example.com`, customer `C-1001`.
pub fn touchpoints(until: Timestamp) -> impl Iterator<Item = DemoItem> {
    let end = until.0 - until.0.rem_euclid(DAY);
    let catalogue = shop::catalogue();
    let items = people::cast()
        .iter()
        .flat_map(|person| journeys::live(person, &plan::steps(person), &catalogue, end))
        .collect();
    delivery::deliver(items, Timestamp(end)).into_iter()
}
