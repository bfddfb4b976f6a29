//! What is forgotten is asked for again, whatever was under way.

use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use sea_orm::DbErr;
use tokio::sync::oneshot;

use crate::auth::confirmed::Confirmed;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// The value of the key, where the database has this one.
async fn ask(memory: &Confirmed<u8>, now: Timestamp, has: Option<u8>) -> Option<u8> {
    let value = memory.get("key", now, async || Ok(has)).await.unwrap();
    value.map(|value| *value)
}

/// Begins a look-up that reads this, has something forgotten meanwhile, and ends it.
async fn overtaken(read: Option<u8>, forget: impl AsyncFnOnce(&Confirmed<u8>)) -> Confirmed<u8> {
    let memory = Arc::new(Confirmed::default());
    let (asked, is_asked) = oneshot::channel();
    let (answer, answered) = oneshot::channel();
    let looking = tokio::spawn({
        let memory = Arc::clone(&memory);
        async move {
            let load = async || {
                asked.send(()).unwrap();
                answered.await.unwrap();
                Ok(read)
            };
            memory.get("key", NOW, load).await.unwrap();
        }
    });
    is_asked.await.unwrap();
    let answering = async {
        tokio::task::yield_now().await;
        answer.send(()).unwrap();
        looking.await.unwrap();
    };
    tokio::join!(forget(&memory), answering);
    Arc::into_inner(memory).unwrap()
}

#[tokio::test]
async fn a_look_up_that_began_before_a_key_was_forgotten_is_forgotten_too() {
    for read in [Some(1), None] {
        let memory = overtaken(read, async |memory| memory.forget("key").await).await;
        assert_eq!(ask(&memory, NOW, Some(2)).await, Some(2));
    }
}

#[tokio::test]
async fn a_look_up_that_began_before_all_was_forgotten_is_not_trusted() {
    for read in [Some(1), None] {
        let memory = overtaken(read, async |memory| memory.forget_all()).await;
        assert_eq!(ask(&memory, NOW, Some(2)).await, Some(2));
    }
}

#[tokio::test]
async fn what_was_forgotten_with_all_else_holds_while_the_database_is_away() {
    let memory = Confirmed::default();
    assert_eq!(ask(&memory, NOW, Some(1)).await, Some(1));

    memory.forget_all();

    let away = async || Err(DbErr::Custom("away".to_owned()));
    let held = memory.get("key", NOW, away).await.unwrap();
    assert_eq!(held.as_deref(), Some(&1));
    let back = NOW.plus_millis(1_000);
    assert_eq!(ask(&memory, back, Some(2)).await, Some(2));
}
