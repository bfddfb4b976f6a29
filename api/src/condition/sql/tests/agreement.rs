//! The law: SQL and the evaluator agree, whatever the condition, the histories and the instant.

use std::time::Duration;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::generate::{
    BEGIN, HOUR, HOURS, KEYS, condition, happened, history, instant, leaf,
};
use lazo_domain::condition::{
    Comparison, Condition, Filter, Measure, Number, PropertyTest, Scalar, ScoreTest, SegmentTest,
    TextTest, TimeTest, TouchpointTest, TraitTest, ValueTest, Window,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::world::{Defined, FADING, World};

/// How many profiles are in one database.
const PROFILES: usize = 50;

/// How many pairs of a condition and a profile are compared if nothing else is asked for.
const PAIRS: usize = 10_000;

/// The most conditions that are asked of one database.
const CONDITIONS: usize = 1_000;

/// How many pairs `LAZO_TEST_PAIRS` asks for.
fn pairs() -> usize {
    let asked = std::env::var_os("LAZO_TEST_PAIRS").and_then(|pairs| pairs.into_string().ok());
    asked.map_or(PAIRS, |pairs| pairs.parse().unwrap())
}

/// The condition with each of its leaves changed.
fn each_leaf(condition: Condition, change: &impl Fn(Condition) -> Condition) -> Condition {
    let all = |parts: Vec<Condition>| parts.into_iter().map(|part| each_leaf(part, change));
    match condition {
        Condition::All(parts) => Condition::All(all(parts).collect()),
        Condition::Any(parts) => Condition::Any(all(parts).collect()),
        Condition::Not(part) => Condition::Not(Box::new(each_leaf(*part, change))),
        leaf => change(leaf),
    }
}

/// The condition, where of a score that fades the grade alone is asked.
fn askable(condition: Condition) -> Condition {
    each_leaf(condition, &|leaf| match leaf {
        Condition::Score(test) if test.key == FADING => Condition::Score(ScoreTest {
            value: None,
            ..test
        }),
        leaf => leaf,
    })
}

/// Segments of the keys that generated conditions name, the second of which may name the first.
fn segments() -> impl Strategy<Value = Vec<(String, Condition)>> {
    let [first, second] = KEYS;
    let any = || prop_oneof![condition(), leaf()].prop_map(askable);
    (any(), any()).prop_map(move |(one, other)| {
        let one = each_leaf(one, &|leaf| match leaf {
            Condition::Segment(_) => Condition::Any(Vec::new()),
            leaf => leaf,
        });
        let other = each_leaf(other, &|leaf| match leaf {
            Condition::Segment(test) if test.key == second => Condition::Segment(SegmentTest {
                key: first.to_owned(),
            }),
            leaf => leaf,
        });
        vec![(first.to_owned(), one), (second.to_owned(), other)]
    })
}

fn one_of<T: std::fmt::Debug>(runner: &mut TestRunner, strategy: impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).unwrap().current()
}

/// Histories, some of whose profiles name a time zone, with segments and computed traits.
async fn world(runner: &mut TestRunner) -> World {
    let zone = prop_oneof![
        3 => Just(None),
        4 => select(vec!["Atlantic/Canary", "Pacific/Kiritimati", "america/bogota", "UTC", "Nowhere/Land"])
            .prop_map(|zone| Some(json!(zone))),
        1 => Just(Some(json!(["Etc/GMT+12", "UTC"]))),
    ];
    let person = (history(), zone).prop_map(|(mut history, zone)| {
        history
            .traits
            .extend(zone.map(|zone| ("timezone".to_owned(), zone)));
        history
    });
    let people = one_of(runner, vec(person, PROFILES));
    let codes = select(vec!["EUR", "JPY", "KWD", "CLF"]);
    let currency = one_of(runner, codes).parse().unwrap();
    let defined = Defined {
        segments: one_of(runner, segments()),
        computed: one_of(runner, subsequence(vec!["age", "likes", "birthday"], 0..=2))
            .into_iter()
            .collect(),
    };
    World::with(defined, people, currency).await
}

