//! Values, and what they are compared with.

use winnow::Parser;
use winnow::combinator::{alt, delimited, separated};
use winnow::error::ErrMode;

use super::operator::{OF_INSTANTS, OF_QUANTITIES, OF_VALUES, Operator, operator};
use crate::clock::Timestamp;
use crate::condition::text::input::{
    Input, Parsed, expected, peek, refused, symbol, text, token, word,
};
use crate::condition::text::instant;
use crate::condition::text::token::{Kind, Symbol};
use crate::condition::text::words::is_reserved;
use crate::condition::{Comparison, Number, Scalar, Span, TextTest, TimeTest, ValueTest};

/// The name of a trait or a property.
pub(super) fn name(input: &mut Input<'_>) -> Parsed<String> {
    token(input, "a name", &[], |kind| match kind {
        Kind::Quoted(name) => Some(name.clone()),
        Kind::Name(name) if !is_reserved(name) => Some(name.clone()),
        _ => None,
    })
}

/// A list in brackets, of at least one.
pub(super) fn list<'t, T>(
    input: &mut Input<'t>,
    each: fn(&mut Input<'t>) -> Parsed<T>,
) -> Parsed<Vec<T>> {
    delimited(
        symbol(Symbol::Open),
        separated(1.., each, symbol(Symbol::Comma)),
        symbol(Symbol::Close),
    )
    .parse_next(input)
}

/// A trait or a property and its test, or `ANY` and a number it has besides.
pub(super) fn named_test(input: &mut Input<'_>) -> Parsed<(String, ValueTest)> {
    let besides = (word("ANY"), name, symbol(Symbol::NotEqual), number)
        .map(|((), name, (), other)| (name, ValueTest::Number(Comparison::NotEqual(other))));
    alt((besides, (name, value_test))).parse_next(input)
}

fn value_test(input: &mut Input<'_>) -> Parsed<ValueTest> {
    let operator = operator(input, OF_VALUES)?;
    Ok(match operator {
        Operator::Equal => ValueTest::Equal(scalar(input)?),
        Operator::NotEqual => ValueTest::NotEqual(scalar(input)?),
        Operator::In => ValueTest::In(list(input, scalar)?),
        Operator::NotIn => ValueTest::NotIn(list(input, scalar)?),
        Operator::Contains => ValueTest::Text(TextTest::Contains(text(input)?)),
        Operator::StartsWith => ValueTest::Text(TextTest::StartsWith(text(input)?)),
        Operator::EndsWith => ValueTest::Text(TextTest::EndsWith(text(input)?)),
        Operator::IsNull => ValueTest::NotExists,
        Operator::IsNotNull => ValueTest::Exists,
        Operator::Less
        | Operator::AtMost
        | Operator::More
        | Operator::AtLeast
        | Operator::Between
            if matches!(peek(input), Some(Kind::Number(_))) =>
        {
            ValueTest::Number(bounds(input, operator, number)?)
        }
        _ => match time_bounds(input, operator) {
            Ok(time) => ValueTest::Time(time),
            // The same place could have had a number.
            Err(ErrMode::Backtrack(_)) => return expected(input, "a number", &[]),
            Err(failure) => return Err(failure),
        },
    })
}

/// A quantity and its bounds.
pub(super) fn comparison<'t, T>(
    input: &mut Input<'t>,
    bound: fn(&mut Input<'t>) -> Parsed<T>,
) -> Parsed<Comparison<T>> {
    let operator = operator(input, OF_QUANTITIES)?;
    bounds(input, operator, bound)
}

fn bounds<'t, T>(
    input: &mut Input<'t>,
    operator: Operator,
    bound: fn(&mut Input<'t>) -> Parsed<T>,
) -> Parsed<Comparison<T>> {
    let first = bound(input)?;
    Ok(match operator {
        Operator::NotEqual => Comparison::NotEqual(first),
        Operator::Less => Comparison::Less(first),
        Operator::AtMost => Comparison::AtMost(first),
        Operator::More => Comparison::More(first),
        Operator::AtLeast => Comparison::AtLeast(first),
        Operator::Between => {
            word("AND").parse_next(input)?;
            Comparison::Between(first, bound(input)?)
        }
        _ => Comparison::Equal(first),
    })
}

/// A test of an instant.
pub(super) fn time_test(input: &mut Input<'_>) -> Parsed<TimeTest> {
    let operator = operator(input, OF_INSTANTS)?;
    time_bounds(input, operator)
}

