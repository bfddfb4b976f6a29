//! Arguments: what stands in the brackets after `performed` and after what orders come to.

use winnow::Parser;
use winnow::combinator::{alt, delimited, separated};
use winnow::stream::Stream;

use super::operator::{OF_CHOICES, Operator, operator};
use super::value::{instant, list, named_test, span};
use crate::condition::text::input::{
    Input, Parsed, expected, peek, peek_keyword, refused, symbol, text, token, word,
};
use crate::condition::text::token::{Kind, Symbol};
use crate::condition::{Filter, Lines, PropertyTest, Window};
use crate::touchpoint::Channel;

/// Which touchpoints count, and when.
pub(super) fn filter(input: &mut Input<'_>) -> Parsed<(Filter, Window)> {
    let mut filter = Filter::default();
    let mut window = Window::Ever;
    arguments(input, |input| match peek_keyword(input).as_deref() {
        Some("ON") => {
            let channel = once(input, filter.channel.is_none(), |input| {
                word("ON").parse_next(input)?;
                channel(input)
            })?;
            filter.channel = Some(channel);
            Ok(())
        }
        Some("FROM") => {
            let source = once(input, filter.source.is_none(), |input| {
                word("FROM").parse_next(input)?;
                text(input)
            })?;
            filter.source = Some(source);
            Ok(())
        }
        _ if matches!(peek(input), Some(Kind::Text(_))) => {
            filter.names = once(input, filter.names.is_empty(), |input| {
                separated(1.., text, word("OR")).parse_next(input)
            })?;
            Ok(())
        }
        _ if begins_window(input) => {
            window = once(input, window == Window::Ever, self::window)?;
            Ok(())
        }
        _ if begins_property(input) => {
            let (name, test) = named_test(input)?;
            filter.properties.push(PropertyTest { name, test });
            Ok(())
        }
        _ => expected(
            input,
            "the name of a touchpoint in quotes, a property, ON a channel, FROM a source or a window such as WITHIN 30d",
            &["ON", "FROM", "WITHIN", "BEFORE", "LONGER", "BETWEEN"],
        ),
    })?;
    Ok((filter, window))
}

/// Which lines of orders count, and when the orders must have been placed.
pub(super) fn lines(input: &mut Input<'_>) -> Parsed<(Lines, Window)> {
    const FIELDS: &[&str] = &["product", "category", "brand"];
    let mut lines = Lines::default();
    let mut window = Window::Ever;
    if peek(input) != Some(&Kind::Symbol(Symbol::Open)) {
        return Ok((lines, window));
    }
    arguments(input, |input| {
        if begins_window(input) {
            window = once(input, window == Window::Ever, self::window)?;
            return Ok(());
        }
        let what = "product, category, brand or a window such as WITHIN 30d";
        let field = match peek(input) {
            Some(Kind::Name(name)) => FIELDS.iter().find(|field| field.eq_ignore_ascii_case(name)),
            _ => None,
        };
        let list = match field {
            Some(&"product") => &mut lines.products,
            Some(&"category") => &mut lines.categories,
            Some(_) => &mut lines.brands,
            None => return expected(input, what, FIELDS),
        };
        *list = once(input, list.is_empty(), |input| {
            input.next_token();
            texts(input)
        })?;
        Ok(())
    })?;
    Ok((lines, window))
}

/// Arguments in brackets, perhaps none.
fn arguments<'t>(
    input: &mut Input<'t>,
    each: impl FnMut(&mut Input<'t>) -> Parsed<()>,
) -> Parsed<()> {
    delimited(
        symbol(Symbol::Open),
        separated::<_, _, (), _, _, _, _>(0.., each, symbol(Symbol::Comma)),
        symbol(Symbol::Close),
    )
    .parse_next(input)
}

/// An argument that can be given once.
fn once<'t, T>(
    input: &mut Input<'t>,
    first: bool,
    argument: impl FnOnce(&mut Input<'t>) -> Parsed<T>,
) -> Parsed<T> {
    if first {
        argument(input)
    } else {
        refused(input, 0, "this has been given already")
    }
}

/// `= 'a'` or `IN ('a', 'b')`.
pub(super) fn texts(input: &mut Input<'_>) -> Parsed<Vec<String>> {
    match operator(input, OF_CHOICES)? {
        Operator::In => list(input, text),
        _ => text(input).map(|text| vec![text]),
    }
}

/// A channel.
pub(super) fn channel(input: &mut Input<'_>) -> Parsed<Channel> {
    const NAMES: [&str; 7] = [
        Channel::Web.as_str(),
        Channel::Social.as_str(),
        Channel::Email.as_str(),
        Channel::Store.as_str(),
        Channel::Phone.as_str(),
        Channel::Messaging.as_str(),
        Channel::Other.as_str(),
    ];
    token(
        input,
        "a channel such as WEB or EMAIL",
        &NAMES,
        |kind| match kind {
            Kind::Name(name) => name.to_ascii_uppercase().parse().ok(),
            _ => None,
        },
    )
}

fn begins_window(input: &Input<'_>) -> bool {
    matches!(
        peek_keyword(input).as_deref(),
        Some("WITHIN" | "BEFORE" | "LONGER" | "BETWEEN")
    )
}

fn begins_property(input: &Input<'_>) -> bool {
    match peek(input) {
        Some(Kind::Quoted(_)) => true,
        Some(Kind::Name(_)) => peek_keyword(input).is_none_or(|keyword| keyword == "ANY"),
        _ => false,
    }
}

fn window(input: &mut Input<'_>) -> Parsed<Window> {
    let longer_ago = alt((
        word("BEFORE"),
        (word("LONGER"), word("AGO"), word("THAN")).void(),
    ));
    alt((
        (word("WITHIN"), span).map(|((), span)| Window::Last(span)),
        (longer_ago, span).map(|((), span)| Window::Before(span)),
        (word("BETWEEN"), instant, word("AND"), instant)
            .map(|((), after, (), until)| Window::Between { after, until }),
    ))
    .parse_next(input)
}
