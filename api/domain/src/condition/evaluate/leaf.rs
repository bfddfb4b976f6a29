//! Leaves: each asks its own facts.

use super::because::{Found, Leaf, MAX_NAMED};
use super::value::{PreparedTest, scalar};
use super::{Decision, Facts, Known, anniversary, purchase, score, sequence, touchpoint};
use crate::clock::Timestamp;
use crate::condition::{Condition, ConsentTest, Seen, SeenTest, SegmentTest, TraitTest};

/// Decides a leaf; what joins parts is not its matter.
pub(super) fn decide(leaf: &Condition, facts: &Facts<'_>, now: Timestamp) -> Decision {
    match leaf {
        Condition::Touchpoint(test) => touchpoint::decide(test, facts, now),
        Condition::Purchase(test) => purchase::decide(test, facts, now),
        Condition::Sequence(test) => sequence::decide(test, facts, now),
        Condition::Trait(test) => trait_(test, facts, now),
        Condition::Segment(test) => known(segment(test, facts), now, |member| member),
        Condition::Score(test) => score::decide(test, facts, now),
        Condition::Consent(test) => {
            known(consent(test, facts), now, |granted| granted == test.granted)
        }
        Condition::Stage(test) => facts.stage.map_or(Decision::always(false), |stage| {
            known(stage, now, |stage| test.stages.contains(&stage))
        }),
        Condition::Level(test) => facts.level.map_or(Decision::always(false), |level| {
            known(level, now, |level| test.levels.contains(&level))
        }),
        Condition::Identifier(test) => Decision::always(facts.namespaces.contains(&test.namespace)),
        Condition::Anniversary(test) => anniversary::decide(test, facts, now),
        Condition::Seen(test) => seen(test, facts, now),
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) => {
            super::decide(leaf, facts, now)
        }
    }
}

/// Decides a leaf and says what it found.
pub(super) fn explain(leaf: &Condition, facts: &Facts<'_>, now: Timestamp) -> (Decision, Leaf) {
    let found = match leaf {
        Condition::Touchpoint(test) => return touchpoint::explain(test, facts, now),
        Condition::Purchase(test) => return purchase::explain(test, facts, now),
        Condition::Sequence(test) => return sequence::explain(test, facts, now),
        Condition::Trait(test) => values(test, facts),
        Condition::Segment(test) => Found::Truth(segment(test, facts).value),
        Condition::Score(test) => score::found(test, facts, now),
        Condition::Consent(test) => Found::Truth(consent(test, facts).value),
        Condition::Stage(_) => facts
            .stage
            .map_or(Found::Missing, |stage| Found::Stage(stage.value)),
        Condition::Level(_) => facts
            .level
            .map_or(Found::Missing, |level| Found::Level(level.value)),
        Condition::Identifier(test) => Found::Truth(facts.namespaces.contains(&test.namespace)),
        Condition::Anniversary(test) => anniversary::found(test, facts, now),
        Condition::Seen(test) => instant(test, facts).map_or(Found::Missing, Found::Instant),
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) => {
            Found::Truth(super::decide(leaf, facts, now).holds)
        }
    };
    Leaf::of(found, decide(leaf, facts, now))
}

fn trait_(test: &TraitTest, facts: &Facts<'_>, now: Timestamp) -> Decision {
    PreparedTest::new(&test.test).decide(facts.traits.get(&test.name), now)
}

fn values(test: &TraitTest, facts: &Facts<'_>) -> Found {
    let rows = facts.traits.get(&test.name).iter();
    let values: Vec<_> = rows.filter_map(scalar).take(MAX_NAMED).collect();
    if values.is_empty() {
        Found::Missing
    } else {
        Found::Values(values)
    }
}

fn segment(test: &SegmentTest, facts: &Facts<'_>) -> Known<bool> {
    let member = facts.segments.get(test.key.as_str());
    member.copied().unwrap_or(NEITHER)
}

fn consent(test: &ConsentTest, facts: &Facts<'_>) -> Known<bool> {
    let granted = facts.consents.get(&(test.purpose.as_str(), test.channel));
    granted.copied().unwrap_or(NEITHER)
}

/// No member, and nothing granted.
const NEITHER: Known<bool> = Known {
    value: false,
    until: None,
};

fn known<T>(fact: Known<T>, now: Timestamp, test: impl Fn(T) -> bool) -> Decision {
    Decision {
        holds: test(fact.value),
        until: fact.until.filter(|until| *until > now),
    }
}

fn instant(test: &SeenTest, facts: &Facts<'_>) -> Option<Timestamp> {
    match test.which {
        Seen::First => facts.first_seen,
        Seen::Last => facts.last_seen,
    }
}

fn seen(test: &SeenTest, facts: &Facts<'_>, now: Timestamp) -> Decision {
    instant(test, facts).map_or(Decision::always(false), |instant| Decision {
        holds: test.time.passes(instant, now),
        until: test.time.changes(instant, now),
    })
}
