//! Whatever a page is answered, what its visitor did counts once.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    profile::Profile,
};
use rstest::rstest;
use serde::Deserialize;
use serde_json::json;

use super::{arrived, drive};
use crate::start;

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
