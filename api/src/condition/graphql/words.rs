//! Closed lists of words: languages, lifecycle stages, pyramid levels.

use async_graphql::Enum;
use lazo_domain::condition::Seen;
use lazo_domain::condition::describe::Language as Tongue;
use lazo_domain::lifecycle::{Level, Stage};

/// A language that sentences are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Tongue")]
pub enum Language {
    /// English.
    #[graphql(name = "EN")]
    English,
    /// Spanish.
    #[graphql(name = "ES")]
    Spanish,
}

/// Where a customer stands between the first visit and the last order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Stage")]
pub enum LifecycleStage {
    /// There is no way to reach the person.
    Anonymous,
    /// The person can be reached and never bought.
    Lead,
    /// The first purchase is no longer ago than the period of new customers.
    New,
    /// The person bought within their cycle.
    Active,
    /// The last purchase is longer ago than the usual interval times a factor.
    LosingInterest,
    /// The last purchase is much longer ago.
    Lost,
    /// The person bought again after having been lost.
    Recovered,
}

/// A level of the customer pyramid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Level")]
pub enum PyramidLevel {
    /// Bought within the period and is among the first by spend.
    Top,
    /// Bought within the period and is next by spend.
    Large,
    /// Bought within the period and is in the middle by spend.
    Medium,
    /// Bought within the period and is among the rest by spend.
    Small,
    /// Bought before the period.
    Inactive,
    /// There is a relation, and the person never bought.
    Potential,
    /// There is no relation, but interest: anonymous with activity.
    Probable,
    /// Nothing of that.
    Rest,
}

/// Whether the first or the last time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Seen")]
pub enum SeenTime {
    /// The first time.
    First,
    /// The last time.
    Last,
}
