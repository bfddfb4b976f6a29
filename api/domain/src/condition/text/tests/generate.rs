//! Conditions for tests of laws: any that passes its check.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::clock::Timestamp;
use crate::condition::check::Known;
use crate::condition::text::words::{KEYWORDS, TESTS};
use crate::condition::{
    AnniversaryTest, Comparison, Condition, ConsentTest, Filter, IdentifierTest, LevelTest, Lines,
    Measure, Number, PropertyTest, PurchaseMeasure, PurchaseTest, Scalar, ScoreTest, Seen,
    SeenTest, SegmentTest, SequenceTest, Span, StageTest, TextTest, TimeTest, TouchpointTest,
    TraitTest, ValueTest, Window,
};
use crate::identity::Namespace;
use crate::lifecycle::{Level, Stage};
use crate::touchpoint::Channel;

/// What the conditions refer to.
pub(in crate::condition) fn known() -> Known {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let scores: [(_, BTreeSet<_>); 2] = [("fit", set(&["A"])), ("warmth", set(&["HOT", "COLD"]))];
    Known {
        purposes: set(&["offers", "it's", "profile"]),
        segments: set(&["vip", "spain-2"]),
        scores: scores
            .map(|(key, grades)| (key.to_owned(), grades))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        ..Known::default()
    }
}

fn strings(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(names).prop_map(str::to_owned)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z ]{0,8}",
        "['`%_;${}()\\\\\"-]{0,6}",
        "(?s).{0,8}".prop_map(|text| text.replace('\0', "0")),
    ]
}

fn part() -> impl Strategy<Value = String> {
    text().prop_filter("something to look for", |text| !text.is_empty())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z_]{1,6}([.][a-z0-9]{1,4}){0,3}",
        1 => select(KEYWORDS).prop_map(str::to_lowercase),
        1 => select(TESTS).prop_map(str::to_owned),
        1 => part().prop_filter("at most four names", |name| name.split('.').count() <= 4),
    ]
}

fn span() -> impl Strategy<Value = Span> {
    let seconds = Span::LONGEST.millis() / 1_000;
    prop_oneof![
        (1_u16..400).prop_map(|days| Span::days(days).unwrap()),
        (1..=seconds).prop_map(|seconds| Span::try_from(seconds * 1_000).unwrap()),
    ]
}

fn instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        (-62_135_596_800_000_i64..=253_402_300_799_999).prop_map(Timestamp),
        (-10_000_i64..40_000).prop_map(|day| Timestamp(day * 86_400_000)),
    ]
}

fn number() -> impl Strategy<Value = Number> {
    let finite = any::<f64>().prop_filter_map("finite", |float| Number::try_from(float).ok());
    prop_oneof![finite, exact()]
}

fn exact() -> impl Strategy<Value = Number> {
    (-1_000_000_i32..1_000_000)
        .prop_map(|hundredths| Number::try_from(f64::from(hundredths) / 100.0).unwrap())
}

fn comparison<T: PartialOrd + Copy + std::fmt::Debug + 'static>(
    bound: impl Strategy<Value = T>,
) -> impl Strategy<Value = Comparison<T>> {
    vec(bound, 2).prop_flat_map(|bounds| {
        let (one, other) = (bounds[0], bounds[1]);
        let (low, high) = if one <= other {
            (one, other)
        } else {
            (other, one)
        };
        select(vec![
            Comparison::Equal(one),
            Comparison::NotEqual(one),
            Comparison::Less(one),
            Comparison::AtMost(one),
            Comparison::More(one),
            Comparison::AtLeast(one),
            Comparison::Between(low, high),
        ])
    })
}

fn time() -> impl Strategy<Value = TimeTest> {
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

fn window() -> impl Strategy<Value = Window> {
    prop_oneof![
        Just(Window::Ever),
        span().prop_map(Window::Last),
        span().prop_map(Window::Before),
        (instant(), instant())
            .prop_filter("in order", |(after, until)| after < until)
            .prop_map(|(after, until)| Window::Between { after, until }),
    ]
}

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        any::<bool>().prop_map(Scalar::Truth),
        number().prop_map(Scalar::Number),
        text().prop_map(Scalar::Text),
    ]
}

fn value() -> impl Strategy<Value = ValueTest> {
    prop_oneof![
        Just(ValueTest::Exists),
        Just(ValueTest::NotExists),
        scalar().prop_map(ValueTest::Equal),
        scalar().prop_map(ValueTest::NotEqual),
        vec(scalar(), 1..4).prop_map(ValueTest::In),
        vec(scalar(), 1..4).prop_map(ValueTest::NotIn),
        comparison(number()).prop_map(ValueTest::Number),
        part().prop_map(|part| ValueTest::Text(TextTest::Contains(part))),
        part().prop_map(|part| ValueTest::Text(TextTest::StartsWith(part))),
        part().prop_map(|part| ValueTest::Text(TextTest::EndsWith(part))),
        time().prop_map(ValueTest::Time),
    ]
}

fn channel() -> impl Strategy<Value = Channel> {
    select(&Channel::ALL[..])
}

fn filter() -> impl Strategy<Value = Filter> {
    let property = (name(), value()).prop_map(|(name, test)| PropertyTest { name, test });
    (
        vec(part(), 0..3),
        option::of(channel()),
        option::of(part()),
        vec(property, 0..3),
    )
        .prop_map(|(names, channel, source, properties)| Filter {
            names,
            channel,
            source,
            properties,
        })
}

