//! Conditions asked of all profiles of a large shop: who would be a member of a segment.

use std::time::{Duration, Instant};

use sea_orm::DatabaseConnection;
use serde_json::json;

use super::ingestion::BATCH;
use crate::{
    Engine,
    bench::{
        Bench,
        engines::one,
        load::{Supply, closed},
        population::multiply,
        report::{Aim, say},
        server::Server,
        year::Year,
    },
    clock::{DAY, now},
    engine::TestDatabase,
};

/// The segments, with what each asks for. Consent is no part of the fourth while it is not kept.
const SEGMENTS: [(&str, &str); 5] = [
    (
        "S1, lives in Spain, spent over 200, two orders in 90 days, none in 30",
        "country = 'ES' AND orders.spend > 200 AND orders.count(within 90d) >= 2 AND orders.count(within 30d) = 0",
    ),
    (
        "S2, viewed one category three times in 14 days, never bought",
        "performed('Product Viewed', category = 'Category 1', within 14d) >= 3 AND orders.count = 0",
    ),
    (
        "S3, recency, frequency and monetary quintiles all 5",
        "score('rfm') >= 15",
    ),
    (
        "S4, opened an email in 30 days (without its consent)",
        "performed('Email Opened', within 30d)",
    ),
    (
        "S5, three orders, silent for over two mean intervals",
        "orders.count >= 3 AND orders.intervals_since_last > 2",
    ),
];

/// As many tell of the year at once as leave the server time for each.
const CONNECTIONS: usize = 2;

const PREVIEW: &str = "query($text: String!) { segmentPreview(source: { text: $text }) { count userErrors { message } } }";
const MODEL: &str = "mutation($input: ScoreModelCreateInput!) { scoreModelCreate(input: $input) { userErrors { message } } }";

/// Runs the section.
pub async fn run(bench: &mut Bench) {
    bench.report.section("Previews");
    let (people, copies) = bench.pick((2_000, 2), (20_000, 50));
    let on = "PostgreSQL";
    let (database, server, token) = fill(bench, people, copies).await;
    let connection = database.connect().await;
    let sum_aim = bench.pick(Aim::None, Aim::AtMost(454.0));
    let aim = bench.pick(Aim::None, Aim::AtMost(1_000.0));
    let rounds = 5;
    let mut sums = vec![0.0; rounds];
    let (mut taken, mut counts) = (vec![Vec::new(); SEGMENTS.len()], vec![0.0; SEGMENTS.len()]);
    let mut by_hand = Vec::new();
    // The first look reads what is not in memory.
    for round in 0..=rounds {
        for (place, (_, text)) in SEGMENTS.iter().enumerate() {
            let (count, time) = preview(&server, &token, text).await;
            if let Some(sum) = round.checked_sub(1).and_then(|round| sums.get_mut(round)) {
                *sum += time;
                taken[place].push(time);
            }
            counts[place] = count;
        }
        let time = spaniards(&connection, counts[0]).await;
        if round > 0 {
            by_hand.push(time);
        }
    }
    for ((name, _), (taken, count)) in SEGMENTS.iter().zip(taken.iter().zip(&counts)) {
        let report = &mut bench.report;
        report.add(name, on, "ms", &taken[..], aim);
        report.add(
            &format!("{name}: how many"),
            on,
            "profiles",
            &[*count],
            Aim::None,
        );
    }
    let report = &mut bench.report;
    report.add("S1 to S5, their sum", on, "ms", &sums, sum_aim);
    report.add(
        "S1 by a statement written by hand",
        on,
        "ms",
        &by_hand,
        Aim::None,
    );
    let _ = connection.close().await;
    drop(server);
    bench.engines.remove(database).await;
}

/// A shop of so many people and so many copies of them, with a score of them all.
async fn fill(bench: &mut Bench, people: u32, copies: u64) -> (TestDatabase, Server, String) {
    let started = Instant::now();
    let mut database = bench.database(Engine::Postgres).await;
    database.redis_url = None;
    let key = bench.installation.source(&database);
    let scopes = [
        "profiles:read",
        "segments:read",
        "scores:read",
        "scores:write",
    ];
    let token = bench.installation.token(&database, &scopes);
    let server = bench.installation.serve(&database).await;
    let supply = Supply::once(Year::new(&key).requests(people, BATCH));
    closed(server.address(), CONNECTIONS, &supply, None).await;
    let input = json!({ "key": "rfm", "name": "RFM", "definition": {
        "kind": { "rfm": {} }, "grades": [{ "name": "LOW", "atLeast": 3 }, { "name": "BEST", "atLeast": 15 }] } });
    let made = server.query(&token, MODEL, json!({ "input": input })).await;
    assert_eq!(made["scoreModelCreate"]["userErrors"], json!([]));
    let connection = database.connect().await;
    let open = "SELECT count(*) FROM sweep WHERE completed < target";
    while one::<i64>(&connection, open).await > 0 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    drop(server);
    let _ = connection.close().await;
    say(&format!(
        "{people} people told of within {} s",
        started.elapsed().as_secs()
    ));
    multiply(&database, copies).await;
    let seconds = started.elapsed().as_secs();
    say(&format!(
        "{} profiles filled in within {seconds} s",
        u64::from(people) * copies
    ));
    let server = bench.installation.serve(&database).await;
    (database, server, token)
}

/// How many would be members, and how many milliseconds it took to say so.
async fn preview(server: &Server, token: &str, text: &str) -> (f64, f64) {
    let started = Instant::now();
    let answer = server.query(token, PREVIEW, json!({ "text": text })).await;
    let taken = started.elapsed().as_secs_f64() * 1e3;
    let preview = &answer["segmentPreview"];
    assert_eq!(preview["userErrors"], json!([]), "{text}");
    (preview["count"].as_f64().expect("a count"), taken)
}

/// How many milliseconds the database takes for the first segment, asked for as well as people can. Both find the same, but for who
/// came or went by time in between.
async fn spaniards(connection: &DatabaseConnection, count: f64) -> f64 {
    let [month, quarter] = [30, 90].map(|days| now() - days * DAY);
    let sql = format!(
        "SELECT count(*) FROM (SELECT u.profile_id FROM purchase AS u WHERE u.counted AND u.placed_at > {quarter} \
         GROUP BY u.profile_id HAVING count(*) >= 2) AS o JOIN profile AS p ON p.id = o.profile_id \
         JOIN profile_trait AS t ON t.profile_id = p.id AND t.name = 'country' AND t.text = 'es' \
         WHERE p.merged_into IS NULL AND p.spend > 20000 AND p.last_order_at <= {month}"
    );
    let started = Instant::now();
    let found: i64 = one(connection, &sql).await;
    let taken = started.elapsed().as_secs_f64() * 1e3;
    let found = u32::try_from(found).map_or(f64::MAX, f64::from);
    assert!((found - count).abs() <= 100.0, "{found} and not {count}");
    taken
}
