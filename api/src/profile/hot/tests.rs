//! What hot profiles promise, on a real database.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Response;
use lazo_domain::id::{FragmentId, ProfileId};
use lazo_domain::profile::{Projection, PurchaseSummary};
use lazo_domain::purchase::PurchaseState;
use lazo_entity::{identifier, profile, purchase};
use proptest::prelude::*;
use sea_orm::EntityTrait;
use serde_json::{Value as Json, json};

use super::{HotProfile, Present};
use crate::auth::caller::Caller;
use crate::cache::hot::Versioned;
use crate::graphql::tests::{ask, execute, identified, identify};
use crate::graphql::{platform, storefront};
use crate::profile::service::{self, By};
use crate::profile::store as profiles;
use crate::testing::TestApp;
use crate::writer::{MergeByHand, UnmergeByHand};

/// One thing that is done.
#[derive(Clone, Debug)]
enum Step {
    /// These touchpoints come in one request; each says whether it is of the trusted source.
    Record(Vec<(bool, Json)>),
    /// A person merges two of the profiles.
    Merge(prop::sample::Index, prop::sample::Index),
    /// A person parts one of the profiles.
    Unmerge(prop::sample::Index),
}

fn touchpoint() -> impl Strategy<Value = (bool, Json)> {
    let who = (
        prop::option::weighted(0.6, 0..3_u8),
        prop::option::weighted(0.7, 0..4_u8),
        prop::option::weighted(0.4, 0..3_u8),
    )
        .prop_filter("somebody is named", |who| *who != (None, None, None));
    let what = prop_oneof![
        Just(json!({ "type": "track", "event": "Product Viewed" })),
        (0..3_u8).prop_map(|v| json!({ "type": "identify", "traits": { "plan": v } })),
        (0..3_u8).prop_map(|o| json!({ "type": "track", "event": "Order Completed",
            "properties": { "order_id": o, "revenue": 5 } })),
        (0..3_u8).prop_map(|o| json!({ "type": "track", "event": "Order Refunded",
            "properties": { "order_id": o } })),
    ];
    (any::<bool>(), who, what).prop_map(|(trusted, (user, device, email), mut what)| {
        if let Some(user) = user {
            what["userId"] = json!(format!("u{user}"));
        }
        if let Some(device) = device {
            what["anonymousId"] = json!(format!("a{device}"));
        }
        if let Some(email) = email {
            what["context"] = json!({ "traits": { "email": format!("e{email}@example.com") } });
        }
        (trusted, what)
    })
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        6 => prop::collection::vec(touchpoint(), 1..4).prop_map(Step::Record),
        1 => (index(), index()).prop_map(|(one, other)| Step::Merge(one, other)),
        1 => index().prop_map(Step::Unmerge),
    ]
}

/// An application that things are done to.
struct World {
    test: TestApp,
    sources: [std::sync::Arc<lazo_entity::source::Model>; 2],
    /// What each id stood for when it was last looked at.
    seen: BTreeMap<ProfileId, HotProfile>,
}

impl World {
    async fn start() -> Self {
        let test = TestApp::start().await;
        let sources = [
            test.source("browser", false).await,
            test.source("backend", true).await,
        ];
        Self {
            test,
            sources,
            seen: BTreeMap::new(),
        }
    }

    async fn ids(&self) -> Vec<ProfileId> {
        let rows = profile::Entity::find().all(self.test.app.db().read()).await;
        rows.unwrap().into_iter().map(|row| row.id).collect()
    }

    async fn take(&self, step: Step) {
        let (ids, writer) = (self.ids().await, self.test.app.writer());
        let actor = "test".to_owned();
        match step {
            Step::Record(items) => {
                for trusted in [false, true] {
                    let items: Vec<_> = items
                        .iter()
                        .filter(|item| item.0 == trusted)
                        .map(|item| item.1.clone())
                        .collect();
                    self.test
                        .record(&self.sources[usize::from(trusted)], &items)
                        .await;
                }
            }
            Step::Merge(one, other) if !ids.is_empty() => {
                let merge = MergeByHand {
                    profiles: vec![*one.get(&ids), *other.get(&ids)],
                    actor,
                    reason: None,
                    once: None,
                };
                writer.merge(merge).await.unwrap();
            }
            Step::Unmerge(which) if !ids.is_empty() => {
                let unmerge = UnmergeByHand {
                    former: *which.get(&ids),
                    actor,
                    reason: None,
                    once: None,
                };
                writer.unmerge(unmerge).await.unwrap();
            }
            Step::Merge(..) | Step::Unmerge(_) => {}
        }
    }

