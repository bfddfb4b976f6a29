//! How many are where, and who went from where to where.

use std::collections::BTreeMap;

use lazo_domain::lifecycle::{Level, Stage};
use rstest::rstest;

use super::*;
use crate::lifecycle::read::{Cell, Placed, Share, migration, shares};
use crate::lifecycle::service;

/// The history of one profile as the schema tells it: when it was made, what it spent, and each change.
struct Told<T> {
    created_at: Timestamp,
    spend: i64,
    changes: Vec<(Timestamp, T)>,
}

impl<T: Placed> Told<T> {
    async fn all(shop: &Shop, history: &str, value: &str) -> Vec<Self> {
        let document = format!(
            "{{ profiles(first: 250) {{ nodes {{ createdAt summary {{ spend {{ minor }} }} {history} {{ at {value} }} }} }} }}"
        );
        let data = shop.answer(&document).await;
        let time = |text: &Json| text.as_str().unwrap().parse().unwrap();
        let place = |text: &Json| text.as_str().unwrap().parse().ok().unwrap();
        let told = |node: &Json| Self {
            created_at: time(&node["createdAt"]),
            spend: node["summary"]["spend"]["minor"].as_i64().unwrap(),
            changes: node[history]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| (time(&one["at"]), place(&one[value])))
                .collect(),
        };
        let nodes = data["profiles"]["nodes"].as_array().unwrap();
        nodes.iter().map(told).collect()
    }

    fn at(&self, instant: Timestamp) -> Option<T> {
        let last = self.changes.iter().rev().find(|(at, _)| *at <= instant);
        let first = (self.created_at <= instant).then_some(T::FIRST);
        last.map(|(_, place)| *place).or(first)
    }
}

/// How many there are by where they are, and what they spent.
type Sums<K> = BTreeMap<K, (u64, i64)>;

fn by_place<T: Placed>(shares: Vec<Share<T>>) -> Sums<&'static str> {
    let shares = shares.into_iter();
    shares
        .map(|one| (one.place.name(), (one.count, one.revenue)))
        .collect()
}

/// Compares the matrix, and the shares at its end, with what one profile after the other tells.
async fn compare<T: Placed>(shop: &Shop, history: &str, value: &str) {
    let told: Vec<Told<T>> = Told::all(shop, history, value).await;
    assert_eq!(told.len(), 43);
    let connection = shop.test.app.db().read();
    for (from, to) in [(900, 700), (700, 100), (400, 400), (200, 0), (30, -1)] {
        let (from, to) = (Timestamp(NOW - from * DAY), Timestamp(NOW - to * DAY));
        let (mut cells, mut ends) = (Sums::new(), Sums::new());
        for one in &told {
            let Some(is) = one.at(to) else { continue };
            let was = one.at(from).map(Placed::name);
            let cell: &mut (u64, i64) = cells.entry((was, is.name())).or_default();
            *cell = (cell.0 + 1, cell.1 + one.spend);
            let end: &mut (u64, i64) = ends.entry(is.name()).or_default();
            *end = (end.0 + 1, end.1 + one.spend);
        }
        let found: Vec<Cell<T>> = migration(connection, from, to, true).await.unwrap();
        let found = found.into_iter().map(|one| {
            let pair = (one.from.map(Placed::name), one.to.name());
            (pair, (one.count, one.revenue))
        });
        assert_eq!(found.collect::<BTreeMap<_, _>>(), cells);
        let found = shares::<T>(connection, Some(to), true).await.unwrap();
        assert_eq!(by_place(found), ends);
    }
    let stored = shares::<T>(connection, None, true).await.unwrap();
    let now = shop.test.app.now();
    let counted = shares::<T>(connection, Some(now), true).await.unwrap();
    assert_eq!(by_place(stored), by_place(counted));
}

#[tokio::test]
async fn the_matrix_between_two_dates_equals_what_each_profile_tells_of_itself() {
    let shop = Shop::open().await;
    for (customer, bought) in some_history() {
        shop.history(&[(&customer, &bought)]).await;
    }
    for device in ["a", "b", "c"] {
        shop.view(device).await;
    }
    let app = &shop.test.app;
    service::measure(app, &Caller::Local, false).await.unwrap();
    shop.sweep().await;
    compare::<Stage>(&shop, "stageHistory", "stage").await;
    compare::<Level>(&shop, "levelHistory", "level").await;
    shop.pass(20 * DAY).await;
    compare::<Stage>(&shop, "stageHistory", "stage").await;
    compare::<Level>(&shop, "levelHistory", "level").await;
}

