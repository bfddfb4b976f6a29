//! Profiles can be made anew from what happened, and are then what they were.

use std::time::{Duration, Instant};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    clock::{HOUR, from_now},
    graphql::Caller,
    segment::{Item, Sender, alias, identify, page, track},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::start;

const CUSTOMERS: u64 = 12;

/// Numbers that look drawn and are the same in each run.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn item(&mut self, number: u64) -> Item {
        let (customer, device) = (self.roll(CUSTOMERS), self.roll(9));
        let order = json!({
            "order_id": format!("o{}", self.roll(30)),
            "revenue": format!("{}.{:02}", self.roll(90), self.roll(100)),
            "currency": if self.roll(8) == 0 { "USD" } else { "EUR" },
            "products": [{ "product_id": self.roll(9), "price": 1.5, "quantity": 1 + self.roll(3), "name": "Añejo" }],
        });
        let email = format!("C{customer}@Example.com");
        let traits = json!({
            "email": email, "n": self.roll(1000), "ratio": 0.1, "large": 1e21, "name": "Zoë Ñandú",
            "tags": ["a", "b", self.roll(5)], "address": { "city": "Soria", "zip": "0420" },
            "since": "2020-02-29", "member": self.roll(2) == 0, "gone": Value::Null,
        });
        let item = match self.roll(9) {
            0 | 1 => identify().traits(traits),
            2 => track("Order Completed").properties(order),
            3 => track("Order Refunded").properties(order),
            4 => track("Order Cancelled").properties(json!({ "order_id": order["order_id"] })),
            5 => track("Order Updated").properties(order),
            6 => track("Newsletter Sent").with("context", json!({ "active": false })),
            _ => page("Home"),
        };
        let item = match self.roll(3) {
            0 => item.user(&format!("c{customer}")),
            1 => item.anonymous(&format!("d{device}")),
            _ => item
                .user(&format!("c{customer}"))
                .anonymous(&format!("d{device}")),
        };
        let hours = i64::try_from(self.roll(500)).expect("a small number");
        item.message(&format!("m{number}"))
            .at(&from_now(-hours * HOUR))
    }
}

/// Merges, a parting and edits by hand, and a source that comes to carry another shop's orders.
async fn by_hand(server: &TestServer, backend: &Sender, admin: &Caller) {
    let one = backend
        .accept(
            identify()
                .anonymous("hand-1")
                .traits(json!({ "a": 1, "b": "x" })),
        )
        .await;
    let two = backend
        .accept(identify().anonymous("hand-2").traits(json!({ "a": 2 })))
        .await;
    let three = backend.accept(identify().anonymous("hand-3")).await;
    let order = |id: &str| json!({ "order_id": id, "revenue": 10, "currency": "EUR" });
    for device in ["hand-1", "hand-2"] {
        let bought = track("Order Completed").anonymous(device);
        backend.accept(bought.properties(order("both"))).await;
    }
    let merge = json!({ "profiles": [one, two, three], "reason": "the same" });
    admin.mutate("profilesMerge", "profile { id }", merge).await;
    let edit = json!({ "id": one, "set": { "a": 3, "vip": true }, "unset": ["b"] });
    admin.mutate("profileUpdate", "profile { id }", edit).await;
    backend
        .accept(
            track("Order Refunded")
                .anonymous("hand-2")
                .properties(order("both")),
        )
        .await;
    let parting = json!({ "id": two, "reason": "not the same" });
    admin
        .mutate("profileUnmerge", "profile { id }", parting)
        .await;
    backend.accept(alias("hand-3", "c-hand")).await;

    let sources = admin
        .query("{ sources(first: 50) { nodes { id name } } }", json!({}))
        .await;
    let id = sources["sources"]["nodes"]
        .as_array()
        .and_then(|nodes| nodes.iter().find(|node| node["name"] == "backend"))
        .map(|node| node["id"].clone())
        .expect("the source is listed");
    let update = json!({ "id": id, "shop": "another" });
    admin.mutate("sourceUpdate", "source { id }", update).await;
    backend
        .accept(
            track("Order Completed")
                .user("c1")
                .properties(order("both")),
        )
        .await;
    // The merchant's backend vouches for a link, which is recorded and is nothing that the person did.
    let vouched = json!({ "customerId": "c3", "anonymousId": "d3" });
    admin.mutate("visitorTokenIssue", "token", vouched).await;
    let browser = server.browser().await;
    let claims = page("Home").anonymous("d1").message("claimed");
    browser
        .accept(claims.with(
            "context",
            json!({ "traits": { "email": "c2@example.com" } }),
        ))
        .await;
}

