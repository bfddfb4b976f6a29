//! Values once more, straight from their definitions, to compare with.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::computed::{Aggregate, Definition, Field, Of, PurchaseAggregate};
use crate::condition::evaluate::matcher::Matcher;
use crate::condition::generate::{Happened, History};
use crate::condition::{Filter, Lines, Window};
use crate::profile::fold_text;
use crate::purchase::{Line, PurchaseView};

/// The value of a computed trait, and whether it is capped.
pub(super) fn naive(
    definition: &Definition,
    history: &History,
    now: Timestamp,
) -> (Option<Value>, bool) {
    match &definition.of {
        Of::Touchpoints { filter, measure } => {
            let counted = touchpoints(filter, definition.window, history, now);
            of_touchpoints(measure, &counted)
        }
        Of::Purchases { lines, measure } => {
            let counted = purchases(lines, definition.window, history, now);
            of_purchases(lines, measure, &counted, history)
        }
    }
}

fn touchpoints<'h>(
    filter: &Filter,
    window: Window,
    history: &'h History,
    now: Timestamp,
) -> Vec<&'h Happened> {
    let matcher = Matcher::new(filter, now);
    let mut counted: Vec<_> = history
        .touchpoints
        .iter()
        .filter(|one| window.contains(one.order.occurred_at, now) && matcher.passes(&one.fact()))
        .collect();
    counted.sort_by(|one, other| (&one.order, one.id).cmp(&(&other.order, other.id)));
    counted
}

/// The scalars of a property of a touchpoint; only one of those that are generated is inside an object.
fn scalars(touchpoint: &Happened, name: &str) -> Vec<Value> {
    let value = match name {
        "place.city" => touchpoint
            .properties
            .get("place")
            .and_then(|place| place.get("city")),
        name => touchpoint.properties.get(name),
    };
    let all = match value {
        Some(Value::Array(list)) => list.clone(),
        Some(value) => vec![value.clone()],
        None => Vec::new(),
    };
    all.into_iter()
        .filter(|value| !value.is_null() && !value.is_object() && !value.is_array())
        .map(canonical)
        .collect()
}

/// A number without a decimal point where it is whole.
fn canonical(value: Value) -> Value {
    let whole = |number: f64| number.to_string().parse::<i64>().ok();
    value.as_f64().and_then(whole).map_or(value, Value::from)
}

/// A whole number of millionths as a number.
fn of_millionths(millionths: i128) -> Value {
    let sign = if millionths < 0 { "-" } else { "" };
    let magnitude = millionths.abs();
    let (whole, rest) = (magnitude / 1_000_000, magnitude % 1_000_000);
    let number: f64 = format!("{sign}{whole}.{rest:06}").parse().unwrap();
    canonical(json!(number + 0.0))
}

fn total(millionths: &[i128]) -> Value {
    of_millionths(millionths.iter().sum())
}

fn mean(millionths: &[i128]) -> Option<Value> {
    let count = i128::try_from(millionths.len()).unwrap();
    let sum: i128 = millionths.iter().sum();
    let twice = (2 * sum.abs() + count).checked_div(2 * count)?;
    Some(of_millionths(twice * sum.signum()))
}

/// What a value is taken together by, in the order of names.
fn key(value: &Value) -> (u8, i128, String) {
    match value {
        Value::Bool(truth) => (0, i128::from(*truth), String::new()),
        Value::String(text) => (2, 0, fold_text(text)),
        number => (1, millionths(number), String::new()),
    }
}

/// All numbers that are generated have so many decimals at most.
fn millionths(number: &Value) -> i128 {
    let text = number.as_f64().unwrap().to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}{rest:0<6}").parse().unwrap()
}

/// The different values, with how many of several have each, as written last.
fn frequencies(each: &[Vec<Value>]) -> Vec<(usize, Value)> {
    let mut last = BTreeMap::new();
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for values in each {
        for value in values {
            last.insert(key(value), value.clone());
        }
        let once: BTreeSet<_> = values.iter().map(key).collect();
        for key in once {
            *counts.entry(key).or_default() += 1;
        }
    }
    last.into_iter()
        .map(|(key, value)| (counts[&key], value))
        .collect()
}

fn most_frequent(each: &[Vec<Value>]) -> Option<Value> {
    let frequencies = frequencies(each);
    let most = frequencies.iter().map(|(count, _)| *count).max()?;
    frequencies
        .into_iter()
        .find(|(count, _)| *count == most)
        .map(|(_, value)| value)
}

fn list(each: &[Vec<Value>], cap: u16) -> (Option<Value>, bool) {
    let all = frequencies(each);
    let capped = all.len() > usize::from(cap);
    let kept: Vec<_> = all
        .into_iter()
        .map(|(_, value)| value)
        .take(cap.into())
        .collect();
    ((!kept.is_empty()).then(|| kept.into()), capped)
}

