//! What the outbox promises: a notice for each change, in their order, and none for what was not done.

use lazo_domain::id::ProfileId;
use lazo_entity::outbox::{Column, Entity};
use rstest::rstest;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value as Json, json};

use crate::db::Engine;
use crate::error::Error;
use crate::testing::TestApp;
use crate::writer::{MergeByHand, MergeOutcome, UnmergeByHand, UnmergeOutcome};

/// The profiles of three devices.
pub(crate) async fn devices(test: &TestApp) -> Vec<ProfileId> {
    let source = test.source("web", false).await;
    let items: Vec<Json> = (0..3)
        .map(|n| json!({ "type": "track", "event": "Product Viewed", "messageId": n.to_string(), "anonymousId": format!("device-{n}") }))
        .collect();
    let answers = test.record(&source, &items).await;
    answers
        .iter()
        .map(|answer| answer.profile.unwrap())
        .collect()
}

pub(crate) async fn merge(test: &TestApp, ids: &[ProfileId]) -> Result<MergeOutcome, Error> {
    let merge = MergeByHand {
        profiles: ids.to_vec(),
        actor: "test".to_owned(),
        reason: None,
        once: None,
    };
    test.app.writer().merge(merge).await
}

pub(crate) async fn unmerge(test: &TestApp, former: ProfileId) -> Result<UnmergeOutcome, Error> {
    let unmerge = UnmergeByHand {
        former,
        actor: "test".to_owned(),
        reason: None,
        once: None,
    };
    test.app.writer().unmerge(unmerge).await
}

/// Makes the database refuse rows with that value.
pub(crate) async fn poison(test: &TestApp, table: &str, column: &str, value: &str) {
    let statement = match test.app.db().engine() {
        Engine::Sqlite => format!(
            "CREATE TRIGGER poison BEFORE INSERT ON {table} WHEN NEW.{column} = '{value}' \
             BEGIN SELECT RAISE(ABORT, 'poison'); END"
        ),
        Engine::Postgres => {
            format!("ALTER TABLE {table} ADD CONSTRAINT poison CHECK ({column} <> '{value}')")
        }
    };
    test.execute(&statement).await.unwrap();
}

/// The number, topic, profile and payload of each notice.
async fn notices(test: &TestApp) -> Vec<(i64, String, Option<ProfileId>, Json)> {
    let rows = Entity::find()
        .order_by_asc(Column::Seq)
        .all(test.app.db().read())
        .await
        .unwrap();
    rows.into_iter()
        .map(|row| (row.seq, row.topic, row.profile_id, row.payload))
        .collect()
}

#[tokio::test]
async fn merges_and_partings_are_told_in_their_order_and_numbered_without_gaps() {
    let test = TestApp::start().await;
    let ids = devices(&test).await;
    assert_eq!(notices(&test).await, []);
    let notice = |seq: i64, topic: &str, other: ProfileId| {
        let payload = json!({ "profileId": ids[0], "otherProfileId": other });
        (seq, topic.to_owned(), Some(ids[0]), payload)
    };
    merge(&test, &ids).await.unwrap();
    let merged =
        [(1, ids[1]), (2, ids[2])].map(|(seq, other)| notice(seq, "profile.merged", other));
    assert_eq!(notices(&test).await, merged);
    unmerge(&test, ids[1]).await.unwrap();
    assert_eq!(
        notices(&test).await[2..],
        [notice(3, "profile.unmerged", ids[1])]
    );
    // What changes nothing tells nothing, and takes no number.
    assert_eq!(
        unmerge(&test, ids[1]).await.unwrap(),
        UnmergeOutcome::NotMerged
    );
    assert!(matches!(
        merge(&test, &ids[..2]).await.unwrap(),
        MergeOutcome::Refused(_)
    ));
    unmerge(&test, ids[2]).await.unwrap();
    assert_eq!(
        notices(&test).await[3..],
        [notice(4, "profile.unmerged", ids[2])]
    );
}

#[rstest]
#[case("outbox", "topic", "profile.merged")]
#[case("audit_entry", "action", "profiles.merge")]
#[tokio::test]
async fn a_merge_with_its_notice_and_its_entry_is_done_whole_or_not_at_all(
    #[case] table: &str,
    #[case] column: &str,
    #[case] value: &str,
) {
    let test = TestApp::start().await;
    let ids = devices(&test).await;
    poison(&test, table, column, value).await;
    assert!(merge(&test, &ids).await.is_err());
    let absorbed = "SELECT count(*) FROM profile WHERE merged_into IS NOT NULL";
    assert_eq!(test.number(absorbed).await, 0);
    assert_eq!(test.number("SELECT count(*) FROM audit_entry").await, 0);
    assert_eq!(notices(&test).await, []);
    let heal = match test.app.db().engine() {
        Engine::Sqlite => "DROP TRIGGER poison".to_owned(),
        Engine::Postgres => format!("ALTER TABLE {table} DROP CONSTRAINT poison"),
    };
    test.execute(&heal).await.unwrap();
    merge(&test, &ids).await.unwrap();
    assert_eq!(test.number("SELECT min(seq) FROM outbox").await, 1);
    assert_eq!(test.number("SELECT max(seq) FROM audit_entry").await, 1);
}