#[tokio::test]
async fn shares_are_told_in_the_order_of_the_stages_with_parts_of_all() {
    let shop = Shop::open().await;
    let bought: &[(&str, &[(i64, i64)])] = &[("ada", &[(10, 30)]), ("bob", &[(100, 10)])];
    shop.history(bought).await;
    shop.view("a").await;
    let (then, now) = (Timestamp(NOW - 20 * DAY), shop.test.app.now());
    let document = format!(
        r#"{{ lifecycle {{ stage count revenue {{ amount }} share revenueShare }} pyramid {{ level count }}
            then: lifecycle(asOf: "{then}") {{ stage count }}
            lifecycleMigration(from: "{then}", to: "{now}") {{ from to count revenue {{ minor }} }}
            pyramidMigration(from: "{then}", to: "{now}") {{ from to count }} }}"#
    );
    let data = shop.answer(&document).await;
    let stages = data["lifecycle"].as_array().unwrap();
    assert_eq!(stages.len(), 7);
    assert_eq!(
        stages[2],
        json!({ "stage": "NEW", "count": 1, "revenue": { "amount": "30.00" }, "share": 0.333_333, "revenueShare": 0.75 })
    );
    let count = |place: usize| stages[place]["count"].as_i64().unwrap();
    assert_eq!((count(0), count(4)), (1, 1));
    let small = &data["pyramid"][3];
    assert_eq!(*small, json!({ "level": "SMALL", "count": 2 }));
    let then: Vec<_> = data["then"].as_array().unwrap().iter().collect();
    let there: i64 = then.iter().map(|one| one["count"].as_i64().unwrap()).sum();
    assert_eq!((there, &then[3]["count"]), (1, &json!(1)));
    let cells = data["lifecycleMigration"].as_array().unwrap();
    assert_eq!(cells.len(), 3);
    for cell in [
        json!({ "from": "ACTIVE", "to": "LOSING_INTEREST", "count": 1, "revenue": { "minor": 1_000 } }),
        json!({ "from": null, "to": "NEW", "count": 1, "revenue": { "minor": 3_000 } }),
    ] {
        assert!(cells.contains(&cell), "{cells:?}");
    }
    let stayed = json!({ "from": "SMALL", "to": "SMALL", "count": 1 });
    let cells = data["pyramidMigration"].as_array().unwrap();
    assert!(cells.contains(&stayed), "{cells:?}");
}

#[tokio::test]
async fn restricted_profiles_are_counted_for_the_privacy_role_alone() {
    let shop = Shop::open().await;
    shop.history(&[("ada", &[(10, 30)])]).await;
    let restrict = "UPDATE profile SET restricted = true";
    shop.test.execute(restrict).await.unwrap();
    let counted = async |caller: Option<&Caller>| {
        let app = &shop.test.app;
        let shares = service::shares::<Stage>(app, caller, None).await.unwrap();
        shares.iter().map(|share| share.count).sum::<u64>()
    };
    assert_eq!(counted(None).await, 0);
    assert_eq!(counted(Some(&Caller::Local)).await, 1);
}

#[tokio::test]
async fn sums_beyond_a_number_of_64_bits_are_the_greatest_such_number() {
    let shop = Shop::open().await;
    let bought: &[(&str, &[(i64, i64)])] = &[("ada", &[(10, 30)]), ("bob", &[(10, 10)])];
    shop.history(bought).await;
    let most = format!("UPDATE profile SET spend = {}", i64::MAX);
    shop.test.execute(&most).await.unwrap();
    let connection = shop.test.app.db().read();
    let shares = shares::<Level>(connection, None, true).await.unwrap();
    assert_eq!(by_place(shares), Sums::from([("SMALL", (2, i64::MAX))]));
}

#[rstest]
#[case("lifecycle(asOf: \"2999-01-01T00:00:00Z\") { count }")]
#[case("pyramid(asOf: \"2999-01-01T00:00:00Z\") { count }")]
#[case(
    "lifecycleMigration(from: \"2020-01-01T00:00:00Z\", to: \"2999-01-01T00:00:00Z\") { count }"
)]
#[case("pyramidMigration(from: \"2999-01-01T00:00:00Z\", to: \"2999-01-01T00:00:00Z\") { count }")]
#[tokio::test]
async fn nobody_is_counted_at_an_instant_that_is_to_come(#[case] field: &str) {
    let shop = Shop::open().await;
    let document = format!("{{ {field} }}");
    let answer = shop.test.answer(Caller::Local, &document).await;
    let code = &answer["errors"][0]["extensions"]["code"];
    assert_eq!(code, "BAD_USER_INPUT", "{answer}");
}
