//! How much memory a hot profile takes, about: enough to keep the cache within its bounds.

use lazo_domain::profile::Projection;
use serde_json::Value as Json;

use super::{Component, Membership, Present};
use crate::identity::IdentifierRow;
use crate::score::Held;

/// What a map or a list of its own costs beside what is in it: the allocation and its unused room.
const SPARE: usize = 48;

impl Present {
    pub(super) fn weight(&self) -> usize {
        let identifiers: usize = self.identifiers.iter().map(identifier).sum();
        let components: usize = self.components.iter().map(component).sum();
        size_of::<Self>()
            + projection(&self.projection)
            + identifiers
            + self.segments.iter().map(membership).sum::<usize>()
            + self.scores.iter().map(held).sum::<usize>()
            + components
            + size_of_val(self.former.as_slice())
    }
}

fn identifier(row: &IdentifierRow) -> usize {
    size_of::<IdentifierRow>() + row.namespace.as_str().len() + row.value.len() + SPARE
}

fn membership(membership: &Membership) -> usize {
    size_of::<Membership>() + membership.key.len()
}

fn held(score: &Held) -> usize {
    size_of::<Held>() + score.key.len() + score.grade.as_ref().map_or(0, String::len)
}

fn component(component: &Component) -> usize {
    let own = component.own.as_ref();
    size_of::<Component>()
        + size_of_val(component.fragments.as_slice())
        + own.map_or(0, |own| projection(&own.projection))
}

fn projection(projection: &Projection) -> usize {
    let traits = projection.traits.0.iter().map(|(name, state)| {
        size_of_val(state)
            + size_of::<String>()
            + name.len()
            + state.stamp.order.message_id.len()
            + json(&state.value)
            + SPARE
    });
    let channels = projection
        .channels
        .keys()
        .map(|name| size_of::<String>() + name.len() + SPARE);
    traits.chain(channels).sum()
}

/// What a value takes beside itself.
fn json(value: &Json) -> usize {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
        Json::String(text) => text.len(),
        Json::Array(items) => items
            .iter()
            .map(|item| size_of::<Json>() + json(item))
            .sum(),
        Json::Object(members) => members
            .iter()
            .map(|(name, member)| {
                size_of::<Json>() + size_of::<String>() + name.len() + json(member) + SPARE
            })
            .sum(),
    }
}
