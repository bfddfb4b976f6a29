//! The part of a profile that is vouched for: whose word counts for the whole of it.
//!
//! Anybody can claim to be somebody. A device that claims an address is tied to whoever has it, and what was said on that device stays
//! the device's own until somebody who is trusted, or the person, vouches for the link.

use std::collections::HashSet;

use super::{Graph, Trust};
use crate::id::{FragmentId, ProfileId};

impl Graph {
    /// The fragment that stands for a profile: the oldest of those to which a trusted source has given an email address, a phone
    /// number, a customer id or a handle; if there are none, the oldest of all. None if there is no such profile.
    pub fn vouched(&self, profile: ProfileId) -> Option<FragmentId> {
        let node = self.profile(profile)?;
        let known = node
            .identifiers
            .iter()
            .filter(|(namespace, _)| namespace.is_known());
        let named = known.flat_map(|(namespace, values)| {
            let nodes = values.iter();
            nodes.filter_map(move |value| self.identifier(namespace, value))
        });
        let vouched: HashSet<FragmentId> = named
            .filter(|identifier| identifier.trust == Trust::Verified)
            .map(|identifier| identifier.fragment)
            .collect();
        let mut fragments = node.fragments.iter().map(|(_, id)| *id);
        let oldest = node.fragments.first().map(|(_, id)| *id);
        fragments.find(|id| vouched.contains(id)).or(oldest)
    }

    /// The fragments of a profile whose word counts for the whole of it: those that verified links tie to the one that stands for it.
    pub fn vouched_fragments(&self, profile: ProfileId) -> HashSet<FragmentId> {
        let stands_for_it = self.vouched(profile);
        stands_for_it.map_or_else(HashSet::new, |fragment| self.verified_component(fragment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::id::{IdentityLinkId, SourceId};
    use crate::identity::{Edge, IdentifierNode, Namespace};
    use uuid::Uuid;

    const DEVICE: FragmentId = FragmentId(Uuid::from_u128(1));
    const PERSON: FragmentId = FragmentId(Uuid::from_u128(2));
    const PROFILE: ProfileId = ProfileId(Uuid::from_u128(1));

    /// A device that is older than the person whose email address it names.
    fn graph(email: Trust, link: Trust) -> Graph {
        let mut graph = Graph::default();
        graph.add_fragment(DEVICE, Timestamp(1), PROFILE);
        graph.add_fragment(PERSON, Timestamp(2), PROFILE);
        let identifier = |fragment, trust| IdentifierNode {
            fragment,
            trust,
            shared: false,
            first_seen: Timestamp(1),
            last_seen: Timestamp(1),
            source: SourceId(Uuid::nil()),
        };
        let device = identifier(DEVICE, Trust::Verified);
        graph.add_identifier(Namespace::anonymous_id(), "d".to_owned(), device);
        let email = identifier(PERSON, email);
        graph.add_identifier(Namespace::email(), "a@example.com".to_owned(), email);
        graph.add_edge(Edge {
            id: IdentityLinkId(Uuid::from_u128(3)),
            from: DEVICE,
            to: PERSON,
            trust: link,
            survivor: PROFILE,
            absorbed: ProfileId(PERSON.0),
        });
        graph
    }

    #[test]
    fn the_person_stands_for_the_profile_and_not_the_device_that_claims_to_be_theirs() {
        let graph = graph(Trust::Verified, Trust::Claimed);
        assert_eq!(graph.vouched(PROFILE), Some(PERSON));
        assert_eq!(graph.vouched_fragments(PROFILE), HashSet::from([PERSON]));
    }

    #[test]
    fn a_device_that_named_an_address_of_nobody_stands_for_itself() {
        let graph = graph(Trust::Claimed, Trust::Claimed);
        assert_eq!(graph.vouched_fragments(PROFILE), HashSet::from([DEVICE]));
    }

    #[test]
    fn what_verified_links_tie_counts_as_one() {
        let graph = graph(Trust::Verified, Trust::Verified);
        let both = HashSet::from([DEVICE, PERSON]);
        assert_eq!(graph.vouched_fragments(PROFILE), both);
        assert_eq!(graph.vouched(ProfileId(PERSON.0)), None);
    }
}
