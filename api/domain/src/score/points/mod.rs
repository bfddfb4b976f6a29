//! Points: rules that give some for what a person is and does.

mod counted;
mod describe;
mod tally;

pub(super) use tally::tally;

use serde::{Deserialize, Serialize};

use crate::condition::{Condition, Filter, Number, Span, Window};

/// Points for what a person is and does; those for touchpoints may fade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Points {
    /// What points are given for.
    pub rules: Vec<Rule>,
    /// In what time half of the points that fade are gone; one for the whole model, so that their sum fades as they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_life: Option<Span>,
}

/// What points are given for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name for programs, unique in the model.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// How many points, in millionths; below zero for what speaks against.
    pub points: Number,
    /// When they are given.
    pub when: When,
    /// Whether they fade from the touchpoint on that they are given for.
    #[serde(default)]
    pub fades: bool,
}

/// When points are given. Only touchpoints that the person did count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Once, while a condition holds.
    Holds(Condition),
    /// Once, for the first touchpoint in the window that passes.
    Once {
        /// Which touchpoints count.
        #[serde(default)]
        filter: Filter,
        /// When they must have happened to count.
        #[serde(default)]
        window: Window,
    },
    /// For each touchpoint in the window that passes.
    Each {
        /// Which touchpoints count.
        #[serde(default)]
        filter: Filter,
        /// When they must have happened to count.
        #[serde(default)]
        window: Window,
        /// How many of them count at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap: Option<Cap>,
    },
}

/// How many touchpoints count at most in a time. Of those in the window that pass, the first of each period count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// How many of one period.
    pub most: u32,
    /// How long a period is. Periods follow one another from 1970-01-01T00:00:00Z on.
    pub per: Span,
}
