//! What identity resolution promises, as properties and as stories.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use uuid::Uuid;

use super::{Graph, LinkKind, LinkRefusal, Mention, Namespace, Resolution, Trust};
use crate::clock::Timestamp;
use crate::id::{ProfileId, SourceId};

/// A world with its own clock and ids.
#[derive(Default)]
struct World {
    graph: Graph,
    ticks: u128,
    log: Vec<super::LogEntry>,
}

type Claims = Vec<(&'static str, String)>;

impl World {
    fn mention(&mut self, trust: Trust, claims: &[(&str, &str)]) -> Resolution {
        self.ticks += 1;
        let at = Timestamp(i64::try_from(self.ticks).unwrap());
        let mention = Mention {
            claims: claims
                .iter()
                .map(|(namespace, value)| (Namespace::new(namespace).unwrap(), (*value).to_owned()))
                .collect(),
            alias_of: None,
            target: None,
            trust,
            links_known: false,
            occurred_at: at,
            received_at: at,
            source: SourceId(Uuid::nil()),
        };
        let mut next = self.ticks << 64;
        let resolution = self.graph.resolve(&mention, &mut || {
            next += 1;
            Uuid::from_u128(next)
        });
        self.log.extend(resolution.log.clone());
        self.check_the_tree();
        resolution
    }

    fn trusted(&mut self, claims: &[(&str, &str)]) -> Resolution {
        self.mention(Trust::Verified, claims)
    }

    fn public(&mut self, claims: &[(&str, &str)]) -> Resolution {
        self.mention(Trust::Claimed, claims)
    }

    fn owner(&self, namespace: &str, value: &str) -> ProfileId {
        let node = self
            .graph
            .identifier(&Namespace::new(namespace).unwrap(), value)
            .unwrap();
        self.graph.profile_of(node.fragment).unwrap()
    }

    fn visible_to(&self, namespace: &str, value: &str) -> BTreeSet<(String, String)> {
        let node = self
            .graph
            .identifier(&Namespace::new(namespace).unwrap(), value)
            .unwrap();
        let seen = self.graph.verified_component(node.fragment);
        self.graph
            .identifiers()
            .filter(|(_, _, node)| seen.contains(&node.fragment))
            .map(|(namespace, value, _)| (namespace.as_str().to_owned(), value.to_owned()))
            .collect()
    }

    /// Each profile is one tree of fragments, named after its oldest one.
    fn check_the_tree(&self) {
        for (id, profile) in self.graph.profiles() {
            let (_, oldest) = profile.fragments.first().unwrap();
            assert_eq!(
                oldest.0, id.0,
                "a profile bears the id of its oldest fragment"
            );
            assert_eq!(
                self.graph.reach(*oldest, |_| true).len(),
                profile.fragments.len()
            );
            let ends: usize = profile
                .fragments
                .iter()
                .map(|(_, fragment)| self.graph.edges_of(*fragment).count())
                .sum();
            assert_eq!(ends, 2 * (profile.fragments.len() - 1), "no edge too many");
        }
    }

    fn groups(&self) -> BTreeSet<BTreeSet<(String, String)>> {
        let mut groups: BTreeMap<ProfileId, BTreeSet<_>> = BTreeMap::new();
        for (namespace, value, node) in self.graph.identifiers() {
            let profile = self.graph.profile_of(node.fragment).unwrap();
            groups
                .entry(profile)
                .or_default()
                .insert((namespace.as_str().to_owned(), value.to_owned()));
        }
        groups.into_values().collect()
    }
}

/// The connected components of touchpoints and identifiers, by the plainest means.
fn components(touchpoints: &[Claims]) -> BTreeSet<BTreeSet<(String, String)>> {
    let mut groups: Vec<BTreeSet<(String, String)>> = Vec::new();
    for claims in touchpoints.iter().filter(|claims| !claims.is_empty()) {
        let mut joined: BTreeSet<_> = claims
            .iter()
            .map(|(n, v)| ((*n).to_owned(), v.clone()))
            .collect();
        groups.retain(|group| {
            let apart = group.is_disjoint(&joined);
            if !apart {
                joined.extend(group.iter().cloned());
            }
            apart
        });
        groups.push(joined);
    }
    groups.into_iter().collect()
}

fn respects_all_rules(group: &BTreeSet<(String, String)>) -> bool {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for (namespace, _) in group {
        *counts.entry(namespace).or_default() += 1;
    }
    counts.iter().all(|(namespace, count)| {
        Namespace::new(namespace)
            .unwrap()
            .rule()
            .limit
            .is_none_or(|limit| *count <= limit)
    })
}

fn claim() -> impl Strategy<Value = (&'static str, String)> {
    prop_oneof![
        4 => (0..14_u8).prop_map(|n| ("anonymous_id", format!("a{n}"))),
        3 => (0..10_u8).prop_map(|n| ("email", format!("e{n}@example.com"))),
        1 => (0..12_u8).prop_map(|n| ("customer_id", format!("c{n}"))),
        1 => (0..6_u8).prop_map(|n| ("instagram", format!("i{n}"))),
    ]
}

fn touchpoints() -> impl Strategy<Value = Vec<Claims>> {
    prop::collection::vec(prop::collection::vec(claim(), 1..=2), 1..12)
}

fn tell(world: &mut World, claims: &Claims) {
    let claims: Vec<_> = claims
        .iter()
        .map(|(namespace, value)| (*namespace, value.as_str()))
        .collect();
    world.trusted(&claims);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn profiles_are_the_connected_components_in_any_order(
        (told, shuffled) in touchpoints().prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle()))
    ) {
        let expected = components(&told);
        prop_assume!(expected.iter().all(respects_all_rules));
        for order in [&told, &shuffled] {
            let mut world = World::default();
            for claims in order {
                tell(&mut world, claims);
            }
            prop_assert_eq!(&world.groups(), &expected);
        }
    }

    #[test]
    fn no_history_breaks_a_rule(told in prop::collection::vec((any::<bool>(), prop::collection::vec(claim(), 1..=4)), 1..25)) {
        let mut world = World::default();
        for (trusted, claims) in &told {
            let claims: Vec<_> = claims.iter().map(|(namespace, value)| (*namespace, value.as_str())).collect();
            if *trusted { world.trusted(&claims) } else { world.public(&claims) };
        }
        for group in world.groups() {
            prop_assert!(respects_all_rules(&group));
        }
    }

    #[test]
    fn claims_alone_never_merge_known_profiles(told in prop::collection::vec(prop::collection::vec(claim(), 1..=4), 1..25)) {
        let mut world = World::default();
        world.trusted(&[("customer_id", "owner"), ("email", "e0@example.com")]);
        world.trusted(&[("customer_id", "other"), ("email", "e1@example.com")]);
        for claims in &told {
            let claims: Vec<_> = claims.iter().map(|(namespace, value)| (*namespace, value.as_str())).collect();
            world.public(&claims);
        }
        prop_assert_ne!(world.owner("email", "e0@example.com"), world.owner("email", "e1@example.com"));
        let seen = world.visible_to("customer_id", "owner");
        prop_assert_eq!(seen.len(), 2, "nothing claimed is visible over verified links");
    }

    #[test]
    fn parting_undoes_a_merge_by_hand(told in touchpoints(), later in touchpoints()) {
        let mut apart = World::default();
        let sides = [("left", &told), ("right", &later)];
        let prefixed = |side: &str, claims: &Claims| -> Vec<(&'static str, String)> {
            claims.iter().filter(|(n, _)| *n != "customer_id").map(|(n, v)| (*n, format!("{side}{v}"))).collect()
        };
        let mut world = World::default();
        for one in [&mut apart, &mut world] {
            one.trusted(&[("anonymous_id", "left")]);
            one.trusted(&[("anonymous_id", "right")]);
        }
        let pair = [world.owner("anonymous_id", "left"), world.owner("anonymous_id", "right")];
        let mut fresh = 1_u128 << 120;
        let mut ids = || { fresh += 1; Uuid::from_u128(fresh) };
        world.graph.merge_by_hand(&pair, &mut ids);
        for (side, history) in sides {
            for (place, claims) in history.iter().enumerate() {
                // Both sides together must stay within the limits, as a limit that is hit while merged leaves its mark.
                let mut claims: Claims = prefixed(side, claims).into_iter().filter(|(n, _)| *n == "anonymous_id").collect();
                if place % 2 == 0 { claims.push(("anonymous_id", side.to_owned())) }
                if claims.is_empty() { continue }
                tell(&mut apart, &claims);
                tell(&mut world, &claims);
            }
        }
        let absorbed = pair.into_iter().max().unwrap();
        prop_assert!(world.graph.unmerge(absorbed, &mut ids).is_some());
        world.check_the_tree();
        prop_assert_eq!(world.groups(), apart.groups());
        world.trusted(&[("anonymous_id", "left"), ("anonymous_id", "right")]);
        prop_assert_ne!(world.owner("anonymous_id", "left"), world.owner("anonymous_id", "right"));
    }
}

