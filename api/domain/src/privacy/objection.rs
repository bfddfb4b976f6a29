//! Objections: what a person does not want, whatever it rests on (Regulation (EU) 2016/679, articles 21 and 22).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::consent::{Category, Purpose, PurposeKey};
use crate::names::named;

named! {
    /// To what a person objects.
    ObjectionScope {
        /// Direct marketing, with the profiling for it.
        Marketing = "MARKETING",
        /// Segments, scores, and what is chosen by them.
        Profiling = "PROFILING",
        /// Being decided about without people in between.
        AutomatedDecisions = "AUTOMATED_DECISIONS",
        /// Everything but service and the person's own rights.
        All = "ALL",
    }
}

/// An objection. It stands until the person takes it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// To what.
    pub scope: ObjectionScope,
    /// Since when.
    pub since: Timestamp,
    /// Purposes that the person explicitly keeps, such as content without offers. A subscription after an objection is none of them
    /// unless the person says so.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub keeps: BTreeSet<PurposeKey>,
}

impl Objection {
    /// Whether it forbids a purpose at an instant.
    pub fn covers(&self, purpose: &Purpose, now: Timestamp) -> bool {
        let scope = match self.scope {
            ObjectionScope::Marketing => purpose.category.is_marketing(),
            ObjectionScope::Profiling | ObjectionScope::AutomatedDecisions => {
                purpose.category.is_profiling()
            }
            ObjectionScope::All => {
                !matches!(purpose.category, Category::Service | Category::Rights)
                    && purpose.basis.is_the_person_s_to_end()
            }
        };
        scope && self.since <= now && !self.keeps.contains(&purpose.key)
    }
}
