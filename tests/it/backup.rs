//! A copy is made while the server takes touchpoints, and what is restored from it is what was there.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    engine::TestDatabase,
    segment::{Item, Sender, identify, track},
    server::program,
};
use rstest::rstest;
use serde_json::json;

use crate::{PROGRAM, start};

fn person(number: usize) -> [Item; 2] {
    let id = format!("c{number}");
    let order = json!({ "order_id": id, "revenue": 12.5, "currency": "EUR" });
    [
        identify()
            .user(&id)
            .traits(json!({ "email": format!("{id}@example.com"), "number": number })),
        track("Order Completed").user(&id).properties(order),
    ]
}

/// The server that a copy gives, in a folder of its own.
async fn restored(copy: &Path) -> TestServer {
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(copy, folder.path().join("lazo.db")).expect("the copy is put in place");
    let url = format!("sqlite://{}", folder.path().join("lazo.db").display());
    TestServer::start_on(TestDatabase::existing(Sqlite, url), folder, PROGRAM, &[]).await
}

#[tokio::test]
async fn a_copy_made_under_load_restores_to_the_same_profiles() {
    let server = start(Sqlite).await;
    let backend = server.backend().await;
    let admin = server.admin_token().await;
    let first: Vec<[Item; 2]> = (0..20).map(person).collect();
    for items in &first {
        backend.accepted(items).await;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let load = {
        let (backend, stop) = (backend.clone(), Arc::clone(&stop));
        tokio::spawn(async move {
            let mut sent = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let items = person(1_000 + sent.len());
                backend.accepted(&items).await;
                sent.push(items);
            }
            sent
        })
    };

    let copy = server.folder().join("copy.db");
    let output = server
        .cli(&["backup", copy.to_str().expect("a path")])
        .await;
    stop.store(true, Ordering::Relaxed);
    let sent = load.await.expect("the load ends");

    let notes = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{notes}");
    assert!(
        notes.contains("verified") && notes.contains("LAZO_SECRET"),
        "{notes}"
    );
    assert!(!sent.is_empty(), "the server took touchpoints meanwhile");
    let mode = fs::metadata(&copy).expect("the copy").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);

    let other = restored(&copy).await;
    let (here, there) = (
        server.platform(Some(admin.clone())),
        other.platform(Some(admin)),
    );
    for number in 0..20 {
        let id = format!("c{number}");
        let (before, after) = (here.customer(&id).await, there.customer(&id).await);
        assert_eq!(
            (before.id.as_str(), before.portrait()),
            (after.id.as_str(), after.portrait())
        );
    }
    // A client sends again what it has, with the key it has: what is in the copy counts once, what came later is taken.
    let again = Sender::new(&other, backend.key().to_owned());
    for items in &first {
        for outcome in again.batch(items).await {
            assert_eq!(outcome.status, "DUPLICATE", "{outcome:?}");
        }
    }
    let mut taken = Vec::new();
    for items in &sent {
        let outcomes = again.batch(items).await;
        assert_eq!(outcomes[0].status, outcomes[1].status, "a batch is whole");
        taken.push(outcomes[0].status == "ACCEPTED");
    }
    assert!(
        taken.is_sorted(),
        "what came after the copy was made: {taken:?}"
    );
    for number in (0..20).chain(1_000..1_000 + sent.len()) {
        let after = there.customer(&format!("c{number}")).await;
        assert_eq!((after.summary.touchpoints, after.summary.orders), (2, 1));
        assert_eq!(after.summary.spend.minor, 1_250);
    }
    let checked = other.cli(&["doctor"]).await;
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stdout)
    );
}

#[tokio::test]
async fn no_file_is_overwritten_and_no_half_copy_is_left() {
    let server = start(Sqlite).await;
    let copy = server.folder().join("copy.db");
    fs::write(&copy, "precious").expect("a file");

    let output = server
        .cli(&["backup", copy.to_str().expect("a path")])
        .await;

    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not overwritten"));
    assert_eq!(fs::read_to_string(&copy).expect("the file"), "precious");

    let nowhere = server.cli(&["backup", "/nowhere/copy.db"]).await;
    assert_eq!(nowhere.status.code(), Some(1));
    let left: Vec<_> = fs::read_dir(server.folder())
        .expect("the folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.contains("partial"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test]
async fn a_database_that_is_not_there_is_not_made_to_be_copied() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = program(PROGRAM)
        .args(["backup", "copy.db"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("it runs");

    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no database"));
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[rstest]
#[tokio::test]
async fn for_a_server_the_command_line_of_its_own_tool_is_told(#[values(Postgres)] engine: Engine) {
    let server = start(engine).await;

    let output = server.cli(&["backup", "copy.dump"]).await;

    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        errors.contains("pg_dump --format=custom --no-owner --file='copy.dump' 'postgres://"),
        "{errors}"
    );
    assert!(errors.contains("pg_restore"), "{errors}");
}
