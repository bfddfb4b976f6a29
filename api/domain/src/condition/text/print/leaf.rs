//! Single tests.

use super::value::{choice, comparison, name, named_test, text, time_test, window};
use crate::condition::{
    AnniversaryTest, Comparison, Condition, ConsentTest, Filter, Lines, Measure, PurchaseMeasure,
    PurchaseTest, ScoreTest, Seen, SequenceTest, TouchpointTest, Window,
};

/// The text of a single test.
pub(super) fn leaf(condition: &Condition) -> String {
    match condition {
        // Not single tests; written by the caller.
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) => String::new(),
        Condition::Trait(test) => named_test(&test.name, &test.test),
        Condition::Touchpoint(test) => touchpoints(test),
        Condition::Purchase(test) => purchases(test),
        Condition::Sequence(test) => sequence(test),
        Condition::Segment(test) => format!("segment({})", text(&test.key)),
        Condition::Score(test) => score(test),
        Condition::Consent(test) => consent(test),
        Condition::Stage(test) => format!("stage {}", choice(&test.stages, ToString::to_string)),
        Condition::Level(test) => format!("level {}", choice(&test.levels, ToString::to_string)),
        Condition::Identifier(test) => {
            // A namespace is lower snake case and may begin with a digit or be a word of the language.
            format!("has({})", name(test.namespace.as_str()))
        }
        Condition::Anniversary(AnniversaryTest {
            name: date,
            within_days,
        }) => format!("anniversary({}) WITHIN {within_days}d", name(date)),
        Condition::Seen(test) => {
            let which = match test.which {
                Seen::First => "first_seen",
                Seen::Last => "last_seen",
            };
            format!("{which} {}", time_test(test.time))
        }
    }
}

fn performed(filter: &Filter, when: Window) -> String {
    let mut arguments = Vec::new();
    if !filter.names.is_empty() {
        let names: Vec<_> = filter.names.iter().map(text).collect();
        arguments.push(names.join(" or "));
    }
    arguments.extend(filter.channel.map(|channel| format!("on {channel}")));
    arguments.extend(
        filter
            .source
            .as_ref()
            .map(|source| format!("from {}", text(source))),
    );
    let properties = filter.properties.iter();
    arguments.extend(properties.map(|property| named_test(&property.name, &property.test)));
    arguments.extend(window(when));
    format!("performed({})", arguments.join(", "))
}

fn touchpoints(test: &TouchpointTest) -> String {
    let performed = performed(&test.filter, test.window);
    let of = |measure: &str, property: &str, bounds: String| {
        format!("{performed}.{measure}({}) {bounds}", name(property))
    };
    match &test.measure {
        Measure::Count(Comparison::AtLeast(1)) => performed,
        Measure::Count(bounds) => format!("{performed} {}", comparison(bounds)),
        Measure::Sum(property, bounds) => of("sum", property, comparison(bounds)),
        Measure::Min(property, bounds) => of("min", property, comparison(bounds)),
        Measure::Max(property, bounds) => of("max", property, comparison(bounds)),
        Measure::Mean(property, bounds) => of("mean", property, comparison(bounds)),
        Measure::Distinct(property, bounds) => of("distinct", property, comparison(bounds)),
        Measure::First(time) => format!("{performed}.first {}", time_test(*time)),
        Measure::Last(time) => format!("{performed}.last {}", time_test(*time)),
    }
}

fn purchases(test: &PurchaseTest) -> String {
    let (measure, bounds) = match &test.measure {
        PurchaseMeasure::Count(bounds) => ("orders.count", comparison(bounds)),
        PurchaseMeasure::Spend(bounds) => ("orders.spend", comparison(bounds)),
        PurchaseMeasure::MeanSpend(bounds) => ("orders.mean", comparison(bounds)),
        PurchaseMeasure::MaxSpend(bounds) => ("orders.max", comparison(bounds)),
        PurchaseMeasure::Products(bounds) => ("orders.products", comparison(bounds)),
        PurchaseMeasure::First(time) => ("first_order_at", time_test(*time)),
        PurchaseMeasure::Last(time) => ("last_order_at", time_test(*time)),
        PurchaseMeasure::SinceLastInIntervals(bounds) => {
            ("orders.intervals_since_last", comparison(bounds))
        }
    };
    format!("{measure}{} {bounds}", lines(&test.lines, test.window))
}

fn lines(lines: &Lines, when: Window) -> String {
    let lists = [
        ("product", &lines.products),
        ("category", &lines.categories),
        ("brand", &lines.brands),
    ];
    let arguments: Vec<_> = lists
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(field, values)| format!("{field} {}", choice(values, text)))
        .chain(window(when))
        .collect();
    if arguments.is_empty() {
        String::new()
    } else {
        format!("({})", arguments.join(", "))
    }
}

fn sequence(test: &SequenceTest) -> String {
    let order = if test.follows {
        "THEN"
    } else {
        "NOT FOLLOWED BY"
    };
    let first = event(&test.first, test.window);
    let then = event(&test.then, Window::Ever);
    format!("{first} {order} {then} WITHIN {}", test.within)
}

/// A touchpoint of a sequence: its mere name, where it has nothing else.
fn event(filter: &Filter, window: Window) -> String {
    let Filter {
        names,
        channel: None,
        source: None,
        properties,
    } = filter
    else {
        return performed(filter, window);
    };
    match names.as_slice() {
        [only] if properties.is_empty() && window == Window::Ever => text(only),
        _ => performed(filter, window),
    }
}

fn score(test: &ScoreTest) -> String {
    let key = text(&test.key);
    match (&test.value, test.grades.as_slice()) {
        (None, []) => format!("score({key})"),
        (None, grades) => format!("score({key}).grade {}", choice(grades, text)),
        (Some(value), []) => format!("score({key}) {}", comparison(value)),
        (Some(value), grades) => {
            let grades = choice(grades, text);
            format!("score({key}, grade {grades}) {}", comparison(value))
        }
    }
}

fn consent(test: &ConsentTest) -> String {
    let purpose = text(&test.purpose);
    let channel = test.channel.map(|channel| format!(", {channel}"));
    let refused = if test.granted { "" } else { " = FALSE" };
    format!(
        "consents({purpose}{}){refused}",
        channel.unwrap_or_default()
    )
}
