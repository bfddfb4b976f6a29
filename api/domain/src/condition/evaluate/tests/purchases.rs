//! Tests of purchases.

use rstest::rstest;
use serde_json::{Value, json};

use super::sample::{answer, bought, condition, hour, line, nobody, number, purchase_id, span};
use crate::clock::Timestamp;
use crate::condition::evaluate::{
    Evidence, Found, Lack, Leaf, Named, Needs, Reason, decide, evaluate,
};
use crate::condition::generate::History;

/// Purchases of hours 10 (12.34, shoes and socks), 20 (50.00, shoes), 24 (foreign) and a cancelled one of hour 30.
fn customer() -> History {
    let shoes = line("Zapato", "Calzado", 1_000, 1);
    let socks = line("calcetín", "Ropa", 78, 3);
    let mut foreign = bought(3, 24, 9_999, vec![line("z", "Ropa", 1, 1)]);
    foreign.1.left_out = true;
    let mut cancelled = bought(4, 30, 0, vec![shoes.clone()]);
    cancelled.1.counted = false;
    History {
        purchases: vec![
            bought(1, 10, 1_234, vec![shoes.clone(), socks]),
            bought(2, 20, 5_000, vec![line("ZAPATO", "CALZADO", 2_500, 2)]),
            foreign,
            cancelled,
        ],
        ..nobody("EUR")
    }
}

fn purchases(lines: &Value, window: &Value, measure: &Value) -> Value {
    json!({"purchase": {"lines": lines, "window": window, "measure": measure}})
}

#[rstest]
#[case::a_cancelled_one_not(json!({}), json!({"count": {"equal": 3}}))]
#[case::with_a_line_that_passes(json!({"categories": ["calzado"]}), json!({"count": {"equal": 2}}))]
#[case::all_that_is_named(json!({"categories": ["ropa"], "products": ["Zapato"]}), json!({"count": {"equal": 0}}))]
#[case::of_no_brand(json!({"brands": ["x"]}), json!({"count": {"equal": 0}}))]
#[case::spend(json!({}), json!({"spend": {"equal": 62.34}}))]
#[case::spend_on_lines(json!({"products": ["CALCETIN"]}), json!({"spend": {"equal": 2.34}}))]
#[case::spend_on_more_lines(json!({"categories": ["calzado"]}), json!({"spend": {"equal": 60}}))]
#[case::finer_than_a_cent(json!({}), json!({"spend": {"more": 62.339_999_99}}))]
#[case::finer_than_a_cent(json!({}), json!({"spend": {"less": 62.340_000_01}}))]
#[case::the_mean(json!({}), json!({"mean_spend": {"equal": 31.17}}))]
#[case::the_mean_of_those(json!({"categories": ["ropa"]}), json!({"mean_spend": {"equal": 12.34}}))]
#[case::the_most(json!({}), json!({"max_spend": {"equal": 50}}))]
#[case::products_whatever_their_case(json!({}), json!({"products": {"equal": 3}}))]
#[case::products_of_lines(json!({"categories": ["calzado"]}), json!({"products": {"equal": 1}}))]
#[case::the_first(json!({}), json!({"first": {"before": hour(11)}}))]
#[case::the_last(json!({}), json!({"last": {"from": hour(24)}}))]
#[case::no_spend_is_zero(json!({"products": ["none"]}), json!({"spend": {"equal": 0}}))]
fn purchases_come_to_something(#[case] lines: Value, #[case] measure: Value) {
    let test = condition(purchases(&lines, &json!("ever"), &measure));
    let facts = customer();
    assert_eq!(decide(&test, &facts.facts(), hour(40)), answer(true, None));
}

#[rstest]
#[case(json!({"mean_spend": {"less": 99}}))]
#[case(json!({"max_spend": {"less": 99}}))]
#[case(json!({"first": {"before": hour(99)}}))]
#[case(json!({"last": {"before": hour(99)}}))]
#[case(json!({"since_last_in_intervals": {"at_least": 0}}))]
fn of_no_purchases_all_but_counts_and_spend_is_missing(#[case] measure: Value) {
    let test = condition(purchases(&json!({}), &json!("ever"), &measure));
    let nobody = nobody("EUR");
    assert_eq!(decide(&test, &nobody.facts(), hour(9)), answer(false, None));
}

