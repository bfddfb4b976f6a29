//! The part of the identity graph that a decision needs, in memory.
//!
//! Fragments are the nodes; each profile is a tree of them. An edge is an active [`LinkKind::Merged`](super::LinkKind) or
//! [`LinkKind::Verified`](super::LinkKind) entry of the log. The tree is kept a maximum spanning tree by trust, so two fragments
//! are tied by verified links alone exactly if the tree path between them has verified edges only. A profile bears the id of its
//! oldest fragment.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::clock::Timestamp;
use crate::id::{FragmentId, IdentityLinkId, ProfileId, SourceId};

use super::{Namespace, Trust};

/// An identifier and the fragment it points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentifierNode {
    /// The fragment.
    pub fragment: FragmentId,
    /// Verified as soon as a trusted source has named it.
    pub trust: Trust,
    /// Whether several customers use it: a device.
    pub shared: bool,
    /// The earliest touchpoint that named it.
    pub first_seen: Timestamp,
    /// The latest touchpoint that named it, to the hour: so it seldom changes, in whatever order touchpoints come.
    pub last_seen: Timestamp,
    /// The source that first named it.
    pub source: SourceId,
}

/// A fragment as the graph sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentNode {
    /// When it was made; the oldest fragment gives a profile its id.
    pub created_at: Timestamp,
    /// The profile it belongs to now.
    pub profile: ProfileId,
}

/// A profile as the graph sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileNode {
    /// Its fragments, oldest first.
    pub fragments: BTreeSet<(Timestamp, FragmentId)>,
    /// Its identifiers by namespace.
    pub identifiers: BTreeMap<Namespace, BTreeSet<String>>,
}

impl ProfileNode {
    /// Whether the profile is known: it has an email address, a phone number, a customer id or a handle.
    pub fn is_known(&self) -> bool {
        self.identifiers
            .iter()
            .any(|(namespace, values)| namespace.is_known() && !values.is_empty())
    }
}

/// An edge of a profile's tree of fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The entry of the log that it is.
    pub id: IdentityLinkId,
    /// One end.
    pub from: FragmentId,
    /// The other end.
    pub to: FragmentId,
    /// Its trust.
    pub trust: Trust,
    /// The profile that survived when the edge was made.
    pub survivor: ProfileId,
    /// The profile that was absorbed when the edge was made.
    pub absorbed: ProfileId,
}

impl Edge {
    fn other(&self, end: FragmentId) -> FragmentId {
        if self.from == end { self.to } else { self.from }
    }
}

/// The part of the identity graph around some identifiers: whole profiles with all their identifiers, fragments and edges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    pub(super) identifiers: HashMap<(Namespace, String), IdentifierNode>,
    pub(super) fragments: HashMap<FragmentId, FragmentNode>,
    pub(super) profiles: HashMap<ProfileId, ProfileNode>,
    edges: HashMap<IdentityLinkId, Edge>,
    adjacent: HashMap<FragmentId, BTreeSet<IdentityLinkId>>,
    parted: BTreeSet<(FragmentId, FragmentId)>,
}

impl Graph {
    /// Adds a fragment that is stored.
    pub fn add_fragment(&mut self, id: FragmentId, created_at: Timestamp, profile: ProfileId) {
        self.fragments.insert(
            id,
            FragmentNode {
                created_at,
                profile,
            },
        );
        self.profiles
            .entry(profile)
            .or_default()
            .fragments
            .insert((created_at, id));
    }

    /// Adds an identifier; its fragment must be there.
    pub fn add_identifier(&mut self, namespace: Namespace, value: String, node: IdentifierNode) {
        if let Some(fragment) = self.fragments.get(&node.fragment) {
            let profile = self.profiles.entry(fragment.profile).or_default();
            profile
                .identifiers
                .entry(namespace.clone())
                .or_default()
                .insert(value.clone());
        }
        self.identifiers.insert((namespace, value), node);
    }

