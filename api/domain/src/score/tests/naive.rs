//! Points again, as their definition reads and as slowly: each touchpoint by itself, faded from its own instant to now.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::condition::evaluate::matcher::Matcher;
use crate::condition::evaluate::{Dated, Facts, TouchpointFact, decide};
use crate::condition::{Filter, Window};
use crate::score::{Points, When};

/// What the rules come to, not rounded.
pub(super) fn sum(points: &Points, facts: &Facts<'_>, now: Timestamp) -> f64 {
    let mut sum = 0.0;
    for rule in &points.rules {
        let instants = match &rule.when {
            When::Holds(condition) => {
                if decide(condition, facts, now).holds {
                    sum += rule.points.get();
                }
                continue;
            }
            When::Once { filter, window } => {
                let passing = passing(filter, *window, facts, now);
                passing.into_iter().take(1).collect()
            }
            When::Each {
                filter,
                window,
                cap,
            } => {
                let mut counted = BTreeMap::new();
                let mut instants = passing(filter, *window, facts, now);
                instants.retain(|at| {
                    cap.is_none_or(|cap| {
                        let period = at.0.div_euclid(cap.per.millis());
                        let so_far: &mut u32 = counted.entry(period).or_default();
                        *so_far += 1;
                        *so_far <= cap.most
                    })
                });
                instants
            }
        };
        for at in instants {
            let half_life = points.half_life.filter(|_| rule.fades);
            let left = half_life.map_or(1.0, |half_life| {
                #[expect(clippy::cast_precision_loss, reason = "a few days of milliseconds")]
                let lives = (now.0 - at.0) as f64 / half_life.millis() as f64;
                0.5_f64.powf(lives)
            });
            sum += rule.points.get() * left;
        }
    }
    sum
}

fn passing(filter: &Filter, window: Window, facts: &Facts<'_>, now: Timestamp) -> Vec<Timestamp> {
    let matcher = Matcher::new(filter, now);
    let passes = |one: &&TouchpointFact<'_>| {
        one.active && window.contains(one.at(), now) && matcher.passes(one)
    };
    let touchpoints = facts.touchpoints().iter().filter(passes);
    touchpoints.map(Dated::at).collect()
}
