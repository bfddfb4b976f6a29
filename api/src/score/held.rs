//! Scores that profiles have, as they are kept: right at whatever instant they are read.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::evaluate::ScoreValue;
use lazo_domain::id::ScoreModelId;
use serde::{Deserialize, Serialize};

/// The score that a profile has by a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The model.
    #[serde(rename = "i")]
    pub model: ScoreModelId,
    /// The key of the model.
    #[serde(rename = "k")]
    pub key: String,
    /// The value over time.
    #[serde(rename = "v")]
    pub value: ScoreValue,
    /// The grade; none if it has none.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// The first instant at which time alone may change the grade, or the value in another way than it says: from then on it is
    /// shown to nobody until it is decided anew.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

impl Held {
    /// Whether it can be shown at an instant.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.valid_until.is_none_or(|until| now < until)
    }
}

/// The value of a score as it is stored.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct StoredValue {
    /// The value over time; none if the model says nothing of the profile.
    pub(crate) value: Option<ScoreValue>,
}
