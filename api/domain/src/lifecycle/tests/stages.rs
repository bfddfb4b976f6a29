//! Cases of stages, at each of their boundaries.

use rstest::rstest;

use super::sample::{DAY, bought, bought_on, customer, day, days, namespace};
use crate::clock::Timestamp;
use crate::condition::Number;
use crate::condition::evaluate::Facts;
use crate::lifecycle::Stage::{Active, Anonymous, Lead, LosingInterest, Lost, New, Recovered};
use crate::lifecycle::{Rhythm, Rules, Stage, StageCause, stage, stages};

/// All customers buy every 20 days, whatever their own intervals are, so that interest is lost after 30 days and all after 60.
fn rules() -> Rules {
    Rules {
        population_gap: Some(days(20)),
        ..Rules::default()
    }
}

#[rstest]
#[case::no_identifier(&[], Anonymous)]
#[case::a_browser_and_a_customer_id(&["anonymous_id", "customer_id"], Anonymous)]
#[case::an_email(&["anonymous_id", "email"], Lead)]
#[case::a_phone(&["phone"], Lead)]
#[case::a_handle(&["instagram"], Lead)]
fn who_never_bought_is_told_by_whether_they_can_be_reached(
    #[case] names: &[&str],
    #[case] value: Stage,
) {
    let namespaces: Vec<_> = names.iter().map(|name| namespace(name)).collect();
    let mut facts = Facts::new(chrono_tz::UTC, "EUR".parse().unwrap());
    facts.namespaces = namespaces.iter().collect();
    facts.first_seen = Some(day(3));
    let standing = stage(&facts, &rules(), day(500));
    assert_eq!(standing.value, value);
    assert_eq!((standing.since, standing.until), (Some(day(3)), None));
    assert_eq!(stages(&facts, &rules(), day(500)), [(day(3), value)]);
    assert_eq!(stage(&facts, &rules(), day(2)).since, None);
    assert_eq!(stages(&facts, &rules(), day(2)), []);
}

#[test]
fn who_bought_is_a_customer_even_if_they_cannot_be_reached() {
    let purchases = bought_on(&[0]);
    assert_eq!(stage(&customer(&purchases), &rules(), day(0)).value, New);
}

const BEFORE: i64 = -1;
const AT: i64 = 0;
const AFTER: i64 = 1;

#[rstest]
#[case::new(&[0], 0, AT, New, Some(0), Some((30, AT)))]
#[case::new_to_the_last_instant(&[0], 30, BEFORE, New, Some(0), Some((30, AT)))]
#[case::interest_to_the_first_factor(&[0], 30, AT, Active, Some(30), Some((30, AFTER)))]
#[case::interest_goes_after_it(&[0], 30, AFTER, LosingInterest, None, Some((60, AFTER)))]
#[case::interest_goes_to_the_second_factor(&[0], 60, AT, LosingInterest, None, Some((60, AFTER)))]
#[case::lost_after_it(&[0], 60, AFTER, Lost, None, None)]
#[case::new_whatever_they_buy(&[0, 20], 29, AT, New, Some(0), Some((30, AT)))]
#[case::active_from_then_on(&[0, 20], 30, AT, Active, Some(30), Some((50, AFTER)))]
#[case::a_purchase_in_time(&[0, 20, 40], 45, AT, Active, Some(30), Some((70, AFTER)))]
#[case::back_from_losing_interest(&[0, 20, 60], 60, AT, Active, Some(60), None)]
#[case::back_from_lost(&[0, 61], 61, AT, Recovered, Some(61), None)]
#[case::recovered_until_the_next_day_of_purchase(&[0, 61, 81], 80, AT, Recovered, Some(61), Some((81, AT)))]
#[case::active_by_a_later_purchase(&[0, 61, 81], 81, AT, Active, Some(81), None)]
#[case::active_by_two_later_purchases_at_once(&[0, 61, 81, 81], 81, AT, Active, Some(81), None)]
#[case::recovered_by_two_purchases_at_once(&[0, 61, 61], 61, AT, Recovered, Some(61), None)]
#[case::what_lies_ahead_does_not_count(&[0, 61], 20, AT, New, Some(0), Some((30, AT)))]
fn a_customer_is_told_by_their_purchases(
    #[case] purchases: &[i64],
    #[case] days: i64,
    #[case] millis: i64,
    #[case] value: Stage,
    #[case] since: Option<i64>,
    #[case] until: Option<(i64, i64)>,
) {
    let purchases = bought_on(purchases);
    let rules = Rules {
        shrinkage: 1_000_000_000,
        ..rules()
    };
    let standing = stage(&customer(&purchases), &rules, day(days).plus_millis(millis));
    assert_eq!(standing.value, value);
    if let Some(since) = since {
        assert_eq!(standing.since, Some(day(since)));
    }
    if let Some((days, millis)) = until {
        assert_eq!(standing.until, Some(day(days).plus_millis(millis)));
    }
}

