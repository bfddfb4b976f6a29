//! Tests of anniversaries: days of the year in time zones.

use chrono_tz::Tz;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::sample::{answer, at, condition, nobody};
use crate::clock::Timestamp;
use crate::condition::evaluate::{Decision, Found, Reason, Values, decide, evaluate};

fn of(birthday: &Value, within_days: u16, zone: &str, now: Timestamp) -> Decision {
    let mut history = nobody("EUR");
    history.time_zone = zone.parse().unwrap();
    let mut facts = history.facts();
    facts.traits = Values::of([("birthday", birthday)]);
    let test = json!({"anniversary": {"trait": "birthday", "within_days": within_days}});
    decide(&condition(test), &facts, now)
}

#[rstest]
#[case::a_date("1990-03-01", true)]
#[case::a_date_and_a_time("1990-03-01T23:00:00", true)]
#[case::an_instant_as_it_is_written("1990-03-01T23:30:00-05:00", true)]
#[case::without_a_year("--03-01", true)]
#[case::as_contacts_have_it("--0301", true)]
#[case::on_a_leap_day_in_a_common_year("1992-02-29", true)]
#[case::on_a_leap_day_without_a_year("--0229", true)]
#[case::another_day("1990-03-02", false)]
#[case::no_day("--0230", false)]
#[case::no_day_of_its_year("1990-02-29", false)]
#[case::no_date("first of March", false)]
#[case::signs("--+3-+1", false)]
#[case::beyond_ascii("--é0301", false)]
#[case::the_other_way_round("01/03/1990", false)]
fn a_text_names_a_day(#[case] birthday: &str, #[case] holds: bool) {
    let decision = of(&json!(birthday), 0, "UTC", at("2026-03-01T12:00:00Z"));
    assert_eq!(decision.holds, holds);
}

#[rstest]
#[case::today(
    "--02-28",
    0,
    "UTC",
    "2026-02-28T23:30:00Z",
    true,
    Some("2026-03-01T00:00:00Z")
)]
#[case::already_tomorrow(
    "--03-01",
    0,
    "Europe/Madrid",
    "2026-02-28T23:30:00Z",
    true,
    Some("2026-03-01T23:00:00Z")
)]
#[case::not_yet(
    "--03-01",
    0,
    "Atlantic/Canary",
    "2026-02-28T23:30:00Z",
    false,
    Some("2026-03-01T00:00:00Z")
)]
#[case::far_in_the_east(
    "--03-01",
    0,
    "Pacific/Kiritimati",
    "2026-02-28T10:00:00Z",
    true,
    Some("2026-03-01T10:00:00Z")
)]
#[case::far_in_the_west(
    "--03-01",
    0,
    "America/Bogota",
    "2026-03-01T04:59:59.999Z",
    false,
    Some("2026-03-01T05:00:00Z")
)]
#[case::over_the_end_of_the_year(
    "--01-05",
    8,
    "UTC",
    "2025-12-27T12:00:00Z",
    false,
    Some("2025-12-28T00:00:00Z")
)]
#[case::over_the_end_of_the_year(
    "--01-05",
    8,
    "UTC",
    "2025-12-28T00:00:00Z",
    true,
    Some("2026-01-06T00:00:00Z")
)]
#[case::a_leap_day_in_a_leap_year(
    "--02-29",
    0,
    "UTC",
    "2028-02-29T12:00:00Z",
    true,
    Some("2028-03-01T00:00:00Z")
)]
#[case::a_leap_day_and_a_common_year(
    "--02-29",
    0,
    "UTC",
    "2027-02-28T12:00:00Z",
    false,
    Some("2027-03-01T00:00:00Z")
)]
#[case::a_century_without_one(
    "--02-29",
    1,
    "UTC",
    "2100-02-28T00:00:00Z",
    true,
    Some("2100-03-02T00:00:00Z")
)]
#[case::the_day_the_clock_goes_forward(
    "--03-29",
    0,
    "Europe/Madrid",
    "2026-03-29T12:00:00Z",
    true,
    Some("2026-03-29T22:00:00Z")
)]
#[case::the_day_the_clock_goes_back(
    "--10-25",
    0,
    "Europe/Madrid",
    "2026-10-25T12:00:00Z",
    true,
    Some("2026-10-25T23:00:00Z")
)]
#[case::a_day_without_midnight(
    "--03-29",
    0,
    "Asia/Beirut",
    "2026-03-28T12:00:00Z",
    false,
    Some("2026-03-28T22:00:00Z")
)]
#[case::a_day_with_two_midnights(
    "--10-25",
    0,
    "Atlantic/Azores",
    "2026-10-24T12:00:00Z",
    false,
    Some("2026-10-25T00:00:00Z")
)]
#[case::a_day_that_never_was(
    "--12-30",
    0,
    "Pacific/Apia",
    "2011-12-29T12:00:00Z",
    false,
    Some("2011-12-30T10:00:00Z")
)]
#[case::every_day("--03-01", 366, "UTC", "2026-03-02T00:00:00Z", true, None)]
#[case::all_but_a_day_before_a_leap_day(
    "--03-01",
    364,
    "UTC",
    "2026-06-01T00:00:00Z",
    true,
    Some("2027-03-02T00:00:00Z")
)]
fn an_anniversary_is_near_from_midnight_to_midnight(
    #[case] birthday: &str,
    #[case] within_days: u16,
    #[case] zone: &str,
    #[case] now: &str,
    #[case] holds: bool,
    #[case] until: Option<&str>,
) {
    let decision = of(&json!(birthday), within_days, zone, at(now));
    assert_eq!(decision, answer(holds, until.map(at)));
}

