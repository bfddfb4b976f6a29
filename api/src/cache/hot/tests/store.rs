//! What both stores promise alike.

use super::*;
use crate::auth::secret::DeploymentSecret;
use crate::cache::hot::store::Store;

fn value(version: i64) -> Arc<Value> {
    Arc::new(Value::of(version))
}

async fn ticket<S: Store<Value>>(store: &S) -> S::Ticket {
    store.look_up(id(1)).await.ticket.unwrap()
}

async fn version<S: Store<Value>>(store: &S) -> Option<i64> {
    let found = store.look_up(id(1)).await.value;
    found.map(|value| value.version)
}

async fn keeps_the_laws<S: Store<Value>>(store: &S) {
    let put_out = async |commit, version| {
        let done = store.put_out(commit, &[(id(1), version)]).await;
        assert!(done.is_ok());
    };
    assert_eq!(version(store).await, None);
    let first = ticket(store).await;
    assert!(store.fill(id(1), &value(1), first).await);
    assert_eq!(version(store).await, Some(1));

    put_out(1, 2).await;
    assert_eq!(version(store).await, None, "it was put out");
    let late = ticket(store).await;
    put_out(2, 3).await;
    let overtaken = store.fill(id(1), &value(2), late).await;
    assert!(!overtaken, "a commit came between");
    let new = ticket(store).await;
    let old = store.fill(id(1), &value(2), new).await;
    assert!(!old, "it is older than what was put out");
    let new = ticket(store).await;
    assert!(store.fill(id(1), &value(3), new).await);

    put_out(1, 2).await;
    assert_eq!(version(store).await, Some(3), "old news put out nothing");
    assert_eq!(
        store.look_up(id(2)).await.value,
        None,
        "nor is it another's"
    );
}

#[tokio::test]
async fn the_process_keeps_the_laws() {
    keeps_the_laws(&Process::new(1, Duration::from_mins(5))).await;
}

#[tokio::test]
async fn a_process_that_keeps_nothing_finds_nothing() {
    let process = Process::new(0, Duration::from_mins(5));
    let ticket = ticket(&process).await;
    assert!(process.fill(id(1), &value(1), ticket).await);
    assert_eq!(version(&process).await, None);
}

#[tokio::test]
async fn redis_keeps_the_laws() {
    let server = Server::start();
    crate::auth::install_crypto();
    let secret = DeploymentSecret::ephemeral().unwrap();
    let Bus::Redis(redis) = Bus::new(Some(&server.url()), &secret).unwrap() else {
        panic!("there is an address");
    };
    let shared = Shared::new(redis, Duration::from_mins(5), Arc::default()).unwrap();
    shared.trust(Some(0));
    keeps_the_laws(&shared).await;
}
