//! How often messages are sent, and how long what they ask for can be confirmed.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::condition::Span;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// The rules of double opt-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OptInRules {
    /// How long a request can be confirmed.
    pub ttl: Span,
    /// How many messages one request may cause.
    pub messages: u16,
    /// How long after one message the next may be sent.
    pub pause: Span,
    /// How long after it can no longer be confirmed a request is kept.
    pub kept_for: Span,
}

impl Default for OptInRules {
    fn default() -> Self {
        // Never the longest, as these are whole seconds within the limits of spans.
        let span = |millis| Span::try_from(millis).unwrap_or(Span::LONGEST);
        Self {
            ttl: span(7 * DAY),
            messages: 3,
            pause: span(5 * MINUTE),
            kept_for: span(30 * DAY),
        }
    }
}

/// No message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no further message is sent")]
pub struct TooMany {
    /// The first instant at which one may be sent; none if none is sent any more.
    pub again_at: Option<Timestamp>,
}

/// Whether one more message may be caused from one place (an address, a network, a form) that caused messages at these instants,
/// when it may cause so many in a span.
pub fn may_send(
    before: &[Timestamp],
    most: usize,
    within: Span,
    now: Timestamp,
) -> Result<(), TooMany> {
    let begin = now.plus_millis(-within.millis());
    let mut recent: Vec<_> = before.iter().filter(|at| **at > begin).copied().collect();
    recent.sort_unstable();
    // The one whose leaving makes room; none if there is never room.
    match recent.len().checked_sub(most) {
        None => Ok(()),
        Some(place) => Err(TooMany {
            again_at: recent.get(place).map(|at| at.plus_millis(within.millis())),
        }),
    }
}
