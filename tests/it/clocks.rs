//! The time of a touchpoint is right whatever the clock of its sender says.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    clock::{DAY, HOUR, MINUTE, SECOND, from_now, milliseconds, now, rfc3339},
    segment::{identify, track},
};
use rstest::rstest;
use serde_json::json;

use crate::start;

#[rstest]
#[tokio::test]
async fn a_small_skew_of_the_senders_clock_changes_no_time(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let happened = from_now(-HOUR);

    backend
        .batch_sent_at(
            &[track("Opened").user("ada").at(&happened)],
            Some(&from_now(-30 * SECOND)),
        )
        .await;

    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.timeline()[0].occurred_at, happened);
}

#[rstest]
#[case::an_hour_ahead(HOUR)]
#[case::two_days_behind(-2 * DAY)]
#[tokio::test]
async fn a_wrong_clock_of_the_sender_is_corrected(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] skew: i64,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let happened = now() - 10 * MINUTE;

    let outcomes = backend
        .batch_sent_at(
            &[track("Opened").user("ada").at(&rfc3339(happened + skew))],
            Some(&from_now(skew)),
        )
        .await;

    assert_eq!(outcomes[0].code.as_deref(), Some("CLOCK_CORRECTED"));
    let ada = server.admin().await.customer("ada").await;
    let touchpoint = &ada.timeline()[0];
    let occurred = milliseconds(&touchpoint.occurred_at);
    assert!((occurred - happened).abs() < 10 * SECOND, "{touchpoint:?}");
    assert_eq!(touchpoint.original_at, Some(rfc3339(happened + skew)));
}

#[rstest]
#[tokio::test]
async fn a_time_in_the_future_is_cut_to_the_time_of_arrival(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;

    let outcome = backend
        .one(track("Opened").user("ada").at("2999-01-01T00:00:00.000Z"))
        .await;

    assert_eq!(outcome.status, "ACCEPTED");
    assert_eq!(outcome.code.as_deref(), Some("FUTURE_TIME_CUT"));
    let ada = server.admin().await.customer("ada").await;
    let touchpoint = &ada.timeline()[0];
    assert_eq!(touchpoint.occurred_at, touchpoint.received_at);
    assert_eq!(
        touchpoint.original_at.as_deref(),
        Some("2999-01-01T00:00:00.000Z")
    );
}

#[rstest]
#[tokio::test]
async fn a_late_touchpoint_takes_its_place_in_time_and_wins_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    let (early, late) = (from_now(-3 * DAY), from_now(-DAY));

    backend
        .accept(
            identify()
                .user("ada")
                .at(&late)
                .traits(json!({ "plan": "gold" })),
        )
        .await;
    backend
        .accept(
            identify()
                .user("ada")
                .at(&early)
                .traits(json!({ "plan": "tin", "city": "Soria" })),
        )
        .await;

    let ada = admin.customer("ada").await;
    assert_eq!(ada.value("plan"), json!("gold"));
    assert_eq!(ada.value("city"), json!("Soria"));
    assert_eq!(ada.summary.first_seen, Some(early.clone()));
    assert_eq!(ada.summary.last_seen, Some(late.clone()));
    let times: Vec<&str> = ada
        .timeline()
        .iter()
        .map(|touchpoint| touchpoint.occurred_at.as_str())
        .collect();
    assert_eq!(times, [late, early]);
}

#[rstest]
#[tokio::test]
async fn at_equal_times_the_later_in_the_batch_wins(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let moment = from_now(-HOUR);

    backend
        .accepted(&[
            identify()
                .user("ada")
                .at(&moment)
                .traits(json!({ "plan": "free" })),
            identify()
                .user("ada")
                .at(&moment)
                .traits(json!({ "plan": "pro" })),
        ])
        .await;

    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.value("plan"), json!("pro"));
}

#[rstest]
#[tokio::test]
async fn the_moved_clock_is_the_clock_of_every_touchpoint(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    server.move_clock(40 * DAY).await;

    backend.accept(track("Opened").user("ada")).await;

    let ada = server
        .platform(Some(server.admin_token().await))
        .customer("ada")
        .await;
    let received = milliseconds(&ada.timeline()[0].received_at);
    assert!((received - now() - 40 * DAY).abs() < 10 * SECOND);
}
