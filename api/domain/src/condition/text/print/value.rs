//! Values, and what they are compared with.

use std::fmt::Display;

use crate::condition::text::instant;
use crate::condition::text::words::{is_plain, is_reserved};
use crate::condition::{Comparison, Scalar, TextTest, TimeTest, ValueTest, Window};

/// A name, in backquotes where it needs them.
pub(super) fn name(name: &str) -> String {
    if is_plain(name) && !is_reserved(name) {
        name.to_owned()
    } else {
        format!("`{}`", name.replace('`', "``"))
    }
}

/// A text, in quotes.
pub(super) fn text<T: AsRef<str> + ?Sized>(text: &T) -> String {
    format!("'{}'", text.as_ref().replace('\'', "''"))
}

/// A trait or a property and its test.
pub(super) fn named_test(written: &str, test: &ValueTest) -> String {
    let name = name(written);
    match test {
        ValueTest::Number(Comparison::NotEqual(other)) => format!("ANY {name} != {other}"),
        ValueTest::Exists => format!("{name} IS NOT NULL"),
        ValueTest::NotExists => format!("{name} IS NULL"),
        ValueTest::Equal(value) => format!("{name} = {}", scalar(value)),
        ValueTest::NotEqual(value) => format!("{name} != {}", scalar(value)),
        ValueTest::In(values) => format!("{name} IN {}", list(values, scalar)),
        ValueTest::NotIn(values) => format!("{name} NOT IN {}", list(values, scalar)),
        ValueTest::Number(number) => format!("{name} {}", comparison(number)),
        ValueTest::Text(TextTest::Contains(part)) => format!("{name} CONTAINS {}", text(part)),
        ValueTest::Text(TextTest::StartsWith(part)) => format!("{name} STARTS WITH {}", text(part)),
        ValueTest::Text(TextTest::EndsWith(part)) => format!("{name} ENDS WITH {}", text(part)),
        ValueTest::Time(time) => format!("{name} {}", time_test(*time)),
    }
}

fn scalar(value: &Scalar) -> String {
    match value {
        Scalar::Truth(true) => "TRUE".to_owned(),
        Scalar::Truth(false) => "FALSE".to_owned(),
        Scalar::Number(number) => number.to_string(),
        Scalar::Text(written) => text(written),
    }
}

/// A list in brackets.
pub(super) fn list<T>(values: &[T], each: impl Fn(&T) -> String) -> String {
    let values: Vec<_> = values.iter().map(each).collect();
    format!("({})", values.join(", "))
}

/// `= one`, or `IN (several)`.
pub(super) fn choice<T>(values: &[T], each: impl Fn(&T) -> String) -> String {
    match values {
        [only] => format!("= {}", each(only)),
        several => format!("IN {}", list(several, each)),
    }
}

/// Bounds of a quantity.
pub(super) fn comparison<T: Display>(comparison: &Comparison<T>) -> String {
    match comparison {
        Comparison::Equal(bound) => format!("= {bound}"),
        Comparison::NotEqual(bound) => format!("!= {bound}"),
        Comparison::Less(bound) => format!("< {bound}"),
        Comparison::AtMost(bound) => format!("<= {bound}"),
        Comparison::More(bound) => format!("> {bound}"),
        Comparison::AtLeast(bound) => format!(">= {bound}"),
        Comparison::Between(low, high) => format!("BETWEEN {low} AND {high}"),
    }
}

/// Bounds of an instant.
pub(super) fn time_test(test: TimeTest) -> String {
    match test {
        TimeTest::Before(bound) => format!("< {}", text(&instant::write(bound))),
        TimeTest::From(bound) => format!(">= {}", text(&instant::write(bound))),
        TimeTest::WithinPast(span) => format!("WITHIN LAST {span}"),
        TimeTest::LongerAgo(span) => format!("< -{span}"),
        TimeTest::WithinNext(span) => format!("WITHIN NEXT {span}"),
        TimeTest::FurtherAhead(span) => format!("> +{span}"),
        TimeTest::NotLongerAgo(span) => format!("> -{span}"),
        TimeTest::NotFurtherAhead(span) => format!("<= +{span}"),
        TimeTest::Past(true) => "<= now".to_owned(),
        TimeTest::Past(false) => "> now".to_owned(),
    }
}

/// A window among arguments; none if it is ever.
pub(super) fn window(window: Window) -> Option<String> {
    match window {
        Window::Ever => None,
        Window::Last(span) => Some(format!("within {span}")),
        Window::Before(span) => Some(format!("longer ago than {span}")),
        Window::Between { after, until } => Some(format!(
            "between {} and {}",
            text(&instant::write(after)),
            text(&instant::write(until))
        )),
    }
}
