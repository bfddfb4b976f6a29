//! What is kept how long.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rstest::rstest;

use crate::clock::Timestamp;
use crate::consent::tests::sample::day;
use crate::lifecycle::Stage;
use crate::period::Period;
use crate::privacy::{Clock, Kept, Retention, RetentionAction, RetentionRule, Subject, retention};

use RetentionAction::{Anonymise, Block, Delete};

fn touchpoints(name: Option<&str>) -> Subject {
    Subject::Touchpoint {
        name: name.map(str::to_owned),
    }
}

fn rule(name: Option<&str>, days: u16, action: RetentionAction) -> RetentionRule {
    RetentionRule {
        subject: touchpoints(name),
        clock: Clock::Created,
        period: Period::days(days).unwrap(),
        action,
        reason: "a test".to_owned(),
    }
}

/// A touchpoint that was stored on day 0.
fn kept(name: &str, done: Option<RetentionAction>) -> Kept {
    Kept {
        subject: touchpoints(Some(name)),
        clocks: [(Clock::Created, day(0))].into(),
        done,
    }
}

/// In general everything is blocked after 30 days and deleted after 100; what was viewed is deleted after 10, orders after 1,000.
fn rules() -> Vec<RetentionRule> {
    vec![
        rule(None, 100, Delete),
        rule(None, 30, Block),
        rule(Some("Page Viewed"), 10, Delete),
        rule(Some("Order Completed"), 1_000, Delete),
    ]
}

#[rstest]
#[case::not_yet("Signed Up", None, 29, None, Some(30))]
#[case::to_the_day("Signed Up", None, 30, Some((Block, 1)), Some(100))]
#[case::done_before("Signed Up", Some(Block), 31, None, Some(100))]
#[case::the_one_that_does_most("Signed Up", None, 100, Some((Delete, 0)), None)]
#[case::done_for_good("Signed Up", Some(Delete), 100, None, None)]
#[case::sooner_than_in_general("Page Viewed", None, 10, Some((Delete, 2)), None)]
#[case::later_than_in_general("Order Completed", None, 999, None, Some(1_000))]
fn the_rules_say_what_is_due_and_when_the_next_is(
    #[case] name: &str,
    #[case] done: Option<RetentionAction>,
    #[case] now: i64,
    #[case] due: Option<(RetentionAction, usize)>,
    #[case] next: Option<i64>,
) {
    let expected = Retention {
        due,
        next: next.map(day),
    };
    assert_eq!(retention(&rules(), &kept(name, done), day(now)), expected);
}

#[test]
fn what_has_not_begun_is_never_over() {
    let rules = [RetentionRule {
        subject: Subject::Evidence,
        clock: Clock::ConsentEnd,
        ..rule(None, 1, Delete)
    }];
    let evidence = Kept {
        subject: Subject::Evidence,
        clocks: [(Clock::Created, day(0))].into(),
        done: None,
    };
    let nothing = Retention {
        due: None,
        next: None,
    };
    assert_eq!(retention(&rules, &evidence, day(5_000)), nothing);
}

#[test]
fn anonymous_profiles_go_after_thirteen_months_and_customers_stay() {
    let profile = |stage| Kept {
        subject: Subject::Profile { stage: Some(stage) },
        clocks: [(Clock::LastActivity, day(0))].into(),
        done: None,
    };
    let rules = RetentionRule::proposed();
    let due = |stage, at: &str| {
        let at: Timestamp = at.parse().unwrap();
        retention(&rules, &profile(stage), at).due
    };
    assert_eq!(due(Stage::Anonymous, "2027-01-31T23:59:59Z"), None);
    let (action, _) = due(Stage::Anonymous, "2027-02-01T00:00:00Z").unwrap();
    assert_eq!(action, Delete);
    assert_eq!(due(Stage::Active, "2040-01-01T00:00:00Z"), None);
}

#[test]
fn rules_read_back_as_they_were_stored() {
    let rules = RetentionRule::proposed();
    assert_eq!(rules.len(), 7);
    let json = serde_json::to_string(&rules).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<RetentionRule>>(&json).unwrap(),
        rules
    );
}

fn a_rule() -> impl Strategy<Value = RetentionRule> {
    let names = select(vec![None, Some("A"), Some("B")]);
    let clocks = select(vec![Clock::Created, Clock::LastActivity]);
    (names, 1_u16..20, select(RetentionAction::ALL), clocks).prop_map(
        |(name, days, action, clock)| RetentionRule {
            clock,
            ..rule(name, days, action)
        },
    )
}

fn something() -> impl Strategy<Value = Kept> {
    let day = (0_i64..5).prop_map(day);
    (
        option::of(select(RetentionAction::ALL)),
        day.clone(),
        option::of(day),
    )
        .prop_map(|(done, created, active)| {
            let mut clocks = BTreeMap::from([(Clock::Created, created)]);
            clocks.extend(active.map(|active| (Clock::LastActivity, active)));
            Kept {
                clocks,
                ..kept("A", done)
            }
        })
}

proptest! {
    #[test]
    fn what_is_due_changes_when_it_says_and_not_before(rules in vec(a_rule(), 0..6), kept in something(), now in -1_i64..30) {
        let at = |days| retention(&rules, &kept, day(days));
        let first = at(now);
        for later in now..30 {
            if first.next.is_some_and(|next| day(later) >= next) {
                prop_assert!(at(later).due.map(|(action, _)| action) > first.due.map(|(action, _)| action));
                break;
            }
            prop_assert_eq!(at(later).due, first.due);
        }
    }

    #[test]
    fn what_was_done_is_not_due_again(rules in vec(a_rule(), 0..6), kept in something(), now in -1_i64..30) {
        let first = retention(&rules, &kept, day(now));
        if let Some((action, _)) = first.due {
            let after = Kept { done: Some(action), ..kept };
            let second = retention(&rules, &after, day(now));
            prop_assert_eq!(second, Retention { due: None, next: first.next });
            prop_assert!(matches!(action, Block | Anonymise | Delete));
        }
    }
}
