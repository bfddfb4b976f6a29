//! Texts as people write them.

use rstest::rstest;
use serde_json::json;

use crate::clock::Timestamp;
use crate::condition::text::{parse, print};
use crate::condition::{Condition, TraitTest, ValueTest};

#[rstest]
#[case("orders.count >= 2 AND last_order_at < -30d AND country = 'ES'")]
#[case("performed('Product Viewed', category = 'Shoes', within 2w) >= 3")]
#[case("anniversary(birthday) WITHIN 7d")]
#[case("anniversary(birthday) WITHIN 0d")]
#[case("(vip = TRUE AND age >= 18) OR NOT (city IS NULL AND address.city != 'Madrid')")]
#[case("NOT NOT a = 1")]
#[case("country IN ('ES', 'PT') AND tags NOT IN ('a', 5, FALSE)")]
#[case("age BETWEEN 18 AND 30.5 AND ANY sizes != 42")]
#[case("name CONTAINS 'L''Oréal' AND name STARTS WITH 'a' AND name ENDS WITH 'z'")]
#[case("`weird name` IS NOT NULL AND `orders` = 1 AND `a``b` IS NULL")]
#[case("renewal >= '2026-03-01' AND renewal < '2026-04-01T10:30:00Z'")]
#[case("renewal WITHIN NEXT 1w OR renewal > +30d OR renewal WITHIN LAST 36525d")]
#[case("performed()")]
#[case("performed('A' or 'B', on EMAIL, from 'shop', price > 10, longer ago than 30d)")]
#[case("performed('A', between '2026-01-01' and '2026-02-01') = 0")]
#[case("performed('A').sum(price) >= 100 AND performed('A').distinct(sku) BETWEEN 2 AND 5")]
#[case("performed('A').first < -30d AND performed('A').last WITHIN LAST 1d")]
#[case("orders.spend(category = 'Shoes', brand IN ('A', 'B'), within 90d) > 99.95")]
#[case("orders.mean > 1 AND orders.max <= 2 AND orders.products(product = 'p-1') != 3")]
#[case("orders.intervals_since_last > 1.5 AND first_order_at(category = 'Shoes') < -1w")]
#[case("first_seen >= '2026-01-01' AND last_seen WITHIN LAST 90m")]
#[case("'Checkout Started' THEN 'Order Completed' WITHIN 2d")]
#[case("'Checkout Started' NOT FOLLOWED BY 'Order Completed' WITHIN 2d")]
#[case("performed('A', x = 1, within 30d) THEN performed('B', on WEB) WITHIN 2h")]
#[case("segment('vip') AND score('fit') >= 40 AND score('fit').grade = 'HOT'")]
#[case("score('fit', grade IN ('HOT', 'WARM')) BETWEEN 10 AND 20")]
#[case("consents('offers', EMAIL) AND consents('profile') = FALSE")]
#[case("stage IN (ACTIVE, LOSING_INTEREST) AND level = TOP AND has(email)")]
fn a_canonical_text_is_printed_as_it_was_read(#[case] text: &str) {
    let condition = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(print(&condition), text);
}

#[rstest]
#[case::keywords_in_any_case(
    "a=1 and Not b In('x') oR C is not null",
    "(a = 1 AND NOT b IN ('x')) OR C IS NOT NULL"
)]
#[case::and_binds_tighter("a=1 or b=2 and c=3", "a = 1 OR (b = 2 AND c = 3)")]
#[case::needless_brackets("((a = 1) and ((b = 2 and (c = 3))))", "a = 1 AND b = 2 AND c = 3")]
#[case::not_binds_tightest("not a=1 and b=2", "NOT a = 1 AND b = 2")]
#[case::lines("a\n =\t1", "a = 1")]
#[case::later_than_a_time_ago("renews >= -30d", "renews > -30d")]
#[case::within("last_order_at within 30d", "last_order_at WITHIN LAST 30d")]
#[case::between_then_and_now("last_seen between -30d and now", "last_seen WITHIN LAST 30d")]
#[case::between_now_and_then("due between NOW and +7d", "due WITHIN NEXT 1w")]
#[case::before_a_time_ahead("due < +3d", "due <= +3d")]
#[case::longer_ago("last_order_at longer ago than 30d", "last_order_at < -30d")]
#[case::before_now("due < NOW", "due <= now")]
#[case::from_now_on("due >= now", "due > now")]
#[case::another_unit_for_the_same("last_seen < -14d", "last_seen < -2w")]
#[case::a_window_before("performed('A', before 30d)", "performed('A', longer ago than 30d)")]
#[case::at_least_once("performed('A') >= 1", "performed('A')")]
#[case::arguments_in_any_order("PERFORMED(within 1d, 'A')>0", "performed('A', within 1d) > 0")]
#[case::no_arguments("orders.count() = 0", "orders.count = 0")]
#[case::stages_in_any_case("Stage = lost", "stage = LOST")]
#[case::consent_granted("consents('offers') = true", "consents('offers')")]
#[case::one_value("score('k').grade in ('HOT')", "score('k').grade = 'HOT'")]
#[case::a_plain_name_in_backquotes("`city` = 'x'", "city = 'x'")]
#[case::an_anniversary_in_weeks(
    "anniversary(birthday) within 1w",
    "anniversary(birthday) WITHIN 7d"
)]
#[case::an_unequal_sign("a <> 1", "a != 1")]
fn other_ways_to_write_are_understood(#[case] text: &str, #[case] printed: &str) {
    let condition = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(print(&condition), printed);
}

#[rstest]
#[case("script::alert('x')")]
#[case("${x}")]
#[case("100%_")]
#[case("x'; DROP TABLE profile; --")]
#[case("\u{202e}\n\t\"")]
fn what_stands_in_quotes_is_itself(#[case] value: &str) {
    let text = format!("note = '{}'", value.replace('\'', "''"));
    let stored = serde_json::to_value(parse(&text).unwrap()).unwrap();
    assert_eq!(
        stored,
        json!({"trait": {"name": "note", "test": {"equal": value}}})
    );
}

#[rstest]
#[case::it_expired_yesterday("expires < +7d", -1, true)]
#[case::it_expires_in_a_week("expires < +7d", 7, true)]
#[case::it_expires_later("expires < +7d", 8, false)]
#[case::it_renews_in_ten_days("renews > -30d", 10, true)]
#[case::it_renewed_a_month_ago("renews > -30d", -30, false)]
#[case::it_renewed_lately("renews > -30d", -29, true)]
#[case::this_very_instant_is_no_longer_ahead("x <= now", 0, true)]
#[case::what_is_ahead_is_not_past("x < now", 1, false)]
#[case::what_is_ahead("x > now", 1, true)]
#[case::this_very_instant_is_not_ahead("x > now", 0, false)]
fn a_bound_that_moves_means_what_it_says(
    #[case] text: &str,
    #[case] days: i64,
    #[case] passes: bool,
) {
    const DAY: i64 = 86_400_000;
    let Ok(Condition::Trait(TraitTest {
        test: ValueTest::Time(test),
        ..
    })) = parse(text)
    else {
        panic!("{text}");
    };
    let now = Timestamp(20_000 * DAY);
    assert_eq!(test.passes(now.plus_millis(days * DAY), now), passes);
}

#[test]
fn backquotes_make_any_name_a_trait() {
    for name in ["orders", "stage", "performed", "and", "address.city"] {
        let stored = serde_json::to_value(parse(&format!("`{name}` = 1")).unwrap()).unwrap();
        assert_eq!(stored["trait"]["name"], name);
    }
}
