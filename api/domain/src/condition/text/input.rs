//! The input of the grammar: tokens, and what was looked for among them.

use winnow::Parser;
use winnow::error::{ErrMode, ParserError};
use winnow::stream::{Stateful, Stream, TokenSlice};

use super::error::TextError;
use super::token::{Kind, Symbol, Token};
use super::words::{TESTS, is_keyword};
use crate::condition::check::MAX_DEPTH;
use crate::condition::check::near::near;

/// How many characters of what was found an error shows.
const MAX_SHOWN: usize = 40;

/// The tokens, and how far the search has come.
pub(super) type Input<'t> = Stateful<TokenSlice<'t, Token>, Search>;

/// What a parser gives.
pub(super) type Parsed<T> = Result<T, ErrMode<Failure>>;

/// How far the search has come. Parsers that give way to others leave their trace here, so that the error names everything that could
/// have stood at the furthest place that was reached.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// How many tokens are left at the furthest place; none before the first failure.
    left: Option<usize>,
    expected: Vec<&'static str>,
    /// Words to compare a misspelt one with.
    candidates: Vec<&'static str>,
    depth: usize,
}

/// Why a parser gives nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// Something else stands there; see [`Search`].
    Unexpected,
    /// The tokens are right and their meaning is not.
    Refused {
        /// How many tokens are left at the wrong one.
        left: usize,
        /// What is wrong.
        message: String,
    },
}

impl<'t> ParserError<Input<'t>> for Failure {
    type Inner = Self;

    fn from_input(_: &Input<'t>) -> Self {
        Self::Unexpected
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// The input over tokens.
pub(super) fn over(tokens: &[Token]) -> Input<'_> {
    Input {
        input: TokenSlice::new(tokens),
        state: Search::default(),
    }
}

/// Notes what could have stood here, and fails.
pub(super) fn expected<T>(
    input: &mut Input<'_>,
    what: &'static str,
    candidates: &[&'static str],
) -> Parsed<T> {
    let left = input.eof_offset();
    let search = &mut input.state;
    if search.left.is_none_or(|furthest| left < furthest) {
        search.left = Some(left);
        search.expected.clear();
        search.candidates.clear();
    }
    if search.left == Some(left) {
        if !search.expected.contains(&what) {
            search.expected.push(what);
        }
        search.candidates.extend(candidates);
    }
    Err(ErrMode::Backtrack(Failure::Unexpected))
}

/// Fails for good, with a message about the token `back` tokens before the next.
pub(super) fn refused<T>(input: &Input<'_>, back: usize, message: impl Into<String>) -> Parsed<T> {
    Err(ErrMode::Cut(Failure::Refused {
        left: input.eof_offset() + back,
        message: message.into(),
    }))
}

/// The next token, if it is one that is looked for.
pub(super) fn token<T>(
    input: &mut Input<'_>,
    what: &'static str,
    candidates: &[&'static str],
    wanted: impl Fn(&Kind) -> Option<T>,
) -> Parsed<T> {
    match peek(input).and_then(wanted) {
        Some(value) => {
            input.next_token();
            Ok(value)
        }
        None => expected(input, what, candidates),
    }
}

/// The next token, which stays where it is.
pub(super) fn peek<'t>(input: &Input<'t>) -> Option<&'t Kind> {
    input.peek_token().map(|token| &token.kind)
}

/// The next token's word, in upper case, if it is a keyword.
pub(super) fn peek_keyword(input: &Input<'_>) -> Option<String> {
    match peek(input) {
        Some(Kind::Name(name)) if is_keyword(name) => Some(name.to_ascii_uppercase()),
        _ => None,
    }
}

/// A keyword, or another word of the language.
pub(super) fn word<'t>(word: &'static str) -> impl Parser<Input<'t>, (), ErrMode<Failure>> {
    move |input: &mut Input<'t>| {
        token(input, word, &[word], |kind| match kind {
            Kind::Name(name) => name.eq_ignore_ascii_case(word).then_some(()),
            _ => None,
        })
    }
}

/// A symbol.
pub(super) fn symbol<'t>(symbol: Symbol) -> impl Parser<Input<'t>, (), ErrMode<Failure>> {
    move |input: &mut Input<'t>| {
        token(input, symbol.written(), &[], |kind| {
            (*kind == Kind::Symbol(symbol)).then_some(())
        })
    }
}

/// A text in quotes.
pub(super) fn text(input: &mut Input<'_>) -> Parsed<String> {
    token(input, "a text in single quotes", &[], |kind| match kind {
        Kind::Text(text) => Some(text.clone()),
        _ => None,
    })
}

/// Goes one level deeper into brackets and negations.
///
/// The grammar calls itself here and nowhere else, so this bounds the stack.
pub(super) fn deeper<'t, T>(
    input: &mut Input<'t>,
    mut inside: impl Parser<Input<'t>, T, ErrMode<Failure>>,
) -> Parsed<T> {
    if input.state.depth >= MAX_DEPTH {
        let message = format!("brackets and NOT are nested at most {MAX_DEPTH} deep");
        return refused(input, 1, message);
    }
    input.state.depth += 1;
    let result = inside.parse_next(input);
    input.state.depth -= 1;
    result
}

/// The error for people of a failed search in a text.
pub(super) fn error(
    text: &str,
    tokens: &[Token],
    input: Input<'_>,
    failure: ErrMode<Failure>,
) -> TextError {
    let token_at = |left: usize| tokens.get(tokens.len().saturating_sub(left));
    let byte_at = |left: usize| token_at(left).map_or(text.trim_end().len(), |token| token.start);
    if let ErrMode::Cut(Failure::Refused { left, message }) = failure {
        return TextError::at(text, byte_at(left), message);
    }
    let search = input.state;
    let left = search.left.unwrap_or_default();
    let found = token_at(left).map(|token| shown(text, token));
    let suggestion = token_at(left).and_then(|token| suggestion(token, &search.candidates));
    let there = match &found {
        Some(found) => format!("found {found}"),
        None => "the text ends here".to_owned(),
    };
    let meant = match &suggestion {
        Some(suggestion) => format!("; did you mean {suggestion}?"),
        None => String::new(),
    };
    let message = format!(
        "{there}, expected {}{meant}",
        alternatives(&search.expected)
    );
    TextError {
        found,
        expected: search.expected,
        suggestion,
        ..TextError::at(text, byte_at(left), message)
    }
}

fn shown(text: &str, token: &Token) -> String {
    let whole = text.get(token.start..token.end).unwrap_or_default();
    match whole.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", whole.get(..end).unwrap_or_default()),
        None => whole.to_owned(),
    }
}

fn suggestion(token: &Token, candidates: &[&'static str]) -> Option<String> {
    match &token.kind {
        Kind::Name(name) => near(name, candidates.iter().copied()).into_iter().next(),
        _ => None,
    }
}

fn alternatives(expected: &[&'static str]) -> String {
    match expected {
        [] => "nothing more".to_owned(),
        [only] => (*only).to_owned(),
        [some @ .., last] => format!("{} or {last}", some.join(", ")),
    }
}

/// Notes that a test could have begun here, and fails.
pub(super) fn expected_test<T>(input: &mut Input<'_>) -> Parsed<T> {
    expected(input, "a test", TESTS)
}
