//! What purchases come to, case by case.

use rstest::rstest;
use serde_json::{Value, json};

use super::{computed, decided, definition, of_purchases, shown};
use crate::condition::evaluate::tests::sample::{bought, hour, line, nobody};
use crate::condition::generate::History;

/// Three purchases in euros, and one in another currency, of shoes and of shirts.
fn customer() -> History {
    let mut history = nobody("EUR");
    let mut foreign = bought(4, 4, 9_999, vec![line("T9", "Hats", 9_999, 1)]);
    foreign.1.left_out = true;
    let mut unnamed = line("T1", "shirts", 500, 1);
    unnamed.product_id = None;
    unnamed.sku = Some("SKU-1".to_owned());
    unnamed.brand = Some("Ácme".to_owned());
    history.purchases = vec![
        foreign,
        bought(1, 1, 1_010, vec![line("S1", "Shoes", 1_010, 1)]),
        bought(3, 3, 500, vec![unnamed]),
        bought(
            2,
            2,
            2_020,
            vec![
                line("S2", "SHOES", 505, 2),
                line("s1", "shoes", 505, 1),
                line("T1", "Shirts", 505, 1),
            ],
        ),
    ];
    history
}

#[rstest]
#[case::the_number(json!("count"), json!(4), &[1, 2, 3, 4])]
#[case::the_spend_is_exact(json!("spend"), json!(35.3), &[1, 2, 3])]
#[case::the_mean(json!("mean_spend"), json!(11.766_667), &[1, 2, 3])]
#[case::the_least(json!("min_spend"), json!(5), &[3])]
#[case::the_most(json!("max_spend"), json!(20.2), &[2])]
#[case::the_first(json!("first_at"), json!("1970-01-01T01:00:00.000Z"), &[1])]
#[case::the_last(json!("last_at"), json!("1970-01-01T04:00:00.000Z"), &[4])]
#[case::different_products(json!("products"), json!(5), &[1, 2, 3, 4])]
#[case::lines_of_one_purchase_count_once(json!({"most_frequent": "category"}), json!("shirts"), &[2, 3])]
#[case::the_only_brand(json!({"most_frequent": "brand"}), json!("Ácme"), &[3])]
#[case::the_product_by_its_id(json!({"most_frequent": "product"}), json!("s1"), &[1, 2])]
#[case::the_categories(json!({"categories": {"cap": 9}}), json!(["Hats", "shirts", "shoes"]), &[1, 2, 3, 4])]
fn purchases_come_to_a_value(
    #[case] measure: Value,
    #[case] expected: Value,
    #[case] ids: &[u128],
) {
    let computed = computed(&of_purchases(&measure), &customer(), hour(9));
    assert_eq!(shown(&computed.value), expected);
    assert_eq!(decided(&computed.value), (ids.to_vec(), ids.len()));
    assert_eq!((computed.until, computed.value.capped), (None, false));
}

#[rstest]
#[case::the_number(json!("count"), json!(2))]
#[case::only_the_lines_are_spent_on(json!("spend"), json!(25.25))]
#[case::the_most_of_whole_orders(json!("max_spend"), json!(20.2))]
#[case::only_products_of_the_lines(json!("products"), json!(2))]
#[case::only_categories_of_the_lines(json!({"categories": {"cap": 9}}), json!(["shoes"]))]
fn only_lines_that_pass_count(#[case] measure: Value, #[case] expected: Value) {
    let of = json!({"purchases": {"lines": {"categories": ["shoes"]}, "measure": measure}});
    let computed = computed(&definition(&of, &json!("ever")), &customer(), hour(9));
    assert_eq!(shown(&computed.value), expected);
}

#[rstest]
#[case(json!("count"), json!(0))]
#[case(json!("spend"), json!(0))]
#[case(json!("products"), json!(0))]
#[case(json!("mean_spend"), json!(null))]
#[case(json!("min_spend"), json!(null))]
#[case(json!("max_spend"), json!(null))]
#[case(json!("first_at"), json!(null))]
#[case(json!("last_at"), json!(null))]
#[case(json!({"most_frequent": "brand"}), json!(null))]
#[case(json!({"categories": {"cap": 9}}), json!(null))]
fn of_none_numbers_are_zero_and_the_rest_is_missing(
    #[case] measure: Value,
    #[case] expected: Value,
) {
    let mut history = customer();
    for (_, view) in &mut history.purchases {
        view.counted = false;
    }
    let computed = computed(&of_purchases(&measure), &history, hour(9));
    assert_eq!(shown(&computed.value), expected);
}

#[test]
fn a_capped_list_keeps_the_first_and_says_so() {
    let two = of_purchases(&json!({"categories": {"cap": 2}}));
    let computed = computed(&two, &customer(), hour(9));
    assert_eq!(shown(&computed.value), json!(["Hats", "shirts"]));
    assert!(computed.value.capped);
}

#[rstest]
#[case("JPY", json!(3530))]
#[case("KWD", json!(3.53))]
#[case("CLF", json!(0.353))]
fn amounts_are_in_major_units(#[case] currency: &str, #[case] expected: Value) {
    let mut history = customer();
    history.currency = currency.parse().unwrap();
    let computed = computed(&of_purchases(&json!("spend")), &history, hour(9));
    assert_eq!(shown(&computed.value), expected);
}