#[test]
fn a_frequent_buyer_is_missed_sooner() {
    // Nine intervals of 5 days count as nine, that of the population as three: (9 × 5 + 3 × 20) / 12 = 8.75 days.
    let often: Vec<_> = (0..10).map(|number| number * 5).collect();
    let purchases = bought_on(&often);
    let facts = customer(&purchases);
    let standing = stage(&facts, &rules(), day(60));
    let cycle_millis = 35 * DAY / 4;
    assert_eq!(standing.value, LosingInterest);
    assert_eq!(
        standing.since,
        Some(day(45).plus_millis(cycle_millis * 3 / 2 + 1))
    );
    assert_eq!(
        standing.until,
        Some(day(45).plus_millis(cycle_millis * 3 + 1))
    );
    let rhythm = Rhythm {
        last: day(45),
        cycle_millis,
        gaps: 9,
        factor: Number::try_from(1.5).unwrap(),
    };
    assert_eq!(standing.cause, StageCause::BeyondCycle(rhythm));
}

#[test]
fn an_order_split_in_two_leaves_a_customer_recovered() {
    let mut purchases = bought_on(&[0, 61]);
    purchases.push(bought(day(61).plus_millis(300_000), 500));
    let standing = stage(&customer(&purchases), &rules(), day(62));
    assert_eq!((standing.value, standing.since), (Recovered, Some(day(61))));
    let StageCause::BackAfterLost { lost_since, rhythm } = standing.cause else {
        panic!("another cause: {standing:?}");
    };
    assert_eq!(lost_since, day(60).plus_millis(1));
    assert_eq!(rhythm.last, day(61).plus_millis(300_000));
    assert_eq!(rhythm.gaps, 1);
}

#[test]
fn who_buys_at_the_instant_of_being_lost_never_was() {
    let at = day(60).plus_millis(1);
    let purchases = [bought(day(0), 1), bought(at, 1)];
    assert_eq!(stage(&customer(&purchases), &rules(), at).value, Active);
    let purchases = [bought(day(0), 1), bought(at.plus_millis(1), 1)];
    let standing = stage(&customer(&purchases), &rules(), at.plus_millis(1));
    assert_eq!(standing.value, Recovered);
}

#[test]
fn without_a_time_of_being_active_a_customer_loses_interest_or_is_lost() {
    let rules = |gap| Rules {
        population_gap: Some(days(gap)),
        ..Rules::default()
    };
    let purchases = bought_on(&[0]);
    let facts = customer(&purchases);
    let changes = |gap| stages(&facts, &rules(gap), day(1_000));
    let lost = day(45).plus_millis(1);
    assert_eq!(
        changes(15),
        [(day(0), New), (day(30), LosingInterest), (lost, Lost)]
    );
    assert_eq!(changes(5), [(day(0), New), (day(30), Lost)]);
}

#[test]
fn the_history_names_every_change() {
    let purchases = bought_on(&[0, 10, 100, 110, 400]);
    let mut facts = customer(&purchases);
    facts.first_seen = Some(day(-5));
    let beyond = |from: i64, cycle: i64, halves: i64| {
        Timestamp(from * DAY + cycle * halves / 2).plus_millis(1)
    };
    // Cycles as of each purchase: intervals of 10; of 10 and 90; of 10, 90 and 10; of 10, 90, 10 and 290.
    let cycles = [
        (10 + 3 * 20) * DAY / 4,
        (2 * 50 + 3 * 20) * DAY / 5,
        (3 * 10 + 3 * 20) * DAY / 6,
        (4 * 50 + 3 * 20) * DAY / 7,
    ];
    let expected = [
        (day(-5), Anonymous),
        (day(0), New),
        (day(30), Active),
        (beyond(10, cycles[0], 3), LosingInterest),
        (beyond(10, cycles[0], 6), Lost),
        (day(100), Recovered),
        (day(110), Active),
        (beyond(110, cycles[2], 3), LosingInterest),
        (beyond(110, cycles[2], 6), Lost),
        (day(400), Recovered),
        (beyond(400, cycles[3], 3), LosingInterest),
        (beyond(400, cycles[3], 6), Lost),
    ];
    assert_eq!(stages(&facts, &rules(), day(1_000)), expected);
    assert_eq!(stages(&facts, &rules(), day(110)), expected[..7]);
}

#[test]
fn a_cancelled_purchase_recovers_nobody() {
    let mut purchases = bought_on(&[0, 100]);
    purchases[1].counted = false;
    assert_eq!(stage(&customer(&purchases), &rules(), day(100)).value, Lost);
}

#[test]
fn causes_are_stored_in_a_small_form() {
    let purchases = bought_on(&[0, 100]);
    let facts = customer(&purchases);
    for at in [-1, 0, 40, 90, 100, 500] {
        let cause = stage(&facts, &rules(), day(at)).cause;
        let json = serde_json::to_string(&cause).unwrap();
        assert_eq!(serde_json::from_str::<StageCause>(&json).unwrap(), cause);
    }
    let json = serde_json::to_value(StageCause::NeverBought).unwrap();
    assert_eq!(json, "never_bought");
}
