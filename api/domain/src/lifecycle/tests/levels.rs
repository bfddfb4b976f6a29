//! Cases of levels, at each of their boundaries.

use rstest::rstest;

use super::sample::{bought, bought_on, customer, day, days, namespace};
use crate::condition::evaluate::Facts;
use crate::lifecycle::Level::{Inactive, Large, Medium, Potential, Probable, Rest, Small, Top};
use crate::lifecycle::{Level, LevelCause, Rules, SpendBoundaries, Tiers, level, levels, spend};

fn rules() -> Rules {
    Rules {
        pyramid_period: days(100),
        spend_boundaries: Some(SpendBoundaries {
            top: Some(9_000),
            large: Some(5_000),
            medium: Some(1_000),
        }),
        ..Rules::default()
    }
}

#[rstest]
#[case::reachable(&["email"], Some(3), Potential, Some(3))]
#[case::reachable_and_never_seen(&["email"], None, Potential, None)]
#[case::seen(&["anonymous_id"], Some(3), Probable, Some(3))]
#[case::nothing(&[], None, Rest, None)]
fn who_never_bought_is_told_by_relation_and_activity(
    #[case] names: &[&str],
    #[case] seen: Option<i64>,
    #[case] value: Level,
    #[case] since: Option<i64>,
) {
    let namespaces: Vec<_> = names.iter().map(|name| namespace(name)).collect();
    let mut facts = Facts::new(chrono_tz::UTC, "EUR".parse().unwrap());
    facts.namespaces = namespaces.iter().collect();
    facts.first_seen = seen.map(day);
    let standing = level(&facts, &rules(), day(500));
    assert_eq!(standing.value, value);
    assert_eq!((standing.since, standing.until), (since.map(day), None));
}

#[rstest]
#[case::above_the_first(9_001, Top)]
#[case::at_the_first(9_000, Large)]
#[case::above_the_second(5_001, Large)]
#[case::at_the_second(5_000, Medium)]
#[case::above_the_third(1_001, Medium)]
#[case::at_the_third(1_000, Small)]
#[case::for_nothing(0, Small)]
fn a_level_begins_above_its_boundary(#[case] minor: i64, #[case] value: Level) {
    let purchases = [bought(day(0), minor)];
    let standing = level(&customer(&purchases), &rules(), day(1));
    assert_eq!(standing.value, value);
    assert_eq!(
        (standing.since, standing.until),
        (Some(day(0)), Some(day(100)))
    );
}

#[test]
fn a_level_changes_when_purchases_leave_the_period() {
    let purchases = [
        bought(day(0), 5_000),
        bought(day(10), 800),
        bought(day(20), 4_000),
        bought(day(20), 400),
    ];
    let facts = customer(&purchases);
    let expected = [
        (day(0), Medium),
        (day(10), Large),
        (day(20), Top),
        (day(100), Large),
        (day(110), Medium),
        (day(120), Inactive),
    ];
    assert_eq!(levels(&facts, &rules(), day(1_000)), expected);
    let before = level(&facts, &rules(), day(100).plus_millis(-1));
    assert_eq!((before.value, before.until), (Top, Some(day(100))));
    let gone = level(&facts, &rules(), day(500));
    assert_eq!((gone.since, gone.until), (Some(day(120)), None));
    let cause = LevelCause::BoughtBefore {
        last: day(20),
        period: days(100),
    };
    assert_eq!(gone.cause, cause);
}

#[test]
fn a_spend_that_falls_within_a_level_leaves_it() {
    let purchases = [bought(day(0), 500), bought(day(50), 2_000)];
    let standing = level(&customer(&purchases), &rules(), day(99));
    assert_eq!((standing.value, standing.until), (Medium, Some(day(150))));
    let cause = LevelCause::Spend {
        minor: 2_500,
        purchases: 2,
        period: days(100),
        above_minor: Some(1_000),
    };
    assert_eq!(standing.cause, cause);
}

#[test]
fn a_purchase_in_another_currency_counts_and_adds_nothing() {
    let mut foreign = bought(day(0), 99_999);
    foreign.left_out = true;
    let purchases = [foreign];
    let facts = customer(&purchases);
    assert_eq!(level(&facts, &rules(), day(1)).value, Small);
    assert_eq!(spend(&facts, days(100), day(1)), Some(0));
}

#[test]
fn before_boundaries_are_measured_all_who_buy_are_small() {
    let purchases = [bought(day(0), 99_999)];
    let rules = Rules {
        spend_boundaries: None,
        ..rules()
    };
    assert_eq!(level(&customer(&purchases), &rules, day(1)).value, Small);
}

#[rstest]
#[case::at_the_beginning(0, Some(1_000))]
#[case::both(50, Some(2_000))]
#[case::to_the_last_instant(99, Some(2_000))]
#[case::one_left(100, Some(1_000))]
#[case::none_left(150, None)]
#[case::none_yet(-1, None)]
fn spend_is_that_of_the_period(#[case] days_later: i64, #[case] minor: Option<i64>) {
    let purchases = bought_on(&[0, 50]);
    let facts = customer(&purchases);
    assert_eq!(spend(&facts, days(100), day(days_later)), minor);
}

#[rstest]
#[case::one_customer(&[5], [None, None, None])]
#[case::nobody(&[], [None, None, None])]
#[case::two(&[5, 9], [Some(5), Some(5), Some(5)])]
#[case::a_hundred_rounds_nothing(&(1..=100).collect::<Vec<_>>(), [Some(99), Some(95), Some(80)])]
#[case::a_hundred_and_one_round_up(&(1..=101).collect::<Vec<_>>(), [Some(99), Some(95), Some(80)])]
#[case::all_alike(&[7; 50], [Some(7), Some(7), Some(7)])]
fn boundaries_are_taken_by_rank(#[case] spends: &[i64], #[case] expected: [Option<i64>; 3]) {
    let measured = SpendBoundaries::of(spends.iter().copied(), &Tiers::default());
    let [top, large, medium] = expected;
    let expected = SpendBoundaries { top, large, medium };
    assert_eq!(measured, (!spends.is_empty()).then_some(expected));
}

#[test]
fn customers_of_equal_spend_are_on_one_level_and_no_level_exceeds_its_share() {
    let spends = [vec![90, 90, 80], vec![10; 97]].concat();
    let boundaries = SpendBoundaries::of(spends.iter().copied(), &Tiers::default()).unwrap();
    let levels: Vec<_> = spends
        .iter()
        .map(|spend| boundaries.level(i128::from(*spend)).0)
        .collect();
    assert_eq!(levels[..4], [Large, Large, Large, Small]);
    assert!(levels[3..].iter().all(|level| *level == Small));
}
