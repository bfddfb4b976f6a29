//! The laws of purchase states, and what a shop's touchpoints come to.

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::clock::Timestamp;
use crate::money::{Currency, Money};
use crate::profile::tests::{any_stamp, stamp};
use crate::profile::{Rank, Stamp};

use OrderEventKind::{Cancelled, Completed, Refunded, Updated};

type Heard = (Stamp, OrderEvent);

fn euros() -> Currency {
    "EUR".parse().unwrap()
}

fn event(kind: OrderEventKind, amount: Option<&str>) -> OrderEvent {
    let amount = amount.map(|amount| amount.parse().unwrap());
    OrderEvent {
        order_id: "1".to_owned(),
        kind,
        amount,
        lines: None,
    }
}

fn fold<'a>(told: impl IntoIterator<Item = &'a Heard>) -> PurchaseState {
    let mut state = PurchaseState::default();
    for (stamp, event) in told {
        state.apply(stamp, event);
    }
    state
}

/// The view after events that happened one after the other.
fn view(events: &[(OrderEventKind, Option<&str>)]) -> PurchaseView {
    let told: Vec<Heard> = (1_i64..)
        .zip(events)
        .map(|(at, (kind, amount))| {
            (
                stamp(Rank::Trusted, at, at, at.unsigned_abs().into()),
                event(*kind, *amount),
            )
        })
        .collect();
    fold(&told).view(&euros())
}

fn joined(a: &PurchaseState, b: &PurchaseState) -> PurchaseState {
    let mut joined = a.clone();
    joined.join(b);
    joined
}

fn any_event(id: u128) -> impl Strategy<Value = Heard> {
    let kind = prop::sample::select(vec![Completed, Updated, Refunded, Cancelled]);
    let currency = prop::sample::select(vec!["EUR", "USD"]);
    let amount = (0..5_i64, currency).prop_map(|(minor, code)| Money {
        minor,
        currency: code.parse().unwrap(),
    });
    let line = (1..3_i64).prop_map(|quantity| Line {
        product_id: Some("p".to_owned()),
        sku: None,
        name: None,
        category: None,
        brand: None,
        variant: None,
        price: None,
        quantity,
    });
    let lines = prop::option::of(prop::collection::vec(line, 0..3));
    (any_stamp(id), kind, prop::option::of(amount), lines).prop_map(
        |(stamp, kind, amount, lines)| {
            (
                stamp,
                OrderEvent {
                    order_id: "1".to_owned(),
                    kind,
                    amount,
                    lines,
                },
            )
        },
    )
}

fn events() -> impl Strategy<Value = Vec<Heard>> {
    (0..8_u128).prop_flat_map(|count| (0..count).map(any_event).collect::<Vec<_>>())
}

/// Events, and three parts of them that may overlap.
fn parts() -> impl Strategy<Value = (Vec<Heard>, [Vec<Heard>; 3])> {
    events().prop_flat_map(|events| {
        let part = || proptest::sample::subsequence(events.clone(), 0..=events.len());
        (Just(events.clone()), [part(), part(), part()])
    })
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(
        (events, shuffled) in events().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
    ) {
        prop_assert_eq!(fold(&events), fold(&shuffled));
    }

    #[test]
    fn joining_is_commutative_associative_and_idempotent((_, parts) in parts()) {
        let [a, b, c] = parts.each_ref().map(fold);
        prop_assert_eq!(joined(&a, &b), joined(&b, &a));
        prop_assert_eq!(joined(&joined(&a, &b), &c), joined(&a, &joined(&b, &c)));
        prop_assert_eq!(joined(&a, &a), a);
    }

    #[test]
    fn joining_two_states_is_folding_the_touchpoints_of_both((events, [a, b, _]) in parts()) {
        let both: Vec<_> = events.iter().filter(|event| a.contains(event) || b.contains(event)).collect();
        prop_assert_eq!(joined(&fold(&a), &fold(&b)), fold(both));
    }

    #[test]
    fn a_stored_state_reads_back(events in events()) {
        let state = fold(&events);
        let json = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<PurchaseState>(&json).unwrap(), state);
    }

    #[test]
    fn what_counts_adds_up(events in events()) {
        let view = fold(&events).view(&euros());
        prop_assert!((0..=view.amount_minor).contains(&view.refunded_minor));
        let net = if view.counted { view.amount_minor - view.refunded_minor } else { 0 };
        prop_assert_eq!(view.net_minor, net);
        prop_assert_eq!(view.placed_at.is_none(), view.status == PurchaseStatus::Stub);
    }
}

