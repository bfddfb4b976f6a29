//! Tying: what a decision changes in the graph, with its entries for the log.

use uuid::Uuid;

use crate::id::{FragmentId, IdentityLinkId, ProfileId};

use super::Namespace;
use super::graph::{Edge, Graph, IdentifierNode};
use super::log::{LinkKind, LinkRefusal, LogEntry, Trust};
use super::resolve::{Change, Mention, Resolution};

impl Graph {
    /// Ties identifiers nobody had to the touchpoint's fragment: into it when vouched for, beside it when only claimed.
    pub(super) fn attach_fresh(
        &mut self,
        home: FragmentId,
        fresh: Vec<(Namespace, String)>,
        mention: &Mention,
        ids: &mut dyn FnMut() -> Uuid,
        out: &mut Resolution,
    ) {
        let strongest_device = fresh.iter().position(|claim| claim.0.is_device());
        let made_for_this = matches!(out.changes.last(), Some(Change::Created(id)) if *id == home);
        let in_home = made_for_this.then_some(strongest_device.unwrap_or(0));
        for (place, (namespace, value)) in fresh.into_iter().enumerate() {
            let fragment = if mention.trust == Trust::Verified || in_home == Some(place) {
                home
            } else {
                let id = FragmentId(ids());
                self.create_fragment(id, mention.received_at);
                out.changes.push(Change::Created(id));
                self.connect(
                    home,
                    id,
                    mention.trust,
                    Some((&namespace, &value)),
                    ids,
                    out,
                );
                id
            };
            if !namespace.is_internal() {
                out.log.push(LogEntry {
                    id: IdentityLinkId(ids()),
                    kind: LinkKind::Linked,
                    profile: self.profile_of(home).unwrap_or(ProfileId(home.0)),
                    other_profile: None,
                    fragment,
                    other_fragment: None,
                    identifier: Some((namespace.clone(), value.clone())),
                    trust: mention.trust,
                    refusal: None,
                });
            }
            out.touched.insert((namespace.clone(), value.clone()));
            let node = IdentifierNode {
                fragment,
                trust: mention.trust,
                shared: false,
                first_seen: mention.occurred_at,
                last_seen: mention.occurred_at.hour(),
                source: mention.source,
            };
            self.add_identifier(namespace, value, node);
        }
    }

    /// Ties two fragments, by a merge or by raising the trust of a link that is there.
    pub(super) fn connect(
        &mut self,
        home: FragmentId,
        other: FragmentId,
        trust: Trust,
        identifier: Option<(&Namespace, &str)>,
        ids: &mut dyn FnMut() -> Uuid,
        out: &mut Resolution,
    ) {
        let (Some(one), Some(two)) = (self.profile_of(home), self.profile_of(other)) else {
            return;
        };
        let (kind, survivor, absorbed) = if one != two {
            let (survivor, absorbed) = self.join(one, two);
            out.changes.push(Change::Merged { survivor, absorbed });
            (LinkKind::Merged, survivor, absorbed)
        } else if home == other || trust == Trust::Claimed {
            return;
        } else {
            let Some(weakest) = self.claimed_edge_between(home, other) else {
                return;
            };
            let Some(edge) = self.remove_edge(weakest) else {
                return;
            };
            out.undone.push(edge.id);
            (LinkKind::Verified, edge.survivor, edge.absorbed)
        };
        let edge = Edge {
            id: IdentityLinkId(ids()),
            from: home,
            to: other,
            trust,
            survivor,
            absorbed,
        };
        out.log.push(LogEntry {
            id: edge.id,
            kind,
            profile: survivor,
            other_profile: Some(absorbed),
            fragment: home,
            other_fragment: Some(other),
            identifier: identifier.map(|(namespace, value)| (namespace.clone(), value.to_owned())),
            trust,
            refusal: None,
        });
        self.add_edge(edge);
    }

    pub(super) fn touch(
        &mut self,
        namespace: &Namespace,
        value: &str,
        mention: &Mention,
        out: &mut Resolution,
    ) {
        let key = (namespace.clone(), value.to_owned());
        if let Some(node) = self.identifiers.get_mut(&key) {
            let before = (node.trust, node.first_seen, node.last_seen);
            node.trust = node.trust.max(mention.trust);
            node.first_seen = node.first_seen.min(mention.occurred_at);
            node.last_seen = node.last_seen.max(mention.occurred_at.hour());
            if before != (node.trust, node.first_seen, node.last_seen) {
                out.touched.insert(key);
            }
        }
    }

    /// Gives a device that several customers use a profile of its own.
    pub(super) fn share(
        &mut self,
        namespace: &Namespace,
        value: &str,
        mention: &Mention,
        ids: &mut dyn FnMut() -> Uuid,
        out: &mut Resolution,
    ) {
        let id = FragmentId(ids());
        let before = self.identifier(namespace, value).map(|node| node.fragment);
        let profile = self.create_fragment(id, mention.received_at);
        out.changes.push(Change::Created(id));
        self.repoint(namespace, value, id);
        let key = (namespace.clone(), value.to_owned());
        if let Some(node) = self.identifiers.get_mut(&key) {
            node.shared = true;
        }
        out.touched.insert(key.clone());
        out.log.push(LogEntry {
            id: IdentityLinkId(ids()),
            kind: LinkKind::Shared,
            profile,
            other_profile: before.and_then(|fragment| self.profile_of(fragment)),
            fragment: id,
            other_fragment: before,
            identifier: Some(key),
            trust: mention.trust,
            refusal: Some(LinkRefusal::UniqueConflict),
        });
    }
}
