//! Conditions.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{
    GRADES, HOUR, KEYS, NAMES, NUMBERS, PROPERTIES, SOURCES, TEXTS, TRAITS, instant, one_of,
};
use crate::condition::{
    AnniversaryTest, Comparison, Condition, ConsentTest, Filter, IdentifierTest, LevelTest, Lines,
    Measure, Number, PropertyTest, PurchaseMeasure, PurchaseTest, Scalar, ScoreTest, Seen,
    SeenTest, SegmentTest, SequenceTest, Span, StageTest, TextTest, TimeTest, TouchpointTest,
    TraitTest, ValueTest, Window,
};
use crate::identity::Namespace;
use crate::lifecycle::{Level, Stage};
use crate::touchpoint::Channel;

/// Any condition: leaves joined by "all", "any" and "not".
pub fn condition() -> impl Strategy<Value = Condition> {
    leaf().prop_recursive(3, 12, 3, |part| {
        prop_oneof![
            vec(part.clone(), 0..4).prop_map(Condition::All),
            vec(part.clone(), 0..4).prop_map(Condition::Any),
            part.prop_map(|part| Condition::Not(Box::new(part))),
        ]
    })
}

/// A condition that joins no others.
pub fn leaf() -> impl Strategy<Value = Condition> {
    prop_oneof![
        3 => (one_of(&TRAITS), value_test())
            .prop_map(|(name, test)| Condition::Trait(TraitTest { name, test })),
        4 => (filter(), window(), measure()).prop_map(|(filter, window, measure)| {
            Condition::Touchpoint(TouchpointTest { filter, window, measure })
        }),
        4 => (lines(), window(), purchase_measure()).prop_map(|(lines, window, measure)| {
            Condition::Purchase(PurchaseTest { lines, window, measure })
        }),
        3 => sequence().prop_map(Condition::Sequence),
        1 => one_of(&KEYS).prop_map(|key| Condition::Segment(SegmentTest { key })),
        2 => score().prop_map(Condition::Score),
        1 => (one_of(&KEYS), option::of(channel()), any::<bool>()).prop_map(
            |(purpose, channel, granted)| Condition::Consent(ConsentTest { purpose, channel, granted })
        ),
        1 => vec(select(&Stage::ALL[..]), 1..3)
            .prop_map(|stages| Condition::Stage(StageTest { stages })),
        1 => vec(select(&Level::ALL[..]), 1..3)
            .prop_map(|levels| Condition::Level(LevelTest { levels })),
        1 => namespace().prop_map(|namespace| Condition::Identifier(IdentifierTest { namespace })),
        1 => (one_of(&TRAITS), 0_u16..400).prop_map(|(name, within_days)| {
            Condition::Anniversary(AnniversaryTest { name, within_days })
        }),
        1 => (prop_oneof![Just(Seen::First), Just(Seen::Last)], time_test())
            .prop_map(|(which, time)| Condition::Seen(SeenTest { which, time })),
    ]
}

pub(super) fn namespace() -> impl Strategy<Value = Namespace> {
    prop_oneof![Just(Namespace::email()), Just(Namespace::phone())]
}

pub(super) fn channel() -> impl Strategy<Value = Channel> {
    select(vec![Channel::Web, Channel::Email])
}

fn number() -> impl Strategy<Value = Number> {
    select(&NUMBERS[..]).prop_map(|number| Number::try_from(number).unwrap_or(Number::ZERO))
}

/// A span of some hours.
pub fn span() -> impl Strategy<Value = Span> {
    (1_i64..100).prop_map(|hours| Span::try_from(hours * HOUR).unwrap_or(Span::LONGEST))
}

/// Any window.
pub fn window() -> impl Strategy<Value = Window> {
    prop_oneof![
        2 => Just(Window::Ever),
        4 => span().prop_map(Window::Last),
        1 => span().prop_map(Window::Before),
        1 => (instant(), instant()).prop_map(|(after, until)| Window::Between { after, until }),
    ]
}

fn time_test() -> impl Strategy<Value = TimeTest> {
    prop_oneof![
        instant().prop_map(TimeTest::Before),
        instant().prop_map(TimeTest::From),
        span().prop_map(TimeTest::WithinPast),
        span().prop_map(TimeTest::LongerAgo),
        span().prop_map(TimeTest::WithinNext),
        span().prop_map(TimeTest::FurtherAhead),
        span().prop_map(TimeTest::NotLongerAgo),
        span().prop_map(TimeTest::NotFurtherAhead),
        any::<bool>().prop_map(TimeTest::Past),
    ]
}

