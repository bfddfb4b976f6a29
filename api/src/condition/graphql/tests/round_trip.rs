//! What was read can be sent back, and means the same.

use async_graphql::{EmptyMutation, EmptySubscription, InputType, Object, Schema, Value};
use lazo_domain::condition::Condition as Domain;
use lazo_domain::condition::generate::condition;
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::condition::graphql::{Condition, ConditionInput};

struct Query(Domain);

/// Answers with one condition.
#[Object]
impl Query {
    /// The condition.
    async fn condition(&self) -> Condition<'_> {
        (&self.0).into()
    }
}

const LEAF: &str = "trait { name test { ...v } }
    touchpoint { filter { ...f } window { ...w } measure { count { ...c } sum { ...pn } min { ...pn } max { ...pn }
        mean { ...pn } distinct { property is { ...c } } first { ...t } last { ...t } } }
    purchase { lines { products categories brands } window { ...w } measure { count { ...c } spend { ...n }
        meanSpend { ...n } maxSpend { ...n } products { ...c } first { ...t } last { ...t }
        sinceLastInIntervals { ...n } } }
    sequence { first { ...f } then { ...f } within follows window { ...w } }
    segment { key } score { key value { ...n } grades } consent { purpose channel granted } stage level
    identifier { namespace } anniversary { trait withinDays } seen { which time { ...t } }";

const FRAGMENTS: &str =
    "fragment v on ValueTest { exists equal { ...s } notEqual { ...s } in { ...s } notIn { ...s }
        number { ...n } text { contains startsWith endsWith } time { ...t } }
    fragment s on ScalarValue { text number truth }
    fragment n on NumberComparison { equal notEqual less atMost more atLeast between { from to } }
    fragment c on CountComparison { equal notEqual less atMost more atLeast between { from to } }
    fragment t on TimeTest { before from withinPast longerAgo withinNext furtherAhead
        notLongerAgo notFurtherAhead past }
    fragment w on Window { last before between { after until } }
    fragment f on TouchpointFilter { names channel source properties { name test { ...v } } }
    fragment pn on PropertyNumber { property is { ...n } }";

/// A document that reads a condition as typed output.
fn document() -> String {
    let unrolled = (0..3).fold(LEAF.to_owned(), |inside, _| {
        format!("all {{ {inside} }} any {{ {inside} }} not {{ {inside} }} {LEAF}")
    });
    format!("{{ condition {{ {unrolled} }} }} {FRAGMENTS}")
}

fn without_nulls(value: Json) -> Json {
    match value {
        Json::Object(members) => {
            let members = members.into_iter().filter(|(_, member)| !member.is_null());
            members
                .map(|(name, member)| (name, without_nulls(member)))
                .collect()
        }
        Json::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

fn sent(value: Value) -> Domain {
    let input = ConditionInput::parse(Some(value)).ok();
    input.unwrap().condition().unwrap()
}

fn answered(condition: &Domain, document: &str) -> Json {
    let schema = Schema::build(Query(condition.clone()), EmptyMutation, EmptySubscription)
        .limit_recursive_depth(64)
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let response = runtime.block_on(schema.execute(document));
    assert_eq!(response.errors, []);
    response.data.into_json().unwrap()["condition"].take()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_condition_goes_out_as_json_and_comes_back_the_same(condition in condition()) {
        let json = answered(&condition, "{ condition { json } }")["json"].take();
        prop_assert_eq!(sent(Value::from_json(json).unwrap()), condition);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_condition_goes_out_as_typed_fields_and_comes_back_the_same(condition in condition()) {
        let fields = without_nulls(answered(&condition, &document()));
        prop_assert_eq!(sent(Value::from_json(fields).unwrap()), condition);
    }
}