fn measure() -> impl Strategy<Value = Measure> {
    let count = || comparison(any::<u32>());
    prop_oneof![
        Just(Measure::Count(Comparison::AtLeast(1))),
        count().prop_map(Measure::Count),
        (name(), comparison(exact())).prop_map(|(name, bounds)| Measure::Sum(name, bounds)),
        (name(), comparison(number())).prop_map(|(name, bounds)| Measure::Min(name, bounds)),
        (name(), comparison(number())).prop_map(|(name, bounds)| Measure::Max(name, bounds)),
        (name(), comparison(exact())).prop_map(|(name, bounds)| Measure::Mean(name, bounds)),
        (name(), count()).prop_map(|(name, bounds)| Measure::Distinct(name, bounds)),
        time().prop_map(Measure::First),
        time().prop_map(Measure::Last),
    ]
}

fn purchase_measure() -> impl Strategy<Value = PurchaseMeasure> {
    let count = || comparison(any::<u32>());
    prop_oneof![
        count().prop_map(PurchaseMeasure::Count),
        comparison(exact()).prop_map(PurchaseMeasure::Spend),
        comparison(exact()).prop_map(PurchaseMeasure::MeanSpend),
        comparison(exact()).prop_map(PurchaseMeasure::MaxSpend),
        count().prop_map(PurchaseMeasure::Products),
        time().prop_map(PurchaseMeasure::First),
        time().prop_map(PurchaseMeasure::Last),
        comparison(number()).prop_map(PurchaseMeasure::SinceLastInIntervals),
    ]
}

fn purchase() -> impl Strategy<Value = PurchaseTest> {
    let list = || vec(text(), 0..3);
    let lines = (list(), list(), list()).prop_map(|(products, categories, brands)| Lines {
        products,
        categories,
        brands,
    });
    (lines, window(), purchase_measure()).prop_map(|(lines, window, measure)| PurchaseTest {
        lines,
        window,
        measure,
    })
}

fn sequence() -> impl Strategy<Value = SequenceTest> {
    let simple = || {
        part().prop_map(|name| Filter {
            names: vec![name],
            ..Filter::default()
        })
    };
    let event = || prop_oneof![simple(), filter()];
    (event(), event(), span(), any::<bool>(), window()).prop_map(
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
    let test = |key: &'static str, grades: &'static [&'static str]| {
        let grades = subsequence(grades, 0..=grades.len());
        (option::of(comparison(number())), grades)
            .prop_filter("a value or a grade", |(value, grades)| {
                value.is_some() || !grades.is_empty()
            })
            .prop_map(move |(value, grades)| ScoreTest {
                key: key.to_owned(),
                value,
                grades: grades.into_iter().map(str::to_owned).collect(),
            })
    };
    prop_oneof![test("fit", &["A"]), test("warmth", &["HOT", "COLD"])]
}

fn leaf() -> impl Strategy<Value = Condition> {
    let trait_test = (name(), value()).prop_map(|(name, test)| TraitTest { name, test });
    let touchpoint =
        (filter(), window(), measure()).prop_map(|(filter, window, measure)| TouchpointTest {
            filter,
            window,
            measure,
        });
    let consent = (
        strings(&["offers", "it's", "profile"]),
        option::of(channel()),
        any::<bool>(),
    )
        .prop_map(|(purpose, channel, granted)| ConsentTest {
            purpose,
            channel,
            granted,
        });
    let namespace = prop_oneof!["[a-z0-9_]{1,8}", strings(&["email", "and", "7up"])];
    prop_oneof![
        4 => trait_test.prop_map(Condition::Trait),
        4 => touchpoint.prop_map(Condition::Touchpoint),
        4 => purchase().prop_map(Condition::Purchase),
        2 => sequence().prop_map(Condition::Sequence),
        1 => strings(&["vip", "spain-2"]).prop_map(|key| Condition::Segment(SegmentTest { key })),
        1 => score().prop_map(Condition::Score),
        1 => consent.prop_map(Condition::Consent),
        1 => subsequence(&Stage::ALL[..], 1..4)
            .prop_map(|stages| Condition::Stage(StageTest { stages })),
        1 => subsequence(&Level::ALL[..], 1..4)
            .prop_map(|levels| Condition::Level(LevelTest { levels })),
        1 => namespace.prop_map(|name| Condition::Identifier(IdentifierTest {
            namespace: Namespace::new(&name).unwrap(),
        })),
        1 => (name(), 0_u16..=366).prop_map(|(name, within_days)| {
            Condition::Anniversary(AnniversaryTest { name, within_days })
        }),
        1 => (select(&[Seen::First, Seen::Last][..]), time())
            .prop_map(|(which, time)| Condition::Seen(SeenTest { which, time })),
    ]
}

/// Any condition that passes its check against [`known`].
pub(in crate::condition) fn condition() -> impl Strategy<Value = Condition> {
    leaf().prop_recursive(5, 24, 4, |inside| {
        prop_oneof![
            vec(inside.clone(), 1..4).prop_map(Condition::All),
            vec(inside.clone(), 1..4).prop_map(Condition::Any),
            inside.prop_map(|inside| Condition::Not(Box::new(inside))),
        ]
    })
}
