//! Measuring the population: how long customers usually take from one purchase to the next, and where the levels of those who buy
//! begin.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use lazo_domain::clock::Timestamp;
use lazo_domain::condition::{Span, Window};
use lazo_domain::id::ProfileId;
use lazo_domain::lifecycle::{Rules, SpendBoundaries, gaps, population_gap};
use lazo_domain::profile::zone_of_name;
use sea_orm::{ConnectionTrait, DbErr};

use super::selection::Selection;
use super::store::{self, Bought};

/// How many profiles are looked at at a time.
const AT_A_TIME: u64 = 1_000;

/// What the population measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The median interval between purchases of all customers; none if nobody bought on two days.
    pub population_gap: Option<Span>,
    /// Where the upper levels begin; none if nobody bought within the period.
    pub spend_boundaries: Option<SpendBoundaries>,
}

impl Measured {
    /// Whether there was anybody to measure.
    pub(super) fn is_something(&self) -> bool {
        self.population_gap.is_some() || self.spend_boundaries.is_some()
    }
}

/// Measures all profiles that `connection` sees, which is to be a snapshot: they are gone through several times, so that it takes
/// no more memory for many customers than for a few.
pub async fn measure(
    connection: &impl ConnectionTrait,
    rules: &Rules,
    time_zone: Tz,
    now: Timestamp,
) -> Result<Measured, DbErr> {
    let (mut between, mut spent) = (Selection::new(), Selection::new());
    for _ in 0..Selection::PASSES {
        let mut after = None;
        loop {
            let buyers = store::buyers(connection, after, AT_A_TIME).await?;
            let Some((last, _)) = buyers.last() else {
                break;
            };
            after = Some(*last);
            let zones: BTreeMap<ProfileId, Tz> = buyers
                .iter()
                .map(|(profile, zone)| (*profile, zone_of(zone.as_deref(), time_zone)))
                .collect();
            for (profile, bought) in store::bought(connection, zones.keys().copied()).await? {
                let zone = zones.get(&profile).copied().unwrap_or(time_zone);
                let placed = bought.iter().map(|one| one.placed_at);
                gaps(placed, zone).for_each(|gap| between.see(gap));
                if let Some(spend) = spend(&bought, rules.pyramid_period, now) {
                    spent.see(spend);
                }
            }
        }
        between.narrow(middle);
        spent.narrow(|customers| {
            let among = rules.tiers.among(customers);
            // From the least, while the levels count from the greatest.
            among
                .map(|among| customers.checked_sub(among)?.checked_sub(1))
                .into_iter()
                .chain([customers.checked_sub(1)])
                .collect()
        });
    }
    let spend_boundaries = match spent.found()[..] {
        [top, large, medium, Some(_)] => Some(SpendBoundaries { top, large, medium }),
        _ => None,
    };
    Ok(Measured {
        population_gap: population_gap(between.found().into_iter().flatten()),
        spend_boundaries,
    })
}

/// The places of the two middle ones of so many numbers; of an odd number they are the same.
fn middle(total: u64) -> Vec<Option<u64>> {
    let last = total.checked_sub(1);
    let low = last.map(|last| last / 2);
    let high = last.map(|_| total / 2);
    vec![low, high]
}

fn zone_of(name: Option<&str>, usual: Tz) -> Tz {
    name.and_then(zone_of_name).unwrap_or(usual)
}

/// What a customer spent within the period; none if they bought nothing in it.
fn spend(bought: &[Bought], period: Span, now: Timestamp) -> Option<i64> {
    let window = Window::Last(period);
    let mut spend: Option<i128> = None;
    for one in bought {
        if window.contains(one.placed_at, now) {
            spend = Some(spend.unwrap_or_default() + i128::from(one.net));
        }
    }
    spend.map(|sum| i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX }))
}
