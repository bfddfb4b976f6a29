//! The ready-made segments: who of a small shop is in each of them, and who is not.

use std::collections::{BTreeMap, BTreeSet};

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::evaluate::Known;
use lazo_domain::condition::generate::History;
use lazo_domain::condition::text;
use lazo_domain::identity::Namespace;
use lazo_domain::lifecycle::Stage;
use lazo_domain::segment::templates;
use serde_json::json;

use super::purchases::bought;
use super::{DAY, at, euro, happened, nobody, with_traits};
use crate::condition::sql::tests::world::World;

/// A Tuesday.
const NOW: &str = "2026-03-10T12:00:00Z";

fn ago(days: i64) -> Timestamp {
    at(NOW).plus_millis(-days * DAY)
}

/// Somebody at a stage who can be reached by email.
fn reachable(stage: Stage) -> History {
    let known = Known {
        value: stage,
        until: None,
    };
    History {
        stage: Some(known),
        namespaces: [Namespace::email()].into(),
        seen: Some((ago(400), ago(1))),
        ..nobody()
    }
}

/// The same who did these things so many days ago. Ids are told apart by the number.
fn did(person: History, number: u32, what: &[(&str, i64)]) -> History {
    let done = what.iter().zip(number * 100..);
    let done = done.map(|((name, days), id)| happened(id, name, ago(*days), &json!({})));
    History {
        touchpoints: done.collect(),
        ..person
    }
}

/// The same who bought so many days ago.
fn buys(person: History, number: u32, days: &[i64]) -> History {
    let placed = days.iter().zip(number * 100..);
    let placed = placed.map(|(days, id)| bought(id, ago(*days), 2_000, Vec::new()));
    History {
        purchases: placed.collect(),
        ..person
    }
}

fn born(person: History, day: &str) -> History {
    History {
        traits: with_traits(&json!({ "birthday": day })).traits,
        ..person
    }
}

/// The people of the shop, and the segments that each of them is in.
fn people() -> Vec<(&'static str, History, &'static [&'static str])> {
    let (lead, active) = (|| reachable(Stage::Lead), || reachable(Stage::Active));
    let mut cancelled = bought(1_700, ago(10), 0, Vec::new());
    cancelled.1.counted = false;
    vec![
        ("of whom nothing is known", nobody(), &[]),
        ("a subscriber", lead(), &["subscribers_without_order"]),
        (
            "who began to pay yesterday",
            did(lead(), 2, &[("Checkout Started", 1)]),
            &["subscribers_without_order", "hot_leads"],
        ),
        (
            "who put something into the cart six days ago",
            did(lead(), 3, &[("Product Added", 6)]),
            &["subscribers_without_order", "hot_leads"],
        ),
        (
            "who looked at three products",
            did(
                lead(),
                4,
                &[
                    ("Product Viewed", 1),
                    ("Product Viewed", 2),
                    ("Product Viewed", 6),
                ],
            ),
            &["subscribers_without_order", "hot_leads"],
        ),
        (
            "who looked at two products, and at a third one a week ago",
            did(
                lead(),
                5,
                &[
                    ("Product Viewed", 1),
                    ("Product Viewed", 2),
                    ("Product Viewed", 7),
                ],
            ),
            &["subscribers_without_order"],
        ),
        (
            "who began to pay and was not seen for a week",
            History {
                seen: Some((ago(9), ago(8))),
                ..did(lead(), 6, &[("Checkout Started", 8)])
            },
            &["subscribers_without_order"],
        ),
        (
            "who began to pay and cannot be reached",
            History {
                namespaces: BTreeSet::new(),
                ..did(reachable(Stage::Anonymous), 7, &[("Checkout Started", 1)])
            },
            &[],
        ),
        (
            "who bought and began to pay again",
            buys(did(active(), 8, &[("Checkout Started", 1)]), 8, &[40]),
            &["one_off_buyers"],
        ),
        (
            "who bought four times, three of them within the year",
            buys(active(), 9, &[500, 300, 200, 30]),
            &["habitual_buyers"],
        ),
        (
            "who bought four times, two of them within the year",
            buys(reachable(Stage::Lost), 10, &[600, 365, 364, 300]),
            &["occasional_buyers", "lost"],
        ),
        (
            "who bought three times this year",
            buys(active(), 11, &[90, 60, 30]),
            &["occasional_buyers"],
        ),
        (
            "who bought twice and comes no more",
            buys(reachable(Stage::LosingInterest), 12, &[300, 200]),
            &["occasional_buyers", "losing_interest"],
        ),
        (
            "who bought once, born on this day",
            born(buys(reachable(Stage::New), 13, &[5]), "1990-03-10"),
            &["one_off_buyers", "birthdays_this_week"],
        ),
        (
            "born in six days, of an unknown year",
            born(nobody(), "--03-16"),
            &["birthdays_this_week"],
        ),
        ("born in seven days", born(nobody(), "1990-03-17"), &[]),
        ("born the day before", born(nobody(), "1990-03-09"), &[]),
        (
            "whose only order was cancelled",
            History {
                purchases: vec![cancelled],
                ..lead()
            },
            &["subscribers_without_order"],
        ),
        (
            "who came back after being lost",
            buys(reachable(Stage::Recovered), 18, &[900, 5]),
            &["occasional_buyers"],
        ),
    ]
}

#[tokio::test]
async fn each_template_has_those_in_it_whom_it_names_and_nobody_else() {
    let people = people();
    let histories = people.iter().map(|(_, history, _)| history.clone());
    let world = World::of(histories.collect(), euro()).await;
    let everybody: Vec<_> = world.profiles().collect();
    assert_eq!(everybody.len(), people.len());
    let known: BTreeSet<_> = templates().iter().map(|template| template.key).collect();
    let mut in_some: BTreeMap<&str, usize> = BTreeMap::new();
    for template in templates() {
        let condition = text::parse(template.condition).unwrap();
        let decided = world.decided(&condition, at(NOW));
        let selected = world.selected(&condition, at(NOW)).await;
        for (profile, (who, _, segments)) in everybody.iter().zip(&people) {
            assert!(segments.iter().all(|key| known.contains(key)), "{who}");
            let expected = segments.contains(&template.key);
            let key = template.key;
            assert_eq!(decided.contains(profile), expected, "{key}: {who}");
            assert_eq!(selected.contains(profile), expected, "{key}: {who}, by SQL");
        }
        in_some.insert(template.key, selected.len());
    }
    assert_eq!(in_some.len(), 8);
    let some = |count: &usize| (1..everybody.len()).contains(count);
    assert!(in_some.values().all(some), "{in_some:?}");
}
