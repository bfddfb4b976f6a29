//! The CDNOW purchase log of Fader and Hardie: 2,357 customers who first bought in early 1997, followed until the middle of 1998.

use std::collections::BTreeMap;

use super::sample::{bought, customer, days};
use crate::clock::Timestamp;
use crate::condition::Span;
use crate::lifecycle::{
    Level, Rules, SpendBoundaries, Stage, Tiers, gaps, level, population_gap, spend, stage, stages,
};
use crate::purchase::PurchaseView;

const LOG: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/data/cdnow_transactions.csv"
));

/// The purchases of each customer.
fn customers() -> Vec<Vec<PurchaseView>> {
    let mut customers = BTreeMap::<_, Vec<_>>::new();
    for row in LOG.lines().skip(1) {
        let [customer, _, date, _, dollars] = row.split(',').collect::<Vec<_>>()[..] else {
            panic!("not a row: {row}");
        };
        let minor = (dollars.parse::<f64>().unwrap() * 100.0).round();
        let minor = format!("{minor}").parse().unwrap();
        let purchase = bought(on(date), minor);
        customers.entry(customer).or_default().push(purchase);
    }
    customers.into_values().collect()
}

/// The midnight with which a day begins; the log has dates alone.
fn on(date: &str) -> Timestamp {
    format!("{date}T00:00:00Z").parse().unwrap()
}

fn all_gaps(customers: &[Vec<PurchaseView>]) -> Vec<Vec<i64>> {
    let each = customers.iter().map(|purchases| {
        let facts = customer(purchases);
        let placed = facts.purchases().iter().map(|purchase| purchase.placed_at);
        gaps(placed, chrono_tz::UTC).collect()
    });
    each.collect()
}

fn rules(pyramid_period: u16) -> Rules {
    Rules {
        population_gap: Some(days(34)),
        pyramid_period: days(pyramid_period),
        ..Rules::default()
    }
}

#[test]
fn the_population_buys_every_34_days() {
    let gaps = all_gaps(&customers());
    let with = |least: usize| gaps.iter().filter(|gaps| gaps.len() >= least).count();
    assert_eq!((gaps.len(), with(1), with(2)), (2_357, 1_139, 736));
    let median = population_gap(gaps.into_iter().flatten());
    assert_eq!(median, Span::days(34).ok());
}

/// How many customers are in each stage; those who have not bought yet are not counted.
fn counts(customers: &[Vec<PurchaseView>], at: &str) -> BTreeMap<Stage, usize> {
    let mut counts = BTreeMap::new();
    for purchases in customers {
        let facts = customer(purchases);
        let value = stage(&facts, &rules(365), on(at)).value;
        let history = stages(&facts, &rules(365), on(at));
        assert_eq!(
            history.last().map_or(Stage::Anonymous, |last| last.1),
            value
        );
        *counts.entry(value).or_default() += 1;
    }
    counts.remove(&Stage::Anonymous);
    counts
}

#[test]
fn stages_are_those_computed_from_the_file() {
    use Stage::{Active, LosingInterest, Lost, New, Recovered};
    let customers = customers();
    // By the cycle alone 334 are active at the end: 191 and the 143 of them who came back.
    let expected = [
        (
            "1997-03-31",
            vec![(New, 693), (Active, 823), (LosingInterest, 839), (Lost, 2)],
        ),
        (
            "1997-06-30",
            vec![
                (Active, 244),
                (LosingInterest, 296),
                (Lost, 1_711),
                (Recovered, 106),
            ],
        ),
        (
            "1998-06-30",
            vec![
                (Active, 191),
                (LosingInterest, 177),
                (Lost, 1_846),
                (Recovered, 143),
            ],
        ),
    ];
    for (at, expected) in expected {
        assert_eq!(
            counts(&customers, at),
            expected.into_iter().collect(),
            "{at}"
        );
    }
}

#[test]
fn the_pyramid_is_the_one_computed_from_the_file() {
    let (customers, end) = (customers(), on("1998-06-30"));
    let active = |period: u16| {
        let spends = customers
            .iter()
            .filter_map(|purchases| spend(&customer(purchases), days(period), end));
        spends.collect::<Vec<_>>()
    };
    assert_eq!(active(180).len(), 514);
    assert_eq!(active(365).len(), 812);
    let rules = Rules {
        spend_boundaries: SpendBoundaries::of(active(365), &Tiers::default()),
        ..rules(365)
    };
    let mut counts = BTreeMap::<_, usize>::new();
    for purchases in &customers {
        let level = level(&customer(purchases), &rules, end).value;
        *counts.entry(level).or_default() += 1;
    }
    // 1, 5 and 20 percent of 812, rounded up, are 9, 41 and 163.
    let expected = [
        (Level::Top, 9),
        (Level::Large, 32),
        (Level::Medium, 122),
        (Level::Small, 649),
        (Level::Inactive, 1_545),
    ];
    assert_eq!(counts, expected.into());
}

#[test]
fn a_fifth_of_the_customers_brings_two_thirds_of_the_revenue() {
    let (customers, end) = (customers(), on("1998-06-30"));
    let period = days(36_525);
    let spends: Vec<_> = customers
        .iter()
        .filter_map(|purchases| spend(&customer(purchases), period, end))
        .collect();
    let boundaries = SpendBoundaries::of(spends.iter().copied(), &Tiers::default()).unwrap();
    let total: i64 = spends.iter().sum();
    let above = |bound: Option<i64>| {
        let above = spends.iter().filter(|spend| Some(**spend) > bound);
        let tenths_of_thousandths = above.clone().sum::<i64>() * 10_000 / total;
        (above.count(), tenths_of_thousandths)
    };
    assert_eq!((spends.len(), total), (2_357, 24_409_194));
    assert_eq!(above(boundaries.top), (24, 1_455));
    assert_eq!(above(boundaries.large), (118, 3_606));
    assert_eq!(above(boundaries.medium), (472, 6_745));
}
