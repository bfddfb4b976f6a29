//! F20: the clock under the program jumps.

use std::time::Duration;

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    clock::HOUR,
    segment::track,
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    World,
    count::{Count, number},
    load::{Load, Plan},
    on, pick,
    report::Report,
    seed, until,
};

/// The points of a view. Half of them are left after an hour.
const POINTS: f64 = 8.0;
/// How much fades while the test runs.
const NEAR: f64 = 0.25;

fn fading() -> Value {
    let views = json!({ "each": { "filter": { "names": ["Viewed"] } } });
    let rules = json!([{ "key": "views", "title": "Views", "points": POINTS, "fades": true, "when": views }]);
    json!({ "points": { "halfLife": "1h", "rules": rules } })
}

fn wide(count: i64) -> u32 {
    u32::try_from(count).expect("a count")
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_by_two_hours_loses_nothing_and_opens_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    const READ: &str = "{ profiles(first: 1) { nodes { id } } }";
    let seed = seed();
    let mut report = Report::new(
        &on("F20", engine),
        "the clock jumps by +2 h and by −2 h",
        seed,
    );
    let mut world = World::start(engine).await;
    // An opaque token: it says nothing of time itself.
    let scopes = [
        "profiles:read",
        "touchpoints:read",
        "segments:read",
        "scores:read",
    ];
    let opaque = world.server.integration_token(&scopes).await;
    let seer = world.server.platform(Some(opaque.clone()));
    let an_hour = [
        "token", "create", "--kind", "internal", "--role", "admin", "--ttl", "1h",
    ];
    let signed = world.server.cli_ok(&an_hour).await.trim().to_owned();
    let signed = world.server.platform(Some(signed));
    let admin = world.admin();
    admin.score("interest", fading()).await;
    let recent = admin
        .segment("recent", "performed('Viewed', within 90m)")
        .await;
    let quiet = admin
        .segment(
            "quiet",
            "has(customer_id) AND NOT performed('Viewed', within 90m)",
        )
        .await;
    world.sender().accept(track("Viewed").user("ana")).await;
    let status = async |offset: i64| {
        world.server.move_clock(offset).await;
        signed.send(READ, json!({})).await.status.as_u16()
    };
    // Ana is in one of the two at each instant, and has the points that are left of hers. The load's people never did what is asked
    // for.
    let stands = async |segment: &str, points: f64| {
        let is_so = || async {
            let standing = seer.standing("ana").await;
            let score = standing.scores.get("interest").map_or(0.0, |score| score.0);
            standing.whole["segments"] == json!([segment]) && (score - points).abs() < NEAR
        };
        until(Duration::from_secs(10), "the customer stands there", is_so).await
    };
    world.token = opaque;
    let load = Load::start(&[world.door()], &Plan::new(seed));
    let pause = pick(Duration::from_millis(800), Duration::from_secs(10));

    sleep(pause).await;
    let now = status(0).await;
    let mut settled = vec![stands("recent", POINTS).await];
    let later = status(2 * HOUR).await;
    settled.push(stands("quiet", POINTS / 4.0).await);
    sleep(pause).await;
    let earlier = status(-2 * HOUR).await;
    settled.push(stands("quiet", 0.0).await);
    sleep(pause).await;
    let now_again = status(0).await;
    settled.push(stands("recent", POINTS).await);
    sleep(pause).await;

    let ledger = load.finish().await;
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    for segment in [&recent, &quiet] {
        admin.swept(segment).await;
    }
    world.is_what_its_touchpoints_say().await;
    let connection = world.server.database().connect().await;
    let stored = "SELECT count(*) AS number FROM segment_member";
    let memberships = number(&connection, stored).await;
    let scored = "SELECT count(*) AS number FROM score";
    let scores = number(&connection, scored).await;
    report.runs(3);
    report.also("memberships", wide(memberships));
    report.also("scores", wide(scores));
    report.recovered(settled.into_iter().max().unwrap_or_default());
    report.counted(&count);
    report.publish();
    count.holds();
    ledger.was_told_the_truth();
    assert!(
        ledger.writes().failed().0.is_empty(),
        "{:?}",
        ledger.writes().endings()
    );
    assert!(
        ledger.reads().failed().0.is_empty(),
        "{:?}",
        ledger.reads().endings()
    );
    assert_eq!(
        (now, later, earlier, now_again),
        (200, 401, 401, 200),
        "a token of an hour is good for that hour"
    );
    assert!(world.server.lives());
}
