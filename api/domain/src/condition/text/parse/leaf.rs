//! Single tests.

use std::str::FromStr;

use winnow::Parser;
use winnow::combinator::{delimited, opt, preceded};
use winnow::stream::Stream;

use super::argument::{channel, texts};
use super::operator::{OF_CHOICES, Operator, operator};
use super::purchase::purchases;
use super::touchpoint::{named_sequence, touchpoints};
use super::value::{comparison, list, name, named_test, number, span, time_test, truth};
use crate::condition::text::input::{
    Input, Parsed, expected_test, peek, refused, symbol, text, token, word,
};
use crate::condition::text::token::{Kind, Symbol};
use crate::condition::text::words::{is_keyword, is_of_orders};
use crate::condition::{
    AnniversaryTest, Condition, ConsentTest, IdentifierTest, LevelTest, ScoreTest, Seen, SeenTest,
    SegmentTest, StageTest, TraitTest,
};
use crate::identity::Namespace;
use crate::lifecycle::{Level, Stage};

/// How long a day is, in milliseconds.
const DAY: i64 = 86_400_000;

/// A single test.
pub(super) fn leaf(input: &mut Input<'_>) -> Parsed<Condition> {
    let name = match peek(input) {
        Some(Kind::Name(name)) => name.to_ascii_lowercase(),
        Some(Kind::Quoted(_)) => return trait_test(input),
        Some(Kind::Text(_)) => return named_sequence(input),
        _ => return expected_test(input),
    };
    match name.as_str() {
        "performed" => touchpoints(input),
        "segment" => segment(input),
        "score" => score(input),
        "consents" => consent(input),
        "stage" => stage(input),
        "level" => level(input),
        "has" => identifier(input),
        "anniversary" => anniversary(input),
        "first_seen" => seen(input, Seen::First),
        "last_seen" => seen(input, Seen::Last),
        "first_order_at" | "last_order_at" => purchases(input, &name),
        "any" => trait_test(input),
        _ if is_of_orders(&name) => purchases(input, &name),
        _ if is_keyword(&name) || is_call(input) => expected_test(input),
        _ => trait_test(input),
    }
}

/// Whether brackets follow the next token, as they follow functions alone.
fn is_call(input: &Input<'_>) -> bool {
    let next = input.iter_offsets().nth(1);
    next.is_some_and(|(_, token)| token.kind == Kind::Symbol(Symbol::Open))
}

fn trait_test(input: &mut Input<'_>) -> Parsed<Condition> {
    named_test
        .map(|(name, test)| Condition::Trait(TraitTest { name, test }))
        .parse_next(input)
}

/// One text in brackets.
fn key(input: &mut Input<'_>) -> Parsed<String> {
    delimited(symbol(Symbol::Open), text, symbol(Symbol::Close)).parse_next(input)
}

fn segment(input: &mut Input<'_>) -> Parsed<Condition> {
    preceded(word("segment"), key)
        .map(|key| Condition::Segment(SegmentTest { key }))
        .parse_next(input)
}

fn score(input: &mut Input<'_>) -> Parsed<Condition> {
    (word("score"), symbol(Symbol::Open)).parse_next(input)?;
    let key = text(input)?;
    let graded = (symbol(Symbol::Comma), word("grade"));
    let grades = opt(preceded(graded, texts)).parse_next(input)?;
    symbol(Symbol::Close).parse_next(input)?;
    let test = if grades.is_none() && opt(symbol(Symbol::Dot)).parse_next(input)?.is_some() {
        ScoreTest {
            key,
            value: None,
            grades: preceded(word("grade"), texts).parse_next(input)?,
        }
    } else {
        ScoreTest {
            key,
            value: Some(comparison(input, number)?),
            grades: grades.unwrap_or_default(),
        }
    };
    Ok(Condition::Score(test))
}

fn consent(input: &mut Input<'_>) -> Parsed<Condition> {
    (word("consents"), symbol(Symbol::Open)).parse_next(input)?;
    let purpose = text(input)?;
    let channel = opt(preceded(symbol(Symbol::Comma), channel)).parse_next(input)?;
    symbol(Symbol::Close).parse_next(input)?;
    let granted = opt(preceded(symbol(Symbol::Equal), truth)).parse_next(input)?;
    Ok(Condition::Consent(ConsentTest {
        purpose,
        channel,
        granted: granted.unwrap_or(true),
    }))
}

fn stage(input: &mut Input<'_>) -> Parsed<Condition> {
    preceded(word("stage"), |input: &mut Input<'_>| {
        choices(input, one_stage)
    })
    .map(|stages| Condition::Stage(StageTest { stages }))
    .parse_next(input)
}

fn level(input: &mut Input<'_>) -> Parsed<Condition> {
    preceded(word("level"), |input: &mut Input<'_>| {
        choices(input, one_level)
    })
    .map(|levels| Condition::Level(LevelTest { levels }))
    .parse_next(input)
}

fn choices<'t, T>(input: &mut Input<'t>, each: fn(&mut Input<'t>) -> Parsed<T>) -> Parsed<Vec<T>> {
    match operator(input, OF_CHOICES)? {
        Operator::In => list(input, each),
        _ => each(input).map(|one| vec![one]),
    }
}

fn one_stage(input: &mut Input<'_>) -> Parsed<Stage> {
    named(
        input,
        "a lifecycle stage such as ACTIVE or LOST",
        Stage::ALL.map(Stage::as_str),
    )
}

fn one_level(input: &mut Input<'_>) -> Parsed<Level> {
    named(
        input,
        "a pyramid level such as TOP or INACTIVE",
        Level::ALL.map(Level::as_str),
    )
}

fn named<T: FromStr, const N: usize>(
    input: &mut Input<'_>,
    what: &'static str,
    names: [&'static str; N],
) -> Parsed<T> {
    token(input, what, &names, |kind| match kind {
        Kind::Name(name) => name.to_ascii_uppercase().parse().ok(),
        _ => None,
    })
}

fn identifier(input: &mut Input<'_>) -> Parsed<Condition> {
    let namespace = |input: &mut Input<'_>| {
        let what = "a kind of identifier such as email";
        token(input, what, &["email", "phone"], |kind| match kind {
            Kind::Name(name) | Kind::Quoted(name) => Namespace::new(name),
            _ => None,
        })
    };
    word("has").parse_next(input)?;
    delimited(symbol(Symbol::Open), namespace, symbol(Symbol::Close))
        .map(|namespace| Condition::Identifier(IdentifierTest { namespace }))
        .parse_next(input)
}

fn anniversary(input: &mut Input<'_>) -> Parsed<Condition> {
    word("anniversary").parse_next(input)?;
    let name = delimited(symbol(Symbol::Open), name, symbol(Symbol::Close)).parse_next(input)?;
    word("WITHIN").parse_next(input)?;
    Ok(Condition::Anniversary(AnniversaryTest {
        name,
        within_days: days(input)?,
    }))
}

fn days(input: &mut Input<'_>) -> Parsed<u16> {
    if peek(input) == Some(&Kind::Today) {
        input.next_token();
        return Ok(0);
    }
    let millis = span(input)?.millis();
    match u16::try_from(millis / DAY) {
        Ok(days) if millis % DAY == 0 => Ok(days),
        _ => refused(
            input,
            1,
            "an anniversary is within whole days: 7d, 2w, or 0d for today",
        ),
    }
}

fn seen(input: &mut Input<'_>, which: Seen) -> Parsed<Condition> {
    input.next_token();
    let time = time_test(input)?;
    Ok(Condition::Seen(SeenTest { which, time }))
}
