//! Which rules make sense, and how they are stored.

use rstest::rstest;
use serde_json::{Value, json};

use super::sample::days;
use crate::lifecycle::{Rules, RulesProblem};

#[rstest]
#[case::those_of_the_beginning(json!({}), Ok(()))]
#[case::no_first_factor(json!({"first_factor": 0}), Err(RulesProblem::FirstFactor))]
#[case::a_first_factor_that_is_the_second(json!({"first_factor": 3}), Err(RulesProblem::FirstFactor))]
#[case::too_large_a_factor(json!({"second_factor": 1_001}), Err(RulesProblem::SecondFactor))]
#[case::too_large_a_weight(json!({"shrinkage": 1_001}), Err(RulesProblem::Shrinkage))]
#[case::their_own_alone(json!({"shrinkage": 0}), Ok(()))]
#[case::no_top(json!({"tiers": {"top": 0, "large": 4, "medium": 15}}), Err(RulesProblem::Tiers))]
#[case::all(json!({"tiers": {"top": 20, "large": 30, "medium": 50}}), Ok(()))]
#[case::more_than_all(json!({"tiers": {"top": 20, "large": 30, "medium": 50.000_001}}), Err(RulesProblem::Tiers))]
fn rules_are_checked(#[case] stored: Value, #[case] checked: Result<(), RulesProblem>) {
    let rules: Rules = serde_json::from_value(stored).unwrap();
    assert_eq!(rules.check(), checked);
}

#[test]
fn what_is_not_stored_is_as_at_the_beginning() {
    let rules: Rules = serde_json::from_value(json!({})).unwrap();
    assert_eq!(rules, Rules::default());
    let stored = json!({
        "new_customer_period": days(30).millis(),
        "first_factor": 1.5,
        "second_factor": 3.0,
        "shrinkage": 3,
        "pyramid_period": days(365).millis(),
        "tiers": {"top": 1.0, "large": 4.0, "medium": 15.0},
    });
    assert_eq!(serde_json::to_value(rules).unwrap(), stored);
}

#[rstest]
#[case(json!({"first_factor": "1.5"}))]
#[case(json!({"new_customer_period": 0}))]
#[case(json!({"pyramid_period": -86_400_000}))]
#[case(json!({"shrinkage": -1}))]
fn what_is_no_rule_is_not_read(#[case] stored: Value) {
    assert!(serde_json::from_value::<Rules>(stored).is_err());
}