#[test]
fn an_identifier_is_touched_only_where_something_of_it_changes() {
    const HOUR: u128 = 3_600_000;
    let mut world = World::default();
    let claim = [("anonymous_id", "phone")];
    let key = (Namespace::anonymous_id(), "phone".to_owned());
    let mut touched = Vec::new();
    // First seen, again within the hour, vouched for, an hour later, and earlier than ever.
    for (trust, ticks) in [
        (Trust::Claimed, 5 * HOUR),
        (Trust::Claimed, 5 * HOUR + 1_000),
        (Trust::Verified, 5 * HOUR + 2_000),
        (Trust::Claimed, 6 * HOUR),
        (Trust::Claimed, 4 * HOUR),
        (Trust::Claimed, 5 * HOUR + 9_000),
    ] {
        world.ticks = ticks;
        touched.push(world.mention(trust, &claim).touched.contains(&key));
    }
    assert_eq!(touched, [true, false, true, true, true, false]);
    let node = world.graph.identifier(&key.0, &key.1).unwrap();
    let seen = (node.first_seen, node.last_seen);
    assert_eq!(seen, (Timestamp(14_400_001), Timestamp(21_600_000)));
}

#[test]
fn on_a_shared_laptop_each_customer_keeps_their_own() {
    let mut world = World::default();
    world.public(&[("anonymous_id", "laptop")]);
    world.public(&[("customer_id", "ana"), ("anonymous_id", "laptop")]);
    let before = world.owner("anonymous_id", "laptop");
    assert_eq!(world.owner("customer_id", "ana"), before);
    let signed_in = world.public(&[("customer_id", "bea"), ("anonymous_id", "laptop")]);
    let bea = world.owner("customer_id", "bea");
    assert_eq!(world.graph.profile_of(signed_in.home.unwrap()), Some(bea));
    assert_ne!(bea, world.owner("customer_id", "ana"));
    assert_eq!(world.owner("customer_id", "ana"), before);
    let shared = world.owner("anonymous_id", "laptop");
    assert!(shared != before && shared != bea);
    world.public(&[("customer_id", "ana"), ("anonymous_id", "laptop")]);
    let signed_out = world.public(&[("anonymous_id", "laptop")]);
    assert_eq!(
        world.graph.profile_of(signed_out.home.unwrap()),
        Some(shared)
    );
    assert!(world.log.iter().any(|entry| entry.kind == LinkKind::Shared));
}

