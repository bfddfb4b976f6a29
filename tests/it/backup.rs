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
    segment::{Item, identify, track},
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
    for number in 0..20 {
        backend.accepted(&person(number)).await;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let load = {
        let (backend, stop) = (backend.clone(), Arc::clone(&stop));
        tokio::spawn(async move {
            let mut sent = 0;
            while !stop.load(Ordering::Relaxed) {
                backend.accepted(&person(1_000 + sent)).await;
                sent += 1;
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
    assert!(sent > 0, "the server took touchpoints meanwhile");
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
    // What came later is sent again by its client, and counts once.
    let again = person(1_000 + sent - 1);
    other
        .sender("late", "web", true)
        .await
        .accepted(&again)
        .await;
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
