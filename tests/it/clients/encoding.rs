//! A body is taken whether its client compresses it or not.

use lazo_tests::Engine::Sqlite;
use rstest::rstest;

use super::{
    Client::{self, RudderNode, RudderPython, SegmentPython},
    Task, scenario,
};
use crate::start;

#[rstest]
#[tokio::test]
async fn a_client_may_compress_or_not(
    #[values(SegmentPython, RudderNode, RudderPython)] client: Client,
    #[values(false, true)] gzip: bool,
) {
    let server = start(Sqlite).await;
    let key = server.source("shop", "web", true).await;
    let task = Task {
        gzip: Some(gzip),
        ..Task::new(server.url(""), &key, scenario::calls(client))
    };

    client.play(&task).await.succeeded();

    scenario::is_told_once(client, &server.admin().await).await;
}
