//! Segments that are changed while touchpoints come in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lazo_domain::condition::text;
use rstest::rstest;
use serde_json::json;

use super::Shop;
use super::fresh::{differences, settle_all};
use crate::auth::caller::Caller;
use crate::db::Engine;
use crate::segment::Update;
use crate::segment::service;
use crate::standing::Sweeper;
use crate::testing::TestApp;

const EDITS: usize = 50;

/// Another process of the deployment, where there can be one.
async fn process(test: &TestApp) -> TestApp {
    match test.app.db().engine() {
        Engine::Postgres => test.another().await,
        Engine::Sqlite => test.clone(),
    }
}

/// The conditions of edits, of which the sweep is about members and those who would be; about everybody; about the one and the other.
fn named(number: usize) -> String {
    format!("performed('Viewed') >= {}", number % 7 + 1)
}

fn of_everybody(number: usize) -> String {
    let most = 1_000 + number;
    format!("NOT performed('Viewed', WITHIN 30d) > {most} AND performed('Viewed') >= 1")
}

fn in_turns(number: usize) -> String {
    match number % 2 {
        0 => named(number),
        _ => of_everybody(number),
    }
}

#[rstest]
#[case::that_name_members(named)]
#[case::that_are_about_everybody(of_everybody)]
#[case::of_both_kinds(in_turns)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_edits_at_once_under_ingestion_leave_the_members_of_the_last_definition(
    #[case] condition: fn(usize) -> String,
) {
    let shop = Shop::open().await;
    let viewers = shop.segment("viewers", "performed('Viewed') >= 1").await;
    // Whatever the number is, this one is a member.
    let mut ana = shop.track("ana", "Viewed").await;
    for _ in 1..7 {
        ana = shop.track("ana", "Viewed").await;
    }
    // On a server other processes decide, too, by what they have in memory.
    let other = process(&shop.test).await;
    let over = Arc::new(AtomicBool::new(false));
    let ingestion = [process(&shop.test).await, process(&shop.test).await]
        .into_iter()
        .zip(["a", "b"])
        .map(|(test, name)| {
            let (source, over) = (Arc::clone(&shop.source), Arc::clone(&over));
            tokio::spawn(async move {
                let mut number = 0;
                while !over.load(Ordering::SeqCst) {
                    let item = json!({ "type": "track", "event": "Viewed", "userId": format!("{name}{}", number % 17),
                        "messageId": format!("{name}{number}") });
                    test.record(&source, &[item]).await;
                    number += 1;
                    // Whoever else waits for the database is to have a turn.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
        });
    let ingestion: Vec<_> = ingestion.collect();
    let edits = (0..EDITS).map(|number| {
        let app = shop.test.app.clone();
        tokio::spawn(async move {
            let mut update = Update::of(viewers);
            let condition = condition(number);
            update.condition = Some(Some(text::parse(&condition).unwrap()));
            // Who has to wait too long is told to come back.
            while let Err(error) = service::update(&app, &Caller::Local, &update).await {
                assert!(error.is_passing(), "{error:?}");
            }
        })
    });
    let edits: Vec<_> = edits.collect();
    let mut sweeper = Sweeper::default();
    for edit in edits {
        sweeper.step(&other.app).await.unwrap();
        edit.await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    for one in ingestion {
        one.await.unwrap();
    }

    settle_all(&other.app).await;

    assert_eq!(differences(&shop.test.app).await, Vec::<String>::new());
    assert!(shop.members(viewers).await.contains(&ana));
}
