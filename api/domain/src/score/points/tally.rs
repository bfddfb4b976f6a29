//! What rules come to at an instant.

use super::counted::{Counted, counted};
use super::{Points, Rule};
use crate::clock::Timestamp;
use crate::condition::Span;
use crate::condition::evaluate::{Facts, earliest, left};
use crate::score::scored::{Component, Raw, Sum, billionths};

/// What the rules come to at `now`.
///
/// All that fades does so from the last instant that points are given for, and not from `now`, so that it comes to the same whenever
/// it is counted.
pub(in crate::score) fn tally(points: &Points, facts: &Facts<'_>, now: Timestamp) -> Raw {
    let rules: Vec<(&Rule, Counted)> = points
        .rules
        .iter()
        .map(|rule| (rule, counted(rule, facts, now)))
        .collect();
    let fading = rules.iter().filter(|(rule, _)| rule.fades);
    let from = fading
        .flat_map(|(_, counted)| counted.instants.iter().copied())
        .max();
    let fade = from.zip(points.half_life);
    let until = rules
        .iter()
        .fold(None, |until, (_, counted)| earliest(until, counted.until));
    let component = |(rule, counted): (&Rule, Counted)| Component {
        key: rule.key.clone(),
        title: rule.title.clone(),
        value: given(rule, &counted, fade).value(),
        found: counted.found,
        touchpoints: counted.touchpoints,
    };
    Raw {
        is_known: true,
        until,
        components: rules.into_iter().map(component).collect(),
        coverage: None,
    }
}

/// The points that a rule gives.
fn given(rule: &Rule, counted: &Counted, fade: Option<(Timestamp, Span)>) -> Sum {
    let points = rule.points.micros().unwrap_or_default();
    let Some((from, half_life)) = fade.filter(|_| rule.fades) else {
        let times = counted.instants.len() + usize::from(counted.holds);
        let times = i64::try_from(times).unwrap_or(i64::MAX);
        return Sum {
            base: points.saturating_mul(times),
            ..Sum::default()
        };
    };
    // Rounded one by one, so that their order does not matter.
    let rest = |at: &Timestamp| billionths(rule.points.get() * left(*at, half_life, from));
    let fading = counted.instants.iter().map(rest).sum();
    Sum {
        base: if counted.holds { points } else { 0 },
        fading,
        fade,
    }
}