fn of_touchpoints(measure: &Aggregate, counted: &[&Happened]) -> (Option<Value>, bool) {
    let each =
        |name: &str| -> Vec<Vec<Value>> { counted.iter().map(|one| scalars(one, name)).collect() };
    let numbers = |name: &str| -> Vec<Value> {
        each(name)
            .into_iter()
            .flatten()
            .filter(Value::is_number)
            .collect()
    };
    let small = |name: &str| -> Vec<i128> { numbers(name).iter().map(millionths).collect() };
    let one_or_several = |values: Vec<Value>| match values.as_slice() {
        [only] => only.clone(),
        _ => values.into(),
    };
    let with_value = |name: &str| each(name).into_iter().filter(|values| !values.is_empty());
    let at = |one: &&Happened| json!(one.order.occurred_at.to_string());
    let value = match measure {
        Aggregate::Count => Some(counted.len().into()),
        Aggregate::Sum(name) => Some(total(&small(name))),
        Aggregate::Mean(name) => mean(&small(name)),
        Aggregate::Min(name) => numbers(name).into_iter().min_by_key(millionths),
        Aggregate::Max(name) => numbers(name).into_iter().max_by_key(millionths),
        Aggregate::First(name) => with_value(name).next().map(one_or_several),
        Aggregate::Last(name) => with_value(name).next_back().map(one_or_several),
        Aggregate::MostFrequent(name) => most_frequent(&each(name)),
        Aggregate::DistinctCount(name) => Some(frequencies(&each(name)).len().into()),
        Aggregate::DistinctValues { property, cap } => return list(&each(property), *cap),
        Aggregate::FirstAt => counted.first().map(at),
        Aggregate::LastAt => counted.last().map(at),
    };
    (value, false)
}

/// The lines of a purchase that pass.
fn passing<'h>(lines: &Lines, view: &'h PurchaseView) -> Vec<&'h Line> {
    let named = |names: &[String], texts: &[&Option<String>]| {
        let folded: Vec<_> = names.iter().map(|name| fold_text(name)).collect();
        let texts = texts.iter().copied().flatten();
        names.is_empty()
            || texts
                .map(|text| fold_text(text))
                .any(|text| folded.contains(&text))
    };
    let passes = |line: &&Line| {
        named(&lines.products, &[&line.product_id, &line.sku])
            && named(&lines.categories, &[&line.category])
            && named(&lines.brands, &[&line.brand])
    };
    view.lines.iter().filter(passes).collect()
}

fn purchases<'h>(
    lines: &Lines,
    window: Window,
    history: &'h History,
    now: Timestamp,
) -> Vec<(Timestamp, &'h PurchaseView)> {
    let mut counted: Vec<_> = history
        .purchases
        .iter()
        .filter(|(_, view)| view.counted)
        .filter(|(_, view)| lines.is_all() || !passing(lines, view).is_empty())
        .filter_map(|(id, view)| Some((view.placed_at?, id, view)))
        .filter(|(at, ..)| window.contains(*at, now))
        .collect();
    counted.sort_by_key(|(at, id, _)| (*at, *id));
    counted
        .into_iter()
        .map(|(at, _, view)| (at, view))
        .collect()
}

fn of_purchases(
    lines: &Lines,
    measure: &PurchaseAggregate,
    counted: &[(Timestamp, &PurchaseView)],
    history: &History,
) -> (Option<Value>, bool) {
    let currency = history.currency;
    let scale = 10_i128.pow(6 - currency.exponent());
    let known = || {
        counted
            .iter()
            .map(|(_, view)| view)
            .filter(|view| !view.left_out)
    };
    let net: Vec<i128> = known()
        .map(|view| i128::from(view.net_minor) * scale)
        .collect();
    let of_lines = |view: &PurchaseView| -> i128 {
        let prices = passing(lines, view).into_iter().filter_map(|line| {
            let price = line.price.filter(|price| price.currency == currency)?;
            Some(i128::from(price.minor * line.quantity) * scale)
        });
        prices.sum()
    };
    let texts = |text: fn(&Line) -> Option<&String>| -> Vec<Vec<Value>> {
        let of = |view: &PurchaseView| {
            let lines = passing(lines, view).into_iter();
            lines.filter_map(|line| Some(json!(text(line)?))).collect()
        };
        counted.iter().map(|(_, view)| of(view)).collect()
    };
    let categories = || texts(|line| line.category.as_ref());
    let products = || texts(|line| line.product_id.as_ref().or(line.sku.as_ref()));
    let at = |(at, _): &(Timestamp, &PurchaseView)| json!(at.to_string());
    let value = match measure {
        PurchaseAggregate::Count => Some(counted.len().into()),
        PurchaseAggregate::Spend if lines.is_all() => Some(total(&net)),
        PurchaseAggregate::Spend => {
            let spend: Vec<_> = known().map(|view| of_lines(view)).collect();
            Some(total(&spend))
        }
        PurchaseAggregate::MeanSpend => mean(&net),
        PurchaseAggregate::MinSpend => net.iter().min().copied().map(of_millionths),
        PurchaseAggregate::MaxSpend => net.iter().max().copied().map(of_millionths),
        PurchaseAggregate::FirstAt => counted.first().map(at),
        PurchaseAggregate::LastAt => counted.last().map(at),
        PurchaseAggregate::Products => Some(frequencies(&products()).len().into()),
        PurchaseAggregate::MostFrequent(Field::Category) => most_frequent(&categories()),
        PurchaseAggregate::MostFrequent(Field::Product) => most_frequent(&products()),
        PurchaseAggregate::MostFrequent(Field::Brand) => {
            most_frequent(&texts(|line| line.brand.as_ref()))
        }
        PurchaseAggregate::Categories { cap } => return list(&categories(), *cap),
    };
    (value, false)
}