#[rstest]
#[case::placed(&[(Completed, Some("10.00 EUR"))], PurchaseStatus::Placed, 1000)]
#[case::changed(&[(Completed, Some("10.00 EUR")), (Updated, Some("8.00 EUR"))], PurchaseStatus::Placed, 800)]
#[case::changed_without_an_amount(&[(Completed, Some("10.00 EUR")), (Updated, None)], PurchaseStatus::Placed, 1000)]
#[case::placed_by_an_update(&[(Updated, Some("8.00 EUR"))], PurchaseStatus::Placed, 800)]
#[case::a_part_back(&[(Completed, Some("10.00 EUR")), (Refunded, Some("3.00 EUR"))], PurchaseStatus::PartiallyRefunded, 700)]
#[case::two_parts_back(
    &[(Completed, Some("10.00 EUR")), (Refunded, Some("4.00 EUR")), (Refunded, Some("6.00 EUR"))],
    PurchaseStatus::Refunded,
    0
)]
#[case::more_back_than_paid(&[(Completed, Some("10.00 EUR")), (Refunded, Some("30.00 EUR"))], PurchaseStatus::Refunded, 0)]
#[case::all_back(&[(Completed, Some("10.00 EUR")), (Refunded, None)], PurchaseStatus::Refunded, 0)]
#[case::the_refund_first(&[(Refunded, Some("3.00 EUR")), (Completed, Some("10.00 EUR"))], PurchaseStatus::PartiallyRefunded, 700)]
#[case::cancelled(&[(Completed, Some("10.00 EUR")), (Cancelled, None)], PurchaseStatus::Cancelled, 0)]
#[case::an_update_after_cancelling(
    &[(Completed, Some("10.00 EUR")), (Cancelled, None), (Updated, Some("9.00 EUR"))],
    PurchaseStatus::Cancelled,
    0
)]
#[case::a_refund_alone(&[(Refunded, Some("3.00 EUR"))], PurchaseStatus::Stub, 0)]
#[case::a_cancellation_alone(&[(Cancelled, None)], PurchaseStatus::Stub, 0)]
fn an_order_stands_where_its_touchpoints_say(
    #[case] events: &[(OrderEventKind, Option<&str>)],
    #[case] status: PurchaseStatus,
    #[case] net_minor: i64,
) {
    let view = view(events);
    assert_eq!((view.status, view.net_minor), (status, net_minor));
}

#[test]
fn an_older_update_never_replaces_a_newer_one() {
    let told = [
        (
            stamp(Rank::Trusted, 5, 5, 1),
            event(Updated, Some("8.00 EUR")),
        ),
        (
            stamp(Rank::Trusted, 3, 9, 2),
            event(Updated, Some("9.00 EUR")),
        ),
        (
            stamp(Rank::Inferred, 7, 7, 3),
            event(Updated, Some("1.00 EUR")),
        ),
    ];
    assert_eq!(fold(&told).view(&euros()).amount_minor, 800);
}

#[rstest]
#[case::cancellation(&[(Rank::Inferred, Cancelled, None)], PurchaseStatus::Placed, 1000)]
#[case::refund(&[(Rank::Inferred, Refunded, Some("4.00 EUR"))], PurchaseStatus::Placed, 1000)]
#[case::refund_of_all(&[(Rank::Inferred, Refunded, None)], PurchaseStatus::Placed, 1000)]
#[case::completion(&[(Rank::Inferred, Completed, Some("99.00 EUR"))], PurchaseStatus::Placed, 1000)]
#[case::refund_of_equal_rank(&[(Rank::Trusted, Refunded, Some("4.00 EUR"))], PurchaseStatus::PartiallyRefunded, 600)]
#[case::refund_of_higher_rank(&[(Rank::Declared, Refunded, Some("4.00 EUR"))], PurchaseStatus::PartiallyRefunded, 600)]
#[case::cancellation_of_higher_rank(&[(Rank::Declared, Cancelled, None)], PurchaseStatus::Cancelled, 0)]
fn a_public_source_does_not_change_an_order_that_a_trusted_one_placed(
    #[case] others: &[(Rank, OrderEventKind, Option<&str>)],
    #[case] status: PurchaseStatus,
    #[case] net_minor: i64,
) {
    let mut told = vec![(
        stamp(Rank::Trusted, 5, 5, 1),
        event(Completed, Some("10.00 EUR")),
    )];
    for (id, (rank, kind, amount)) in (2_u32..).zip(others) {
        told.push((stamp(*rank, 1, 1, id.into()), event(*kind, *amount)));
    }
    let view = fold(&told).view(&euros());
    assert_eq!((view.status, view.net_minor), (status, net_minor));
    assert_eq!(view.placed_at, Some(Timestamp(5)));
}

#[test]
fn an_order_of_a_public_source_stands_as_a_trusted_one_says_once_it_does() {
    let mut told = vec![
        (
            stamp(Rank::Inferred, 1, 1, 1),
            event(Completed, Some("9.00 EUR")),
        ),
        (
            stamp(Rank::Inferred, 2, 2, 2),
            event(Refunded, Some("3.00 EUR")),
        ),
    ];
    let before = fold(&told).view(&euros());
    assert_eq!(
        (before.net_minor, before.placed_at),
        (600, Some(Timestamp(1)))
    );

    told.push((stamp(Rank::Trusted, 7, 7, 3), event(Updated, None)));
    let after = fold(&told).view(&euros());
    assert_eq!((after.amount_minor, after.net_minor), (900, 900));
    assert_eq!(after.placed_at, Some(Timestamp(7)));
    assert_eq!(after.status, PurchaseStatus::Placed);
}

#[test]
fn an_order_was_placed_when_it_was_first_completed() {
    let told = [
        (stamp(Rank::Trusted, 1, 9, 1), event(Updated, None)),
        (stamp(Rank::Trusted, 4, 4, 2), event(Completed, None)),
        (stamp(Rank::Trusted, 3, 9, 3), event(Completed, None)),
    ];
    assert_eq!(fold(&told).view(&euros()).placed_at, Some(Timestamp(3)));
}

#[test]
fn a_purchase_in_another_currency_is_left_out_of_sums() {
    let view = view(&[(Completed, Some("10.00 USD")), (Refunded, Some("2.00 EUR"))]);
    assert!(view.left_out && view.counted);
    assert_eq!((view.currency.as_str(), view.refunds_left_out), ("USD", 1));
    assert_eq!(view.status, PurchaseStatus::PartiallyRefunded);
}
