//! The check of values: texts, names, keys, lists and bounds.

use super::limits::MAX_KEY_CHARS;
use super::report::Report;
use super::{MAX_NAME_CHARS, MAX_NAME_PARTS, MAX_TEXT_CHARS, MAX_VALUES, ProblemCode};
use crate::clock::Timestamp;
use crate::condition::{Comparison, Number, Scalar, TextTest, TimeTest, ValueTest, Window};

/// 0001-01-01T00:00:00Z, from which on a year has four digits and no sign.
const FIRST_INSTANT: i64 = -62_135_596_800_000;

/// 9999-12-31T23:59:59.999Z.
const LAST_INSTANT: i64 = 253_402_300_799_999;

fn characters(report: &mut Report<'_>, text: &str, limit: usize) {
    if text.chars().nth(limit).is_some() {
        report.problem(
            ProblemCode::TooLong,
            format!("it is longer than {limit} characters"),
        );
    }
    if text.contains('\0') {
        report.problem(ProblemCode::NulCharacter, "it has the character U+0000");
    }
}

/// Checks a text to compare with.
pub(super) fn text(report: &mut Report<'_>, text: &str) {
    characters(report, text, MAX_TEXT_CHARS);
}

/// Checks a name.
pub(super) fn name(report: &mut Report<'_>, name: &str) {
    if name.is_empty() {
        report.problem(ProblemCode::Empty, "a name has at least one character");
    }
    characters(report, name, MAX_NAME_CHARS);
}

/// Checks the name of a trait or a property, which may be a path.
pub(crate) fn path(report: &mut Report<'_>, path: &str) {
    name(report, path);
    if path.split('.').count() > MAX_NAME_PARTS {
        report.problem(
            ProblemCode::TooManyNameParts,
            format!("a path has at most {MAX_NAME_PARTS} names"),
        );
    }
}

/// Checks the key of a segment or a score model; whether it is one.
pub(super) fn key(report: &mut Report<'_>, key: &str) -> bool {
    let valid = is_key(key);
    if !valid {
        report.problem(
            ProblemCode::InvalidKey,
            "a key is 1 to 64 characters of a to z, 0 to 9, _ and -, and begins with a letter or a digit",
        );
    }
    valid
}

/// Whether a text is written as keys are: 1 to 64 characters of a to z, 0 to 9, `_` and `-`, the first a letter or a digit.
pub fn is_key(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    key.len() <= MAX_KEY_CHARS
        && key.bytes().next().is_some_and(plain)
        && key.bytes().all(|byte| plain(byte) || b"_-".contains(&byte))
}

/// Checks a list that must not be empty, and each of its values.
pub(super) fn list<T>(report: &mut Report<'_>, values: &[T], each: impl Fn(&mut Report<'_>, &T)) {
    if values.is_empty() {
        report.problem(ProblemCode::Empty, "the list needs at least one value");
    }
    optional_list(report, values, each);
}

/// Checks a list that lets all pass if it is empty, and each of its values.
pub(super) fn optional_list<T>(
    report: &mut Report<'_>,
    values: &[T],
    each: impl Fn(&mut Report<'_>, &T),
) {
    if values.len() > MAX_VALUES {
        report.problem(
            ProblemCode::TooManyValues,
            format!("a list has at most {MAX_VALUES} values"),
        );
        return;
    }
    for (position, value) in values.iter().enumerate() {
        report.at(position, |report| each(report, value));
    }
}

/// Checks what a value must pass.
pub(super) fn value_test(report: &mut Report<'_>, test: &ValueTest) {
    match test {
        ValueTest::Exists | ValueTest::NotExists => {}
        ValueTest::Equal(value) => report.at("equal", |report| scalar(report, value)),
        ValueTest::NotEqual(value) => report.at("not_equal", |report| scalar(report, value)),
        ValueTest::In(values) => report.at("in", |report| list(report, values, scalar)),
        ValueTest::NotIn(values) => report.at("not_in", |report| list(report, values, scalar)),
        ValueTest::Number(number) => report.at("number", |report| comparison(report, number)),
        ValueTest::Text(test) => report.at("text", |report| text_test(report, test)),
        ValueTest::Time(time) => report.at("time", |report| time_test(report, *time)),
    }
}

fn scalar(report: &mut Report<'_>, value: &Scalar) {
    if let Scalar::Text(value) = value {
        text(report, value);
    }
}

fn text_test(report: &mut Report<'_>, test: &TextTest) {
    let (name, part) = match test {
        TextTest::Contains(part) => ("contains", part),
        TextTest::StartsWith(part) => ("starts_with", part),
        TextTest::EndsWith(part) => ("ends_with", part),
    };
    report.at(name, |report| {
        if part.is_empty() {
            report.problem(ProblemCode::Empty, "every text has the empty text in it");
        }
        text(report, part);
    });
}

/// Checks that the bounds of a comparison are in order.
pub(super) fn comparison<T: PartialOrd>(report: &mut Report<'_>, comparison: &Comparison<T>) {
    if let Comparison::Between(low, high) = comparison
        && low > high
    {
        report.at("between", |report| {
            report.problem(
                ProblemCode::BoundsOutOfOrder,
                "the first bound is above the second",
            );
        });
    }
}

/// Checks the bounds of a sum or a mean, which are compared in millionths.
pub(super) fn exact(report: &mut Report<'_>, bounds: &Comparison<Number>) {
    comparison(report, bounds);
    let (name, inexact) = match bounds {
        Comparison::Equal(bound) => ("equal", bound.micros().is_none()),
        Comparison::NotEqual(bound) => ("not_equal", bound.micros().is_none()),
        Comparison::Less(bound) => ("less", bound.micros().is_none()),
        Comparison::AtMost(bound) => ("at_most", bound.micros().is_none()),
        Comparison::More(bound) => ("more", bound.micros().is_none()),
        Comparison::AtLeast(bound) => ("at_least", bound.micros().is_none()),
        Comparison::Between(low, high) => {
            ("between", low.micros().is_none() || high.micros().is_none())
        }
    };
    if inexact {
        report.at(name, |report| {
            report.problem(
                ProblemCode::InexactBound,
                "sums are exact to the millionth up to 9007199254, and the bound is beyond",
            );
        });
    }
}

/// Checks a test of an instant.
pub(super) fn time_test(report: &mut Report<'_>, test: TimeTest) {
    match test {
        TimeTest::Before(bound) => report.at("before", |report| instant(report, bound)),
        TimeTest::From(bound) => report.at("from", |report| instant(report, bound)),
        TimeTest::WithinPast(_)
        | TimeTest::LongerAgo(_)
        | TimeTest::WithinNext(_)
        | TimeTest::FurtherAhead(_)
        | TimeTest::NotLongerAgo(_)
        | TimeTest::NotFurtherAhead(_)
        | TimeTest::Past(_) => {}
    }
}

/// Checks a window.
pub(crate) fn window(report: &mut Report<'_>, window: Window) {
    let Window::Between { after, until } = window else {
        return;
    };
    report.at("window", |report| {
        report.at("between", |report| {
            report.at("after", |report| instant(report, after));
            report.at("until", |report| instant(report, until));
            if after >= until {
                report.problem(
                    ProblemCode::BoundsOutOfOrder,
                    "the window ends before it begins",
                );
            }
        });
    });
}

fn instant(report: &mut Report<'_>, instant: Timestamp) {
    if !(FIRST_INSTANT..=LAST_INSTANT).contains(&instant.0) {
        report.problem(
            ProblemCode::InstantOutOfRange,
            "an instant is in the years 1 to 9999",
        );
    }
}
