//! F17: one item in a hundred cannot be used.

use std::{collections::BTreeMap, fmt::Write as _};

use lazo_tests::{
    Engine::{self, Postgres},
    clock::from_now,
    graphql::Caller,
    segment::{Item, track},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{World, count::Count, pick, report::Report, seed};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn poison_is_kept_byte_for_byte_its_neighbours_are_stored_and_what_is_mended_counts_once(
    #[values(Postgres)] engine: Engine,
) {
    const BATCH: usize = 100;
    let mut report = Report::new("F17", "1 % of all items is poison", seed());
    let world = World::start(engine).await;
    let total = pick(1_000_usize, 10_000);
    let bad = total / 100;
    let mut sent: BTreeMap<Vec<u8>, &str> = BTreeMap::new();
    let mut acknowledged = std::collections::BTreeSet::new();

    for batch in 0..bad {
        let mut parts: Vec<Vec<u8>> = (1..BATCH)
            .map(|_| {
                let good = track("Opened").user(&format!("customer-{}", batch % 20));
                acknowledged.insert(good.message_id());
                good.0.to_string().into_bytes()
            })
            .collect();
        let (code, poison) = poison(batch);
        sent.insert(poison.clone(), code);
        parts.insert(batch % BATCH, poison);
        let body = [b"{\"batch\":[".as_slice(), &parts.join(&b","[..]), b"]}"].concat();
        let answer = world
            .sender()
            .post_bytes("/v1/batch", "application/json", body)
            .await;
        for (place, outcome) in answer.outcomes().iter().enumerate() {
            let expected = if place == batch % BATCH {
                "QUARANTINED"
            } else {
                "ACCEPTED"
            };
            assert_eq!(outcome.status, expected, "{outcome:?}");
        }
    }

    let kept = kept(&world).await;
    assert_eq!(kept.len(), bad);
    for (raw, code, reason) in &kept {
        assert_eq!(
            sent.get(raw),
            Some(&code.as_str()),
            "the bytes are the original"
        );
        assert!(!reason.is_empty());
    }
    let count = Count::of(world.server.database(), &acknowledged).await;
    count.holds();
    assert_eq!(count.stored, total - bad);

    let half = bad.div_ceil(2);
    let mended = replay_half(&world.admin(), half).await;
    acknowledged.extend(mended);
    let count = Count::of(world.server.database(), &acknowledged).await;
    report.runs(bad);
    report.counted(&count);
    report.also("mended and replayed", u32::try_from(half).expect("a count"));
    report.publish();
    count.holds();
    assert_eq!(
        count.stored,
        total - bad + half,
        "each mended item counts once"
    );
    as_documented(&world).await;
}

/// An item that goes to quarantine, with the code under which it does.
fn poison(number: usize) -> (&'static str, Vec<u8>) {
    let item = track("Opened").user("poisoned");
    let text = |item: Item| item.0.to_string().into_bytes();
    match number % 6 {
        0 => ("WRONG_TYPE", text(item.with("event", json!([7])))),
        1 => {
            let long = json!({ "text": "x".repeat(40_000) });
            ("EVENT_TOO_LARGE", text(item.properties(long)))
        }
        2 => ("TOO_EARLY", text(item.at("1969-07-20T20:17:40.000Z"))),
        3 => ("UNKNOWN_TYPE", text(item.with("type", "frobnicate"))),
        4 => ("NO_IDENTIFIER", text(item.without("userId"))),
        _ => {
            let mut bytes = text(item.with("note", "?"));
            for byte in bytes.iter_mut().filter(|byte| **byte == b'?') {
                *byte = 0xff;
            }
            ("INVALID_UTF8", bytes)
        }
    }
}

/// The original bytes, the code and the reason of each item in quarantine.
async fn kept(world: &World) -> Vec<(Vec<u8>, String, String)> {
    let connection = world.server.database().connect().await;
    let rows = connection
        .query_all_raw(sea_orm::Statement::from_string(
            connection.get_database_backend(),
            "SELECT raw, code, reason FROM quarantine",
        ))
        .await
        .expect("the quarantine can be read");
    rows.iter()
        .map(|row| {
            let text = |column: &str| row.try_get("", column).expect("a text");
            (
                row.try_get("", "raw").expect("bytes"),
                text("code"),
                text("reason"),
            )
        })
        .collect()
}

/// Mends and replays that many items, each twice, and gives back their message ids.
async fn replay_half(admin: &Caller, half: usize) -> Vec<String> {
    let mut document = String::new();
    write!(
        document,
        "{{ quarantine(first: {half}, state: WAITING) {{ nodes {{ id }} }} }}"
    )
    .expect("memory takes all");
    let data = admin.query(&document, json!({})).await;
    let nodes = data["quarantine"]["nodes"].as_array().expect("a list");
    assert_eq!(nodes.len(), half);
    let mut messages = vec![];
    for node in nodes {
        let good = track("Mended").user("mended").at(&from_now(0));
        messages.push(good.message_id());
        let input = json!({ "id": node["id"], "mended": good.0 });
        let first = status(admin, &input).await;
        let again = status(admin, &input).await;
        assert_eq!(first, json!("ACCEPTED"));
        assert_ne!(again, json!("ACCEPTED"), "it is replayed once");
    }
    messages
}

async fn status(admin: &Caller, input: &Value) -> Value {
    let selection = "result { status }";
    let payload = admin
        .try_mutate("quarantineReplay", selection, input.clone())
        .await;
    payload["result"]["status"].clone()
}

/// What looks like poison and can be used is stored with a note; a key that is none is no item's fault.
async fn as_documented(world: &World) {
    let sender = world.sender();
    let zero = sender
        .one(
            track("Opened")
                .user("odd")
                .properties(json!({ "text": "a\0b" })),
        )
        .await;
    let time = sender
        .one(track("Opened").user("odd").at("yesterday"))
        .await;
    assert_eq!(
        (zero.status.as_str(), zero.code.as_deref()),
        ("ACCEPTED", Some("TEXT_CLEANED"))
    );
    assert_eq!(
        (time.status.as_str(), time.code.as_deref()),
        ("ACCEPTED", Some("UNREADABLE_TIME"))
    );
    let unknown = sender.with_key("lazo_src_unknown");
    let body = json!({ "batch": [track("Opened").user("odd").0] });
    unknown.post("/v1/batch", &body).await.refused(401);
}
