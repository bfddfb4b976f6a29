//! What the audit log promises: all that is done is in it, and nothing in it changes unseen.

use lazo_domain::hash::Hash256;
use lazo_domain::id::ProfileId;
use lazo_domain::privacy::audit::{Broken, Fault, Head};
use lazo_entity::audit_entry::{Column, Entity, Model};
use rstest::rstest;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use super::*;
use crate::auth::caller::Caller;
use crate::error::Error;
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
    let whole = verify(test.app.db(), None).await.unwrap();
    let end = Head {
        seq: 3,
        hash: entries[2].hash.parse().unwrap(),
    };
    assert_eq!(whole, Verdict::Whole(end));
}

const HASHES: &str = "payload_hash = (SELECT payload_hash FROM audit_entry WHERE seq = 1), \
    hash = (SELECT hash FROM audit_entry WHERE seq = 1)";

#[rstest]
#[case::the_actor("UPDATE audit_entry SET actor = 'x' WHERE seq = 2", 2, Fault::Altered)]
#[case::the_action("UPDATE audit_entry SET action = 'x' WHERE seq = 2", 2, Fault::Altered)]
#[case::the_subject(
    "UPDATE audit_entry SET subject = 'x' WHERE seq = 2",
    2,
    Fault::Altered
)]
#[case::the_details(
    "UPDATE audit_entry SET details = '{}' WHERE seq = 2",
    2,
    Fault::Altered
)]
#[case::the_time("UPDATE audit_entry SET at = at + 1 WHERE seq = 2", 2, Fault::Altered)]
#[case::the_last_time("UPDATE audit_entry SET at = at + 1 WHERE seq = 3", 3, Fault::Altered)]
#[case::a_hash_that_is_none("UPDATE audit_entry SET hash = 'x' WHERE seq = 1", 1, Fault::Altered)]
#[case::another_hash(
    "UPDATE audit_entry SET hash = payload_hash WHERE seq = 1",
    1,
    Fault::Unlinked
)]
#[case::the_hashes_of_another("UPDATE audit_entry SET HASHES WHERE seq = 2", 2, Fault::Altered)]
#[case::the_first_removed("DELETE FROM audit_entry WHERE seq = 1", 1, Fault::Missing)]
#[case::one_between_removed("DELETE FROM audit_entry WHERE seq = 2", 2, Fault::Missing)]
#[case::the_last_removed("DELETE FROM audit_entry WHERE seq = 3", 3, Fault::Missing)]
#[case::all_removed("DELETE FROM audit_entry", 1, Fault::Missing)]
#[case::the_first_moved_away("UPDATE audit_entry SET seq = -1 WHERE seq = 1", 1, Fault::Unlinked)]
#[case::two_swapped(
    "UPDATE audit_entry SET seq = -1 WHERE seq = 1; UPDATE audit_entry SET seq = 1 WHERE seq = 2; \
     UPDATE audit_entry SET seq = 2 WHERE seq = -1",
    1,
    Fault::Altered
)]
#[case::the_last_removed_with_the_end(
    "DELETE FROM audit_entry WHERE seq = 3; UPDATE audit_head SET seq = 1",
    2,
    Fault::Unlinked
)]
#[case::the_end_of_another("UPDATE audit_head SET hash = 'OTHER'", 3, Fault::Unlinked)]
#[tokio::test]
async fn an_entry_that_was_tampered_with_is_found(
    #[case] tamper: &str,
    #[case] seq: u64,
    #[case] fault: Fault,
) {
    let (test, _) = history().await;
    let other = Hash256::ZERO.to_string();
    let tamper = tamper.replace("HASHES", HASHES).replace("OTHER", &other);
    for statement in tamper.split(';') {
        test.execute(statement).await.unwrap();
    }
    let found = verify(test.app.db(), None).await.unwrap();
    assert_eq!(found, Verdict::Broken(Broken { seq, fault }));
}

#[tokio::test]
async fn an_id_that_was_changed_is_found() {
    let (test, _) = history().await;
    test.execute("UPDATE audit_entry SET id = (SELECT min(id) FROM message) WHERE seq = 2")
        .await
        .unwrap_err();
    let take = "UPDATE audit_entry SET id = (SELECT id FROM touchpoint LIMIT 1) WHERE seq = 2";
    test.execute(take).await.unwrap();
    let found = verify(test.app.db(), None).await.unwrap();
    let (seq, fault) = (2, Fault::Altered);
    assert_eq!(found, Verdict::Broken(Broken { seq, fault }));
}

#[tokio::test]
async fn a_whole_log_that_was_written_anew_does_not_pass_through_the_end_that_was_noted() {
    let (test, ids) = history().await;
    let Verdict::Whole(noted) = verify(test.app.db(), None).await.unwrap() else {
        panic!("it is whole");
    };
    unmerge(&test, ids[2]).await.unwrap();
    let later = verify(test.app.db(), Some(noted)).await.unwrap();
    assert!(matches!(later, Verdict::Whole(Head { seq: 4, .. })));

    let wrong = Head {
        hash: Hash256::ZERO,
        ..noted
    };
    let found = verify(test.app.db(), Some(wrong)).await.unwrap();
    let (seq, fault) = (3, Fault::Unlinked);
    assert_eq!(found, Verdict::Broken(Broken { seq, fault }));

    let back = "UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_entry WHERE seq = 2)";
    for statement in ["DELETE FROM audit_entry WHERE seq > 2", back] {
        test.execute(statement).await.unwrap();
    }
    let alone = verify(test.app.db(), None).await.unwrap();
    assert!(matches!(alone, Verdict::Whole(Head { seq: 2, .. })));
    let found = verify(test.app.db(), Some(noted)).await.unwrap();
    let (seq, fault) = (3, Fault::Missing);
    assert_eq!(found, Verdict::Broken(Broken { seq, fault }));
}

