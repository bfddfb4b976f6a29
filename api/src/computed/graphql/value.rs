//! The value of a computed trait.

use async_graphql::{ID, SimpleObject};

use crate::computed::read::Valued;
use crate::graphql::Json;

/// The value of a computed trait of a profile.
#[derive(SimpleObject)]
pub struct ComputedTraitValue {
    /// The global id of the computed trait. It is opaque.
    computed_trait_id: ID,
    /// The name of the trait.
    name: String,
    /// The value.
    value: Json,
    /// Whether the value is a list that had to leave values out.
    capped: bool,
}

impl ComputedTraitValue {
    /// Those that have a value.
    pub(crate) fn all(values: Vec<Valued>) -> Vec<Self> {
        let shown = values.into_iter().filter_map(|one| {
            Some(Self {
                value: Json(one.computed.value?),
                computed_trait_id: one.id.to_string().into(),
                name: one.name,
                capped: one.computed.capped,
            })
        });
        shown.collect()
    }
}