#[test]
fn one_of_several_dates_is_enough() {
    let both = json!(["--03-01", "--03-02", "soon"]);
    let decision = of(&both, 0, "UTC", at("2026-03-01T12:00:00Z"));
    assert_eq!(decision, answer(true, Some(at("2026-03-03T00:00:00Z"))));
}

#[test]
fn an_explanation_counts_the_days() {
    let history = nobody("EUR");
    let mut facts = history.facts();
    let birthday = json!("1990-03-04");
    facts.traits = Values::of([("birthday", &birthday)]);
    let test = json!({"anniversary": {"trait": "birthday", "within_days": 7}});
    let because = evaluate(&condition(test), &facts, at("2026-03-01T12:00:00Z")).because;
    let Reason::Leaf(leaf) = because.reason else {
        panic!("no leaf: {because:?}");
    };
    assert_eq!(leaf.found, Found::Days(3));
}

fn zones() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        Tz::Europe__Madrid,
        Tz::Atlantic__Canary,
        Tz::Pacific__Kiritimati,
        Tz::America__Bogota,
        Tz::America__Havana,
        Tz::Asia__Beirut,
        Tz::Australia__Lord_Howe,
    ])
}

proptest! {
    #[test]
    fn an_answer_changes_at_a_midnight_and_not_before(
        month in 1_u32..13, day in 1_u32..30, within in 0_u16..370, zone in zones(), hours in 0_i64..100_000,
    ) {
        let birthday = json!(format!("--{month:02}-{day:02}"));
        let decide = |now| of(&birthday, within, zone.name(), now);
        let now = at("2024-01-01T00:00:00Z").plus_millis(hours * 3_600_000);
        let decision = decide(now);
        let is = |at: Timestamp| decide(at).holds == decision.holds;
        if let Some(until) = decision.until {
            prop_assert!(until > now);
            prop_assert!(is(until.plus_millis(-1)) && !is(until));
        }
        let end = decision.until.unwrap_or(now.plus_millis(700 * 86_400_000));
        let days = (0..).map(|days| now.plus_millis(days * 43_200_000));
        prop_assert!(days.take_while(|at| *at < end).all(is));
    }
}