/// A bound in time.
#[derive(Clone, Copy)]
enum Bound {
    Past(Span),
    Ahead(Span),
    Now,
    Instant(Timestamp),
}

fn time_bounds(input: &mut Input<'_>, operator: Operator) -> Parsed<TimeTest> {
    match operator {
        Operator::Within => return span(input).map(TimeTest::WithinPast),
        Operator::WithinNext => return span(input).map(TimeTest::WithinNext),
        Operator::LongerAgo => return span(input).map(TimeTest::LongerAgo),
        _ => {}
    }
    let bound = bound(input)?;
    let before = matches!(operator, Operator::Less | Operator::AtMost);
    Ok(match (operator, bound) {
        (Operator::Less, Bound::Instant(instant)) => TimeTest::Before(instant),
        (Operator::AtLeast, Bound::Instant(instant)) => TimeTest::From(instant),
        (Operator::AtMost | Operator::More, Bound::Instant(_)) => {
            return refused(
                input,
                2,
                "an instant has < (before it) and >= (from it on); to have the whole day in it or not, name the next one",
            );
        }
        (Operator::Between, Bound::Past(span)) => {
            (word("AND"), word("NOW")).parse_next(input)?;
            TimeTest::WithinPast(span)
        }
        (Operator::Between, Bound::Now) => {
            word("AND").parse_next(input)?;
            TimeTest::WithinNext(ahead(input)?)
        }
        (Operator::Between, _) => {
            return refused(
                input,
                1,
                "between what is BETWEEN -30d AND now, or BETWEEN now AND +7d; for other instants join >= and < by AND",
            );
        }
        (_, Bound::Past(span)) if before => TimeTest::LongerAgo(span),
        (_, Bound::Past(span)) => TimeTest::NotLongerAgo(span),
        (_, Bound::Ahead(span)) if before => TimeTest::NotFurtherAhead(span),
        (_, Bound::Ahead(span)) => TimeTest::FurtherAhead(span),
        (_, Bound::Now) => TimeTest::Past(before),
        (_, Bound::Instant(_)) => return expected(input, "a time", &[]),
    })
}

fn bound(input: &mut Input<'_>) -> Parsed<Bound> {
    if matches!(peek(input), Some(Kind::Text(_))) {
        return instant(input).map(Bound::Instant);
    }
    token(
        input,
        "a time such as -30d, +7d, now or '2026-03-01'",
        &["now"],
        |kind| match kind {
            Kind::Past(span) => Some(Bound::Past(*span)),
            Kind::Ahead(span) => Some(Bound::Ahead(*span)),
            Kind::Name(name) if name.eq_ignore_ascii_case("now") => Some(Bound::Now),
            _ => None,
        },
    )
}

/// An instant that does not move.
pub(super) fn instant(input: &mut Input<'_>) -> Parsed<Timestamp> {
    let text = text(input)?;
    match instant::read(&text) {
        Some(instant) => Ok(instant),
        None => refused(
            input,
            1,
            "this text names no instant; write '2026-03-01' or '2026-03-01T10:30:00Z'",
        ),
    }
}

/// A length of time.
pub(super) fn span(input: &mut Input<'_>) -> Parsed<Span> {
    token(
        input,
        "a length of time such as 30d",
        &[],
        |kind| match kind {
            Kind::Span(span) => Some(*span),
            _ => None,
        },
    )
}

fn ahead(input: &mut Input<'_>) -> Parsed<Span> {
    token(input, "a time ahead such as +7d", &[], |kind| match kind {
        Kind::Ahead(span) => Some(*span),
        _ => None,
    })
}

/// A number.
pub(super) fn number(input: &mut Input<'_>) -> Parsed<Number> {
    token(input, "a number", &[], |kind| match kind {
        Kind::Number(number) => Some(*number),
        _ => None,
    })
}

/// A number of things.
pub(super) fn count(input: &mut Input<'_>) -> Parsed<u32> {
    let number = number(input)?;
    match number.to_string().parse() {
        Ok(count) => Ok(count),
        Err(_) => refused(
            input,
            1,
            format!("this is counted: a whole number from 0 to {}", u32::MAX),
        ),
    }
}

/// `TRUE` or `FALSE`.
pub(super) fn truth(input: &mut Input<'_>) -> Parsed<bool> {
    alt((word("TRUE").value(true), word("FALSE").value(false))).parse_next(input)
}

fn scalar(input: &mut Input<'_>) -> Parsed<Scalar> {
    alt((
        text.map(Scalar::Text),
        number.map(Scalar::Number),
        truth.map(Scalar::Truth),
    ))
    .parse_next(input)
}
