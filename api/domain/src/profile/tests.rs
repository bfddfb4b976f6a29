//! The laws of projections and traits.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::clock::Timestamp;
use crate::id::{SourceId, TouchpointId};

/// A stamp that no other `id` has; times and positions often tie, as they do in life.
pub(crate) fn stamp(rank: Rank, occurred_at: i64, received_at: i64, id: u128) -> Stamp {
    let order = Order {
        occurred_at: Timestamp(occurred_at),
        received_at: Timestamp(received_at),
        position: 0,
        message_id: "m".to_owned(),
    };
    Stamp {
        rank,
        order,
        touchpoint: TouchpointId(Uuid::from_u128(id)),
    }
}

/// Traits with the members of an object as their values.
pub(crate) fn traits(values: &Value) -> Traits {
    let mut traits = Traits::default();
    for (name, value) in values.as_object().unwrap() {
        traits.set(name, state(value.clone(), stamp(Rank::Trusted, 0, 0, 0)));
    }
    traits
}

pub(crate) fn any_stamp(id: u128) -> impl Strategy<Value = Stamp> {
    let rank = prop::sample::select(vec![Rank::Inferred, Rank::Trusted, Rank::Declared]);
    (rank, 0..4_i64, 0..3_i64)
        .prop_map(move |(rank, occurred_at, received_at)| stamp(rank, occurred_at, received_at, id))
}

fn state(value: Value, stamp: Stamp) -> TraitState {
    TraitState {
        value,
        stamp,
        source: SourceId(Uuid::from_u128(1)),
    }
}

fn any_delta(id: u128) -> impl Strategy<Value = Delta> {
    let value = prop_oneof![Just(Value::Null), (0..5).prop_map(Value::from)];
    let traits = prop::collection::btree_map("[abc]", value, 0..3);
    let channel = prop::sample::select(vec!["WEB", "EMAIL"]);
    (any_stamp(id), channel, any::<bool>(), traits).prop_map(|(stamp, channel, active, traits)| {
        Delta {
            channel: channel.to_owned(),
            occurred_at: stamp.order.occurred_at,
            active,
            traits,
            stamp,
            source: SourceId(Uuid::from_u128(1)),
        }
    })
}

fn deltas() -> impl Strategy<Value = Vec<Delta>> {
    (0..8_u128).prop_flat_map(|count| (0..count).map(any_delta).collect::<Vec<_>>())
}

fn fold<'a>(deltas: impl IntoIterator<Item = &'a Delta>) -> Projection {
    let mut projection = Projection::default();
    for delta in deltas {
        projection.apply(delta);
    }
    projection
}

fn joined(a: &Projection, b: &Projection) -> Projection {
    let mut joined = a.clone();
    joined.join(b);
    joined
}

fn joined_traits(a: &Traits, b: &Traits) -> Traits {
    let mut joined = a.clone();
    joined.join(b);
    joined
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(
        (deltas, shuffled) in deltas().prop_flat_map(|deltas| (Just(deltas.clone()), Just(deltas).prop_shuffle())),
    ) {
        prop_assert_eq!(fold(&deltas), fold(&shuffled));
    }

    #[test]
    fn joining_fragments_is_folding_all_their_touchpoints(
        (deltas, cut) in deltas().prop_flat_map(|deltas| { let len = deltas.len(); (Just(deltas), 0..=len) }),
    ) {
        let (left, right) = deltas.split_at(cut);
        prop_assert_eq!(joined(&fold(left), &fold(right)), fold(&deltas));
        prop_assert_eq!(joined(&fold(right), &fold(left)), fold(&deltas));
    }

    #[test]
    fn joining_traits_again_changes_nothing(
        (deltas, some) in deltas().prop_flat_map(|deltas| { let len = deltas.len(); (Just(deltas.clone()), subsequence(deltas, 0..=len)) }),
    ) {
        let (all, some) = (fold(&deltas).traits, fold(&some).traits);
        prop_assert_eq!(joined_traits(&all, &some), all.clone());
        prop_assert_eq!(joined_traits(&some, &all), all);
    }

    #[test]
    fn a_stored_projection_reads_back(deltas in deltas()) {
        let projection = fold(&deltas);
        let json = serde_json::to_string(&projection).unwrap();
        prop_assert_eq!(serde_json::from_str::<Projection>(&json).unwrap(), projection);
    }
}

#[test]
fn an_older_value_never_replaces_a_newer_one() {
    let mut traits = Traits::default();
    assert!(traits.set("plan", state(json!("pro"), stamp(Rank::Trusted, 2, 2, 1))));
    assert!(!traits.set("plan", state(json!("free"), stamp(Rank::Trusted, 1, 9, 2))));
    assert_eq!(traits.get("plan"), Some(&json!("pro")));
}

#[test]
fn what_a_person_declares_beats_what_is_newer() {
    let mut traits = Traits::default();
    traits.set("size", state(json!("M"), stamp(Rank::Declared, 1, 1, 1)));
    traits.set("size", state(json!("L"), stamp(Rank::Trusted, 2, 2, 2)));
    traits.set("size", state(json!("S"), stamp(Rank::Inferred, 3, 3, 3)));
    assert_eq!(traits.get("size"), Some(&json!("M")));
}

#[test]
fn a_removed_trait_is_not_brought_back_by_an_older_value() {
    let mut traits = Traits::default();
    traits.set("plan", state(Value::Null, stamp(Rank::Trusted, 2, 2, 1)));
    traits.set("plan", state(json!("free"), stamp(Rank::Trusted, 1, 1, 2)));
    assert_eq!(traits.get("plan"), None);
    assert_eq!(traits.current().count(), 0);
}

#[test]
fn what_happens_without_the_person_does_not_count_as_seeing_them() {
    let delta = |occurred_at, active, id| Delta {
        channel: "WEB".to_owned(),
        occurred_at: Timestamp(occurred_at),
        active,
        traits: BTreeMap::new(),
        stamp: stamp(Rank::Trusted, occurred_at, occurred_at, id),
        source: SourceId(Uuid::from_u128(1)),
    };
    let projection = fold(&[
        delta(5, true, 1),
        delta(9, false, 2),
        delta(3, true, 3),
        delta(1, false, 4),
    ]);
    assert_eq!(
        (projection.first_seen, projection.last_seen),
        (Some(Timestamp(3)), Some(Timestamp(5)))
    );
    assert_eq!(projection.touchpoints, 4);
}
