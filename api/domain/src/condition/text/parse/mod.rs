//! The grammar: from tokens to a condition.

mod argument;
mod leaf;
mod operator;
mod purchase;
mod touchpoint;
mod value;

use winnow::Parser;
use winnow::combinator::{alt, delimited, preceded, separated};
use winnow::stream::Stream;

use super::MAX_CHARS;
use super::canonical;
use super::error::TextError;
use super::input::{Input, Parsed, deeper, error, expected, over, symbol, word};
use super::token::{Symbol, tokens};
use crate::condition::Condition;

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Condition, TextError> {
    if text.chars().nth(MAX_CHARS).is_some() {
        let message = format!("the text is longer than {MAX_CHARS} characters");
        return Err(TextError::at(text, 0, message));
    }
    let tokens = tokens(text)?;
    let mut input = over(&tokens);
    whole(&mut input).map_err(|failure| error(text, &tokens, input, failure))
}

fn whole(input: &mut Input<'_>) -> Parsed<Condition> {
    let condition = condition(input)?;
    if input.eof_offset() == 0 {
        Ok(condition)
    } else {
        expected(input, "the end", &[])
    }
}

fn condition(input: &mut Input<'_>) -> Parsed<Condition> {
    separated(1.., term, word("OR"))
        .map(canonical::any)
        .parse_next(input)
}

fn term(input: &mut Input<'_>) -> Parsed<Condition> {
    separated(1.., factor, word("AND"))
        .map(canonical::all)
        .parse_next(input)
}

fn factor(input: &mut Input<'_>) -> Parsed<Condition> {
    alt((negated, bracketed, leaf::leaf)).parse_next(input)
}

fn negated(input: &mut Input<'_>) -> Parsed<Condition> {
    preceded(word("NOT"), |input: &mut Input<'_>| deeper(input, factor))
        .map(|condition| Condition::Not(Box::new(condition)))
        .parse_next(input)
}

fn bracketed(input: &mut Input<'_>) -> Parsed<Condition> {
    let inside = |input: &mut Input<'_>| deeper(input, condition);
    delimited(symbol(Symbol::Open), inside, symbol(Symbol::Close)).parse_next(input)
}
