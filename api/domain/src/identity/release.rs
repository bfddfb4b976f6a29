//! Admission, and what gives way to it: a verified link is never kept out by claims.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use uuid::Uuid;

use crate::id::{FragmentId, IdentityLinkId, ProfileId};

use super::Namespace;
use super::graph::{Edge, Graph, ProfileNode};
use super::log::{LinkKind, LinkRefusal, LogEntry, Trust};
use super::resolve::{Accepted, Change, Mention, Resolution};

impl Graph {
    /// Whether an identifier may join; claims that stand in the way of a verified link are released.
    pub(super) fn admit(
        &mut self,
        accepted: &Accepted,
        (namespace, value): (&Namespace, &str),
        mention: &Mention,
        ids: &mut dyn FnMut() -> Uuid,
        out: &mut Resolution,
    ) -> Option<LinkRefusal> {
        let claim = (namespace.clone(), value.to_owned());
        let verdict = |graph: &Self| match graph.owner_of(&claim) {
            Some(owner) => graph.verdict(accepted, owner, mention),
            None => graph.room_for(accepted, namespace, mention),
        };
        let mut refusal = verdict(self)?;
        if mention.trust == Trust::Claimed {
            return Some(refusal);
        }
        if self.release_owned(accepted, &claim, mention, ids, out) {
            return None;
        }
        let crowded: Vec<Namespace> =
            match self.owner_of(&claim).and_then(|owner| self.profile(owner)) {
                Some(owner) => owner.identifiers.keys().cloned().collect(),
                None => vec![claim.0.clone()],
            };
        for namespace in crowded {
            if self.make_room(accepted, &namespace, mention, ids, out) {
                refusal = verdict(self)?;
            }
        }
        Some(refusal)
    }

    /// Whether a device whose owner conflicts becomes shared: never because of a mere claim against a verified owner.
    pub(super) fn may_share(
        &self,
        (namespace, value): (&Namespace, &str),
        mention: &Mention,
    ) -> bool {
        let Some(node) = self.identifier(namespace, value) else {
            return false;
        };
        let is_owned = || {
            let tied = self.verified_component(node.fragment);
            self.owner_of(&(namespace.clone(), value.to_owned()))
                .and_then(|profile| self.part(profile, &tied))
                .is_some_and(|part| {
                    part.identifiers
                        .keys()
                        .any(|namespace| namespace.rule().unique)
                })
        };
        namespace.is_device() && (mention.trust == Trust::Verified || !is_owned())
    }

    /// Frees an identifier from a profile that only claims tie it to, if then nothing stands against the verified link.
    ///
    /// A stranger who claims a customer's email before the customer comes must not keep it from them.
    fn release_owned(
        &mut self,
        accepted: &Accepted,
        claim: &(Namespace, String),
        mention: &Mention,
        ids: &mut dyn FnMut() -> Uuid,
        out: &mut Resolution,
    ) -> bool {
        let Some(fragment) = self
            .identifier(&claim.0, &claim.1)
            .map(|node| node.fragment)
        else {
            return false;
        };
        let Some(whole) = self.profile_of(fragment) else {
            return false;
        };
        let union = self.union_of(accepted, mention);
        let component = self.verified_component(fragment);
        let frees = self.part(whole, &component).is_some_and(|core| {
            self.profile(whole)
                .is_some_and(|node| core.fragments.len() < node.fragments.len())
                && self
                    .rules_verdict(&union, &accepted.fresh, &core, mention)
                    .is_none()
        });
        let is_parted = union.iter().any(|profile| self.is_parted(*profile, whole));
        if frees && !is_parted {
            self.cut_loose(&component, whole, claim, ids, out);
        }
        frees && !is_parted
    }

    /// Releases what claims have put into the union in a namespace. Returns whether there was any.
    fn make_room(
        &mut self,
        accepted: &Accepted,
        namespace: &Namespace,
        mention: &Mention,
        ids: &mut dyn FnMut() -> Uuid,
        out: &mut Resolution,
    ) -> bool {
        let vouched: HashSet<FragmentId> = accepted
            .owned
            .iter()
            .filter_map(|(namespace, value)| self.identifier(namespace, value))
            .map(|node| node.fragment)
            .chain(mention.target)
            .flat_map(|fragment| self.verified_component(fragment))
            .collect();
        let claimed: Vec<(Namespace, String)> = self
            .union_of(accepted, mention)
            .into_iter()
            .filter_map(|profile| self.profile(profile)?.identifiers.get(namespace))
            .flatten()
            .filter(|value| {
                self.identifier(namespace, value).is_some_and(|node| {
                    node.trust == Trust::Claimed && !vouched.contains(&node.fragment)
                })
            })
            .map(|value| (namespace.clone(), value.clone()))
            .collect();
        for claim in &claimed {
            let fragment = self
                .identifier(&claim.0, &claim.1)
                .map(|node| node.fragment);
            if let Some(fragment) = fragment
                && let Some(whole) = self.profile_of(fragment)
            {
                let component = self.verified_component(fragment);
                self.cut_loose(&component, whole, claim, ids, out);
            }
        }
        !claimed.is_empty()
    }

    /// Cuts the claimed edges around fragments that verified links tie together.
    fn cut_loose(
        &mut self,
        component: &HashSet<FragmentId>,
        whole: ProfileId,
        claim: &(Namespace, String),
        ids: &mut dyn FnMut() -> Uuid,
        out: &mut Resolution,
    ) {
        let mut cut: Vec<Edge> = component
            .iter()
            .flat_map(|inside| self.edges_of(*inside))
            .filter(|edge| edge.trust == Trust::Claimed)
            .cloned()
            .collect();
        cut.sort_by_key(|edge| edge.id);
        for edge in cut {
            self.remove_edge(edge.id);
            out.undone.push(edge.id);
            out.log.push(LogEntry {
                id: IdentityLinkId(ids()),
                kind: LinkKind::Released,
                profile: whole,
                other_profile: None,
                fragment: edge.from,
                other_fragment: Some(edge.to),
                identifier: Some(claim.clone()),
                trust: Trust::Verified,
                refusal: None,
            });
        }
        let parts = self.fall_apart(whole);
        out.changes.push(Change::Parted { whole, parts });
    }

    /// What a profile would be with some of its fragments only.
    pub(super) fn part(
        &self,
        profile: ProfileId,
        fragments: &HashSet<FragmentId>,
    ) -> Option<ProfileNode> {
        let whole = self.profiles.get(&profile)?;
        let mut identifiers: BTreeMap<Namespace, BTreeSet<String>> = BTreeMap::new();
        for (namespace, values) in &whole.identifiers {
            for value in values {
                if self
                    .identifier(namespace, value)
                    .is_some_and(|node| fragments.contains(&node.fragment))
                {
                    identifiers
                        .entry(namespace.clone())
                        .or_default()
                        .insert(value.clone());
                }
            }
        }
        let fragments = whole
            .fragments
            .iter()
            .copied()
            .filter(|(_, id)| fragments.contains(id))
            .collect();
        Some(ProfileNode {
            fragments,
            identifiers,
        })
    }
}
