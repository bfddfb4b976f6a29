//! What a score model can be made of.

use lazo_domain::id::ScoreModelId;
use lazo_domain::score::Model;

/// A score model to be created.
#[derive(Clone, Debug)]
pub struct Create {
    /// The key by which conditions and storefronts name it, which never changes.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it counts; it has passed its [check](super::service::check).
    pub model: Model,
}

/// Changes of a score model; what is `None` stays.
#[derive(Clone, Debug)]
pub struct Update {
    /// The score model.
    pub id: ScoreModelId,
    /// Its new name.
    pub name: Option<String>,
    /// What it is for; `Some(None)` clears it.
    pub description: Option<Option<String>>,
    /// What it counts from now on; it has passed its [check](super::service::check).
    pub model: Option<Model>,
    /// The version the caller saw, if it minds.
    pub expected_version: Option<i64>,
}

impl Update {
    /// An update that changes nothing yet.
    pub fn of(id: ScoreModelId) -> Self {
        Self {
            id,
            name: None,
            description: None,
            model: None,
            expected_version: None,
        }
    }
}
