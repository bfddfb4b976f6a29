//! Tokens, and their reading from characters.

use winnow::Parser;
use winnow::combinator::{alt, delimited, opt, preceded, repeat};
use winnow::error::EmptyError;
use winnow::stream::{LocatingSlice, Location, Stream};
use winnow::token::{literal, none_of, one_of, take_while};

use super::error::TextError;
use super::words::{begins_word, in_word};
use crate::condition::{Number, Span};

/// A token and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Its first byte.
    pub(super) start: usize,
    /// The byte after its last.
    pub(super) end: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text in single quotes.
    Text(String),
    /// A name in backquotes.
    Quoted(String),
    /// Words joined with dots, keywords among them.
    Name(String),
    Number(Number),
    Span(Span),
    /// A span before now: `-30d`.
    Past(Span),
    /// A span from now: `+7d`.
    Ahead(Span),
    /// No span at all, in days: `0d`.
    Today,
    Symbol(Symbol),
}

/// A token of one or two signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    Open,
    Close,
    Comma,
    Dot,
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// The two-sign symbols come first, so that the longest one is read.
const SYMBOLS: [(&str, Symbol); 11] = [
    ("!=", Symbol::NotEqual),
    ("<>", Symbol::NotEqual),
    ("<=", Symbol::AtMost),
    (">=", Symbol::AtLeast),
    ("=", Symbol::Equal),
    ("<", Symbol::Less),
    (">", Symbol::More),
    ("(", Symbol::Open),
    (")", Symbol::Close),
    (",", Symbol::Comma),
    (".", Symbol::Dot),
];

impl Symbol {
    /// How it is written.
    pub(super) fn written(self) -> &'static str {
        SYMBOLS
            .iter()
            .find(|(_, symbol)| *symbol == self)
            .map_or("", |(written, _)| written)
    }
}

type Chars<'t> = LocatingSlice<&'t str>;
type Read<T> = Result<T, EmptyError>;

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, TextError> {
    let mut input = LocatingSlice::new(text);
    let mut tokens = Vec::new();
    loop {
        space(&mut input);
        let start = input.current_token_start();
        if input.eof_offset() == 0 {
            return Ok(tokens);
        }
        let refused = |message: &str| TextError::at(text, start, message.to_owned());
        let kind = if let Ok(kind) = plain(&mut input) {
            kind
        } else if let Ok(written) = figure.parse_next(&mut input) {
            measured(written).map_err(refused)?
        } else {
            return Err(refused(unreadable(&text[start..])));
        };
        tokens.push(Token {
            kind,
            start,
            end: input.current_token_start(),
        });
    }
}

fn space(input: &mut Chars<'_>) {
    // White space may be absent, so this cannot fail.
    let _: Read<&str> = take_while(0.., char::is_whitespace).parse_next(input);
}

fn plain(input: &mut Chars<'_>) -> Read<Kind> {
    alt((
        |input: &mut Chars<'_>| between('\'', input).map(Kind::Text),
        |input: &mut Chars<'_>| between('`', input).map(Kind::Quoted),
        name.map(|name: &str| Kind::Name(name.to_owned())),
        symbol.map(Kind::Symbol),
    ))
    .parse_next(input)
}

/// What stands between two quotes; a doubled quote is one of them.
fn between(quote: char, input: &mut Chars<'_>) -> Read<String> {
    let doubled = preceded(quote, quote);
    let inside = repeat(0.., alt((none_of(quote), doubled)));
    let text = inside.fold(String::new, |mut text: String, character| {
        text.push(character);
        text
    });
    delimited(quote, text, quote).parse_next(input)
}

fn name<'t>(input: &mut Chars<'t>) -> Read<&'t str> {
    let more = preceded('.', take_while(1.., in_word));
    (
        one_of(begins_word),
        take_while(0.., in_word),
        repeat::<_, _, (), _, _>(0.., more),
    )
        .take()
        .parse_next(input)
}

fn symbol(input: &mut Chars<'_>) -> Read<Symbol> {
    for (written, symbol) in SYMBOLS {
        let read: Read<&str> = literal(written).parse_next(input);
        if read.is_ok() {
            return Ok(symbol);
        }
    }
    Err(EmptyError)
}

/// A number or a span, as it is written: sign, digits, and what follows them at once.
#[derive(Clone, Copy)]
struct Figure<'t> {
    sign: Option<char>,
    digits: &'t str,
    unit: &'t str,
}

fn figure<'t>(input: &mut Chars<'t>) -> Read<Figure<'t>> {
    let digits = || take_while(1.., |character: char| character.is_ascii_digit());
    (
        opt(one_of(['-', '+'])),
        (digits(), opt(('.', digits()))).take(),
        take_while(0.., in_word),
    )
        .map(|(sign, digits, unit)| Figure { sign, digits, unit })
        .parse_next(input)
}

fn measured(figure: Figure<'_>) -> Result<Kind, &'static str> {
    let Figure { sign, digits, unit } = figure;
    if !unit.is_empty() {
        let written = format!("{digits}{unit}");
        if sign.is_none() && unit == "d" && digits.bytes().all(|digit| digit == b'0') {
            return Ok(Kind::Today);
        }
        if is_exponent(unit) {
            return Err("a number is written without an exponent, such as 0.001 or 250000");
        }
        let span = Span::parse(&written).map_err(|_| {
            "a length of time is a whole number and w, d, h, m (minutes) or s, from 1s to 36525d"
        })?;
        return Ok(match sign {
            Some('-') => Kind::Past(span),
            Some(_) => Kind::Ahead(span),
            None => Kind::Span(span),
        });
    }
    let magnitude: f64 = digits.parse().map_err(|_| "this is not a number")?;
    let value = match sign {
        Some('-') => -magnitude,
        Some(_) => return Err("a number has no plus sign; a time ahead has a unit, such as +7d"),
        None => magnitude,
    };
    Number::try_from(value)
        .map(Kind::Number)
        .map_err(|_| "the number is too large")
}

/// Whether what follows the digits of a number is meant as its exponent.
fn is_exponent(unit: &str) -> bool {
    let digits = unit.strip_prefix(['e', 'E']);
    digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
}

/// What to say of a character that begins no token.
fn unreadable(rest: &str) -> &'static str {
    match rest.chars().next() {
        Some('\'') => "the text is not closed; a quote inside a text is doubled: 'L''Oréal'",
        Some('`') => "the name is not closed; a backquote inside a name is doubled",
        Some('"' | '“' | '”' | '‘' | '’' | '«' | '»') => {
            "texts stand in straight single quotes: 'Shoes'"
        }
        _ => "this character has no meaning here; texts stand in single quotes",
    }
}
