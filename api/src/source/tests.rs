use lazo_domain::touchpoint::Channel;
use rstest::rstest;
use serde_json::json;

use super::service::{archive, built_in, create, find, list, update};
use super::{Create, Keyed, Update};
use crate::auth::caller::Caller;
use crate::idempotency::input_digest;
use crate::page::Page;
use crate::testing::{TestApp, refused};
use crate::writer::Once;

fn web(name: &str) -> Create {
    Create {
        name: name.to_owned(),
        channel: Channel::Web,
        trusted: false,
        live: true,
        shop: "main".to_owned(),
        region: Some("es".to_owned()),
        links_known: false,
    }
}

async fn created(test: &TestApp, name: &str) -> Keyed {
    create(&test.app, &Caller::Local, &web(name), None)
        .await
        .unwrap()
}

async fn all(test: &TestApp) -> Vec<lazo_entity::source::Model> {
    let listed = list(&test.app, &Page::all_by(10), false).await.unwrap();
    listed.rows.into_iter().map(|(_, source)| source).collect()
}

/// Whether the key leads to a source that takes touchpoints.
async fn works(test: &TestApp, key: &str) -> bool {
    let source = test.app.source_keys().find(key).await.unwrap();
    source.is_some_and(|source| source.archived_at.is_none())
}

#[tokio::test]
async fn a_new_source_is_found_by_its_key() {
    let test = TestApp::start().await;
    let Keyed { source, key } = created(&test, "web").await;
    let key = key.unwrap();
    assert!(works(&test, key.expose()).await);
    assert_eq!(source.region.as_deref(), Some("ES"));
    assert!(!source.key_hash.contains(key.expose()));
    assert_eq!(find(&test.app, source.id).await.unwrap(), Some(source));
}

#[tokio::test]
async fn a_name_is_given_once_and_stays_taken_after_archiving() {
    let test = TestApp::start().await;
    let first = created(&test, "web").await.source;
    archive(&test.app, &Caller::Local, first.id).await.unwrap();
    let second = create(&test.app, &Caller::Local, &web(" web "), None).await;
    assert_eq!(refused(second), ("name".into(), "TAKEN"));

    let other = created(&test, "shop").await.source;
    let renamed = Update {
        name: Some("web".into()),
        ..Update::of(other.id)
    };
    let renamed = update(&test.app, &Caller::Local, &renamed).await;
    assert_eq!(refused(renamed), ("name".into(), "TAKEN"));
}

#[rstest]
#[case::no_name(Create { name: "  ".into(), ..web("") }, "name")]
#[case::a_long_name(Create { name: "n".repeat(65), ..web("") }, "name")]
#[case::a_control_character(Create { name: "a\u{7}".into(), ..web("") }, "name")]
#[case::no_shop(Create { shop: String::new(), ..web("web") }, "shop")]
#[case::no_country(Create { region: Some("ESP".into()), ..web("web") }, "region")]
#[tokio::test]
async fn a_wrong_value_is_named(#[case] wrong: Create, #[case] field: &str) {
    let test = TestApp::start().await;
    let outcome = create(&test.app, &Caller::Local, &wrong, None).await;
    assert_eq!(refused(outcome), (field.to_owned(), "INVALID"));
    assert!(all(&test).await.is_empty());
}

#[tokio::test]
async fn a_repeated_creation_gives_the_same_source_and_no_key() {
    let test = TestApp::start().await;
    let once = |input| {
        let input = input_digest(&input);
        Once {
            caller: "cli".into(),
            key: "k".into(),
            input,
        }
    };
    let call = |name: &str, once: Once| {
        let (app, name) = (test.app.clone(), name.to_owned());
        async move { create(&app, &Caller::Local, &web(&name), Some(&once)).await }
    };
    let first = call("web", once(json!(1))).await.unwrap();
    let again = call("web", once(json!(1))).await.unwrap();
    assert_eq!(first.source, again.source);
    assert!(first.key.is_some() && again.key.is_none());

    let other = call("shop", once(json!(2))).await;
    assert_eq!(
        refused(other),
        ("idempotencyKey".into(), "IDEMPOTENCY_KEY_REUSED")
    );
}

