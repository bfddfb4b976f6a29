//! Operators: what stands between a name and what it is compared with.

use winnow::Parser;
use winnow::combinator::opt;
use winnow::stream::Stream;

use crate::condition::text::input::{Input, Parsed, expected, peek, peek_keyword, word};
use crate::condition::text::token::{Kind, Symbol};

/// An operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
    Between,
    In,
    NotIn,
    Contains,
    StartsWith,
    EndsWith,
    IsNull,
    IsNotNull,
    Within,
    WithinNext,
    LongerAgo,
}

use Operator::{
    AtLeast, AtMost, Between, Contains, EndsWith, Equal, In, IsNotNull, IsNull, Less, LongerAgo,
    More, NotEqual, NotIn, StartsWith, Within, WithinNext,
};

/// The operators that can stand in a place.
#[derive(Clone, Copy)]
pub(super) struct Operators {
    /// What they are for people.
    what: &'static str,
    /// The words among them that may be misspelt.
    words: &'static [&'static str],
    all: &'static [Operator],
}

/// Those that test a value.
pub(super) const OF_VALUES: Operators = Operators {
    what: "a comparison such as =, <, IN, BETWEEN, CONTAINS or IS NULL",
    words: &[
        "IN", "NOT", "BETWEEN", "CONTAINS", "STARTS", "ENDS", "IS", "WITHIN", "LONGER",
    ],
    all: &[
        Equal, NotEqual, Less, AtMost, More, AtLeast, Between, In, NotIn, Contains, StartsWith,
        EndsWith, IsNull, IsNotNull, Within, WithinNext, LongerAgo,
    ],
};

/// Those that compare a quantity.
pub(super) const OF_QUANTITIES: Operators = Operators {
    what: "=, !=, <, <=, >, >= or BETWEEN",
    words: &["BETWEEN"],
    all: &[Equal, NotEqual, Less, AtMost, More, AtLeast, Between],
};

/// Those that test an instant.
pub(super) const OF_INSTANTS: Operators = Operators {
    what: "a test of time such as < -30d, >= '2026-03-01' or WITHIN LAST 30d",
    words: &["BETWEEN", "WITHIN", "LONGER"],
    all: &[
        Less, AtMost, More, AtLeast, Between, Within, WithinNext, LongerAgo,
    ],
};

/// Those that name one or several.
pub(super) const OF_CHOICES: Operators = Operators {
    what: "= or IN",
    words: &["IN"],
    all: &[Equal, In],
};

/// One of the operators.
pub(super) fn operator(input: &mut Input<'_>, operators: Operators) -> Parsed<Operator> {
    let start = input.checkpoint();
    if let Some(operator) = any(input)?
        && operators.all.contains(&operator)
    {
        return Ok(operator);
    }
    input.reset(&start);
    expected(input, operators.what, operators.words)
}

fn any(input: &mut Input<'_>) -> Parsed<Option<Operator>> {
    if let Some(Kind::Symbol(symbol)) = peek(input) {
        let operator = match symbol {
            Symbol::Equal => Equal,
            Symbol::NotEqual => NotEqual,
            Symbol::Less => Less,
            Symbol::AtMost => AtMost,
            Symbol::More => More,
            Symbol::AtLeast => AtLeast,
            Symbol::Open | Symbol::Close | Symbol::Comma | Symbol::Dot => return Ok(None),
        };
        input.next_token();
        return Ok(Some(operator));
    }
    let Some(keyword) = peek_keyword(input) else {
        return Ok(None);
    };
    input.next_token();
    Ok(Some(match keyword.as_str() {
        "BETWEEN" => Between,
        "IN" => In,
        "CONTAINS" => Contains,
        "NOT" => word("IN").value(NotIn).parse_next(input)?,
        "STARTS" => word("WITH").value(StartsWith).parse_next(input)?,
        "ENDS" => word("WITH").value(EndsWith).parse_next(input)?,
        "LONGER" => (word("AGO"), word("THAN"))
            .value(LongerAgo)
            .parse_next(input)?,
        "IS" => {
            let not = opt(word("NOT")).parse_next(input)?;
            word("NULL").parse_next(input)?;
            not.map_or(IsNull, |()| IsNotNull)
        }
        "WITHIN" => {
            if opt(word("NEXT")).parse_next(input)?.is_some() {
                WithinNext
            } else {
                opt(word("LAST")).parse_next(input)?;
                Within
            }
        }
        _ => return Ok(None),
    }))
}