async fn agree(world: &World, condition: &Condition, now: Timestamp) {
    let decided = world.decided(condition, now);
    let selected = world.selected(condition, now).await;
    if let Some(other) = decided.symmetric_difference(&selected).next() {
        panic!(
            "the evaluator says {} at {now} ({})\n{}\n{:#?}\n{:?}",
            decided.contains(other),
            now.0,
            serde_json::to_string_pretty(condition).unwrap(),
            world.history(*other),
            world.compile(condition, now),
        );
    }
}

#[tokio::test]
async fn sql_and_the_evaluator_agree() {
    let mut runner = TestRunner::default();
    let mut left = pairs().div_ceil(PROFILES);
    while left > 0 {
        let mut world = world(&mut runner).await;
        // By one of two instants all purchases were placed, so that their summaries answer.
        let late = BEGIN.plus_millis(2 * HOURS * HOUR);
        assert!(world.all_placed(late));
        for _ in 0..left.min(CONDITIONS) {
            // Where parts are joined, one hides another.
            let any = prop_oneof![condition(), leaf()];
            let condition = askable(one_of(&mut runner, any));
            world.redefine(one_of(&mut runner, segments()));
            let now = one_of(&mut runner, prop_oneof![instant(), Just(late)]);
            agree(&world, &condition, now).await;
        }
        left = left.saturating_sub(CONDITIONS);
    }
}