fn comparison<T: Copy + PartialOrd + std::fmt::Debug>(
    bound: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = Comparison<T>> {
    (0_u8..7, bound.clone(), bound).prop_map(|(kind, one, other)| match kind {
        0 => Comparison::Equal(one),
        1 => Comparison::NotEqual(one),
        2 => Comparison::Less(one),
        3 => Comparison::AtMost(one),
        4 => Comparison::More(one),
        5 => Comparison::AtLeast(one),
        _ if one <= other => Comparison::Between(one, other),
        _ => Comparison::Between(other, one),
    })
}

fn count() -> impl Strategy<Value = Comparison<u32>> {
    comparison(0_u32..4)
}

fn amount() -> impl Strategy<Value = Comparison<Number>> {
    comparison(
        (select(&NUMBERS[..]), 0_u32..4)
            .prop_map(|(number, times)| {
                Number::try_from(number * f64::from(times)).unwrap_or(Number::ZERO)
            })
            .boxed(),
    )
}

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        any::<bool>().prop_map(Scalar::Truth),
        number().prop_map(Scalar::Number),
        one_of(&TEXTS).prop_map(Scalar::Text),
    ]
}

fn value_test() -> impl Strategy<Value = ValueTest> {
    prop_oneof![
        Just(ValueTest::Exists),
        Just(ValueTest::NotExists),
        scalar().prop_map(ValueTest::Equal),
        scalar().prop_map(ValueTest::NotEqual),
        vec(scalar(), 1..4).prop_map(ValueTest::In),
        vec(scalar(), 1..4).prop_map(ValueTest::NotIn),
        amount().prop_map(ValueTest::Number),
        (0_u8..3, select(vec!["ma", "LAGA", "á", "-"])).prop_map(|(kind, part)| {
            let part = part.to_owned();
            ValueTest::Text(match kind {
                0 => TextTest::Contains(part),
                1 => TextTest::StartsWith(part),
                _ => TextTest::EndsWith(part),
            })
        }),
        time_test().prop_map(ValueTest::Time),
    ]
}

/// Any filter of touchpoints.
pub fn filter() -> impl Strategy<Value = Filter> {
    let property =
        (one_of(&PROPERTIES), value_test()).prop_map(|(name, test)| PropertyTest { name, test });
    let names = prop_oneof![Just(Vec::new()), vec(one_of(&NAMES), 1..3)];
    (
        names,
        option::weighted(0.2, channel()),
        option::weighted(0.2, one_of(&SOURCES)),
        prop_oneof![2 => Just(Vec::new()), 1 => vec(property, 1..3)],
    )
        .prop_map(|(names, channel, source, properties)| Filter {
            names,
            channel,
            source,
            properties,
        })
}

fn measure() -> impl Strategy<Value = Measure> {
    let name = || one_of(&PROPERTIES);
    prop_oneof![
        2 => count().prop_map(Measure::Count),
        1 => (name(), amount()).prop_map(|(name, bound)| Measure::Sum(name, bound)),
        1 => (name(), amount()).prop_map(|(name, bound)| Measure::Min(name, bound)),
        1 => (name(), amount()).prop_map(|(name, bound)| Measure::Max(name, bound)),
        1 => (name(), amount()).prop_map(|(name, bound)| Measure::Mean(name, bound)),
        1 => (name(), count()).prop_map(|(name, bound)| Measure::Distinct(name, bound)),
        1 => time_test().prop_map(Measure::First),
        1 => time_test().prop_map(Measure::Last),
    ]
}

fn purchase_measure() -> impl Strategy<Value = PurchaseMeasure> {
    prop_oneof![
        count().prop_map(PurchaseMeasure::Count),
        amount().prop_map(PurchaseMeasure::Spend),
        amount().prop_map(PurchaseMeasure::MeanSpend),
        amount().prop_map(PurchaseMeasure::MaxSpend),
        count().prop_map(PurchaseMeasure::Products),
        time_test().prop_map(PurchaseMeasure::First),
        time_test().prop_map(PurchaseMeasure::Last),
        amount().prop_map(PurchaseMeasure::SinceLastInIntervals),
    ]
}

pub(crate) fn lines() -> impl Strategy<Value = Lines> {
    let texts = || prop_oneof![3 => Just(Vec::new()), 1 => vec(one_of(&TEXTS), 1..3)];
    (texts(), texts(), texts()).prop_map(|(products, categories, brands)| Lines {
        products,
        categories,
        brands,
    })
}

fn sequence() -> impl Strategy<Value = SequenceTest> {
    (filter(), filter(), span(), any::<bool>(), window()).prop_map(
        |(first, then, within, follows, window)| SequenceTest {
            first,
            then,
            within,
            follows,
            window,
        },
    )
}

fn score() -> impl Strategy<Value = ScoreTest> {
    let grades = prop_oneof![Just(Vec::new()), vec(one_of(&GRADES), 1..2)];
    (one_of(&KEYS), option::of(amount()), grades).prop_map(|(key, value, grades)| ScoreTest {
        key,
        value,
        grades,
    })
}
