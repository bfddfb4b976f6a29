//! What the audit log promises: all that is done is in it, and nothing in it changes unseen.

use lazo_domain::id::ProfileId;
use lazo_entity::audit_entry::{Column, Entity, Model};
use rstest::rstest;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use super::*;
use crate::outbox::tests::{devices, merge, poison, unmerge};
use crate::testing::TestApp;

async fn entries(test: &TestApp) -> Vec<Model> {
    Entity::find()
        .order_by_asc(Column::Seq)
        .all(test.app.db().read())
        .await
        .unwrap()
}

/// An application in which three devices were merged and one of them was parted again.
async fn history() -> (TestApp, Vec<ProfileId>) {
    let test = TestApp::start().await;
    let ids = devices(&test).await;
    merge(&test, &ids[..2]).await.unwrap();
    merge(&test, &[ids[0], ids[2]]).await.unwrap();
    unmerge(&test, ids[1]).await.unwrap();
    (test, ids)
}

#[tokio::test]
async fn who_merged_and_parted_what_is_told_in_one_chain() {
    let (test, ids) = history().await;
    let entries = entries(&test).await;
    let told: Vec<_> = entries
        .iter()
        .map(|entry| {
            let texts = (entry.actor.as_str(), entry.action.as_str());
            (
                entry.seq,
                texts,
                entry.subject.clone(),
                entry.details.clone(),
            )
        })
        .collect();
    let survivor = ids[0].to_string();
    assert_eq!(
        told,
        [
            (
                1,
                ("test", "profiles.merge"),
                survivor.clone(),
                json!({ "profiles": ids[..2] })
            ),
            (
                2,
                ("test", "profiles.merge"),
                survivor,
                json!({ "profiles": [ids[0], ids[2]] })
            ),
            (
                3,
                ("test", "profile.unmerge"),
                ids[1].to_string(),
                json!({ "survivor": ids[0] })
            ),
        ]
    );
    assert_eq!(entries[0].previous_hash, "");
    assert_eq!(entries[1].previous_hash, entries[0].hash);
    assert_eq!(entries[2].previous_hash, entries[1].hash);
    assert_eq!(verify(&entries), None);
}

type Log = Vec<Model>;
type Alteration = fn(&mut Log);

#[rstest]
#[case::the_actor(|log: &mut Log| log[1].actor.push('x'), 2)]
#[case::the_action(|log: &mut Log| log[1].action.push('x'), 2)]
#[case::the_subject(|log: &mut Log| log[1].subject.push('x'), 2)]
#[case::the_details(|log: &mut Log| log[1].details = json!({}), 2)]
#[case::the_time(|log: &mut Log| log[1].at = log[1].at.plus_millis(1), 2)]
#[case::the_id(|log: &mut Log| log[1].id = log[0].id, 2)]
#[case::a_text_moved_to_the_next_field(|log: &mut Log| { let last = log[1].actor.pop().unwrap(); log[1].action.insert(0, last); }, 2)]
#[case::the_hash(|log: &mut Log| log[0].hash = log[1].hash.clone(), 1)]
#[case::an_entry_with_its_hash_made_anew(|log: &mut Log| { log[0].actor.push('x'); log[0].hash = chain::hash(&log[0]); }, 2)]
#[case::the_first_removed(|log: &mut Log| { log.remove(0); }, 2)]
#[case::one_between_removed(|log: &mut Log| { log.remove(1); }, 3)]
#[case::two_swapped(|log: &mut Log| log.swap(0, 1), 2)]
#[case::two_swapped_with_their_numbers(|log: &mut Log| { log.swap(0, 1); (log[0].seq, log[1].seq) = (1, 2); }, 1)]
#[tokio::test]
async fn an_entry_that_was_tampered_with_is_found(#[case] alter: Alteration, #[case] broken: i64) {
    let (test, _) = history().await;
    let mut log = entries(&test).await;
    alter(&mut log);
    assert_eq!(verify(&log).map(|entry| entry.seq), Some(broken));
}

#[test]
fn an_empty_log_is_sound() {
    assert_eq!(verify(&[]), None);
}

#[tokio::test]
async fn what_cannot_be_entered_is_not_done() {
    let test = TestApp::start().await;
    let ids = devices(&test).await;
    poison(&test, "audit_entry", "action", "profile.unmerge").await;
    merge(&test, &ids[..2]).await.unwrap();
    assert!(unmerge(&test, ids[1]).await.is_err());
    let absorbed = "SELECT count(*) FROM profile WHERE merged_into IS NOT NULL";
    assert_eq!(test.number(absorbed).await, 1);
    assert_eq!(test.number("SELECT count(*) FROM cannot_link").await, 0);
    assert_eq!(test.number("SELECT count(*) FROM outbox").await, 1);
    assert_eq!(entries(&test).await.len(), 1);
}