#[tokio::test]
async fn both_keys_work_until_the_second_is_dropped() {
    let test = TestApp::start().await;
    let Keyed { source, key: old } = created(&test, "web").await;
    let old = old.unwrap();
    assert!(works(&test, old.expose()).await);

    let rotate = Update {
        rotate_key: true,
        ..Update::of(source.id)
    };
    let new = update(&test.app, &Caller::Local, &rotate)
        .await
        .unwrap()
        .key
        .unwrap();
    assert!(works(&test, old.expose()).await && works(&test, new.expose()).await);

    let drop = Update {
        drop_second_key: true,
        ..Update::of(source.id)
    };
    let dropped = update(&test.app, &Caller::Local, &drop).await.unwrap();
    assert!(dropped.key.is_none() && dropped.source.version == 3);
    assert!(!works(&test, old.expose()).await && works(&test, new.expose()).await);
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_clears_what_is_null() {
    let test = TestApp::start().await;
    let source = created(&test, "web").await.source;
    let same = update(&test.app, &Caller::Local, &Update::of(source.id))
        .await
        .unwrap();
    assert_eq!(same.source, source);

    let clear = Update {
        region: Some(None),
        shop: Some("two".into()),
        ..Update::of(source.id)
    };
    let cleared = update(&test.app, &Caller::Local, &clear)
        .await
        .unwrap()
        .source;
    assert_eq!(
        (cleared.region.as_deref(), cleared.shop.as_str()),
        (None, "two")
    );
    assert_eq!((cleared.name.as_str(), cleared.version), ("web", 2));

    let stale = Update {
        expected_version: Some(1),
        ..Update::of(source.id)
    };
    let stale = update(&test.app, &Caller::Local, &stale).await;
    assert_eq!(refused(stale), ("expectedVersion".into(), "STALE_VERSION"));
}

#[tokio::test]
async fn an_archived_source_refuses_its_key_and_every_change_but_stays() {
    let test = TestApp::start().await;
    let Keyed { source, key } = created(&test, "web").await;
    let key = key.unwrap();
    assert!(works(&test, key.expose()).await);
    let archived = archive(&test.app, &Caller::Local, source.id).await.unwrap();
    test.clock.advance(1);
    let again = archive(&test.app, &Caller::Local, source.id).await.unwrap();
    assert_eq!(archived, again);
    assert!(!works(&test, key.expose()).await);
    let changed = update(&test.app, &Caller::Local, &Update::of(source.id)).await;
    assert_eq!(refused(changed), ("id".into(), "ARCHIVED"));
    assert_eq!(all(&test).await, [archived]);
}

#[tokio::test]
async fn the_built_in_source_is_one_and_does_not_change() {
    let test = TestApp::start().await;
    let own = create(&test.app, &Caller::Local, &web("lazo"), None).await;
    assert_eq!(refused(own), ("name".into(), "TAKEN"));
    let source = built_in(&test.app).await.unwrap();
    assert!(source.trusted && source == built_in(&test.app).await.unwrap());
    let gone = archive(&test.app, &Caller::Local, source.id).await;
    assert_eq!(refused(gone), ("id".into(), "CONFLICT"));
}

#[tokio::test]
async fn the_schema_creates_changes_archives_and_lists_sources() {
    let test = TestApp::start().await;
    let create = "mutation { sourceCreate(input: { name: \"web\", channel: WEB, region: \"ES\", idempotencyKey: \"k\" }) \
                  { source { id name live shop keyHints } key userErrors { field code } } }";
    let first = test.answer(Caller::Local, create).await;
    let made = &first["data"]["sourceCreate"];
    assert_eq!(made["source"]["shop"], "main");
    assert_eq!(
        (&made["source"]["live"], &made["userErrors"]),
        (&json!(true), &json!([]))
    );
    assert!(works(&test, made["key"].as_str().unwrap()).await);
    let again = test.answer(Caller::Local, create).await;
    assert_eq!(again["data"]["sourceCreate"]["source"], made["source"]);
    assert_eq!(again["data"]["sourceCreate"]["key"], json!(null));

    let id = made["source"]["id"].as_str().unwrap();
    let change = |input: &str| {
        let input = format!("id: \"{id}\" {input}");
        format!(
            "mutation {{ sourceUpdate(input: {{ {input} }}) {{ source {{ region version }} key userErrors {{ field code }} }} }}"
        )
    };
    let renamed = test.answer(Caller::Local, &change("name: \"site\"")).await;
    assert_eq!(
        renamed["data"]["sourceUpdate"]["source"],
        json!({ "region": "ES", "version": 2 })
    );
    let cleared = test
        .answer(Caller::Local, &change("region: null, rotateKey: true"))
        .await;
    assert_eq!(
        cleared["data"]["sourceUpdate"]["source"],
        json!({ "region": null, "version": 3 })
    );
    assert!(
        works(
            &test,
            cleared["data"]["sourceUpdate"]["key"].as_str().unwrap()
        )
        .await
    );
    let stale = test
        .answer(Caller::Local, &change("shop: \"b\", expectedVersion: 1"))
        .await;
    let error = json!([{ "field": ["input", "expectedVersion"], "code": "STALE_VERSION" }]);
    assert_eq!(stale["data"]["sourceUpdate"]["userErrors"], error);

    let archive = format!(
        "mutation {{ sourceArchive(input: {{ id: \"{id}\" }}) {{ source {{ archivedAt }} }} }}"
    );
    let archived = test.answer(Caller::Local, &archive).await;
    assert!(archived["data"]["sourceArchive"]["source"]["archivedAt"].is_string());
    let query = format!(
        "{{ sources {{ nodes {{ name }} totalCount }} source(id: \"{id}\") {{ name }} node(id: \"{id}\") {{ id }} }}"
    );
    let listed = test.answer(Caller::Local, &query).await;
    let expected = json!({
        "sources": { "nodes": [{ "name": "site" }], "totalCount": 1 },
        "source": { "name": "site" },
        "node": { "id": id },
    });
    assert_eq!(listed["data"], expected);
}