#[rstest]
#[case::in_yen("JPY", 1_250, 1_250.0)]
#[case::in_dinars("KWD", 1_250, 1.25)]
#[case::in_units_of_account("CLF", 1_250, 0.125)]
fn a_bound_is_in_major_units(#[case] currency: &str, #[case] minor: i64, #[case] bound: f64) {
    let history = History {
        purchases: vec![bought(1, 1, minor, Vec::new())],
        ..nobody(currency)
    };
    let measure = json!({"spend": {"equal": bound}});
    let test = condition(purchases(&json!({}), &json!("ever"), &measure));
    assert!(decide(&test, &history.facts(), hour(9)).holds);
}

#[rstest]
#[case::in_both(20, 62.34, Some(22))]
#[case::the_first_left(22, 50.0, Some(32))]
#[case::all_left(32, 0.0, None)]
fn spend_leaves_a_window(#[case] now: i64, #[case] spend: f64, #[case] until: Option<i64>) {
    let measure = json!({"spend": {"equal": spend}});
    let test = condition(purchases(&json!({}), &json!({"last": span(12)}), &measure));
    let decision = decide(&test, &customer().facts(), hour(now));
    assert_eq!(decision, answer(true, until.map(hour)));
}

/// Hours 0, 4 and 10: a mean interval of 5 hours.
fn regular(hours: &[u32]) -> History {
    let purchases = hours
        .iter()
        .map(|at| bought(*at, (*at).into(), 100, Vec::new()));
    History {
        purchases: purchases.collect(),
        ..nobody("EUR")
    }
}

#[rstest]
#[case::not_yet(json!({"at_least": 2}), hour(10), false, Some(hour(20)))]
#[case::exactly_twice(json!({"at_least": 2}), hour(20), true, None)]
#[case::no_more_than_twice(json!({"more": 2}), hour(20), false, Some(hour(20).plus_millis(1)))]
#[case::more_than_twice(json!({"more": 2}), hour(20).plus_millis(1), true, None)]
#[case::twice_for_an_instant(json!({"equal": 2}), hour(20), true, Some(hour(20).plus_millis(1)))]
#[case::between(json!({"between": [1, 2]}), hour(15), true, Some(hour(20).plus_millis(1)))]
#[case::below(json!({"between": [1, 2]}), hour(14), false, Some(hour(15)))]
#[case::a_third(json!({"at_least": 0.333_333}), hour(10), false, Some(Timestamp(36_000_000 + 5_999_994)))]
fn the_time_since_the_last_is_measured_in_intervals(
    #[case] bound: Value,
    #[case] now: Timestamp,
    #[case] holds: bool,
    #[case] until: Option<Timestamp>,
) {
    let measure = json!({"since_last_in_intervals": bound});
    let test = condition(purchases(&json!({}), &json!("ever"), &measure));
    let decision = decide(&test, &regular(&[0, 4, 10]).facts(), now);
    assert_eq!(decision, answer(holds, until));
}

#[rstest]
#[case::one(&[10])]
#[case::two_at_once(&[10, 10])]
fn without_an_interval_there_is_no_multiple(#[case] hours: &[u32]) {
    let measure = json!({"since_last_in_intervals": {"at_least": 0}});
    let test = condition(purchases(&json!({}), &json!("ever"), &measure));
    let history = regular(hours);
    assert_eq!(
        decide(&test, &history.facts(), hour(50)),
        answer(false, None)
    );
}

#[test]
fn an_explanation_names_purchases_and_the_spend_that_lacks() {
    let measure = json!({"spend": {"at_least": 100}});
    let test = condition(purchases(&json!({}), &json!({"last": span(12)}), &measure));
    let because = evaluate(&test, &customer().facts(), hour(20)).because;
    let expected = Leaf {
        found: Found::Number(number(62.34)),
        evidence: Evidence::Purchases(Named {
            ids: vec![purchase_id(1), purchase_id(2)],
            total: 2,
        }),
        change: crate::condition::evaluate::Change {
            at: None,
            needs: Some(Needs {
                lack: Lack::Spend(number(37.66)),
                before: Some(hour(22)),
            }),
        },
    };
    assert_eq!(because.reason, Reason::Leaf(expected));
}

#[test]
fn the_intervals_found_are_told() {
    let measure = json!({"since_last_in_intervals": {"at_least": 1.5}});
    let test = condition(purchases(&json!({}), &json!("ever"), &measure));
    let because = evaluate(&test, &regular(&[0, 4, 10]).facts(), hour(16)).because;
    let Reason::Leaf(leaf) = because.reason else {
        panic!("no leaf: {because:?}");
    };
    assert_eq!(leaf.found, Found::Number(number(1.2)));
}
