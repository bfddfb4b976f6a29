//! What the passing of time alone may make of an answer, whoever is asked about.
//!
//! The answers are careful: where it is not plain that time cannot turn an answer, it may. They hold for whatever happened up to now,
//! as nothing happens in the future.

use super::{
    Comparison, Condition, Filter, Measure, PurchaseMeasure, PurchaseTest, SequenceTest, TimeTest,
    TouchpointTest, ValueTest, Window,
};

/// Whether time alone may make a condition true of somebody of whom it is not, once all that it asks about has happened.
///
/// Of whom it cannot and the condition does not hold, nothing has to be decided until something happens to them.
pub fn time_may_make_true(condition: &Condition) -> bool {
    turns(condition).on
}

/// How time alone may turn an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turns {
    /// From false to true.
    on: bool,
    /// From true to false.
    off: bool,
}

const NEVER: Turns = Turns {
    on: false,
    off: false,
};
const ON: Turns = Turns {
    on: true,
    off: false,
};
const OFF: Turns = Turns {
    on: false,
    off: true,
};
const BOTH: Turns = Turns {
    on: true,
    off: true,
};

impl Turns {
    fn or(self, other: Self) -> Self {
        Self {
            on: self.on || other.on,
            off: self.off || other.off,
        }
    }

    fn negated(self) -> Self {
        Self {
            on: self.off,
            off: self.on,
        }
    }
}

/// How time alone changes what is in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Fixed,
    /// The oldest go out of it.
    Shrinks,
    /// More come into it.
    Grows,
}

impl Content {
    fn of(window: Window) -> Self {
        match window {
            Window::Ever | Window::Between { .. } => Self::Fixed,
            Window::Last(_) => Self::Shrinks,
            Window::Before(_) => Self::Grows,
        }
    }
}

fn turns(condition: &Condition) -> Turns {
    match condition {
        // Whichever part turns may turn the whole the same way.
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().map(turns).fold(NEVER, Turns::or)
        }
        Condition::Not(part) => turns(part).negated(),
        Condition::Trait(test) => value(&test.test),
        Condition::Touchpoint(test) => touchpoints(test),
        Condition::Purchase(test) => purchases(test),
        Condition::Sequence(test) => sequence(test),
        Condition::Identifier(_) => NEVER,
        Condition::Seen(test) => past(test.time),
        // What these ask about is decided itself, and time may turn that.
        Condition::Anniversary(_)
        | Condition::Segment(_)
        | Condition::Score(_)
        | Condition::Consent(_)
        | Condition::Stage(_)
        | Condition::Level(_) => BOTH,
    }
}

fn value(test: &ValueTest) -> Turns {
    match test {
        ValueTest::Time(time) => match time {
            TimeTest::Before(_) | TimeTest::From(_) => NEVER,
            TimeTest::LongerAgo(_) | TimeTest::NotFurtherAhead(_) | TimeTest::Past(true) => ON,
            TimeTest::FurtherAhead(_) | TimeTest::NotLongerAgo(_) | TimeTest::Past(false) => OFF,
            // A value may lie in the future.
            TimeTest::WithinPast(_) | TimeTest::WithinNext(_) => BOTH,
        },
        _ => NEVER,
    }
}

/// A test of one instant that is not in the future.
fn past(test: TimeTest) -> Turns {
    match test {
        TimeTest::WithinPast(_) | TimeTest::NotLongerAgo(_) => OFF,
        TimeTest::LongerAgo(_) => ON,
        TimeTest::Before(_)
        | TimeTest::From(_)
        | TimeTest::WithinNext(_)
        | TimeTest::FurtherAhead(_)
        | TimeTest::NotFurtherAhead(_)
        | TimeTest::Past(_) => NEVER,
    }
}

/// Whether time may let other touchpoints pass a filter.
fn moves(filter: &Filter) -> bool {
    let mut properties = filter.properties.iter();
    properties.any(|property| value(&property.test) != NEVER)
}

fn touchpoints(test: &TouchpointTest) -> Turns {
    if moves(&test.filter) {
        return BOTH;
    }
    let content = Content::of(test.window);
    match &test.measure {
        Measure::Count(count) | Measure::Distinct(_, count) => number(content, count),
        Measure::Sum(..) | Measure::Mean(..) => any(content),
        Measure::Min(_, bound) => least(content, bound),
        Measure::Max(_, bound) => greatest(content, bound),
        Measure::First(time) => first(content, *time),
        Measure::Last(time) => last(content, *time),
    }
}

fn purchases(test: &PurchaseTest) -> Turns {
    let content = Content::of(test.window);
    match &test.measure {
        PurchaseMeasure::Count(count) | PurchaseMeasure::Products(count) => number(content, count),
        PurchaseMeasure::Spend(_) | PurchaseMeasure::MeanSpend(_) => any(content),
        PurchaseMeasure::MaxSpend(bound) => greatest(content, bound),
        PurchaseMeasure::First(time) => first(content, *time),
        PurchaseMeasure::Last(time) => last(content, *time),
        PurchaseMeasure::SinceLastInIntervals(_) => BOTH,
    }
}