#[tokio::test]
async fn without_its_end_the_log_is_not_begun_anew() {
    let (test, ids) = history().await;
    test.execute("DELETE FROM audit_head").await.unwrap();
    let found = verify(test.app.db(), None).await.unwrap();
    assert!(matches!(found, Verdict::WithoutEnd(Head { seq: 3, .. })));
    assert!(unmerge(&test, ids[2]).await.is_err());
    assert_eq!(entries(&test).await.len(), 3);
}

#[tokio::test]
async fn a_new_log_is_whole() {
    let test = TestApp::start().await;
    let found = verify(test.app.db(), None).await.unwrap();
    assert_eq!(found, Verdict::Whole(Head::default()));
}

#[tokio::test]
async fn an_entry_may_tell_any_numbers() {
    let test = TestApp::start().await;
    let entry = Entry {
        actor: "test",
        action: "test",
        subject: "é\u{1f600}\"\\\u{1}".to_owned(),
        details: json!({ "half": 0.5, "tiny": 1e-9, "most": u64::MAX, "least": i64::MIN, "none": null }),
    };
    let transaction = test.app.db().begin().await.unwrap();
    append(&transaction, test.app.ids(), test.app.now(), &[entry])
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let found = verify(test.app.db(), None).await.unwrap();
    assert!(matches!(found, Verdict::Whole(Head { seq: 1, .. })));
}

fn told_to(test: &TestApp) -> Reads {
    Reads::told_to(test.app.recorder())
}

#[tokio::test]
async fn what_a_request_reads_of_many_is_one_entry() {
    let test = TestApp::start().await;
    let reads = told_to(&test);
    let caller = Some(&Caller::Local);
    let segment = || Some("seg_1".to_owned());
    reads.note(caller, Read::SegmentMembers, segment(), 20);
    reads.note(caller, Read::SegmentMembers, segment(), 5);
    reads.settle().await.unwrap();
    reads.settle().await.unwrap();
    let entries = entries(&test).await;
    let [entry] = entries.as_slice() else {
        panic!("{entries:?}");
    };
    assert_eq!(
        (
            entry.actor.as_str(),
            entry.action.as_str(),
            entry.subject.as_str()
        ),
        ("cli", "personal_data.read", "seg_1")
    );
    let read = json!({ "what": "segment.members", "times": 2, "rows": 25, "of": ["seg_1"] });
    assert_eq!(entry.details, json!({ "reads": [read] }));
}

#[tokio::test]
async fn who_reads_one_person_is_not_told_and_who_reads_several_is() {
    let test = TestApp::start().await;
    let one = told_to(&test);
    one.note_one(Some(&Caller::Local));
    one.settle().await.unwrap();
    assert_eq!(entries(&test).await.len(), 0);
    let several = told_to(&test);
    for _ in 0..3 {
        several.note_one(Some(&Caller::Local));
    }
    several.settle().await.unwrap();
    let entries = entries(&test).await;
    assert_eq!(entries.len(), 1);
    let read = json!({ "what": "one_by_one", "times": 3, "rows": 3, "of": [] });
    assert_eq!(entries[0].details, json!({ "reads": [read] }));
}

#[tokio::test]
async fn a_read_that_cannot_be_entered_is_not_answered() {
    let test = TestApp::start().await;
    poison(&test, "audit_entry", "action", "personal_data.read").await;
    let reads = told_to(&test);
    reads.note(Some(&Caller::Local), Read::Profiles, None, 1);
    let refused = reads.settle().await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable { .. }), "{refused}");
}

#[tokio::test]
async fn many_that_read_at_once_and_others_that_write_make_one_chain() {
    let test = TestApp::start().await;
    let ids = devices(&test).await;
    let read = |number: usize| {
        let reads = told_to(&test);
        async move {
            reads.note(Some(&Caller::Local), Read::Profiles, None, number);
            reads.settle().await.unwrap();
        }
    };
    let reading = futures::future::join_all((0..300).map(read));
    let writing = async {
        merge(&test, &ids[..2]).await.unwrap();
        unmerge(&test, ids[1]).await.unwrap();
    };
    tokio::join!(reading, writing);
    let found = verify(test.app.db(), None).await.unwrap();
    assert!(
        matches!(found, Verdict::Whole(Head { seq: 302, .. })),
        "{found:?}"
    );
}

#[tokio::test]
async fn the_list_of_entries_has_no_gap_between_its_pages() {
    let (test, ids) = history().await;
    let page = async |arguments: &str| {
        let query = format!(
            "{{ auditEntries({arguments}) {{ nodes {{ seq }} pageInfo {{ endCursor hasNextPage }} totalCount }} }}"
        );
        test.answer(Caller::Local, &query).await["data"]["auditEntries"].take()
    };
    let first = page("first: 2").await;
    assert_eq!(first["nodes"], json!([{ "seq": 3 }, { "seq": 2 }]));
    assert_eq!(first["totalCount"], 3);
    let after = &first["pageInfo"]["endCursor"];
    let second = page(&format!("first: 2, after: {after}")).await;
    assert_eq!(second["nodes"], json!([{ "seq": 1 }]));
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let last = page("last: 2").await;
    assert_eq!(last["nodes"], json!([{ "seq": 2 }, { "seq": 1 }]));
    for (filter, found) in [
        ("action: \"profile.unmerge\"", 1),
        ("actor: \"test\"", 3),
        ("actor: \"nobody\"", 0),
        (&format!("subject: \"{}\"", ids[0]), 2),
        (
            &format!("subject: \"{}\", action: \"profile.unmerge\"", ids[0]),
            0,
        ),
    ] {
        assert_eq!(page(filter).await["totalCount"], found, "{filter}");
    }
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