#[test]
fn a_stranger_who_claims_an_email_reads_nothing_and_merges_nobody() {
    let mut world = World::default();
    world.trusted(&[("customer_id", "victim"), ("email", "victim@example.com")]);
    world.trusted(&[("phone", "+34600000001")]);
    world.public(&[("anonymous_id", "evil")]);
    world.public(&[("email", "victim@example.com"), ("anonymous_id", "evil")]);
    assert_eq!(world.visible_to("anonymous_id", "evil").len(), 1);
    world.public(&[("phone", "+34600000001"), ("email", "victim@example.com")]);
    assert_ne!(
        world.owner("phone", "+34600000001"),
        world.owner("customer_id", "victim")
    );
    assert!(
        world
            .log
            .iter()
            .any(|entry| entry.refusal == Some(LinkRefusal::ClaimedBetweenKnown))
    );
}

#[test]
fn who_claims_an_email_first_does_not_keep_it_from_its_owner() {
    let mut world = World::default();
    world.trusted(&[("customer_id", "mallory"), ("anonymous_id", "evil")]);
    world.public(&[("anonymous_id", "evil"), ("email", "victim@example.com")]);
    assert_eq!(
        world.owner("email", "victim@example.com"),
        world.owner("customer_id", "mallory")
    );
    world.trusted(&[("customer_id", "victim"), ("email", "victim@example.com")]);
    assert_eq!(
        world.owner("email", "victim@example.com"),
        world.owner("customer_id", "victim")
    );
    assert_ne!(
        world.owner("customer_id", "mallory"),
        world.owner("customer_id", "victim")
    );
    assert!(
        world
            .log
            .iter()
            .any(|entry| entry.kind == LinkKind::Released)
    );
}

#[test]
fn a_verified_link_takes_the_place_of_a_claimed_one() {
    let mut world = World::default();
    world.public(&[("anonymous_id", "phone")]);
    world.public(&[("customer_id", "ana"), ("anonymous_id", "phone")]);
    assert_eq!(world.visible_to("anonymous_id", "phone").len(), 1);
    world.trusted(&[("customer_id", "ana"), ("anonymous_id", "phone")]);
    assert_eq!(world.visible_to("anonymous_id", "phone").len(), 2);
    assert!(
        world
            .log
            .iter()
            .any(|entry| entry.kind == LinkKind::Verified)
    );
}

