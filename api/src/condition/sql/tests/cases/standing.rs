//! Where a profile stands that stands somewhere: its stage, its level, its identifiers, when it was seen, its segments.

use std::collections::BTreeSet;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::evaluate::Known;
use lazo_domain::condition::generate::History;
use lazo_domain::identity::Namespace;
use lazo_domain::lifecycle::{Level, Stage};
use serde_json::{Value, json};

use super::{DAY, HOUR, euro, happened, hold, hold_in, nobody, with_traits};
use crate::condition::sql::tests::world::{Defined, World};

/// A customer on the top level, seen first on the first day and last on the fifth.
fn customer() -> History {
    History {
        stage: Some(Known {
            value: Stage::Active,
            until: None,
        }),
        level: Some(Known {
            value: Level::Top,
            until: None,
        }),
        namespaces: [Namespace::email()].into(),
        seen: Some((Timestamp(DAY), Timestamp(5 * DAY))),
        ..nobody()
    }
}

#[tokio::test]
async fn a_profile_is_on_one_stage_and_one_level_and_has_the_identifiers_it_has() {
    let email = json!({"identifier": {"namespace": "email"}});
    let cases = [
        (json!({"stage": ["ACTIVE"]}), true),
        (json!({"stage": ["LEAD", "ACTIVE", "LOST"]}), true),
        (json!({"stage": ["LEAD", "LOST"]}), false),
        (json!({"not": {"stage": ["ACTIVE"]}}), false),
        (json!({"not": {"stage": ["LOST"]}}), true),
        (json!({"level": ["TOP"]}), true),
        (json!({"level": ["SMALL", "TOP"]}), true),
        (json!({"level": ["INACTIVE"]}), false),
        (json!({"not": {"level": ["TOP"]}}), false),
        (email.clone(), true),
        (json!({"not": email}), false),
        (json!({"identifier": {"namespace": "phone"}}), false),
        (json!({"not": {"identifier": {"namespace": "phone"}}}), true),
    ];
    let cases = cases.map(|(json, holds)| (json, Timestamp(10 * DAY), holds));
    hold(customer(), cases).await;
}

#[tokio::test]
async fn each_stage_and_each_level_is_itself_and_no_other() {
    let now = Timestamp(10 * DAY);
    for stage in Stage::ALL {
        let known = Known {
            value: stage,
            until: None,
        };
        let person = History {
            stage: Some(known),
            ..nobody()
        };
        let asked = Stage::ALL.map(|other| (json!({"stage": [other]}), now, other == stage));
        hold(person, asked).await;
    }
    for level in Level::ALL {
        let known = Known {
            value: level,
            until: None,
        };
        let person = History {
            level: Some(known),
            ..nobody()
        };
        let asked = Level::ALL.map(|other| (json!({"level": [other]}), now, other == level));
        hold(person, asked).await;
    }
}

#[tokio::test]
async fn when_somebody_was_seen_passes_each_test_of_an_instant() {
    let seen = |which: &str, time: Value| json!({"seen": {"which": which, "time": time}});
    let cases = [
        (seen("first", json!({"before": DAY + 1})), 10 * DAY, true),
        (seen("first", json!({"before": DAY})), 10 * DAY, false),
        (seen("first", json!({"from": DAY})), 10 * DAY, true),
        (seen("first", json!({"from": DAY + 1})), 10 * DAY, false),
        (seen("last", json!({"before": DAY + 1})), 10 * DAY, false),
        (seen("last", json!({"from": 5 * DAY})), 10 * DAY, true),
        (seen("last", json!({"within_past": DAY})), 6 * DAY - 1, true),
        (seen("last", json!({"within_past": DAY})), 6 * DAY, false),
        (seen("last", json!({"longer_ago": DAY})), 6 * DAY - 1, false),
        (seen("last", json!({"longer_ago": DAY})), 6 * DAY, true),
        (seen("last", json!({"within_next": DAY})), 6 * DAY, false),
        (seen("last", json!({"further_ahead": DAY})), 6 * DAY, false),
    ];
    let cases = cases.map(|(json, now, holds)| (json, Timestamp(now), holds));
    hold(customer(), cases).await;
}