    /// Whether readers are shown what the database says, of every id and every identifier.
    async fn check(&mut self) {
        let (app, ids) = (&self.test.app, self.ids().await);
        let (db, currency) = (app.db().read(), app.deployment().currency);
        let fresh = HotProfile::load(db, &ids, currency).await.unwrap();
        for id in &ids {
            let read = async || Ok(HotProfile::load(db, &[*id], currency).await?.remove(id));
            let hot = app.hot().get(*id, None, read).await.unwrap().unwrap();
            assert_eq!(
                text(&hot),
                text(&fresh[id]),
                "what is hot is what is stored"
            );
            let before = self.seen.insert(*id, fresh[id].clone());
            if let Some(before) = before.filter(|before| *before != fresh[id]) {
                let (before, now) = (before.version(), hot.version());
                assert!(before < now, "a change has a greater version than {before}");
            }
        }
        let named = identifier::Entity::find().all(db).await.unwrap();
        for model in named.iter().filter(|model| model.namespace != "claimed_by") {
            let by = By::Identifier {
                namespace: model.namespace.clone(),
                value: model.value.clone(),
            };
            let found = service::find(app, Some(&Caller::Local), by, None).await;
            let found = found.unwrap().unwrap();
            assert!(found.component_of(model.fragment_id).is_some());
        }
        for hot in fresh.values().filter_map(HotProfile::present) {
            self.compare(hot).await;
        }
    }

    /// Compares a profile with what the tables of identity, fragments and purchases say one by one.
    async fn compare(&self, hot: &Present) {
        let db = self.test.app.db().read();
        let currency = self.test.app.deployment().currency;
        let graph = crate::identity::store::load_profiles(db, &[hot.id])
            .await
            .unwrap();
        let purchases = purchase::Entity::find().all(db).await.unwrap();
        let parts: Vec<BTreeMap<FragmentId, PurchaseState>> = purchases
            .into_iter()
            .filter(|model| model.profile_id == hot.id)
            .map(|model| serde_json::from_value(model.parts).unwrap())
            .collect();
        let all: BTreeSet<_> = graph.fragments().map(|(id, _)| id).collect();
        let listed = hot.components.iter().flat_map(|one| one.fragments.clone());
        assert_eq!(listed.collect::<BTreeSet<_>>(), all);
        for component in &hot.components {
            let tied: BTreeSet<_> = graph
                .verified_component(component.fragments[0])
                .into_iter()
                .collect();
            assert_eq!(
                component.fragments.iter().copied().collect::<BTreeSet<_>>(),
                tied
            );
            let mut projection = Projection::default();
            for row in profiles::fragments(db, tied.iter().copied()).await.unwrap() {
                projection.join(row.projection.as_ref().unwrap_or(&hot.projection));
            }
            let views: Vec<_> = parts
                .iter()
                .filter_map(|parts| {
                    let known: Vec<_> = tied.iter().filter_map(|id| parts.get(id)).collect();
                    let mut whole = PurchaseState::default();
                    for part in &known {
                        whole.join(part);
                    }
                    (!known.is_empty()).then(|| whole.view(&currency))
                })
                .collect();
            let summary = PurchaseSummary::of(views.iter());
            let own = component.own.as_ref();
            let shown = own.map_or((&hot.projection, hot.summary), |own| {
                (&own.projection, own.summary)
            });
            assert_eq!(shown, (&projection, summary));
        }
    }
}

fn text(hot: &HotProfile) -> Json {
    serde_json::to_value(hot).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_what_is_hot_is_what_is_stored(steps in prop::collection::vec(step(), 1..14)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut world = World::start().await;
            for (place, mut step) in steps.into_iter().enumerate() {
                if let Step::Record(items) = &mut step {
                    for (n, (_, item)) in items.iter_mut().enumerate() {
                        item["messageId"] = json!(format!("m{place}-{n}"));
                        item["timestamp"] = json!(format!("2026-03-01T00:{place:02}:{n:02}Z"));
                    }
                }
                world.take(step).await;
                world.check().await;
            }
        });
    }
}

