//! The decision: which profile a touchpoint belongs to, and what that ties together.

use std::collections::BTreeSet;

use crate::clock::Timestamp;
use crate::id::{FragmentId, IdentityLinkId, ProfileId, SourceId};
use uuid::Uuid;

use super::Namespace;
use super::graph::Graph;
use super::log::{LinkKind, LinkRefusal, LogEntry, Trust};
use super::rules::MAX_CLAIMED_FRAGMENTS;
use crate::touchpoint::message_digest;

/// What a touchpoint says of whom it is about.
#[derive(Clone, Debug)]
pub struct Mention {
    /// Normalised identifiers.
    pub claims: Vec<(Namespace, String)>,
    /// The `previousId` of an alias: a customer id if there is one of that value, else an anonymous id.
    pub alias_of: Option<String>,
    /// A profile's fragment that the touchpoint is addressed to: an edit by hand.
    pub target: Option<FragmentId>,
    /// [`Trust::Verified`] if the source is trusted.
    pub trust: Trust,
    /// Whether the deployment lets this public source tie known profiles together.
    pub links_known: bool,
    /// When the touchpoint happened.
    pub occurred_at: Timestamp,
    /// When it was received: the age of what is made for it.
    pub received_at: Timestamp,
    /// Where it came from.
    pub source: SourceId,
}

/// What was decided about one touchpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// Where the touchpoint belongs, whatever is merged or parted later.
    pub home: Option<FragmentId>,
    /// Entries for the identity log, in order.
    pub log: Vec<LogEntry>,
    /// Edges that gave way.
    pub undone: Vec<IdentityLinkId>,
    /// What happened to profiles, in order.
    pub changes: Vec<Change>,
    /// Identifiers that were made or changed.
    pub touched: BTreeSet<(Namespace, String)>,
}

/// A change of which fragments make a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A fragment was made.
    Created(FragmentId),
    /// Two profiles became one.
    Merged {
        /// The profile that goes on.
        survivor: ProfileId,
        /// The profile whose id now leads to the survivor.
        absorbed: ProfileId,
    },
    /// One profile became several.
    Parted {
        /// The profile before.
        whole: ProfileId,
        /// The profiles after.
        parts: Vec<ProfileId>,
    },
}

/// What has joined so far.
#[derive(Default)]
pub(super) struct Accepted {
    /// Identifiers that somebody has.
    pub(super) owned: Vec<(Namespace, String)>,
    /// Identifiers that nobody has.
    pub(super) fresh: Vec<(Namespace, String)>,
}

/// An identifier that was left out, whose it is, and why.
type Refused = (Namespace, String, Option<ProfileId>, LinkRefusal);

impl Mention {
    /// The identifier that stands in for the device of a public source that names none.
    ///
    /// It is one for each source and strongest claim, so that what comes under them stays together, and beside the customer who
    /// was only claimed. A digest, so that it shows nothing of the claim.
    pub fn stand_in(&self) -> Option<(Namespace, String)> {
        let strongest = self.claims.iter().max_by(|a, b| {
            let priority = |claim: &(Namespace, String)| claim.0.rule().priority;
            priority(a).cmp(&priority(b)).then_with(|| b.cmp(a))
        })?;
        let digest = message_digest(&format!("{} {} {}", self.source, strongest.0, strongest.1));
        (self.trust == Trust::Claimed)
            .then(|| (Namespace::claimed_by(), digest.simple().to_string()))
    }
}

impl Graph {
    /// Decides where a touchpoint belongs, and ties what it says belongs together.
    ///
    /// One pass by descending priority of the namespace: each identifier joins unless the union would break a rule; then it is
    /// left out for this touchpoint, and logged. `ids` makes new ids, ascending.
    pub fn resolve(&mut self, mention: &Mention, ids: &mut dyn FnMut() -> Uuid) -> Resolution {
        let mut out = Resolution::default();
        let mut accepted = Accepted::default();
        let mut refused = Vec::new();
        let mut shared: Vec<(Namespace, String)> = Vec::new();
        for (namespace, value) in self.claims_in_order(mention) {
            let owner = self
                .identifier(&namespace, &value)
                .and_then(|node| self.profile_of(node.fragment));
            let claim = (&namespace, value.as_str());
            match self.admit(&accepted, claim, mention, ids, &mut out) {
                None if owner.is_some() => accepted.owned.push((namespace, value)),
                None => accepted.fresh.push((namespace, value)),
                Some(refusal) => {
                    if refusal == LinkRefusal::UniqueConflict && self.may_share(claim, mention) {
                        shared.push((namespace.clone(), value.clone()));
                    }
                    refused.push((namespace, value, owner, refusal));
                }
            }
        }
        if mention.trust == Trust::Claimed && mention.target.is_none() {
            self.stand_beside(&mut accepted, &mut refused, mention);
        }

        let home = self.home(mention, &accepted, ids, &mut out);
        self.attach_fresh(home, accepted.fresh, mention, ids, &mut out);
        for (namespace, value) in accepted.owned {
            if let Some(fragment) = self
                .identifier(&namespace, &value)
                .map(|node| node.fragment)
            {
                let identifier = Some((&namespace, value.as_str()));
                self.connect(home, fragment, mention.trust, identifier, ids, &mut out);
            }
            self.touch(&namespace, &value, mention, &mut out);
        }
        let profile = self.profile_of(home).unwrap_or(ProfileId(home.0));
        for (namespace, value, other_profile, refusal) in refused {
            out.log.push(LogEntry {
                id: IdentityLinkId(ids()),
                kind: if refusal == LinkRefusal::LimitExceeded {
                    LinkKind::Limited
                } else {
                    LinkKind::Refused
                },
                profile,
                other_profile,
                fragment: home,
                other_fragment: self
                    .identifier(&namespace, &value)
                    .map(|node| node.fragment),
                identifier: Some((namespace, value)),
                trust: mention.trust,
                refusal: Some(refusal),
            });
        }
        for (namespace, value) in shared {
            self.share(&namespace, &value, mention, ids, &mut out);
        }
        out.home = Some(home);
        out
    }