async fn history(engine: Engine) -> (TestServer, Caller) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    admin.stands().await;
    let mut dice = Dice(7);
    let items: Vec<Item> = (0..240).map(|number| dice.item(number)).collect();
    for batch in items.chunks(30) {
        backend.batch(batch).await;
    }
    by_hand(&server, &backend, &admin).await;
    (server, admin)
}

/// What `lazo rebuild` prints, its notes, and whether it succeeds.
async fn rebuild(server: &TestServer, arguments: &[&str]) -> (String, String, bool) {
    let output = server.cli(&[&["rebuild"], arguments].concat()).await;
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
        output.status.success(),
    )
}

async fn portraits(admin: &Caller) -> Vec<Value> {
    let mut portraits = Vec::new();
    for customer in 0..CUSTOMERS {
        portraits.push(admin.customer(&format!("c{customer}")).await.portrait());
    }
    for device in ["hand-1", "hand-2", "hand-3"] {
        portraits.push(admin.device(device).await.portrait());
    }
    portraits
}

#[rstest]
#[tokio::test]
async fn after_any_history_a_rebuild_finds_nothing_to_mend(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, admin) = history(engine).await;
    let before = portraits(&admin).await;

    let (printed, notes, succeeded) = rebuild(&server, &["--check"]).await;
    assert!(succeeded, "{printed}{notes}");
    assert!(
        notes.contains("all are what their touchpoints say"),
        "{notes}"
    );
    assert_eq!(printed, "");

    let (printed, notes, succeeded) = rebuild(&server, &[]).await;
    assert!(succeeded && printed.is_empty(), "{printed}{notes}");
    assert_eq!(portraits(&admin).await, before);
}