#[test]
fn two_strong_ids_never_merge_and_a_sixth_email_is_left_out() {
    let mut world = World::default();
    world.trusted(&[("customer_id", "one"), ("email", "both@example.com")]);
    let refused = world.trusted(&[("customer_id", "two"), ("email", "both@example.com")]);
    assert_eq!(
        refused.log.last().unwrap().refusal,
        Some(LinkRefusal::UniqueConflict)
    );
    assert_ne!(
        world.owner("customer_id", "one"),
        world.owner("customer_id", "two")
    );
    for n in 0..5 {
        world.trusted(&[
            ("customer_id", "two"),
            ("email", &format!("{n}@example.com")),
        ]);
    }
    let limited = world.trusted(&[("customer_id", "two"), ("email", "sixth@example.com")]);
    assert_eq!(limited.log.last().unwrap().kind, LinkKind::Limited);
    assert!(
        world
            .graph
            .identifier(&Namespace::email(), "sixth@example.com")
            .is_none()
    );
}

#[test]
fn a_bad_email_shared_by_many_joins_nobody() {
    let mut world = World::default();
    for n in 0..10 {
        world.trusted(&[
            ("customer_id", &format!("c{n}")),
            ("email", "noreply@example.com"),
        ]);
    }
    assert_eq!(world.groups().len(), 10);
}

#[test]
fn claims_do_not_grow_a_profile_without_end() {
    let mut world = World::default();
    world.trusted(&[("customer_id", "victim"), ("email", "victim@example.com")]);
    for n in 0..super::MAX_CLAIMED_FRAGMENTS + 20 {
        world.public(&[
            ("email", "victim@example.com"),
            ("anonymous_id", &format!("a{n}")),
        ]);
    }
    let victim = world.owner("customer_id", "victim");
    let fragments = world.graph.profile(victim).unwrap().fragments.len();
    assert_eq!(fragments, super::MAX_CLAIMED_FRAGMENTS);
    world.trusted(&[("customer_id", "victim"), ("anonymous_id", "own phone")]);
    assert_eq!(world.owner("anonymous_id", "own phone"), victim);
}

#[test]
fn what_a_public_source_says_without_a_device_never_enters_the_customers_own_fragment() {
    let mut world = World::default();
    let own = world
        .trusted(&[("customer_id", "victim"), ("email", "victim@example.com")])
        .home;
    let claimed = world.public(&[("customer_id", "victim")]).home;
    assert_ne!(claimed, own);
    assert_eq!(
        world.public(&[("customer_id", "victim")]).home,
        claimed,
        "its claims stay together"
    );
    assert_eq!(world.visible_to("customer_id", "victim").len(), 2);
    let merged = world
        .log
        .iter()
        .find(|entry| entry.kind == LinkKind::Merged)
        .unwrap();
    assert_eq!(merged.trust, Trust::Claimed, "the claim is in the log");
    world.trusted(&[("customer_id", "other"), ("anonymous_id", "laptop")]);
    let refused = world.public(&[("customer_id", "victim"), ("anonymous_id", "laptop")]);
    assert_eq!(
        refused.home, claimed,
        "a device of somebody else is no place for it either"
    );
}

#[test]
fn claims_never_use_up_the_limits_of_verified_links() {
    let mut world = World::default();
    world.trusted(&[("customer_id", "victim"), ("email", "victim@example.com")]);
    for n in 0..6 {
        let junk = format!("junk{n}@example.com");
        world.public(&[
            ("email", "victim@example.com"),
            ("email", &junk),
            ("anonymous_id", &format!("a{n}")),
        ]);
    }
    let victim = world.owner("customer_id", "victim");
    world.trusted(&[("customer_id", "victim"), ("email", "new@example.com")]);
    assert_eq!(
        world.owner("email", "new@example.com"),
        world.owner("customer_id", "victim")
    );
    assert_eq!(world.owner("customer_id", "victim"), victim);
}

#[test]
fn a_claimed_customer_id_gives_way_to_a_verified_one() {
    let mut world = World::default();
    world.trusted(&[("email", "guest@example.com")]);
    world.public(&[
        ("email", "guest@example.com"),
        ("customer_id", "mallory"),
        ("anonymous_id", "evil"),
    ]);
    world.trusted(&[("email", "guest@example.com"), ("customer_id", "guest")]);
    assert_eq!(
        world.owner("customer_id", "guest"),
        world.owner("email", "guest@example.com")
    );
    assert_ne!(
        world.owner("customer_id", "mallory"),
        world.owner("customer_id", "guest")
    );
}

#[test]
fn a_claim_never_takes_a_verified_device_from_its_customer() {
    let mut world = World::default();
    world.trusted(&[("customer_id", "ana"), ("anonymous_id", "phone")]);
    world.trusted(&[("customer_id", "bea")]);
    world.public(&[("customer_id", "bea"), ("anonymous_id", "phone")]);
    assert_eq!(
        world.owner("anonymous_id", "phone"),
        world.owner("customer_id", "ana")
    );
    world.trusted(&[("customer_id", "bea"), ("anonymous_id", "phone")]);
    assert_ne!(
        world.owner("anonymous_id", "phone"),
        world.owner("customer_id", "ana")
    );
}
