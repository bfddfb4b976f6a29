//! The rules: what stands against one more identifier, or one more profile, joining.

use std::collections::BTreeSet;

use crate::id::ProfileId;

use super::Namespace;
use super::graph::{Graph, ProfileNode};
use super::log::{LinkRefusal, Trust};
use super::resolve::{Accepted, Mention};

/// The most fragments to which claims can grow a profile: a stranger with a public key must not make it dear to work with.
pub const MAX_CLAIMED_FRAGMENTS: usize = 200;

/// Why an identifier cannot join, or nothing.
type Verdict = Option<LinkRefusal>;

impl Graph {
    /// Whether one more identifier of a namespace fits.
    pub(super) fn room_for(
        &self,
        accepted: &Accepted,
        namespace: &Namespace,
        mention: &Mention,
    ) -> Verdict {
        let union = self.union_of(accepted, mention);
        let is_claim = mention.trust == Trust::Claimed && !namespace.is_device();
        if is_claim && self.fragments_of(&union) >= MAX_CLAIMED_FRAGMENTS {
            return Some(LinkRefusal::LimitExceeded);
        }
        let rule = namespace.rule();
        let limit = rule.limit?;
        let refusal = if rule.unique {
            LinkRefusal::UniqueConflict
        } else {
            LinkRefusal::LimitExceeded
        };
        (self.count(&union, &accepted.fresh, namespace) >= u64::from(limit)).then_some(refusal)
    }

    pub(super) fn fragments_of(&self, union: &[ProfileId]) -> usize {
        union
            .iter()
            .filter_map(|profile| self.profiles.get(profile))
            .map(|profile| profile.fragments.len())
            .sum()
    }

    pub(super) fn count(
        &self,
        union: &[ProfileId],
        fresh: &[(Namespace, String)],
        namespace: &Namespace,
    ) -> u64 {
        let held = union
            .iter()
            .filter_map(|profile| self.profiles.get(profile)?.identifiers.get(namespace))
            .map(BTreeSet::len)
            .sum::<usize>();
        let new = fresh.iter().filter(|(other, _)| other == namespace).count();
        u64::try_from(held + new).unwrap_or(u64::MAX)
    }

    /// Whether a profile may join the union.
    pub(super) fn verdict(
        &self,
        accepted: &Accepted,
        other: ProfileId,
        mention: &Mention,
    ) -> Verdict {
        let union = self.union_of(accepted, mention);
        if union.contains(&other) {
            return None;
        }
        let other_node = self.profiles.get(&other)?;
        if union.iter().any(|profile| self.is_parted(*profile, other)) {
            return Some(LinkRefusal::Parted);
        }
        self.rules_verdict(&union, &accepted.fresh, other_node, mention)
    }

    /// The same without what people have parted: limits, unique namespaces and claims.
    pub(super) fn rules_verdict(
        &self,
        union: &[ProfileId],
        fresh: &[(Namespace, String)],
        other: &ProfileNode,
        mention: &Mention,
    ) -> Verdict {
        let breaks = |unique: bool| {
            other.identifiers.iter().any(|(namespace, values)| {
                let rule = namespace.rule();
                rule.unique == unique
                    && !values.is_empty()
                    && rule.limit.is_some_and(|limit| {
                        let before = self.count(union, fresh, namespace);
                        let joined =
                            before.saturating_add(u64::try_from(values.len()).unwrap_or(u64::MAX));
                        before > 0 && joined > u64::from(limit)
                    })
            })
        };
        if breaks(true) {
            return Some(LinkRefusal::UniqueConflict);
        }
        if breaks(false) {
            return Some(LinkRefusal::LimitExceeded);
        }
        let fragments = self.fragments_of(union) + other.fragments.len();
        if mention.trust == Trust::Claimed && fragments > MAX_CLAIMED_FRAGMENTS {
            return Some(LinkRefusal::LimitExceeded);
        }
        let union_known = union.iter().any(|profile| {
            self.profiles
                .get(profile)
                .is_some_and(ProfileNode::is_known)
        });
        let claimed = mention.trust == Trust::Claimed && !mention.links_known;
        (claimed && union_known && other.is_known()).then_some(LinkRefusal::ClaimedBetweenKnown)
    }
}