    /// Adds an edge between two fragments of one profile.
    pub fn add_edge(&mut self, edge: Edge) {
        self.adjacent.entry(edge.from).or_default().insert(edge.id);
        self.adjacent.entry(edge.to).or_default().insert(edge.id);
        self.edges.insert(edge.id, edge);
    }

    /// Adds a pair of fragments that a person has parted.
    pub fn add_parted(&mut self, one: FragmentId, other: FragmentId) {
        self.parted.insert((one.min(other), one.max(other)));
    }

    /// The node of an identifier.
    pub fn identifier(&self, namespace: &Namespace, value: &str) -> Option<&IdentifierNode> {
        self.identifiers.get(&(namespace.clone(), value.to_owned()))
    }

    /// The profile that a fragment belongs to.
    pub fn profile_of(&self, fragment: FragmentId) -> Option<ProfileId> {
        self.fragments.get(&fragment).map(|node| node.profile)
    }

    /// A profile by its present id.
    pub fn profile(&self, id: ProfileId) -> Option<&ProfileNode> {
        self.profiles.get(&id)
    }

    /// All profiles.
    pub fn profiles(&self) -> impl Iterator<Item = (ProfileId, &ProfileNode)> {
        self.profiles.iter().map(|(id, node)| (*id, node))
    }

    /// All fragments.
    pub fn fragments(&self) -> impl Iterator<Item = (FragmentId, FragmentNode)> {
        self.fragments.iter().map(|(id, node)| (*id, *node))
    }

    /// All identifiers.
    pub fn identifiers(&self) -> impl Iterator<Item = (&Namespace, &str, &IdentifierNode)> {
        self.identifiers
            .iter()
            .map(|((namespace, value), node)| (namespace, value.as_str(), node))
    }

    /// The edge that absorbed `profile`, if it still holds.
    pub fn edge_that_absorbed(&self, profile: ProfileId) -> Option<&Edge> {
        self.edges
            .values()
            .filter(|edge| edge.absorbed == profile)
            .max_by_key(|edge| edge.id)
    }

    /// Whether a person has parted two profiles.
    pub(super) fn is_parted(&self, one: ProfileId, other: ProfileId) -> bool {
        self.parted.iter().any(|(a, b)| {
            let sides = (self.profile_of(*a), self.profile_of(*b));
            sides == (Some(one), Some(other)) || sides == (Some(other), Some(one))
        })
    }

    /// The fragments tied to `start` by verified links alone, itself included.
    pub fn verified_component(&self, start: FragmentId) -> HashSet<FragmentId> {
        self.reach(start, |edge| edge.trust == Trust::Verified)
    }

    /// The fragments reached from `start` over the edges that `follow` accepts.
    pub(super) fn reach(
        &self,
        start: FragmentId,
        follow: impl Fn(&Edge) -> bool,
    ) -> HashSet<FragmentId> {
        let mut reached = HashSet::from([start]);
        let mut open = vec![start];
        while let Some(fragment) = open.pop() {
            for edge in self.edges_of(fragment).filter(|edge| follow(edge)) {
                let next = edge.other(fragment);
                if reached.insert(next) {
                    open.push(next);
                }
            }
        }
        reached
    }

    pub(super) fn edges_of(&self, fragment: FragmentId) -> impl Iterator<Item = &Edge> {
        self.adjacent
            .get(&fragment)
            .into_iter()
            .flatten()
            .filter_map(|id| self.edges.get(id))
    }

    /// A claimed edge on the tree path between two fragments of one profile: the latest one.
    pub(super) fn claimed_edge_between(
        &self,
        from: FragmentId,
        to: FragmentId,
    ) -> Option<IdentityLinkId> {
        let mut came_by: HashMap<FragmentId, Option<&Edge>> = HashMap::from([(from, None)]);
        let mut open = vec![from];
        while let Some(fragment) = open.pop() {
            for edge in self.edges_of(fragment) {
                let next = edge.other(fragment);
                if let std::collections::hash_map::Entry::Vacant(entry) = came_by.entry(next) {
                    entry.insert(Some(edge));
                    open.push(next);
                }
            }
        }
        let mut at = to;
        let mut latest = None;
        while let Some(Some(edge)) = came_by.get(&at) {
            if edge.trust == Trust::Claimed {
                latest = latest.max(Some(edge.id));
            }
            at = edge.other(at);
        }
        latest
    }

