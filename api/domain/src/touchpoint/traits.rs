//! Traits: what an identify says about its person.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{RefusalCode, name};

/// The most traits in one identify.
pub const MAX_TRAITS: usize = 500;

/// The traits of an identify: its `traits` over its `context.traits`, where some clients alone put them.
pub(super) fn merge(
    own: Map<String, Value>,
    context_traits: &Map<String, Value>,
) -> Result<BTreeMap<String, Value>, RefusalCode> {
    let mut traits: BTreeMap<String, Value> = context_traits
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    traits.extend(own);
    if traits.len() > MAX_TRAITS {
        return Err(RefusalCode::TooManyTraits);
    }
    if traits.keys().any(|name| name::too_long(name)) {
        return Err(RefusalCode::NameTooLong);
    }
    Ok(traits)
}
