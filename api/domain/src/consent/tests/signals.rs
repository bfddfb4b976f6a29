//! What signals say.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};

use super::sample::{key, purpose};
use crate::consent::{
    Category, DecisionKind, EmailSignal, PurposeKey, Signal, category_preferences, email_signal,
    is_gpc, is_one_click, ready_made,
};
use crate::privacy::{Covered, SuppressionReason};
use crate::touchpoint::Channel;

#[rstest]
#[case::the_signal(&["1"], true)]
#[case::none(&[], false)]
#[case::no(&["0"], false)]
#[case::another_value(&["1, 1"], false)]
#[case::a_word(&["true"], false)]
#[case::two_of_which_one_is(&["0", "1"], true)]
#[case::blanks(&[" 1"], false)]
fn the_global_privacy_control_is_exactly_one(#[case] values: &[&str], #[case] signal: bool) {
    assert_eq!(is_gpc(values), signal);
}

#[rstest]
#[case::the_pair(&[("List-Unsubscribe", "One-Click")], true)]
#[case::nothing(&[], false)]
#[case::another_value(&[("List-Unsubscribe", "Two-Click")], false)]
#[case::more(&[("List-Unsubscribe", "One-Click"), ("a", "b")], false)]
fn one_click_is_exactly_its_pair(#[case] fields: &[(&str, &str)], #[case] one_click: bool) {
    assert_eq!(is_one_click(fields.iter().copied()), one_click);
}

/// What preferences say where these categories stand for purposes.
fn said(context: &Value, trusted: bool) -> Vec<(String, bool)> {
    let categories = BTreeMap::from([
        ("Advertising", "advertising"),
        ("Marketing", "offers"),
        ("Measurement", "analytics"),
        ("Sharing", "advertising"),
        ("Unknown", "nothing"),
    ]);
    let categories = categories.into_iter();
    let categories: BTreeMap<_, _> = categories
        .map(|(category, purpose)| (category.to_owned(), key(purpose)))
        .collect();
    let purposes = ready_made();
    let find = |key: &PurposeKey| purposes.iter().find(|purpose| purpose.key == *key);
    let signals = category_preferences(context, &categories, find, trusted);
    signals
        .into_iter()
        .map(|signal| (signal.purpose.to_string(), signal.granted))
        .collect()
}

#[test]
fn a_missing_category_is_a_no_and_one_no_of_several_is_one() {
    let preferences = json!({"Advertising": true, "Measurement": true, "Unknown": true});
    let context = json!({"consent": {"categoryPreferences": preferences}});
    let expected = [
        ("advertising".to_owned(), false),
        ("analytics".to_owned(), true),
        ("offers".to_owned(), false),
    ];
    assert_eq!(said(&context, false), expected);
}

#[rstest]
#[case(json!({}))]
#[case(json!({"consent": {}}))]
#[case(json!({"consent": {"categoryPreferences": "all"}}))]
#[case(json!({"consent": {"categoryPreferences": ["Measurement"]}}))]
#[case(json!(null))]
fn who_sends_no_preferences_says_nothing(#[case] context: Value) {
    assert_eq!(said(&context, true), []);
}

#[rstest]
#[case(json!("true"))]
#[case(json!(1))]
#[case(json!(null))]
#[case(json!({}))]
fn only_true_is_a_yes(#[case] value: Value) {
    let context = json!({"consent": {"categoryPreferences": {"Measurement": value}}});
    assert!(said(&context, true).contains(&("analytics".to_owned(), false)));
}

#[test]
fn a_browser_does_not_open_messages_and_a_trusted_source_does() {
    let context = json!({"consent": {"categoryPreferences": {"Marketing": true}}});
    let offers = |trusted| {
        let said = said(&context, trusted).into_iter();
        said.filter(|(purpose, _)| purpose == "offers")
            .map(|(_, granted)| granted)
            .next()
    };
    assert_eq!(offers(false), None);
    assert_eq!(offers(true), Some(true));
}

#[rstest]
#[case::a_first_yes(true, None, Some(DecisionKind::Granted))]
#[case::a_first_no(false, None, Some(DecisionKind::Denied))]
#[case::the_same_yes(true, Some(DecisionKind::Granted), None)]
#[case::the_same_no(false, Some(DecisionKind::Denied), None)]
#[case::still_no(false, Some(DecisionKind::Withdrawn), None)]
#[case::now_no(false, Some(DecisionKind::Granted), Some(DecisionKind::Withdrawn))]
#[case::now_yes(true, Some(DecisionKind::Withdrawn), Some(DecisionKind::Granted))]
#[case::asked_already(true, Some(DecisionKind::Asked), None)]
fn what_clients_repeat_decides_once(
    #[case] granted: bool,
    #[case] last: Option<DecisionKind>,
    #[case] decision: Option<DecisionKind>,
) {
    let signal = Signal {
        purpose: key("analytics"),
        granted,
    };
    assert_eq!(signal.decision(last), decision);
}

#[rstest]
#[case::from_one("unsubscribed", Some("content"), &["content"], Covered::Purpose(key("content")))]
#[case::from_all("Unsubscribed", None, &["content", "offers"], Covered::Marketing)]
#[case::spam("Email Marked As Spam", Some("content"), &["content", "offers"], Covered::Marketing)]
#[case::bounced("Email Bounced", Some("content"), &[], Covered::Everything)]
fn events_of_email_providers_are_decisions(
    #[case] name: &str,
    #[case] purpose: Option<&str>,
    #[case] withdrawn: &[&str],
    #[case] covered: Covered,
) {
    let signal = email_signal(name, purpose.map(key), true).unwrap();
    let purposes = ready_made();
    let keys = signal.withdraws(&purposes).into_iter();
    assert_eq!(keys.map(PurposeKey::as_str).collect::<Vec<_>>(), withdrawn);
    let (_, scope) = signal.suppresses();
    assert_eq!(scope.of, covered);
    assert_eq!(scope.channel, Some(Channel::Email));
}

#[test]
fn who_unsubscribes_from_what_nobody_knows_unsubscribes_from_all() {
    let signal = EmailSignal::Unsubscribed(Some(key("old-newsletter")));
    let purposes = ready_made();
    assert_eq!(signal.withdraws(&purposes).len(), 2);
    assert_eq!(signal.suppresses().0, SuppressionReason::Unsubscribe);
}

#[rstest]
#[case("Email Opened", true)]
#[case("Email Bounced", false)]
#[case("Order Completed", true)]
fn other_events_say_nothing(#[case] name: &str, #[case] permanent: bool) {
    let purpose = purpose(Category::Content);
    assert_eq!(email_signal(name, Some(purpose.key), permanent), None);
}
