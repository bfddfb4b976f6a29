//! Segments and score models as a marketer makes them, and where profiles stand by them.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::graphql::Caller;

/// How long a sweep over the profiles of a test may take.
const SWEEP: Duration = Duration::from_mins(2);

/// How much the points of a score may differ that fade between two looks.
const FADED: f64 = 0.01;

/// Conditions of each kind, by the keys of their segments: of traits, touchpoints, purchases, in time and in order, of stages, scores and
/// other segments.
const SEGMENTS: [(&str, &str); 9] = [
    ("cities", "city STARTS WITH 'city' AND has(email)"),
    (
        "visitors",
        "performed('Home', within 30d) >= 2 AND visits >= 2",
    ),
    ("quiet", "NOT performed('Home', within 1d) >= 1"),
    ("buyers", "orders.count >= 2 AND NOT stage = LOST"),
    (
        "large",
        "orders.count(within 30d) >= 1 AND has(customer_id)",
    ),
    ("spenders", "orders.spend > 100"),
    (
        "refunded",
        "'Order Completed' THEN 'Order Refunded' WITHIN 2h",
    ),
    ("keen", "score('interest').grade IN ('WARM', 'HOT')"),
    ("keen_buyers", "segment('keen') AND segment('buyers')"),
];

/// Where a profile stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The keys of its segments, its stage, its level and its computed traits.
    pub whole: Value,
    /// Its scores by the keys of their models, each with its grade.
    pub scores: BTreeMap<String, (f64, Value)>,
}

impl PartialEq for Standing {
    /// Whether both are the same, but for what faded between the looks.
    fn eq(&self, other: &Self) -> bool {
        let mut scores = self.scores.iter().zip(&other.scores);
        self.whole == other.whole
            && self.scores.len() == other.scores.len()
            && scores.all(
                |((key, (value, grade)), (other_key, (other, other_grade)))| {
                    (key, grade) == (other_key, other_grade) && (value - other).abs() <= FADED
                },
            )
    }
}

impl Caller {
    /// Creates a segment, and waits until all profiles are decided by it.
    pub async fn segment(&self, key: &str, condition: &str) -> String {
        let input = json!({ "key": key, "name": key, "condition": { "text": condition } });
        let payload = self.mutate("segmentCreate", "segment { id }", input).await;
        let id = payload["segment"]["id"].as_str().expect("an id").to_owned();
        self.swept(&id).await;
        id
    }

    /// Waits until all profiles are decided by a segment as it is now.
    pub async fn swept(&self, segment: &str) {
        let query = "query($id: ID!) { segment(id: $id) { progress { completed } } }";
        let began = Instant::now();
        loop {
            let data = self.query(query, json!({ "id": segment })).await;
            if data["segment"]["progress"]["completed"] == true {
                return;
            }
            assert!(began.elapsed() < SWEEP, "the sweep does not end");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Creates segments, score models and a computed trait of each kind, and waits until all profiles are decided by them.
    pub async fn stands(&self) {
        let pages = json!({ "touchpoints": { "filter": { "names": ["Home"] }, "measure": { "aggregate": "COUNT" } } });
        let computed = json!({ "name": "visits", "of": pages });
        self.mutate("computedTraitCreate", "computedTrait { id }", computed)
            .await;
        let rules = json!([
            { "key": "home", "title": "Visits", "points": 5, "fades": true,
              "when": { "each": { "filter": { "names": ["Home"] }, "cap": { "most": 3, "per": "1d" } } } },
            { "key": "buyer", "title": "Bought", "points": 20, "when": { "holds": { "text": "orders.count >= 1" } } },
        ]);
        let points = json!({ "points": { "halfLife": "3650d", "rules": rules } });
        self.score("interest", points).await;
        self.score("value", json!({ "rfm": {} })).await;
        for (key, condition) in SEGMENTS {
            let input = json!({ "key": key, "name": key, "condition": { "text": condition } });
            let payload = self.mutate("segmentCreate", "segment { id }", input).await;
            if key == "keen_buyers" {
                self.swept(payload["segment"]["id"].as_str().expect("an id"))
                    .await;
            }
        }
    }

    /// Measures anew what scores and levels compare with, and waits until all profiles are decided by it.
    pub async fn measured(&self) {
        let data = self
            .query(
                "{ scoreModels(first: 50) { nodes { id } } segments(first: 1) { nodes { id } } }",
                json!({}),
            )
            .await;
        self.mutate("lifecycleMeasure", "rules { populationGap }", json!({}))
            .await;
        for model in data["scoreModels"]["nodes"].as_array().expect("models") {
            self.mutate(
                "scoreModelMeasure",
                "scoreModel { id }",
                json!({ "id": model["id"] }),
            )
            .await;
        }
        self.swept(
            data["segments"]["nodes"][0]["id"]
                .as_str()
                .expect("a segment"),
        )
        .await;
    }

    /// Creates a score model of a kind.
    pub async fn score(&self, key: &str, kind: Value) {
        let input = json!({ "key": key, "name": key, "definition": { "kind": kind } });
        self.mutate("scoreModelCreate", "scoreModel { id }", input)
            .await;
    }

    /// Where a customer stands.
    pub async fn standing(&self, customer: &str) -> Standing {
        let query = "query($by: ProfileBy!) { profile(by: $by) { stage level
            segments { segment { key } } scores { key value grade } computedTraits { name value } } }";
        let data = self
            .query(query, json!({ "by": { "customerId": customer } }))
            .await;
        let profile = &data["profile"];
        let list = |of: &Value| of.as_array().expect("a list").clone();
        let mut segments: Vec<Value> = list(&profile["segments"])
            .iter()
            .map(|one| one["segment"]["key"].clone())
            .collect();
        segments.sort_by_key(Value::to_string);
        let scores = list(&profile["scores"]).into_iter().map(|score| {
            let key = score["key"].as_str().expect("a key").to_owned();
            (
                key,
                (
                    score["value"].as_f64().expect("a value"),
                    score["grade"].clone(),
                ),
            )
        });
        Standing {
            whole: json!({ "segments": segments, "stage": profile["stage"], "level": profile["level"],
                "computed": profile["computedTraits"] }),
            scores: scores.collect(),
        }
    }
}

impl Standing {
    /// Of how many segments it is a member.
    pub fn segments(&self) -> usize {
        self.whole["segments"].as_array().map_or(0, Vec::len)
    }
}
