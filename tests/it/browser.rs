//! The unmodified client libraries of browsers, in a real browser on pages of another origin, against the running server.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use lazo_tests::Engine::{self, Postgres, Sqlite};
use lazo_tests::TestServer;
use lazo_tests::graphql::Caller;
use lazo_tests::profile::Profile;
use rstest::rstest;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::{PROGRAM, start};

/// For what a page sends while it closes, and nobody waits for.
const ARRIVES_WITHIN: Duration = Duration::from_secs(10);

/// Runs one of the programs that drive the browser, and gives back what it printed.
async fn drive(program: &str, arguments: &[&str]) -> Value {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("clients/browser");
    assert!(
        folder.join("node_modules/playwright-core").exists(),
        "the client libraries are not installed: ./tests/run does it, or `npm ci` in tests/clients/browser"
    );
    let output = Command::new("node")
        .arg(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("Node runs");
    assert!(
        output.status.success(),
        "{program} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("the program prints JSON")
}

/// What the pages of two customers tell: Ada's spoke to the server itself, Berta's through a proxy that delivers and then answers
/// with faults.
#[derive(Debug, Deserialize)]
struct Visits {
    ada: Visit,
    berta: Visit,
    proxy: Proxy,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Visit {
    anonymous_id: String,
    /// The status of an answer, and its `Retry-After` as far as the page could read it.
    retry_after: (u16, Option<String>),
}

#[derive(Debug, Deserialize)]
struct Proxy {
    /// What each preflight asked to send.
    preflights: Vec<String>,
    /// What each request said in `X-Retry-Count`.
    retries: Vec<String>,
    /// How many of its answers were faults.
    faults: usize,
}

/// The customer's profile, once all that was sent has arrived.
async fn arrived(admin: &Caller, customer: &str, touchpoints: i64) -> Profile {
    let started = Instant::now();
    loop {
        let profile = admin.customer(customer).await;
        if profile.summary.touchpoints >= touchpoints || started.elapsed() > ARRIVES_WITHIN {
            return profile;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Holds a profile to what its customer did, each thing once.
fn did_each_thing_once(customer: &str, visit: &Visit, profile: &Profile) {
    let mut story = profile.story();
    story.sort_unstable();
    let expected = [
        "Account",
        "Home",
        "Identify",
        "Order Completed",
        "Product Added",
        "Product Viewed",
    ];
    assert_eq!(story, expected, "{customer}");
    let mut messages = profile.messages();
    messages.dedup();
    assert_eq!(messages.len(), expected.len(), "{customer}");
    assert_eq!(profile.summary.touchpoints, 6);
    assert_eq!(profile.summary.orders, 1);
    assert_eq!(profile.summary.spend.minor, 1_250);
    assert_eq!(profile.value("plan"), json!("gold"));
    assert_eq!(profile.values("customer_id"), [customer]);
    assert_eq!(
        profile.values("email"),
        [format!("{customer}@example.com").as_str()]
    );
    assert_eq!(
        profile.values("anonymous_id"),
        [visit.anonymous_id.as_str()],
        "the id of the browser outlives a reload and a new page"
    );
}

async fn visit(server: &TestServer, client: &str) -> Visits {
    let key = server.source("shop", "web", false).await;
    let printed = drive("visits.mjs", &[client, &server.url(""), &key]).await;
    let visits: Visits = serde_json::from_value(printed).expect("the form of visits.mjs");
    let admin = server.admin().await;
    for (customer, visit) in [("ada", &visits.ada), ("berta", &visits.berta)] {
        let profile = arrived(&admin, customer, 6).await;
        did_each_thing_once(customer, visit, &profile);
    }
    assert_eq!(admin.count_profiles().await, 2);
    assert_eq!(visits.ada.retry_after, (200, None));
    assert_eq!(
        visits.berta.retry_after,
        (503, Some("1".to_owned())),
        "a page can read when to come back"
    );
    assert!(visits.proxy.faults > 4, "{:?}", visits.proxy);
    visits
}

#[rstest]
#[case::bundled("segment", Sqlite)]
#[case::bundled_on("segment", Postgres)]
#[case::batching("segment-batching", Sqlite)]
#[case::as_a_script("snippet", Sqlite)]
#[tokio::test]
async fn what_segments_browser_client_sends_counts_once_whatever_it_is_answered(
    #[case] client: &str,
    #[case] engine: Engine,
) {
    let server = start(engine).await;

    let visits = visit(&server, client).await;

    assert!(
        visits
            .proxy
            .preflights
            .contains(&"authorization,x-retry-count".to_owned()),
        "{:?}",
        visits.proxy
    );
    assert!(
        visits.proxy.retries.iter().any(|count| count == "1"),
        "{:?}",
        visits.proxy
    );
}

#[rstest]
#[case::one_by_one("rudder")]
#[case::batching("rudder-batching")]
#[tokio::test]
async fn what_rudderstacks_browser_client_sends_counts_once_whatever_it_is_answered(
    #[case] client: &str,
) {
    let server = start(Sqlite).await;

    let visits = visit(&server, client).await;

    let asked = &visits.proxy.preflights;
    assert!(
        asked
            .iter()
            .any(|asked| asked.contains("rsa-retry-attempt")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn what_jitsus_browser_client_sends_counts_once_whatever_it_is_answered() {
    let server = start(Sqlite).await;

    let visits = visit(&server, "jitsu").await;

    let asked = &visits.proxy.preflights;
    assert!(
        asked.iter().any(|asked| asked.contains("x-write-key")),
        "{asked:?}"
    );
}

/// A port that was free a moment ago.
async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("its address").port()
}

async fn speak(server: &TestServer, ports: [u16; 2]) -> BTreeMap<String, Value> {
    let key = server.source("shop", "web", false).await;
    let admin = server.admin().await;
    let issued = admin
        .mutate("visitorTokenIssue", "token", json!({ "customerId": "ada" }))
        .await;
    let token = issued["token"].as_str().expect("a token");
    let ports = ports.map(|port| port.to_string());
    let arguments = [&server.url(""), key.as_str(), token, &ports[0], &ports[1]];
    let printed = drive("storefront.mjs", &arguments).await;
    serde_json::from_value(printed).expect("an answer for each page")
}

#[rstest]
#[tokio::test]
async fn a_page_of_a_listed_origin_alone_speaks_to_the_storefront(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (own, foreign) = (free_port().await, free_port().await);
    let origins = format!("[\"http://127.0.0.1:{own}\"]");
    let settings = [("LAZO_STOREFRONT__ORIGINS", origins.as_str())];
    let server = TestServer::start_with(engine, PROGRAM, &settings).await;

    let pages = speak(&server, [own, foreign]).await;

    let page = &pages[&own.to_string()];
    let message = format!("lamp-{own}");
    assert_eq!(
        page["recorded"]["body"]["data"]["touchpointsRecord"],
        json!({ "items": [
            { "messageId": message, "status": "ACCEPTED", "code": null },
            { "messageId": message, "status": "DUPLICATE", "code": null },
        ], "userErrors": [] })
    );
    assert_eq!(
        page["viewer"]["body"]["data"]["viewer"]["touchpoints"]["nodes"],
        json!([{ "name": "Lamp Lit", "channel": "WEB", "properties": { "watts": 9 } }])
    );
    for refused in [
        format!("{own} in a sandbox"),
        foreign.to_string(),
        format!("{foreign} in a sandbox"),
    ] {
        let error = pages[&refused]["error"].as_str().expect("an error");
        assert_eq!(error, "TypeError: Failed to fetch", "{refused}");
    }
    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.story(), ["Lamp Lit"]);
}
