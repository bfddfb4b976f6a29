//! The unmodified client library of the field against the running server.

use std::{path::PathBuf, process::Stdio};

use lazo_tests::Engine::{self, Postgres, Sqlite};
use rstest::rstest;
use serde_json::json;
use tokio::process::Command;

use crate::start;

/// Runs the program that drives the client library, as often as it is called.
async fn drive(address: &str, key: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("clients");
    assert!(
        folder.join("node_modules/@segment/analytics-node").exists(),
        "the client libraries are not installed: ./tests/run does it, or `npm ci` in tests/clients"
    );
    let output = Command::new("node")
        .args(["segment_node.mjs", address, key])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("Node runs");
    assert!(
        output.status.success(),
        "the client failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[rstest]
#[tokio::test]
async fn what_segments_node_client_sends_is_in_the_right_profiles_once(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let key = server.source("shop", "web", true).await;
    let admin = server.admin().await;

    drive(&server.url(""), &key).await;

    let ada = admin.customer("ada").await;
    let mut kinds: Vec<String> = ada
        .timeline()
        .iter()
        .map(|touchpoint| touchpoint.kind.to_lowercase())
        .collect();
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [
            "alias", "group", "identify", "page", "screen", "track", "track", "track"
        ]
    );
    assert_eq!(ada.summary.touchpoints, 8);
    assert_eq!(ada.values("email"), ["ada@example.com"]);
    assert_eq!(ada.values("anonymous_id"), ["device-ada", "device-old"]);
    assert_eq!(ada.value("age"), json!(36));
    assert_eq!(ada.summary.orders, 1);
    assert_eq!(ada.summary.spend.minor, 1_250);
    let order = ada
        .timeline()
        .iter()
        .find(|touchpoint| touchpoint.message_id == "order-o1")
        .expect("the order");
    assert_eq!(order.occurred_at, "2026-01-15T10:00:00.000Z");
    assert_eq!(order.context["library"]["name"], "@segment/analytics-node");
    let berta = admin.customer("berta").await;
    assert_eq!(berta.story(), ["Signed Up"]);
    assert_eq!(admin.count_profiles().await, 2);
}
