//! Tests of values: of the scalars that a trait or a property has.

use lazo_domain::condition::{Scalar as Given, TextTest, TimeTest, ValueTest};
use lazo_domain::profile::fold_text;

use super::{Scope, compare};
use crate::db::{Part, Scalar};

/// What is to hold of a scalar.
pub(super) type Predicate<'p> = &'p dyn Fn(&Scalar) -> Part;

/// Whether the scalars of a name pass, where `some` is whether there is one of which something holds; never null.
pub(super) fn compile(
    test: &ValueTest,
    scope: &Scope<'_>,
    some: impl Fn(Predicate<'_>) -> Part,
) -> Part {
    let is_there = || some(&|scalar| scalar.is_there.clone());
    let among = |given: &[Given]| some(&|scalar| is_among(scalar, given, scope));
    let not_among = |given: &[Given]| Part::all([is_there(), among(given).negated()]);
    match test {
        ValueTest::Exists => is_there(),
        ValueTest::NotExists => is_there().negated(),
        ValueTest::Equal(one) => among(std::slice::from_ref(one)),
        ValueTest::NotEqual(one) => not_among(std::slice::from_ref(one)),
        ValueTest::In(given) => among(given),
        ValueTest::NotIn(given) => not_among(given),
        ValueTest::Number(test) => {
            some(&|scalar| compare::passes_number(&scalar.number, test, scope))
        }
        ValueTest::Text(test) => some(&|scalar| has_text(&scalar.text, test, scope)),
        ValueTest::Time(test) => some(&|scalar| has_time(scalar, *test, scope)),
    }
}

fn is_among(scalar: &Scalar, given: &[Given], scope: &Scope<'_>) -> Part {
    let (mut texts, mut numbers, mut truths) = (Vec::new(), Vec::new(), Vec::new());
    for one in given {
        match one {
            Given::Text(text) => texts.push(fold_text(text)),
            Given::Number(number) => numbers.push(number.get()),
            Given::Truth(truth) => truths.push(*truth),
        }
    }
    let engine = scope.engine;
    let truths = truths
        .into_iter()
        .map(|truth| Part::fill("{} = {}", [scalar.truth.clone(), Part::truth(truth)]));
    let mut any: Vec<_> = truths.collect();
    if !texts.is_empty() {
        any.push(engine.is_text_of(scalar.text.clone(), &texts));
    }
    if !numbers.is_empty() {
        any.push(engine.is_number_of(scalar.number.clone(), &numbers));
    }
    Part::any(any)
}

fn has_text(text: &Part, test: &TextTest, scope: &Scope<'_>) -> Part {
    let length = |part: &str| Part::value(i32::try_from(part.chars().count()).unwrap_or(i32::MAX));
    match test {
        TextTest::Contains(part) => scope.engine.contains(text.clone(), &fold_text(part)),
        TextTest::StartsWith(part) => {
            let part = fold_text(part);
            Part::fill(
                "substr({}, 1, {}) = {}",
                [text.clone(), length(&part), Part::value(part)],
            )
        }
        TextTest::EndsWith(part) => {
            let part = fold_text(part);
            Part::fill(
                "(length({}) >= {} AND substr({}, length({}) - {} + 1) = {})",
                [
                    text.clone(),
                    length(&part),
                    text.clone(),
                    text.clone(),
                    length(&part),
                    Part::value(part),
                ],
            )
        }
    }
}

fn has_time(scalar: &Scalar, test: TimeTest, scope: &Scope<'_>) -> Part {
    compare::passes_time(&scalar.time, test, scope.now)
}
