//! What people read of computed traits.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::generate::definition as any_definition;
use super::{definition, of_purchases, of_touchpoints};
use crate::computed::{Definition, describe};
use crate::condition::describe::Language;
use crate::condition::evaluate::tests::sample::span;

fn said(definition: &Definition, language: Language) -> String {
    describe(definition, language, "EUR".parse().unwrap())
}

#[rstest]
#[case(json!("count"), "how many times they did something", "cuántas veces hizo algo")]
#[case(json!({"sum": "p"}), "the sum of p in something", "la suma de p en algo")]
#[case(json!({"min": "p"}), "the smallest p in something", "el menor valor de p en algo")]
#[case(json!({"max": "p"}), "the greatest p in something", "el mayor valor de p en algo")]
#[case(json!({"mean": "p"}), "the mean of p in something", "la media de p en algo")]
#[case(json!({"first": "p"}), "the first value of p in something", "el primer valor de p en algo")]
#[case(json!({"last": "a b"}), "the last value of “a b” in something", "el último valor de «a b» en algo")]
#[case(json!({"most_frequent": "p"}), "the most frequent value of p in something", "el valor más frecuente de p en algo")]
#[case(json!({"distinct_count": "p"}), "the number of different values of p in something", "el número de valores distintos de p en algo")]
#[case(
    json!({"distinct_values": {"property": "p", "cap": 20}}),
    "the different values, at most 20, of p in something",
    "los valores distintos, como mucho 20, de p en algo"
)]
#[case(json!("first_at"), "when they first did something", "cuándo hizo algo por primera vez")]
#[case(json!("last_at"), "when they last did something", "cuándo hizo algo por última vez")]
fn what_touchpoints_are_brought_to_reads_plainly(
    #[case] measure: Value,
    #[case] english: &str,
    #[case] spanish: &str,
) {
    let definition = of_touchpoints(&measure);
    assert_eq!(said(&definition, Language::English), english);
    assert_eq!(said(&definition, Language::Spanish), spanish);
}

#[rstest]
#[case(json!("count"), "how many times they bought", "cuántas veces compró")]
#[case(json!("spend"), "how much they spent in EUR", "cuánto gastó en EUR")]
#[case(json!("mean_spend"), "how much they spent in EUR on average per order", "cuánto gastó en EUR de media por pedido")]
#[case(json!("min_spend"), "how much they spent in EUR in the smallest order", "cuánto gastó en EUR en su menor pedido")]
#[case(json!("max_spend"), "how much they spent in EUR in the largest order", "cuánto gastó en EUR en su mayor pedido")]
#[case(json!("first_at"), "when they first bought", "cuándo compró por primera vez")]
#[case(json!("last_at"), "when they last bought", "cuándo compró por última vez")]
#[case(json!("products"), "how many different products they bought", "cuántos productos distintos compró")]
#[case(json!({"most_frequent": "category"}), "the category they bought most often", "la categoría que más veces compró")]
#[case(json!({"most_frequent": "brand"}), "the brand they bought most often", "la marca que más veces compró")]
#[case(json!({"most_frequent": "product"}), "the product they bought most often", "el producto que más veces compró")]
#[case(json!({"categories": {"cap": 5}}), "the different categories, at most 5, they bought", "las categorías distintas, como mucho 5, que compró")]
fn what_purchases_are_brought_to_reads_plainly(
    #[case] measure: Value,
    #[case] english: &str,
    #[case] spanish: &str,
) {
    let definition = of_purchases(&measure);
    assert_eq!(said(&definition, Language::English), english);
    assert_eq!(said(&definition, Language::Spanish), spanish);
}

#[test]
fn filters_and_windows_are_said_too() {
    let filter = json!({"names": ["Product Viewed"], "channel": "WEB"});
    let of = json!({"touchpoints": {"filter": filter, "measure": {"most_frequent": "category"}}});
    let viewed = definition(&of, &json!({"last": span(24 * 30)}));
    assert_eq!(
        said(&viewed, Language::English),
        "the most frequent value of category in “Product Viewed” on the web within the last 30 days"
    );
    let lines = json!({"categories": ["Ropa"]});
    let of = json!({"purchases": {"lines": lines, "measure": {"most_frequent": "brand"}}});
    let bought = definition(&of, &json!({"last": span(24 * 30)}));
    assert_eq!(
        said(&bought, Language::Spanish),
        "la marca que más veces compró contando algo (categoría «Ropa») en los últimos 30 días"
    );
}

proptest! {
    #[test]
    fn every_definition_can_be_said(definition in any_definition()) {
        let (english, spanish) =
            (said(&definition, Language::English), said(&definition, Language::Spanish));
        prop_assert_ne!(english, spanish);
    }
}
