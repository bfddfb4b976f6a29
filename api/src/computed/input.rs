//! What a computed trait can be made of.

use lazo_domain::computed::{Definition, Of};
use lazo_domain::condition::Window;
use lazo_domain::id::ComputedTraitId;

/// A computed trait to be created.
#[derive(Clone, Debug)]
pub struct Create {
    /// What it is called, which never changes, and what it is computed of; it has passed its [check](super::service::check).
    pub definition: Definition,
    /// What it is for.
    pub description: Option<String>,
}

/// Changes of a computed trait; what is `None` stays.
#[derive(Clone, Debug)]
pub struct Update {
    /// The computed trait.
    pub id: ComputedTraitId,
    /// What it is for; `Some(None)` clears it.
    pub description: Option<Option<String>>,
    /// What it is computed of from now on, in which window; with its name it has passed its [check](super::service::check).
    pub of: Option<(Of, Window)>,
    /// The version the caller saw, if it minds.
    pub expected_version: Option<i64>,
}

impl Update {
    /// An update that changes nothing yet.
    pub fn of(id: ComputedTraitId) -> Self {
        Self {
            id,
            description: None,
            of: None,
            expected_version: None,
        }
    }
}
