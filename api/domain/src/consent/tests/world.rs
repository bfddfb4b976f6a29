//! Fragments that decide, are merged, parted and replayed: nothing of that turns a withdrawal into a grant.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::generate::{DAYS, a_decision};
use super::sample::{day, offers, record};
use crate::clock::Timestamp;
use crate::consent::{Decision, DecisionKind, Linked, State};
use crate::identity::Trust;
use crate::touchpoint::Channel;

const FRAGMENTS: usize = 4;

/// Something that happens.
#[derive(Clone, Debug)]
enum Happening {
    /// A person decides, in a fragment; a decision is imported late; it is replayed.
    Decision(usize, Decision),
    /// A link is made between two fragments.
    Merge(usize, usize, Trust),
    /// All links between two fragments are undone.
    Unmerge(usize, usize),
}

fn happening() -> impl Strategy<Value = Happening> {
    let one = 0..FRAGMENTS;
    let trust = super::generate::trust();
    prop_oneof![
        4 => (one.clone(), a_decision()).prop_map(|(one, decision)| Happening::Decision(one, decision)),
        3 => (one.clone(), one.clone(), trust).prop_map(|(one, other, trust)| Happening::Merge(one, other, trust)),
        1 => (one.clone(), one).prop_map(|(one, other)| Happening::Unmerge(one, other)),
    ]
}

#[derive(Clone, Default)]
struct World {
    decisions: Vec<(usize, Decision)>,
    links: Vec<(usize, usize, Trust)>,
}

impl World {
    fn happen(&mut self, happening: &Happening) {
        match happening {
            Happening::Decision(fragment, decision) => {
                let id = record(u128::try_from(self.decisions.len()).unwrap());
                let decision = Decision {
                    id,
                    ..decision.clone()
                };
                self.decisions.push((*fragment, decision));
            }
            Happening::Merge(one, other, trust) => self.links.push((*one, *other, *trust)),
            Happening::Unmerge(one, other) => {
                let between = BTreeSet::from([*one, *other]);
                self.links
                    .retain(|(a, b, _)| BTreeSet::from([*a, *b]) != between);
            }
        }
    }

    /// The fragments that are reached from one over links of at least this trust.
    fn reached(&self, from: usize, least: Trust) -> BTreeSet<usize> {
        let mut reached = BTreeSet::from([from]);
        loop {
            let before = reached.len();
            for (one, other, trust) in &self.links {
                if *trust >= least && (reached.contains(one) || reached.contains(other)) {
                    reached.extend([*one, *other]);
                }
            }
            if reached.len() == before {
                return reached;
            }
        }
    }

    /// The decisions of the profile that a fragment belongs to, as that fragment sees them.
    fn seen(&self, from: usize) -> Vec<Linked<'_>> {
        let verified = self.reached(from, Trust::Verified);
        let all = self.reached(from, Trust::Claimed);
        let of_profile = self.decisions.iter().filter(|(one, _)| all.contains(one));
        let linked = of_profile.map(|(one, decision)| Linked {
            decision,
            trust: if verified.contains(one) {
                Trust::Verified
            } else {
                Trust::Claimed
            },
        });
        linked.collect()
    }

    fn state(&self, from: usize, now: Timestamp) -> State {
        State::of(&offers(), Some(Channel::Email), self.seen(from), now)
    }
}

fn concerns_email(decision: &Decision) -> bool {
    decision
        .channel
        .is_none_or(|channel| channel == Channel::Email)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn nothing_but_a_later_decision_turns_a_refusal_into_a_grant(happenings in vec(happening(), 1..20)) {
        let now = day(DAYS);
        let mut world = World::default();
        for happening in &happenings {
            let before = world.clone();
            world.happen(happening);
            for fragment in 0..FRAGMENTS {
                let (was, is) = (before.state(fragment, now), world.state(fragment, now));
                let (Some(refusal), Some(grant)) = (was.refusal(), is.grant(now)) else { continue };
                // Either the person decided later, or the refusal was that of somebody else, who was parted from them.
                let stays = world.seen(fragment).iter().any(|linked| linked.decision.id == refusal.record);
                let later = grant.at > refusal.at;
                prop_assert!(later || (!stays && matches!(happening, Happening::Unmerge(..))), "{:?}", happening);
                let refusals = world.seen(fragment).into_iter().filter(|linked| linked.decision.kind.refuses());
                for linked in refusals.filter(|linked| concerns_email(linked.decision)) {
                    prop_assert!(linked.decision.at < grant.at);
                }
            }
        }
    }

    #[test]
    fn parting_gives_each_side_what_was_its_own(happenings in vec(happening(), 0..12), later in vec((0..2_usize, a_decision()), 0..4)) {
        let now = day(DAYS);
        // Two sides that nothing links.
        let side = |fragment: &usize| fragment % 2;
        let mut apart = World::default();
        for happening in happenings {
            if !matches!(&happening, Happening::Merge(one, other, _) if side(one) != side(other)) {
                apart.happen(&happening);
            }
        }
        let mut together = apart.clone();
        together.happen(&Happening::Merge(0, 1, Trust::Verified));
        for (fragment, decision) in later {
            let decided = Happening::Decision(fragment, decision);
            apart.happen(&decided);
            together.happen(&decided);
        }
        together.happen(&Happening::Unmerge(0, 1));
        for fragment in 0..FRAGMENTS {
            prop_assert_eq!(together.state(fragment, now), apart.state(fragment, now));
        }
    }

    #[test]
    fn a_claimed_link_never_grants(happenings in vec(happening(), 0..12), decision in a_decision()) {
        let now = day(DAYS);
        let mut world = World::default();
        for happening in &happenings {
            world.happen(happening);
        }
        let before = world.state(0, now).grant(now).is_some();
        let stranger = !world.reached(0, Trust::Verified).contains(&3);
        world.happen(&Happening::Merge(0, 3, Trust::Claimed));
        world.happen(&Happening::Decision(3, Decision { kind: DecisionKind::Granted, ..decision }));
        if stranger && !before {
            prop_assert!(world.state(0, now).grant(now).is_none());
        }
    }
}