/// A segment of viewers of the last day, one of them who are customers too, and one of a computed trait.
fn defined() -> Defined {
    let viewers = json!({"touchpoint": {"filter": {"names": ["Viewed"]}, "window": {"last": DAY}, "measure": {"count": {"at_least": 1}}}});
    let segments = [
        ("viewers", viewers),
        (
            "keen",
            json!({"all": [{"segment": {"key": "viewers"}}, {"stage": ["ACTIVE"]}]}),
        ),
        ("others", json!({"not": {"segment": {"key": "keen"}}})),
        (
            "likers",
            json!({"trait": {"name": "likes", "test": {"equal": "shoes"}}}),
        ),
    ];
    Defined {
        segments: segments
            .map(|(key, json)| (key.to_owned(), serde_json::from_value(json).unwrap()))
            .into(),
        computed: BTreeSet::from(["likes"]),
    }
}

#[tokio::test]
async fn a_member_is_for_whom_the_segments_own_condition_holds() {
    let in_segment = |key: &str| json!({"segment": {"key": key}});
    let person = History {
        touchpoints: vec![happened(1, "Viewed", Timestamp(5 * DAY), &json!({}))],
        ..customer()
    };
    let world = World::with(defined(), vec![person], euro()).await;
    let cases = [
        (in_segment("viewers"), 5 * DAY - 1, false),
        (in_segment("viewers"), 5 * DAY, true),
        (in_segment("viewers"), 6 * DAY - 1, true),
        (in_segment("viewers"), 6 * DAY, false),
        (in_segment("keen"), 5 * DAY, true),
        (in_segment("keen"), 6 * DAY, false),
        (in_segment("others"), 5 * DAY, false),
        (in_segment("others"), 6 * DAY, true),
        (json!({"not": in_segment("keen")}), 5 * DAY + HOUR, false),
        (
            json!({"all": [in_segment("viewers"), {"not": in_segment("likers")}]}),
            5 * DAY,
            true,
        ),
        (in_segment("none"), 5 * DAY, false),
        (json!({"not": in_segment("none")}), 5 * DAY, true),
    ];
    let cases = cases.map(|(json, now, holds)| (json, Timestamp(now), holds));
    hold_in(&world, cases).await;
}

#[tokio::test]
async fn what_people_decided_of_a_segment_stands_above_its_condition() {
    let now = Timestamp(5 * DAY);
    let decided = |key: &str, value: bool| {
        let known = Known { value, until: None };
        History {
            touchpoints: vec![happened(1, "Viewed", now, &json!({}))],
            segments: [(key.to_owned(), known)].into(),
            ..customer()
        }
    };
    let out = World::with(defined(), vec![decided("viewers", false)], euro()).await;
    let cases = [("viewers", false), ("keen", false), ("others", true)];
    hold_in(
        &out,
        cases.map(|(key, holds)| (json!({"segment": {"key": key}}), now, holds)),
    )
    .await;
    let put_in = World::with(defined(), vec![decided("likers", true)], euro()).await;
    let cases = [("likers", true), ("viewers", true)];
    hold_in(
        &put_in,
        cases.map(|(key, holds)| (json!({"segment": {"key": key}}), now, holds)),
    )
    .await;
}

#[tokio::test]
async fn of_a_computed_trait_its_value_counts_and_not_what_was_sent_under_its_name() {
    let likes = |test: Value| json!({"trait": {"name": "likes", "test": test}});
    let cases = [
        (likes(json!({"equal": "shoes"})), true),
        (likes(json!({"equal": "malaga"})), false),
        (likes(json!({"number": {"at_most": 12.5}})), true),
        (likes(json!({"number": {"at_most": 12.0}})), false),
        (json!({"segment": {"key": "likers"}}), true),
    ];
    let cases = cases.map(|(json, holds)| (json, Timestamp(DAY), holds));
    let liker = with_traits(&json!({"likes": ["Shoes", 12.5]}));
    hold_in(&World::with(defined(), vec![liker], euro()).await, cases).await;
    let cases = [
        (likes(json!("exists")), false),
        (likes(json!("not_exists")), true),
        (likes(json!({"equal": "malaga"})), false),
        (json!({"segment": {"key": "likers"}}), false),
    ];
    let cases = cases.map(|(json, holds)| (json, Timestamp(DAY), holds));
    hold_in(&World::with(defined(), vec![nobody()], euro()).await, cases).await;
}
