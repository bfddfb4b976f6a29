//! How credentials were judged.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

use super::counters_by;

const OUTCOMES: [&str; 4] = ["remembered", "verified", "refused", "unavailable"];

/// How tokens were judged; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct TokenMeters([Counter; OUTCOMES.len()]);

impl TokenMeters {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        Self(counters_by(
            registry,
            "token_checks",
            "Requests with a token, by how it was judged",
            "outcome",
            OUTCOMES,
        ))
    }

    /// A token is good; whether it was remembered, or verified or looked up for this request.
    pub fn taken(&self, remembered: bool) {
        self.0[usize::from(!remembered)].inc();
    }

    /// A token is wrong, expired or revoked.
    pub fn refused(&self) {
        self.0[2].inc();
    }

    /// A token could not be checked.
    pub fn unavailable(&self) {
        self.0[3].inc();
    }
}
