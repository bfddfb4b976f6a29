//! Tests of touchpoints, and of their order.

use winnow::Parser;
use winnow::combinator::{alt, delimited, opt, preceded};

use super::argument::filter;
use super::value::{comparison, count, name, number, span, time_test};
use crate::condition::text::input::{
    Input, Parsed, expected, peek, peek_keyword, refused, symbol, text, token, word,
};
use crate::condition::text::token::{Kind, Symbol};
use crate::condition::{
    Comparison, Condition, Filter, Measure, SequenceTest, TouchpointTest, Window,
};

/// What touchpoints come to, or which follows which.
pub(super) fn touchpoints(input: &mut Input<'_>) -> Parsed<Condition> {
    let (filter, window) = performed(input)?;
    if follows(input) {
        return sequence(input, filter, window);
    }
    Ok(Condition::Touchpoint(TouchpointTest {
        filter,
        window,
        measure: measure(input)?,
    }))
}

/// A sequence that begins with the mere name of a touchpoint.
pub(super) fn named_sequence(input: &mut Input<'_>) -> Parsed<Condition> {
    let first = named(input)?;
    sequence(input, first, Window::Ever)
}

fn performed(input: &mut Input<'_>) -> Parsed<(Filter, Window)> {
    preceded(word("performed"), filter).parse_next(input)
}

fn named(input: &mut Input<'_>) -> Parsed<Filter> {
    text.map(|name| Filter {
        names: vec![name],
        ..Filter::default()
    })
    .parse_next(input)
}

fn follows(input: &Input<'_>) -> bool {
    matches!(peek_keyword(input).as_deref(), Some("THEN" | "NOT"))
}

fn sequence(input: &mut Input<'_>, first: Filter, window: Window) -> Parsed<Condition> {
    let not_followed = (word("NOT"), word("FOLLOWED"), word("BY")).value(false);
    let follows = alt((word("THEN").value(true), not_followed)).parse_next(input)?;
    let (then, when) =
        alt((named.map(|then| (then, Window::Ever)), performed)).parse_next(input)?;
    if when != Window::Ever {
        return refused(
            input,
            1,
            "a window here belongs to the first touchpoint; the second has WITHIN after it",
        );
    }
    let within = preceded(word("WITHIN"), span).parse_next(input)?;
    Ok(Condition::Sequence(SequenceTest {
        first,
        then,
        within,
        follows,
        window,
    }))
}

fn measure(input: &mut Input<'_>) -> Parsed<Measure> {
    const MEASURES: &[&str] = &["sum", "min", "max", "mean", "distinct", "first", "last"];
    if opt(symbol(Symbol::Dot)).parse_next(input)?.is_none() {
        return Ok(Measure::Count(bare_count(input)?));
    }
    let what = "sum, min, max, mean, distinct, first or last";
    let measure = token(input, what, MEASURES, |kind| match kind {
        Kind::Name(name) => MEASURES
            .iter()
            .find(|measure| measure.eq_ignore_ascii_case(name)),
        _ => None,
    })?;
    Ok(match *measure {
        "first" => Measure::First(time_test(input)?),
        "last" => Measure::Last(time_test(input)?),
        "distinct" => Measure::Distinct(property(input)?, comparison(input, count)?),
        "sum" => Measure::Sum(property(input)?, comparison(input, number)?),
        "min" => Measure::Min(property(input)?, comparison(input, number)?),
        "max" => Measure::Max(property(input)?, comparison(input, number)?),
        _ => Measure::Mean(property(input)?, comparison(input, number)?),
    })
}

/// A comparison; without one, at least one touchpoint.
fn bare_count(input: &mut Input<'_>) -> Parsed<Comparison<u32>> {
    let compared = match peek(input) {
        Some(Kind::Symbol(symbol)) => !matches!(symbol, Symbol::Close | Symbol::Comma),
        _ => peek_keyword(input).as_deref() == Some("BETWEEN"),
    };
    if compared {
        return comparison(input, count);
    }
    // What else could have stood here is worth naming if nothing that follows can be read.
    let _: Parsed<()> = expected(
        input,
        ". or a comparison such as >= 3",
        &["BETWEEN", "THEN"],
    );
    Ok(Comparison::AtLeast(1))
}

fn property(input: &mut Input<'_>) -> Parsed<String> {
    delimited(symbol(Symbol::Open), name, symbol(Symbol::Close)).parse_next(input)
}
