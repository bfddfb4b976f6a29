//! Recency, frequency and monetary value, against the published quintiles of the CDNOW log.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rstest::rstest;

use super::sample::{bought, day, nobody, number};
use crate::clock::Timestamp;
use crate::condition::generate::History;
use crate::condition::{Span, Window};
use crate::score::{Kind, Model, Quintiles, Rfm, RfmBoundaries, Scored, score};

#[test]
fn equal_values_are_in_the_same_quintile() {
    let frequencies = [1, 1, 1, 1, 2, 2, 3, 4, 5, 9];
    let quintiles = Quintiles::of_all(frequencies.to_vec());
    assert_eq!(
        frequencies.map(|one| quintiles.of(&one)),
        [1, 1, 1, 1, 3, 3, 4, 4, 5, 5]
    );
}

/// The orders of each customer of the log, those of one day as one, by the number of the customer: days since 1970 and cents.
fn cdnow() -> BTreeMap<u32, BTreeMap<i64, i64>> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/data/cdnow_transactions.csv"
    );
    let mut customers: BTreeMap<u32, BTreeMap<i64, i64>> = BTreeMap::new();
    for row in std::fs::read_to_string(path).unwrap().lines().skip(1) {
        let fields: Vec<_> = row.split(',').collect();
        let date: NaiveDate = fields[2].parse().unwrap();
        let at = Timestamp::from(date.and_hms_opt(0, 0, 0).unwrap().and_utc());
        let dollars = fields[4].split_once('.').unwrap_or((fields[4], "0"));
        let cents: i64 = format!("{}{:0<2}", dollars.0, dollars.1).parse().unwrap();
        let orders = customers.entry(fields[1].parse().unwrap()).or_default();
        *orders.entry(at.day()).or_default() += cents;
    }
    customers
}

fn history(orders: &BTreeMap<i64, i64>) -> History {
    let orders = orders.iter().zip(0_u32..);
    History {
        purchases: orders
            .map(|((days, cents), number)| bought(number, day(*days), *cents))
            .collect(),
        ..nobody()
    }
}

fn of(boundaries: RfmBoundaries, window: Window) -> Model {
    Model {
        kind: Kind::Rfm(Rfm {
            window,
            boundaries,
            ..Rfm::default()
        }),
        grades: Vec::new(),
        scale: None,
    }
}

fn cell(scored: &Scored) -> String {
    let points = scored.points(day(20_000));
    points.iter().map(ToString::to_string).collect()
}

#[test]
fn the_quintiles_of_cdnow_are_those_published() {
    let customers = cdnow();
    assert_eq!(customers.len(), 2_357);
    let now = "1998-06-30T23:59:59Z".parse().unwrap();
    let rfm = Rfm::default();
    let sample = customers.values().map(|orders| {
        let history = history(orders);
        let values = rfm.values(&history.facts(), now).unwrap();
        (values.last, values.orders, values.spend_minor)
    });
    let model = of(RfmBoundaries::of(sample), Window::Ever);
    let mut counts: [BTreeMap<char, u32>; 3] = Default::default();
    let mut cells: BTreeMap<String, u32> = BTreeMap::new();
    for orders in customers.values() {
        let cell = cell(&score(&model, &history(orders).facts(), now));
        for (count, quintile) in counts.iter_mut().zip(cell.chars()) {
            *count.entry(quintile).or_default() += 1;
        }
        *cells.entry(cell).or_default() += 1;
    }
    let published = [
        vec![('1', 482), ('2', 471), ('3', 463), ('4', 470), ('5', 471)],
        vec![('1', 1_218), ('3', 403), ('4', 358), ('5', 378)],
        vec![('1', 481), ('2', 462), ('3', 472), ('4', 471), ('5', 471)],
    ];
    assert_eq!(
        counts.map(|count| count.into_iter().collect::<Vec<_>>()),
        published
    );
    let most = ["555", "111", "211", "311"].map(|cell| cells[cell]);
    assert_eq!(most, [233, 177, 155, 147]);
    let some = [1, 2, 3, 9, 1_516]
        .map(|number| cell(&score(&model, &history(&customers[&number]).facts(), now)));
    assert_eq!(some, ["444", "134", "111", "554", "555"]);
}

/// Boundaries of five customers, each in a quintile of their own.
fn five() -> RfmBoundaries {
    RfmBoundaries::of((1..=5_u32).map(|one| (day(one.into()), one, i64::from(one) * 1_000)))
}

#[rstest]
#[case::all(Window::Ever, 5, 10.0, None)]
#[case::those_in_a_window(Window::Last(Span::days(2).unwrap()), 5, 8.0, Some(6))]
#[case::those_to_come_do_not_count_yet(Window::Ever, 3, 3.0, Some(4))]
fn purchases_in_the_window_count(
    #[case] window: Window,
    #[case] now: i64,
    #[case] value: f64,
    #[case] until: Option<i64>,
) {
    let history = History {
        purchases: vec![
            bought(0, day(1), 500),
            bought(1, day(4), 1_500),
            bought(2, day(5), 100),
        ],
        ..nobody()
    };
    let scored = score(&of(five(), window), &history.facts(), day(now));
    assert_eq!(scored.raw(day(now)), number(value));
    assert_eq!(scored.until, until.map(day));
}

#[test]
fn who_never_bought_has_no_score() {
    let scored = score(&of(five(), Window::Ever), &nobody().facts(), day(9));
    assert_eq!((scored.value, scored.fact().is_none()), (None, true));
    let buyer = History {
        purchases: vec![bought(0, day(1), 500)],
        ..nobody()
    };
    let unknown = of(RfmBoundaries::default(), Window::Ever);
    assert_eq!(score(&unknown, &buyer.facts(), day(9)).value, None);
}
