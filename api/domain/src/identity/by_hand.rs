//! Merging and parting by hand.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::id::{FragmentId, IdentityLinkId, ProfileId};

use super::Namespace;
use super::graph::Graph;
use super::log::{LinkKind, LinkRefusal, LogEntry, Trust};
use super::resolve::{Change, Resolution};

/// Why a merge by hand is refused: the profile that cannot join, and the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeRefusal {
    /// The profile that cannot join those before it.
    pub profile: ProfileId,
    /// The rule.
    pub refusal: LinkRefusal,
    /// The namespace the rule is about, for limits and unique namespaces.
    pub namespace: Option<Namespace>,
}

impl Graph {
    /// What stands against merging these profiles, in their order.
    pub fn merge_refusals(&self, profiles: &[ProfileId]) -> Vec<MergeRefusal> {
        let mut refusals = Vec::new();
        for (place, profile) in profiles.iter().enumerate() {
            let before = &profiles[..place];
            if before
                .iter()
                .any(|other| other != profile && self.is_parted(*other, *profile))
            {
                refusals.push(MergeRefusal {
                    profile: *profile,
                    refusal: LinkRefusal::Parted,
                    namespace: None,
                });
            }
            let Some(node) = self.profile(*profile) else {
                continue;
            };
            for (namespace, values) in node
                .identifiers
                .iter()
                .filter(|_| !before.contains(profile))
            {
                let rule = namespace.rule();
                let held: usize = before
                    .iter()
                    .filter_map(|other| self.profile(*other)?.identifiers.get(namespace))
                    .map(std::collections::BTreeSet::len)
                    .sum();
                let joined = u64::try_from(held + values.len()).unwrap_or(u64::MAX);
                if held > 0
                    && !values.is_empty()
                    && rule.limit.is_some_and(|limit| joined > u64::from(limit))
                {
                    let refusal = if rule.unique {
                        LinkRefusal::UniqueConflict
                    } else {
                        LinkRefusal::LimitExceeded
                    };
                    refusals.push(MergeRefusal {
                        profile: *profile,
                        refusal,
                        namespace: Some(namespace.clone()),
                    });
                }
            }
        }
        refusals
    }

    /// Merges profiles by a person's decision; call it only without [`Graph::merge_refusals`].
    pub fn merge_by_hand(
        &mut self,
        profiles: &[ProfileId],
        ids: &mut dyn FnMut() -> Uuid,
    ) -> Resolution {
        let mut out = Resolution::default();
        let mut fragments = profiles.iter().map(|profile| FragmentId(profile.0));
        if let Some(first) = fragments.next() {
            for other in fragments {
                self.connect(first, other, Trust::Verified, None, ids, &mut out);
            }
            out.home = Some(first);
        }
        out
    }

    /// Parts the profile that was absorbed as `former` from what absorbed it; nothing joins the two again.
    ///
    /// Each later merge goes with the side whose fragment it was tied to. Returns `None` if no such merge holds. The pairs to keep
    /// apart are the second value.
    pub fn unmerge(
        &mut self,
        former: ProfileId,
        ids: &mut dyn FnMut() -> Uuid,
    ) -> Option<(Resolution, (FragmentId, FragmentId))> {
        let edge = self.edge_that_absorbed(former)?.clone();
        let whole = self.profile_of(edge.from)?;
        self.remove_edge(edge.id);
        let mut out = Resolution::default();
        out.undone.push(edge.id);
        let parts = self.fall_apart(whole);
        out.changes.push(Change::Parted { whole, parts });
        let (one, other) = (self.profile_of(edge.from)?, self.profile_of(edge.to)?);
        let pair = (FragmentId(one.0), FragmentId(other.0));
        self.add_parted(pair.0, pair.1);
        out.log.push(LogEntry {
            id: IdentityLinkId(ids()),
            kind: LinkKind::Unmerged,
            profile: one,
            other_profile: Some(other),
            fragment: edge.from,
            other_fragment: Some(edge.to),
            identifier: None,
            trust: Trust::Verified,
            refusal: None,
        });
        out.home = Some(edge.from);
        Some((out, pair))
    }

    /// The age of a profile: its oldest fragment's.
    pub fn created_at(&self, profile: ProfileId) -> Option<Timestamp> {
        self.profile(profile)?.fragments.first().map(|(at, _)| *at)
    }
}