#[tokio::test]
async fn a_hot_profile_is_stored_as_it_is() {
    let mut world = World::start().await;
    let claim = json!({ "type": "identify", "anonymousId": "a1", "messageId": "claim",
        "context": { "traits": { "email": "ada@example.com" } }, "traits": { "city": "Soria" } });
    let order = json!({ "type": "track", "event": "Order Completed", "userId": "ada", "messageId": "order",
        "properties": { "order_id": "o1", "revenue": 10 },
        "context": { "traits": { "email": "ada@example.com" } } });
    world
        .take(Step::Record(vec![(false, claim), (true, order)]))
        .await;
    world.check().await;
    let parts = |hot: &HotProfile| hot.present().map_or(0, |present| present.components.len());
    assert!(world.seen.values().any(|hot| parts(hot) > 1));
    for hot in world.seen.values() {
        let read: HotProfile = serde_json::from_str(&text(hot).to_string()).unwrap();
        assert!(read == *hot && hot.weight() > size_of::<HotProfile>());
    }
}

const PROFILE: &str = "query($id: ID!) { node(id: $id) { id } byEmail: profile(by: { email: \"ada@example.com\" }) { id }
    profile(by: { id: $id }) { id createdAt version known formerIds identifiers { namespace value trust shared firstSeen lastSeen }
    traits { name value occurredAt rank } trait(name: \"city\") { value }
    summary { touchpoints orders spend { minor } channels { channel touchpoints } } } }";
const VIEWER: &str = "{ viewer { whole version identifiers { namespace value } traits { name value } trait(name: \"city\") { value }
    summary { firstSeen lastSeen touchpoints orders spend { minor } refunded { minor } meanOrderIntervalDays } } }";

/// Waits until the cache has read the counters for the first time, when it forgets what it took up before.
async fn settled(test: &TestApp) {
    while test.app.hot().counters().forgotten == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn page_views_that_are_hot_ask_the_database_nothing() {
    let test = TestApp::start().await;
    let traits = json!({ "email": "ada@example.com", "city": "Soria" });
    let id = identified(&test, &[identify("ada", &traits)])
        .await
        .remove(0);
    let view = async || -> (Json, Response) {
        let caller = Caller::Visitor {
            subjects: vec![("customer_id".to_owned(), "ada".to_owned())],
            purposes: vec![],
        };
        let seen = execute(
            &test,
            &storefront(&test.app),
            Some(caller),
            VIEWER,
            json!({}),
        )
        .await;
        (ask(&test, PROFILE, json!({ "id": id })).await, seen)
    };
    settled(&test).await;
    let (profile, viewer) = view().await;
    assert_eq!(profile["profile"]["trait"]["value"], "Soria");
    test.app.db().clone().close().await.unwrap();
    let asked = test.app.hot().counters().loads;
    let (again, seen) = view().await;
    assert_eq!(again, profile);
    assert_eq!((seen.errors.as_slice(), seen.data), (&[][..], viewer.data));
    assert_eq!(test.app.hot().counters().loads, asked);
}

#[tokio::test]
async fn a_restricted_profile_is_hot_for_nobody_without_the_right() {
    let test = TestApp::start().await;
    let id = identified(&test, &[identify("ada", &json!({ "city": "Soria" }))])
        .await
        .remove(0);
    test.execute("UPDATE profile SET restricted = true")
        .await
        .unwrap();
    let caller = crate::graphql::tests::integration(&[lazo_domain::access::Scope::ProfilesRead]);
    let document = "query($id: ID!) { node(id: $id) { id } profile(by: { id: $id }) { id }
        named: profile(by: { customerId: \"ada\" }) { id } }";
    let nothing = json!({ "node": null, "profile": null, "named": null });
    for _ in 0..2 {
        assert_eq!(
            ask(&test, document, json!({ "id": id })).await["node"]["id"],
            json!(id)
        );
        let schema = platform(&test.app);
        let hidden = execute(
            &test,
            &schema,
            Some(caller.clone()),
            document,
            json!({ "id": id }),
        )
        .await;
        assert_eq!(hidden.data.into_json().unwrap(), nothing);
    }
}

#[tokio::test]
async fn many_profiles_are_read_together_and_once() {
    let test = TestApp::start().await;
    let items: Vec<_> = (0..20)
        .map(|n| identify(&format!("u{n}"), &json!({ "n": n })))
        .collect();
    let ids = identified(&test, &items).await;
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    settled(&test).await;
    let expected: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
    for _ in 0..2 {
        let nodes = ask(&test, document, json!({ "ids": ids })).await;
        assert_eq!(nodes["nodes"], json!(expected));
        assert_eq!(test.app.hot().counters().loads, 1);
    }
}