    /// The claims by descending priority; a shared identifier counts only when it comes alone.
    ///
    /// What an alias gives up comes last: it joins the person the item names, not the other way round.
    fn claims_in_order(&self, mention: &Mention) -> Vec<(Namespace, String)> {
        let mut claims = mention.claims.clone();
        claims.sort_by(|a, b| {
            let priority = |claim: &(Namespace, String)| claim.0.rule().priority;
            priority(b).cmp(&priority(a)).then_with(|| a.cmp(b))
        });
        claims.dedup();
        if let Some(previous) = &mention.alias_of {
            let customer = (Namespace::customer_id(), previous.clone());
            let known_customer = self.identifiers.contains_key(&customer);
            let given_up = if known_customer {
                customer
            } else {
                (Namespace::anonymous_id(), previous.clone())
            };
            if !claims.contains(&given_up) {
                claims.push(given_up);
            }
        }
        let is_shared = |(namespace, value): &(Namespace, String)| {
            self.identifier(namespace, value)
                .is_some_and(|node| node.shared)
        };
        if mention.target.is_some() || claims.iter().any(|claim| !is_shared(claim)) {
            claims.retain(|claim| !is_shared(claim));
        } else {
            claims.truncate(1);
        }
        claims
    }

    /// Sees to it that what a public source sends has a fragment to stay in beside whom it claims to be about: its device's, else
    /// one that stands in for the device it did not name.
    fn stand_beside(&self, accepted: &mut Accepted, refused: &mut Vec<Refused>, mention: &Mention) {
        let given_up = mention.alias_of.as_deref();
        let is_own =
            |claim: &&(Namespace, String)| claim.0.is_device() && given_up != Some(&claim.1);
        let has_device = accepted
            .owned
            .iter()
            .chain(&accepted.fresh)
            .any(|claim| is_own(&claim));
        if !has_device && let Some((namespace, value)) = mention.stand_in() {
            let owner = self
                .identifier(&namespace, &value)
                .and_then(|node| self.profile_of(node.fragment));
            match owner.map(|owner| self.verdict(accepted, owner, mention)) {
                None => accepted.fresh.insert(0, (namespace, value)),
                Some(None) => accepted.owned.insert(0, (namespace, value)),
                Some(Some(_)) => {}
            }
        }
        let union = self.union_of(accepted, mention);
        let device = accepted
            .owned
            .iter()
            .find(is_own)
            .and_then(|claim| self.owner_of(claim));
        if device.is_none() && self.fragments_of(&union) >= MAX_CLAIMED_FRAGMENTS {
            let (kept, full): (Vec<_>, Vec<_>) = accepted
                .owned
                .drain(..)
                .partition(|claim| claim.0.is_device());
            accepted.owned = kept;
            refused.extend(full.into_iter().map(|(namespace, value)| {
                let owner = self.owner_of(&(namespace.clone(), value.clone()));
                (namespace, value, owner, LinkRefusal::LimitExceeded)
            }));
        }
    }

    /// The profile that an identifier points at.
    pub(super) fn owner_of(&self, (namespace, value): &(Namespace, String)) -> Option<ProfileId> {
        self.identifier(namespace, value)
            .and_then(|node| self.profile_of(node.fragment))
    }

    /// The profiles that have joined so far.
    pub(super) fn union_of(&self, accepted: &Accepted, mention: &Mention) -> Vec<ProfileId> {
        let target = mention
            .target
            .and_then(|fragment| self.profile_of(fragment));
        let owned = accepted
            .owned
            .iter()
            .filter_map(|claim| self.owner_of(claim));
        let mut union: Vec<_> = target.into_iter().chain(owned).collect();
        union.sort_unstable();
        union.dedup();
        union
    }

    /// The fragment that the touchpoint belongs to for good.
    ///
    /// A trusted source vouches for the strongest identifier it names. A public source can vouch for nothing but its own device,
    /// so what it sends stays with the device's fragment and can be parted from a customer it only claimed to be.
    fn home(
        &mut self,
        mention: &Mention,
        accepted: &Accepted,
        ids: &mut dyn FnMut() -> Uuid,
        out: &mut Resolution,
    ) -> FragmentId {
        if let Some(target) = mention
            .target
            .filter(|fragment| self.fragments.contains_key(fragment))
        {
            return target;
        }
        let given_up = mention.alias_of.as_deref();
        let strongest = match mention.trust {
            Trust::Verified => accepted.owned.first(),
            Trust::Claimed => accepted
                .owned
                .iter()
                .find(|claim| claim.0.is_device() && given_up != Some(&claim.1)),
        };
        let existing = strongest
            .and_then(|claim| self.identifier(&claim.0, &claim.1))
            .map(|node| node.fragment);
        existing.unwrap_or_else(|| {
            let id = FragmentId(ids());
            self.create_fragment(id, mention.received_at);
            out.changes.push(Change::Created(id));
            id
        })
    }
}