/// Of two touchpoints of which one followed the other in time, the pair stays; where none follows, that is known at the end of the time.
fn sequence(test: &SequenceTest) -> Turns {
    if moves(&test.first) || moves(&test.then) {
        return BOTH;
    }
    match (test.follows, Content::of(test.window)) {
        (true, Content::Fixed) => NEVER,
        (true, Content::Shrinks) => OFF,
        (false, _) | (true, Content::Grows) => BOTH,
    }
}

/// Any quantity of what is in a window.
fn any(content: Content) -> Turns {
    match content {
        Content::Fixed => NEVER,
        Content::Shrinks | Content::Grows => BOTH,
    }
}

/// How many are in a window.
fn number<T>(content: Content, test: &Comparison<T>) -> Turns {
    let more = match test {
        Comparison::AtLeast(_) | Comparison::More(_) => true,
        Comparison::AtMost(_) | Comparison::Less(_) => false,
        Comparison::Equal(_) | Comparison::NotEqual(_) | Comparison::Between(..) => {
            return any(content);
        }
    };
    match content {
        Content::Fixed => NEVER,
        Content::Shrinks if more => OFF,
        Content::Shrinks => ON,
        Content::Grows if more => ON,
        Content::Grows => OFF,
    }
}

/// The smallest in a window: as others go out it grows, until it is missing.
fn least<T>(content: Content, test: &Comparison<T>) -> Turns {
    match (content, test) {
        (Content::Shrinks, Comparison::AtMost(_) | Comparison::Less(_)) => OFF,
        _ => any(content),
    }
}

/// The greatest in a window: as others go out it falls, until it is missing.
fn greatest<T>(content: Content, test: &Comparison<T>) -> Turns {
    match (content, test) {
        (Content::Shrinks, Comparison::AtLeast(_) | Comparison::More(_)) => OFF,
        _ => any(content),
    }
}

/// The first in a window: as it goes out, a later one is the first.
fn first(content: Content, test: TimeTest) -> Turns {
    match (content, test) {
        (Content::Fixed, _) => past(test),
        (Content::Shrinks, TimeTest::Before(_)) => OFF,
        (Content::Shrinks | Content::Grows, _) => BOTH,
    }
}

/// The last in a window: it stays until nothing is left.
fn last(content: Content, test: TimeTest) -> Turns {
    match content {
        Content::Fixed => past(test),
        Content::Shrinks => past(test).or(OFF),
        Content::Grows => BOTH,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::clock::Timestamp;
    use crate::condition::generate::{History, condition, history, instant, leaf};
    use crate::condition::{decide, text};

    #[rstest]
    #[case::a_trait("country = 'ES'", false)]
    #[case::ever("performed('Viewed') >= 2", false)]
    #[case::at_most_ever("performed('Viewed') <= 2", false)]
    #[case::in_a_window("performed('Viewed', WITHIN 14d) >= 1", false)]
    #[case::no_more_in_a_window("performed('Viewed', WITHIN 14d) <= 1", true)]
    #[case::absent("NOT performed('Viewed', WITHIN 14d) >= 1", true)]
    #[case::never("NOT performed('Viewed') >= 1", false)]
    #[case::long_ago("performed('Viewed').last LONGER AGO THAN 1d", true)]
    #[case::lately("performed('Viewed').last WITHIN LAST 1d", false)]
    #[case::either("country = 'ES' OR performed('Viewed', WITHIN 14d) >= 1", false)]
    #[case::one_of_them("country = 'ES' AND NOT performed('Viewed', WITHIN 14d) >= 1", true)]
    #[case::a_birthday("anniversary(birthday) WITHIN 7d", true)]
    #[case::a_segment("segment('others')", true)]
    fn time_makes_true_what_waits_for_it(#[case] condition: &str, #[case] may: bool) {
        let condition = text::parse(condition).unwrap();
        assert_eq!(time_may_make_true(&condition), may);
    }

    /// What had happened at an instant.
    fn up_to(mut history: History, now: Timestamp) -> History {
        history
            .touchpoints
            .retain(|one| one.order.occurred_at <= now);
        history
            .purchases
            .retain(|(_, view)| view.placed_at.is_none_or(|at| at <= now));
        history.seen = history
            .seen
            .map(|(first, last)| (first.min(now), last.min(now)));
        history
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_024))]

        #[test]
        fn what_time_never_makes_true_stays_false_for_ever(
            condition in prop_oneof![condition(), leaf()], history in history(), now in instant(),
        ) {
            let history = up_to(history, now);
            let decision = decide(&condition, &history.facts(), now);
            if !decision.holds && !time_may_make_true(&condition) {
                prop_assert_eq!(decision.until, None);
            }
            if decision.holds && !turns(&condition).off {
                prop_assert_eq!(decision.until, None);
            }
        }
    }
}
