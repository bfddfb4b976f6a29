//! The CDNOW purchase log of Fader and Hardie: who belongs to which segment follows from the file and the date alone.

use std::collections::{BTreeMap, BTreeSet};

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{ProfileId, SegmentId};
use serde_json::{Value as Json, json};

use super::fresh::{differences, settle_due};
use super::{DAY, Shop};
use crate::segment::read;
use crate::testing::NOW;

const LOG: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/data/cdnow_transactions.csv"
));
/// More than there are customers.
const ALL: u64 = 10_000;
/// How many purchases come in one request.
const AT_A_TIME: usize = 1_000;

/// When each customer bought.
type Customers = BTreeMap<&'static str, Vec<Timestamp>>;

fn purchases() -> Vec<(&'static str, &'static str, &'static str)> {
    let rows = LOG.lines().skip(1).map(|row| {
        let [customer, _, date, _, dollars] = row.split(',').collect::<Vec<_>>()[..] else {
            panic!("not a row: {row}");
        };
        (customer, date, dollars)
    });
    rows.collect()
}

fn midnight(date: &str) -> Timestamp {
    format!("{date}T00:00:00Z").parse().unwrap()
}

fn item(number: usize, customer: &str, date: &str, dollars: &str) -> Json {
    json!({
        "type": "track", "event": "Order Completed", "messageId": format!("m{number}"), "userId": customer,
        "timestamp": format!("{date}T00:00:00Z"),
        "properties": { "order_id": format!("o{number}"), "revenue": dollars, "currency": "EUR" },
    })
}

async fn members(shop: &Shop, segment: SegmentId) -> BTreeSet<ProfileId> {
    let members = read::members(&shop.test.app, segment, None, ALL).await;
    let profiles = members.unwrap().into_iter().map(|member| member.profile);
    profiles.collect()
}

#[tokio::test]
async fn members_on_any_date_are_those_of_the_file_though_nothing_happens_after_the_import() {
    let shop = Shop::open().await;
    let last_day = midnight("1998-06-30");
    shop.pass(last_day.0 - NOW);
    let recent = shop
        .segment("recent", "orders.count(WITHIN 90d) >= 1")
        .await;
    let lost = "orders.count >= 2 AND orders.count(WITHIN 180d) = 0";
    let lost = shop.segment("lost", lost).await;

    let mut customers = Customers::new();
    let mut profiles: BTreeMap<&str, ProfileId> = BTreeMap::new();
    let rows: Vec<_> = purchases().into_iter().enumerate().collect();
    for rows in rows.chunks(AT_A_TIME) {
        let items = rows.iter();
        let items =
            items.map(|(number, (customer, date, dollars))| item(*number, customer, date, dollars));
        let items: Vec<Json> = items.collect();
        let answers = shop.test.record(&shop.source, &items).await;
        for ((_, (customer, date, _)), answer) in rows.iter().zip(answers) {
            profiles.insert(customer, answer.profile.unwrap());
            customers.entry(customer).or_default().push(midnight(date));
        }
    }
    assert_eq!((rows.len(), customers.len()), (6_919, 2_357));
    let who = |belongs: &dyn Fn(&[Timestamp]) -> bool| -> BTreeSet<ProfileId> {
        let those = customers.iter().filter(|(_, bought)| belongs(bought));
        those.map(|(customer, _)| profiles[customer]).collect()
    };

    let mut sizes = BTreeSet::new();
    for days in [0, 1, 17, 44, 89, 90, 120, 179, 180, 400] {
        let now = last_day.plus_millis(days * DAY);
        shop.pass(now.0 - shop.test.app.now().0);
        settle_due(&shop.test.app).await;
        // A window is half-open: what happened exactly so long ago is outside.
        let within = |at: &Timestamp, days: i64| *at > now.plus_millis(-days * DAY);
        let expected = who(&|bought| bought.iter().any(|at| within(at, 90)));
        assert!(
            members(&shop, recent).await == expected,
            "recent, day {days}"
        );
        sizes.insert(expected.len());
        let expected = who(&|bought| bought.len() >= 2 && !bought.iter().any(|at| within(at, 180)));
        assert!(members(&shop, lost).await == expected, "lost, day {days}");
        sizes.insert(expected.len());
    }
    assert!(sizes.len() > 12, "the dates tell nothing apart: {sizes:?}");

    // Each of those who had bought lately left 90 days after the last purchase, whenever the timer came by.
    let transitions = read::transitions_after(&shop.test.app, recent, 0, ALL).await;
    let left: BTreeMap<ProfileId, Timestamp> = transitions
        .unwrap()
        .into_iter()
        .filter(|one| !one.entered)
        .map(|one| (one.profile_id, one.at))
        .collect();
    let expected = customers.iter().filter_map(|(customer, bought)| {
        let end = bought.iter().max()?.plus_millis(90 * DAY);
        (end > last_day).then(|| (profiles[customer], end))
    });
    assert_eq!(left, expected.collect());
    assert_eq!(differences(&shop.test.app).await, Vec::<String>::new());
}
