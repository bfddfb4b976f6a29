//! What is known of profiles, segments, and what is an error.

use std::collections::{BTreeMap, BTreeSet};

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Condition;
use lazo_domain::id::ProfileId;
use lazo_domain::standing::ScoreModel;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{DAY, euro, hold, nobody, with_traits};
use crate::condition::sql::tests::world::{FADING, World};
use crate::condition::sql::{CompileError, Definition, Scope, Segments, compile};
use crate::db::Engine;

#[tokio::test]
async fn what_is_known_of_a_profile_is_asked_for() {
    let cases = [
        (
            json!({"seen": {"which": "first", "time": {"before": DAY}}}),
            false,
        ),
        (
            json!({"not": {"seen": {"which": "last", "time": {"before": DAY}}}}),
            true,
        ),
        (json!({"stage": ["LEAD", "ACTIVE"]}), false),
        (json!({"not": {"stage": ["LEAD"]}}), true),
        (json!({"level": ["TOP"]}), false),
        (json!({"identifier": {"namespace": "email"}}), false),
        (
            json!({"consent": {"purpose": "news", "granted": true}}),
            false,
        ),
        (
            json!({"consent": {"purpose": "news", "granted": false}}),
            true,
        ),
        (json!({"segment": {"key": "none"}}), false),
        (json!({"all": []}), true),
        (json!({"any": []}), false),
    ];
    hold(
        nobody(),
        cases.map(|(json, holds)| (json, Timestamp(DAY), holds)),
    )
    .await;
}

/// A segment of which `rest` are members by the condition that everybody passes, and some by hand or not at all.
struct Pinned {
    condition: Condition,
    added: Vec<ProfileId>,
    removed: Vec<ProfileId>,
}

impl Segments for Pinned {
    fn definition(&self, _key: &str) -> Option<Definition<'_>> {
        Some(Definition {
            condition: &self.condition,
            added: &self.added,
            removed: &self.removed,
        })
    }
}

fn scope(segments: &dyn Segments) -> Scope<'_> {
    Scope {
        engine: Engine::Sqlite,
        now: Timestamp(0),
        currency: euro(),
        time_zone: chrono_tz::UTC,
        segments,
        scores: &NO_SCORES,
        computed: &NO_NAMES,
        all_placed: true,
    }
}

static NO_SCORES: BTreeMap<&str, &ScoreModel> = BTreeMap::new();
static NO_NAMES: BTreeSet<&str> = BTreeSet::new();

#[tokio::test]
async fn who_is_pinned_to_a_segment_is_in_it_or_out_of_it() {
    let world = World::of(
        vec![nobody(), nobody(), with_traits(&json!({"vip": true}))],
        euro(),
    )
    .await;
    let [added, removed, vip] = [1, 2, 3].map(|number| ProfileId(Uuid::from_u128(number)));
    let condition =
        serde_json::from_value(json!({"trait": {"name": "vip", "test": "exists"}})).unwrap();
    let pinned = Pinned {
        condition,
        added: vec![added, removed],
        removed: vec![removed],
    };
    let segments = Scope {
        engine: world.test.app.db().engine(),
        ..scope(&pinned)
    };
    let asked = serde_json::from_value(json!({"segment": {"key": "pinned"}})).unwrap();
    let query = compile(&asked, &segments).unwrap();
    let read = world.test.app.db().read();
    assert_eq!(query.first(read, 10).await.unwrap(), [added, vip]);
}

#[tokio::test]
async fn a_score_that_fades_is_asked_for_by_its_grade_and_not_by_its_value() {
    let world = World::of(vec![nobody()], euro()).await;
    let asked = |test: Value| {
        let condition: Condition = serde_json::from_value(json!({ "score": test })).unwrap();
        world.compile(&condition, Timestamp(0)).err()
    };
    let value = json!({ "key": FADING, "value": { "more": 1.0 } });
    assert_eq!(asked(value), Some(CompileError::Fading));
    assert_eq!(asked(json!({ "key": FADING, "grades": ["HOT"] })), None);
    assert_eq!(
        asked(json!({ "key": "first", "value": { "more": 1.0 } })),
        None
    );
}

#[tokio::test]
async fn who_was_merged_into_another_is_no_profile() {
    let world = World::of(vec![nobody(), nobody()], euro()).await;
    let everybody = Condition::All(Vec::new());
    assert_eq!(world.selected(&everybody, Timestamp(0)).await.len(), 2);
    let merge = "UPDATE profile SET merged_into = (SELECT p.id FROM profile AS p ORDER BY p.id LIMIT 1) \
                 WHERE id = (SELECT p.id FROM profile AS p ORDER BY p.id DESC LIMIT 1)";
    world.test.execute(merge).await.unwrap();
    assert_eq!(world.selected(&everybody, Timestamp(0)).await.len(), 1);
}

#[test]
fn circles_are_errors_and_no_answers() {
    let itself: Condition = serde_json::from_value(json!({"segment": {"key": "itself"}})).unwrap();
    let circle = Pinned {
        condition: itself.clone(),
        added: Vec::new(),
        removed: Vec::new(),
    };
    assert_eq!(
        compile(&itself, &scope(&circle)).err(),
        Some(CompileError::TooDeep)
    );
    let many = Pinned {
        condition: Condition::All(vec![itself.clone(); 9]),
        added: Vec::new(),
        removed: Vec::new(),
    };
    assert_eq!(
        compile(&itself, &scope(&many)).err(),
        Some(CompileError::TooDeep)
    );
    let large = Condition::All(vec![score_free(); 1_001]);
    assert_eq!(
        compile(&large, &scope(&())).err(),
        Some(CompileError::TooLarge)
    );
}

fn score_free() -> Condition {
    serde_json::from_value(json!({"trait": {"name": "a", "test": "exists"}})).unwrap()
}
