//! Pages and the storefront's schema.

use std::collections::BTreeMap;

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{drive, free_port};
use crate::PROGRAM;

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