#[rstest]
#[case::a_fragment(
    "UPDATE fragment SET projection = '{\"n\":0}' WHERE id = {fragment}",
    "fragment"
)]
#[case::a_projection(
    "UPDATE profile SET projection = '{\"n\":0}' WHERE id = {profile}",
    "projection"
)]
#[case::no_projection(
    "UPDATE profile SET projection = '\"nonsense\"' WHERE id = {profile}",
    "projection"
)]
#[case::a_column("UPDATE profile SET last_seen = 5 WHERE id = {profile}", "projection")]
#[case::a_day(
    "UPDATE profile SET last_seen_day = NULL WHERE id = {profile}",
    "projection"
)]
#[case::a_sum("UPDATE profile SET spend = spend + 1 WHERE id = {profile}", "summary")]
#[case::traits(
    "DELETE FROM profile_trait WHERE profile_id = {profile}",
    "typed traits"
)]
#[case::a_trait(
    "UPDATE profile_trait SET text = 'x' WHERE name = 'name' AND profile_id = {profile}",
    "typed traits"
)]
#[case::a_purchase(
    "UPDATE purchase SET net = net + 1 WHERE profile_id = {profile}",
    "purchase"
)]
#[case::parts(
    "UPDATE purchase SET parts = '{}' WHERE profile_id = {profile}",
    "purchase"
)]
#[case::lines("DELETE FROM purchase_line", "purchase")]
#[case::no_purchase("DELETE FROM purchase WHERE profile_id = {profile}", "purchase")]
#[case::an_invented_purchase(
    "UPDATE purchase SET order_id = order_id || '-invented' WHERE profile_id = {profile}",
    "which no touchpoint told of"
)]
#[case::no_profile("DELETE FROM profile WHERE id = {profile}", "the profile itself")]
#[case::a_member_less("DELETE FROM segment_member WHERE profile_id = {profile}", "segments")]
#[case::a_score("DELETE FROM score WHERE profile_id = {profile}", "scores")]
#[case::a_stage(
    "UPDATE profile SET stage = 'LOST' WHERE id = {profile}",
    "stage and level"
)]
#[case::another_past(
    "UPDATE standing_transition SET at = at - 1 WHERE profile_id = {profile}",
    "history of stage and level"
)]
#[case::a_computed_trait(
    "UPDATE computed_value SET number = number + 1 WHERE profile_id = {profile}",
    "computed traits"
)]
#[case::never_due(
    "UPDATE profile SET next_evaluation_at = NULL WHERE id = {profile}",
    "next evaluation"
)]
#[tokio::test]
async fn what_was_tampered_with_is_told_and_mended(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] tampering: &str,
    #[case] told: &str,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    let product = json!([{ "product_id": "p", "price": 5, "quantity": 2 }]);
    let bought = |id: &str| {
        let order =
            json!({ "order_id": id, "revenue": 10, "currency": "EUR", "products": product });
        track("Order Completed").user("ada").properties(order)
    };
    backend
        .accepted(&[
            identify()
                .user("ada")
                .traits(json!({ "name": "Ada", "tags": [1, 2] })),
            bought("o1"),
            bought("o2"),
            identify().user("bob"),
        ])
        .await;
    admin.stands().await;
    let before = admin.customer("ada").await;
    let stood = admin.standing("ada").await;
    let connection = server.database().connect().await;
    let profile = "(SELECT profile_id FROM fragment WHERE id IN (SELECT fragment_id FROM identifier WHERE value = 'ada'))";
    let fragment = "(SELECT fragment_id FROM identifier WHERE value = 'ada')";
    let sql = tampering
        .replace("{profile}", profile)
        .replace("{fragment}", fragment);
    let tampered = connection.execute_unprepared(&sql).await;
    assert!(tampered.expect("the tampering works").rows_affected() > 0);
    connection.close().await.expect("the connection is closed");

    let (printed, notes, succeeded) = rebuild(&server, &["--check"]).await;
    assert!(!succeeded, "{printed}{notes}");
    assert!(printed.contains(told), "{printed}");
    assert_eq!(
        printed.lines().count(),
        1,
        "only one profile differs: {printed}"
    );
    assert!(printed.starts_with(&before.id), "{printed}");

    let (mended, notes, succeeded) = rebuild(&server, &[]).await;
    assert!(succeeded, "{mended}{notes}");
    assert_eq!(mended, printed);
    let (printed, notes, succeeded) = rebuild(&server, &["--check"]).await;
    assert!(succeeded, "{printed}{notes}");
    // Another process has written: the server shows it within a second.
    let written = Instant::now();
    let mut after = admin.customer("ada").await;
    while after.version == before.version && written.elapsed() < Duration::from_secs(2) {
        sleep(Duration::from_millis(50)).await;
        after = admin.customer("ada").await;
    }
    assert_eq!(
        (after.id.as_str(), after.portrait()),
        (before.id.as_str(), before.portrait())
    );
    assert_eq!(admin.standing("ada").await, stood);
    // When it was deleted it begins anew, and what no page shows is no other version.
    let unseen = [
        "the profile itself",
        "history of stage and level",
        "next evaluation",
    ];
    if !unseen.contains(&told) {
        assert_eq!(
            after.version,
            before.version + 1,
            "older copies are told from it"
        );
    }
}

#[rstest]
#[tokio::test]
async fn a_rebuild_beside_a_busy_server_finds_nothing_wrong(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    server.admin().await.stands().await;
    let sender = backend.clone();
    let load = tokio::spawn(async move {
        let mut dice = Dice(11);
        for batch in 0..40 {
            let items: Vec<Item> = (0..10)
                .map(|number| dice.item(batch * 10 + number))
                .collect();
            sender.batch(&items).await;
        }
    });
    for _ in 0..3 {
        let (printed, notes, succeeded) = rebuild(&server, &["--check"]).await;
        assert!(succeeded, "{printed}{notes}");
    }
    load.await.expect("the load ends");
    let (printed, notes, succeeded) = rebuild(&server, &["--check"]).await;
    assert!(succeeded, "{printed}{notes}");
}