    pub(super) fn remove_edge(&mut self, id: IdentityLinkId) -> Option<Edge> {
        let edge = self.edges.remove(&id)?;
        for end in [edge.from, edge.to] {
            if let Some(edges) = self.adjacent.get_mut(&end) {
                edges.remove(&id);
            }
        }
        Some(edge)
    }

    /// Makes a fragment that is a profile of its own.
    pub(super) fn create_fragment(&mut self, id: FragmentId, created_at: Timestamp) -> ProfileId {
        let profile = ProfileId(id.0);
        self.add_fragment(id, created_at, profile);
        profile
    }

    /// Puts an identifier on another fragment.
    pub(super) fn repoint(&mut self, namespace: &Namespace, value: &str, fragment: FragmentId) {
        let key = (namespace.clone(), value.to_owned());
        let Some(node) = self.identifiers.get_mut(&key) else {
            return;
        };
        let before = std::mem::replace(&mut node.fragment, fragment);
        if let Some(profile) = self
            .profile_of(before)
            .and_then(|id| self.profiles.get_mut(&id))
            && let Some(values) = profile.identifiers.get_mut(namespace)
        {
            values.remove(value);
        }
        if let Some(profile) = self
            .profile_of(fragment)
            .and_then(|id| self.profiles.get_mut(&id))
        {
            profile.identifiers.entry(key.0).or_default().insert(key.1);
        }
    }

    /// Joins two profiles; the one with the older first fragment survives. Returns (survivor, absorbed).
    pub(super) fn join(&mut self, one: ProfileId, other: ProfileId) -> (ProfileId, ProfileId) {
        let oldest = |id: &ProfileId| {
            self.profiles
                .get(id)
                .and_then(|node| node.fragments.first().copied())
        };
        let (survivor, absorbed) = if oldest(&one) <= oldest(&other) {
            (one, other)
        } else {
            (other, one)
        };
        let moved = self.profiles.remove(&absorbed).unwrap_or_default();
        for (_, fragment) in &moved.fragments {
            if let Some(node) = self.fragments.get_mut(fragment) {
                node.profile = survivor;
            }
        }
        let target = self.profiles.entry(survivor).or_default();
        target.fragments.extend(moved.fragments);
        for (namespace, values) in moved.identifiers {
            target
                .identifiers
                .entry(namespace)
                .or_default()
                .extend(values);
        }
        (survivor, absorbed)
    }

    /// Makes profiles of the connected components that a profile has fallen into. Returns their ids.
    pub(super) fn fall_apart(&mut self, profile: ProfileId) -> Vec<ProfileId> {
        let Some(mut whole) = self.profiles.remove(&profile) else {
            return Vec::new();
        };
        let mut parts = Vec::new();
        while let Some((_, start)) = whole.fragments.first().copied() {
            let reached = self.reach(start, |_| true);
            let fragments: BTreeSet<_> = whole
                .fragments
                .iter()
                .copied()
                .filter(|(_, fragment)| reached.contains(fragment))
                .collect();
            whole
                .fragments
                .retain(|(_, fragment)| !reached.contains(fragment));
            let id = ProfileId(start.0);
            for (_, fragment) in &fragments {
                if let Some(node) = self.fragments.get_mut(fragment) {
                    node.profile = id;
                }
            }
            self.profiles.insert(
                id,
                ProfileNode {
                    fragments,
                    identifiers: BTreeMap::new(),
                },
            );
            parts.push(id);
        }
        for (namespace, values) in whole.identifiers {
            for value in values {
                let owner = self
                    .identifier(&namespace, &value)
                    .and_then(|node| self.profile_of(node.fragment));
                if let Some(part) = owner.and_then(|id| self.profiles.get_mut(&id)) {
                    part.identifiers
                        .entry(namespace.clone())
                        .or_default()
                        .insert(value);
                }
            }
        }
        parts
    }
}
