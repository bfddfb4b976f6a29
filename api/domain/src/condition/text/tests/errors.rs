//! What people are told when a text cannot be read.

use rstest::rstest;

use crate::condition::text::{MAX_CHARS, parse};

#[rstest]
#[case::nothing("", 1, 1, "the text ends here, expected NOT, ( or a test")]
#[case::a_misspelt_and(
    "a = 1 AMD b = 2",
    1,
    7,
    "found AMD, expected AND, OR or the end; did you mean AND?"
)]
#[case::a_misspelt_function(
    "a = 1 AND preformed('x')",
    1,
    11,
    "found preformed, expected NOT, ( or a test; did you mean performed?"
)]
#[case::a_misspelt_measure(
    "orders.cuont > 1",
    1,
    1,
    "found orders.cuont, expected NOT, ( or a test; did you mean orders.count?"
)]
#[case::a_misspelt_operator(
    "name CONTAINZ 'x'",
    1,
    6,
    "found CONTAINZ, expected a comparison such as =, <, IN, BETWEEN, CONTAINS or IS NULL; did you mean CONTAINS?"
)]
#[case::a_misspelt_stage(
    "stage = LOSTT",
    1,
    9,
    "found LOSTT, expected a lifecycle stage such as ACTIVE or LOST; did you mean LOST?"
)]
#[case::the_second_line(
    "a = 1\n  AND b = é",
    2,
    11,
    "found é, expected a text in single quotes, a number, TRUE or FALSE"
)]
#[case::characters_and_not_bytes("'ñandú' = 1", 1, 9, "found =, expected THEN or NOT")]
#[case::an_unquoted_text(
    "country = ES",
    1,
    11,
    "found ES, expected a text in single quotes, a number, TRUE or FALSE"
)]
#[case::double_quotes(
    "country = \"ES\"",
    1,
    11,
    "texts stand in straight single quotes: 'Shoes'"
)]
#[case::an_open_quote(
    "a = 1 AND b = 'ES",
    1,
    15,
    "the text is not closed; a quote inside a text is doubled: 'L''Oréal'"
)]
#[case::an_open_bracket("(a = 1", 1, 7, "the text ends here, expected AND, OR or )")]
#[case::a_needless_bracket("a = 1)", 1, 6, "found ), expected AND, OR or the end")]
#[case::a_trailing_and("a = 1 AND ", 1, 10, "the text ends here, expected NOT, ( or a test")]
#[case::no_such_unit(
    "last_seen < -3y",
    1,
    13,
    "a length of time is a whole number and w, d, h, m (minutes) or s, from 1s to 36525d"
)]
#[case::an_exponent(
    "a = 1e400",
    1,
    5,
    "a number is written without an exponent, such as 0.001 or 250000"
)]
#[case::a_negative_exponent(
    "a = 1e-5",
    1,
    5,
    "a number is written without an exponent, such as 0.001 or 250000"
)]
#[case::no_instant(
    "last_seen < 'May'",
    1,
    13,
    "this text names no instant; write '2026-03-01' or '2026-03-01T10:30:00Z'"
)]
#[case::a_fraction_of_orders(
    "orders.count > 1.5",
    1,
    16,
    "this is counted: a whole number from 0 to 4294967295"
)]
#[case::half_a_day(
    "anniversary(b) WITHIN 12h",
    1,
    23,
    "an anniversary is within whole days: 7d, 2w, or 0d for today"
)]
#[case::two_windows(
    "performed('A', within 1d, within 2d)",
    1,
    27,
    "this has been given already"
)]
#[case::a_sign(
    "a = #",
    1,
    5,
    "this character has no meaning here; texts stand in single quotes"
)]
#[case::a_score_alone(
    "score('k')",
    1,
    11,
    "the text ends here, expected . or =, !=, <, <=, >, >= or BETWEEN"
)]
fn the_place_and_what_could_have_been_are_named(
    #[case] text: &str,
    #[case] line: usize,
    #[case] column: usize,
    #[case] message: &str,
) {
    let error = parse(text).unwrap_err();
    assert_eq!(
        (error.message.as_str(), error.line, error.column),
        (message, line, column)
    );
}

#[test]
fn programs_are_told_the_same() {
    let error = parse("a = 1 AMD b = 2").unwrap_err();
    assert_eq!(error.found.as_deref(), Some("AMD"));
    assert_eq!(error.expected, ["AND", "OR", "the end"]);
    assert_eq!(error.suggestion.as_deref(), Some("AND"));
    assert!(error.to_string().starts_with("line 1, column 7: found AMD"));
}

#[rstest]
#[case::brackets("(", MAX_CHARS)]
#[case::brackets_beyond_all_measure("(", 100_000)]
#[case::negations("NOT ", 4_000)]
fn deep_nesting_is_refused_and_not_followed(#[case] opening: &str, #[case] times: usize) {
    assert!(parse(&opening.repeat(times)).is_err());
}

#[test]
fn sixteen_brackets_are_read_and_seventeen_are_not() {
    let nested = |depth: usize| format!("{}a = 1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(16)).is_ok());
    let error = parse(&nested(17)).unwrap_err();
    assert_eq!(error.column, 17);
    assert_eq!(error.message, "brackets and NOT are nested at most 16 deep");
}

#[test]
fn a_long_text_is_refused_and_what_is_found_is_cut() {
    let long = format!("a = '{}'", "x".repeat(MAX_CHARS));
    assert!(parse(&long).unwrap_err().message.contains("longer than"));
    let long = parse(&format!("a = {}", "x".repeat(1_000))).unwrap_err();
    assert_eq!(long.found.map(|found| found.chars().count()), Some(41));
}