/// Any value of a property or a trait, but for the character that no stored text has.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        select(&TEXTS[..]).prop_map(str::to_owned),
        "[^\0]{0,6}",
        "[a-zA-ZÁñß%_']{0,4}",
        Just("Ab".repeat(300)),
    ];
    let number = prop_oneof![
        any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()),
        -3.0..3.0,
        any::<i32>().prop_map(f64::from),
    ];
    let scalar = prop_oneof![
        3 => text.prop_map(Value::from),
        3 => number.prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    scalar.prop_recursive(3, 8, 3, |value| {
        prop_oneof![
            vec(value.clone(), 0..3).prop_map(Value::from),
            btree_map(name(), value, 0..3).prop_map(|members| json!(members)),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&NAMES[..]).prop_map(str::to_owned),
        1 => "[^\0]{1,3}",
    ]
}

const NAMES: [&str; 12] = [
    "a", "b", "a.b", "a.b.c", "A", "ñ", "$.a", "[0]", "\"", "\\", "1", "a%",
];
const TEXTS: [&str; 7] = [
    "Málaga",
    "MALAGA",
    "2026-02-24",
    "2026-02-24T10:00:00+02:00",
    " 2026-02-24\n",
    "--02-29",
    "ﬁn",
];

/// A test of what is in values, of their scalars or of parts of these.
fn test(values: &[&Value]) -> impl Strategy<Value = ValueTest> + use<> {
    let mut given: Vec<_> = values.iter().copied().flat_map(scalars).collect();
    given.push(Scalar::Truth(true));
    let texts: Vec<_> = given
        .iter()
        .filter_map(|scalar| match scalar {
            Scalar::Text(text) => Some(text.clone()),
            _ => None,
        })
        .chain(["a".to_owned()])
        .collect();
    let numbers: Vec<_> = given
        .iter()
        .filter_map(|scalar| match scalar {
            Scalar::Number(number) => Some(*number),
            _ => None,
        })
        .chain([Number::ZERO])
        .collect();
    let one = select(given);
    let number = select(numbers);
    let part = (select(texts), 0_usize..4, 1_usize..3)
        .prop_map(|(text, skip, take)| text.chars().skip(skip).take(take).collect::<String>());
    let time = (-3_i64..3).prop_map(|hours| BEGIN.plus_millis(96 * HOUR + hours * HOUR));
    prop_oneof![
        Just(ValueTest::Exists),
        Just(ValueTest::NotExists),
        one.clone().prop_map(ValueTest::Equal),
        one.clone().prop_map(ValueTest::NotEqual),
        vec(one.clone(), 1..4).prop_map(ValueTest::In),
        vec(one, 1..4).prop_map(ValueTest::NotIn),
        number
            .clone()
            .prop_map(|bound| ValueTest::Number(Comparison::More(bound))),
        number
            .clone()
            .prop_map(|bound| ValueTest::Number(Comparison::AtMost(bound))),
        number.prop_map(|bound| ValueTest::Number(Comparison::Equal(bound))),
        part.clone()
            .prop_map(|part| ValueTest::Text(TextTest::Contains(part))),
        part.clone()
            .prop_map(|part| ValueTest::Text(TextTest::StartsWith(part))),
        part.prop_map(|part| ValueTest::Text(TextTest::EndsWith(part))),
        time.prop_map(|bound| ValueTest::Time(TimeTest::Before(bound))),
    ]
}

fn scalars(value: &Value) -> Vec<Scalar> {
    match value {
        Value::Null => Vec::new(),
        Value::Bool(truth) => vec![Scalar::Truth(*truth)],
        Value::Number(number) => {
            let number = number
                .as_f64()
                .and_then(|number| Number::try_from(number).ok());
            number.map(Scalar::Number).into_iter().collect()
        }
        Value::String(text) => vec![Scalar::Text(text.clone())],
        Value::Array(elements) => elements.iter().flat_map(scalars).collect(),
        Value::Object(members) => members.values().flat_map(scalars).collect(),
    }
}

/// Values of any kind under any names, as a trait, and as a property of a touchpoint.
#[tokio::test]
async fn sql_and_the_evaluator_see_the_same_values() {
    let mut runner = TestRunner::default();
    let now = BEGIN.plus_millis(HOURS * HOUR);
    let person = (history(), happened(), btree_map(name(), value(), 0..4)).prop_map(
        |(mut history, mut happened, values)| {
            history.traits = values.into_iter().collect();
            happened.properties = history.traits.clone();
            history.touchpoints = vec![happened];
            history
        },
    );
    let people = one_of(&mut runner, vec(person, PROFILES * 4));
    let stored: Vec<_> = people
        .iter()
        .flat_map(|person| person.traits.values().cloned())
        .collect();
    let world = World::of(people, "EUR".parse().unwrap()).await;
    for _ in 0..400 {
        let values = one_of(&mut runner, vec(select(stored.clone()), 6));
        let test = one_of(&mut runner, test(&values.iter().collect::<Vec<_>>()));
        let name = one_of(&mut runner, select(&NAMES[..])).to_owned();
        let of_trait = Condition::Trait(TraitTest {
            name: name.clone(),
            test: test.clone(),
        });
        let touchpoint = |filter, measure| {
            Condition::Touchpoint(TouchpointTest {
                filter,
                window: Window::Ever,
                measure,
            })
        };
        let properties = vec![PropertyTest {
            name: name.clone(),
            test: test.clone(),
        }];
        let filter = Filter {
            properties,
            ..Filter::default()
        };
        let zero = Comparison::AtLeast(Number::ZERO);
        for condition in [
            of_trait,
            touchpoint(filter, Measure::Count(Comparison::AtLeast(1))),
            touchpoint(
                Filter::default(),
                Measure::Distinct(name.clone(), Comparison::AtLeast(2)),
            ),
            touchpoint(Filter::default(), Measure::Sum(name.clone(), zero)),
            touchpoint(Filter::default(), Measure::Max(name.clone(), zero)),
        ] {
            agree(&world, &condition, now).await;
        }
    }
}

#[tokio::test]
async fn what_is_asked_of_a_query_agrees_with_its_profiles() {
    let mut runner = TestRunner::default();
    let world = world(&mut runner).await;
    let now = BEGIN.plus_millis(HOURS * 1_800_000);
    let db = world.test.app.db();
    let preview = db.preview(Duration::from_secs(5)).await.unwrap();
    for _ in 0..20 {
        let [one, other] = [(); 2].map(|()| askable(one_of(&mut runner, condition())));
        let (decided, both) = (world.decided(&one, now), world.decided(&other, now));
        let both: Vec<_> = decided.intersection(&both).copied().collect();
        let queries = [one, other].map(|condition| world.compile(&condition, now).unwrap());
        let overlap = queries[0].and(&queries[1]);
        let (read, number) = (preview.connection(), |of: usize| u64::try_from(of).unwrap());
        assert_eq!(queries[0].count(read).await.unwrap(), number(decided.len()));
        assert_eq!(
            overlap.count_and_first(read, 100).await.unwrap(),
            (number(both.len()), both.clone())
        );
        let first = both.get(..1).unwrap_or_default();
        assert_eq!(overlap.first(read, 1).await.unwrap(), first);
        assert_eq!(
            overlap.count_and_first(read, 1).await.unwrap(),
            (number(both.len()), first.to_vec())
        );
    }
}
