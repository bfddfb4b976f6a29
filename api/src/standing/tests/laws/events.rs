//! What may happen to a deployment.

use lazo_domain::condition::Condition;
use lazo_domain::condition::generate::{HOUR, condition};
use lazo_domain::consent::DecisionKind;
use lazo_domain::touchpoint::Channel;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::segment::service::Pin;

/// By what a touchpoint names a person.
#[derive(Clone, Debug)]
pub(super) struct Who {
    pub(super) user: Option<usize>,
    pub(super) email: Option<usize>,
    pub(super) device: usize,
}

/// What happens to a deployment.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Track {
        who: Who,
        name: usize,
        text: usize,
        price: usize,
        hours_ago: i64,
    },
    Identify {
        who: Who,
        text: usize,
        age: usize,
        birthday: usize,
        zone: usize,
    },
    Order {
        who: Who,
        order: usize,
        event: usize,
        amount: u32,
        hours_ago: i64,
    },
    Merge(usize, usize),
    Part(usize),
    /// Time passes, and the timer does what is due or is late.
    Pass {
        millis: i64,
        timer: bool,
    },
    Define {
        which: usize,
        condition: Option<Condition>,
    },
    Archive(usize),
    Pin {
        which: usize,
        profile: usize,
        pin: Pin,
    },
    /// Somebody decides about a purpose, or it becomes known late.
    Decide {
        profile: usize,
        purpose: usize,
        channel: Option<Channel>,
        kind: DecisionKind,
        hours_ago: i64,
    },
    Score {
        which: usize,
        model: usize,
    },
    Compute {
        which: usize,
        definition: usize,
    },
}

fn who() -> impl Strategy<Value = Who> {
    (
        option::weighted(0.5, 0..4_usize),
        option::weighted(0.3, 0..3_usize),
        0..4_usize,
    )
        .prop_map(|(user, email, device)| Who {
            user,
            email,
            device,
        })
}

fn event() -> impl Strategy<Value = Event> {
    let millis = prop_oneof![
        4 => (1..40_i64).prop_map(|hours| hours * HOUR),
        1 => (24..400_i64).prop_map(|hours| hours * HOUR),
        1 => Just(1_i64),
        1 => (1..40_i64).prop_map(|hours| hours * HOUR - 1),
    ];
    let pin = prop_oneof![
        Just(Pin::Included),
        Just(Pin::Excluded),
        Just(Pin::Released)
    ];
    prop_oneof![
        8 => (who(), 0..3_usize, 0..4_usize, 0..5_usize, 0..60_i64).prop_map(
            |(who, name, text, price, hours_ago)| Event::Track { who, name, text, price, hours_ago }
        ),
        4 => (who(), 0..4_usize, 0..4_usize, 0..3_usize, 0..3_usize).prop_map(
            |(who, text, age, birthday, zone)| Event::Identify { who, text, age, birthday, zone }
        ),
        5 => (who(), 0..4_usize, 0..4_usize, 0..50_u32, 0..60_i64).prop_map(
            |(who, order, event, amount, hours_ago)| Event::Order { who, order, event, amount, hours_ago }
        ),
        2 => (0..8_usize, 0..8_usize).prop_map(|(one, other)| Event::Merge(one, other)),
        2 => (0..8_usize).prop_map(Event::Part),
        6 => (millis, any::<bool>()).prop_map(|(millis, timer)| Event::Pass { millis, timer }),
        4 => (0..3_usize, option::weighted(0.9, condition()))
            .prop_map(|(which, condition)| Event::Define { which, condition }),
        1 => (0..3_usize).prop_map(Event::Archive),
        2 => (0..3_usize, 0..8_usize, pin)
            .prop_map(|(which, profile, pin)| Event::Pin { which, profile, pin }),
        6 => (0..8_usize, 0..2_usize, option::of(select(vec![Channel::Web, Channel::Email])), select(DecisionKind::ALL), 0..30_i64)
            .prop_map(|(profile, purpose, channel, kind, hours_ago)| {
                Event::Decide { profile, purpose, channel, kind, hours_ago }
            }),
        1 => (0..2_usize, 0..5_usize).prop_map(|(which, model)| Event::Score { which, model }),
        1 => (0..2_usize, 0..5_usize)
            .prop_map(|(which, definition)| Event::Compute { which, definition }),
    ]
}

/// A history: after each event that says so, all is settled and compared.
pub(super) fn history() -> impl Strategy<Value = Vec<(Event, bool)>> {
    vec((event(), prop::bool::weighted(0.3)), 8..45)
}
