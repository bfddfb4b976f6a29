//! What a condition may refer to.

use std::collections::{BTreeMap, BTreeSet};

/// The names a deployment knows.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Names of traits, with dots for values inside objects. Others are a warning.
    pub traits: BTreeSet<String>,
    /// Names of touchpoints. Others are a warning.
    pub events: BTreeSet<String>,
    /// Names of sources. Others are a warning.
    pub sources: BTreeSet<String>,
    /// Keys of purposes.
    pub purposes: BTreeSet<String>,
    /// Keys of segments.
    pub segments: BTreeSet<String>,
    /// Keys of score models, each with its grades.
    pub scores: BTreeMap<String, BTreeSet<String>>,
}
