//! A profile as a query returns it, in one form for all tests.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Number, Value, json};

use crate::graphql::Caller;

const SELECTION: &str = "
    id version known formerIds
    identifiers { namespace value trust shared }
    traits { name value rank occurredAt touchpointId }
    summary {
      firstSeen lastSeen touchpoints channels { channel touchpoints }
      orders spend { minor amount currency } refunded { minor } ordersLeftOut firstOrderAt lastOrderAt
      meanOrderIntervalDays
    }
    purchases(first: 50) {
      nodes {
        shop orderId status counted leftOut placedAt
        amount { minor currency } refunded { minor currency } net { minor currency }
        lines { productId sku name category brand variant quantity price { minor currency } }
      }
    }
    touchpoints(first: 100) {
      nodes { id messageId kind channel name occurredAt receivedAt originalAt properties context traits extra }
    }";

/// A profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// Whether it has an email, a phone, a customer id or a handle.
    pub known: bool,
    /// The ids that were merged into it.
    pub former_ids: Vec<String>,
    /// Its identifiers.
    pub identifiers: Vec<Identifier>,
    /// Its traits.
    pub traits: Vec<Trait>,
    /// Its summary.
    pub summary: Summary,
    touchpoints: Connection<Touchpoint>,
    purchases: Connection<Value>,
}

/// An identifier of a profile.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identifier {
    /// Its namespace.
    pub namespace: String,
    /// Its normalised value.
    pub value: String,
    /// `CLAIMED` or `VERIFIED`.
    pub trust: String,
    /// Whether several customers use it.
    pub shared: bool,
}

/// A trait of a profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trait {
    /// Its name.
    pub name: String,
    /// The value that won.
    pub value: Value,
    /// The rank of the source it came from.
    pub rank: String,
    /// When what carried it happened.
    pub occurred_at: String,
    /// The touchpoint that carried it.
    pub touchpoint_id: String,
}

/// The sums of a profile.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// When the first touchpoint happened.
    pub first_seen: Option<String>,
    /// When the last touchpoint happened.
    pub last_seen: Option<String>,
    /// How many touchpoints there are.
    pub touchpoints: i64,
    /// How many there are on each channel.
    pub channels: Vec<ChannelCount>,
    /// How many orders count.
    pub orders: i64,
    /// What they come to, after refunds.
    pub spend: Money,
    /// What was refunded.
    pub refunded: Minor,
    /// How many orders are in another currency.
    pub orders_left_out: i64,
    /// When the first order was placed.
    pub first_order_at: Option<String>,
    /// When the last order was placed.
    pub last_order_at: Option<String>,
    /// The mean of the days between two orders.
    pub mean_order_interval_days: Option<Number>,
}

/// The touchpoints of a channel.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct ChannelCount {
    /// The channel.
    pub channel: String,
    /// How many touchpoints there are.
    pub touchpoints: i64,
}

/// An amount of money.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Money {
    /// In minor units.
    pub minor: i64,
    /// As a decimal number.
    pub amount: String,
    /// Its ISO 4217 currency.
    pub currency: String,
}

/// An amount in minor units alone.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Minor {
    /// In minor units.
    pub minor: i64,
}

/// A touchpoint on a timeline.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Touchpoint {
    /// Its id.
    pub id: String,
    /// The id its sender gave it.
    pub message_id: String,
    /// Its kind, such as `track`.
    pub kind: String,
    /// Its channel.
    pub channel: String,
    /// Its name.
    pub name: String,
    /// When it happened.
    pub occurred_at: String,
    /// When it arrived.
    pub received_at: String,
    /// When it happened by the sender's clock.
    pub original_at: Option<String>,
    /// Its properties.
    pub properties: Value,
    /// Its context.
    pub context: Value,
    /// The traits it carried.
    pub traits: Value,
    /// The fields that nobody knows.
    pub extra: Value,
}

#[derive(Clone, Debug, Deserialize)]
struct Connection<T> {
    nodes: Vec<T>,
}

impl Profile {
    /// The value of a trait, or null.
    pub fn value(&self, name: &str) -> Value {
        self.traits
            .iter()
            .find(|candidate| candidate.name == name)
            .map_or(Value::Null, |found| found.value.clone())
    }

    /// The values of one namespace, sorted.
    pub fn values(&self, namespace: &str) -> Vec<&str> {
        let values: BTreeSet<&str> = self
            .identifiers
            .iter()
            .filter(|identifier| identifier.namespace == namespace)
            .map(|identifier| identifier.value.as_str())
            .collect();
        values.into_iter().collect()
    }

    /// An identifier that must be there.
    pub fn identifier(&self, namespace: &str, value: &str) -> &Identifier {
        self.identifiers
            .iter()
            .find(|identifier| identifier.namespace == namespace && identifier.value == value)
            .unwrap_or_else(|| panic!("{namespace} {value} is not in {:?}", self.identifiers))
    }

    /// The newest 100 touchpoints, newest first.
    pub fn timeline(&self) -> &[Touchpoint] {
        &self.touchpoints.nodes
    }

    /// The names of the newest 100 touchpoints, oldest first.
    pub fn story(&self) -> Vec<&str> {
        self.timeline()
            .iter()
            .rev()
            .map(|touchpoint| touchpoint.name.as_str())
            .collect()
    }

    /// The message ids of the newest 100 touchpoints, sorted. One that is there twice shows twice.
    pub fn messages(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self
            .timeline()
            .iter()
            .map(|touchpoint| touchpoint.message_id.as_str())
            .collect();
        ids.sort_unstable();
        ids
    }

    /// Everything that a fold over the touchpoints decides: no id, version or log. Where a trait came from is told by the message
    /// id, if it is among the newest 100.
    pub fn portrait(&self) -> Value {
        let messages: BTreeMap<&str, &str> = self
            .timeline()
            .iter()
            .map(|touchpoint| (touchpoint.id.as_str(), touchpoint.message_id.as_str()))
            .collect();
        let traits: BTreeMap<&str, Value> = self
            .traits
            .iter()
            .map(|found| {
                let from = messages.get(found.touchpoint_id.as_str());
                let (at, rank) = (&found.occurred_at, &found.rank);
                let known = json!({ "value": found.value, "at": at, "rank": rank, "from": from });
                (found.name.as_str(), known)
            })
            .collect();
        let mut identifiers = self.identifiers.clone();
        identifiers.sort_unstable();
        let identifiers: Vec<Value> = identifiers
            .iter()
            .map(|one| json!([one.namespace, one.value, one.trust, one.shared]))
            .collect();
        let mut purchases = self.purchases.nodes.clone();
        purchases.sort_by_cached_key(Value::to_string);
        let summary = &self.summary;
        let channels: BTreeMap<&str, i64> = summary
            .channels
            .iter()
            .map(|count| (count.channel.as_str(), count.touchpoints))
            .collect();
        json!({
            "known": self.known,
            "traits": traits,
            "identifiers": identifiers,
            "messages": self.messages(),
            "purchases": purchases,
            "touchpoints": summary.touchpoints,
            "channels": channels,
            "firstSeen": summary.first_seen,
            "lastSeen": summary.last_seen,
            "orders": summary.orders,
            "spend": [summary.spend.minor, summary.spend.amount, summary.spend.currency],
            "refunded": summary.refunded.minor,
            "ordersLeftOut": summary.orders_left_out,
            "firstOrderAt": summary.first_order_at,
            "lastOrderAt": summary.last_order_at,
            "meanOrderIntervalDays": summary.mean_order_interval_days,
        })
    }
}

impl Caller {
    /// The profile that an input of `profile(by:)` finds.
    pub async fn find(&self, by: Value) -> Option<Profile> {
        let document = format!("query($by: ProfileBy!) {{ profile(by: $by) {{ {SELECTION} }} }}");
        let data = self.query(&document, json!({ "by": by })).await;
        serde_json::from_value(data["profile"].clone())
            .unwrap_or_else(|error| panic!("the profile has another form: {error}\n{data:#}"))
    }

    /// The profile that an input of `profile(by:)` must find.
    pub async fn profile(&self, by: Value) -> Profile {
        let asked = by.to_string();
        self.find(by)
            .await
            .unwrap_or_else(|| panic!("there is no profile by {asked}"))
    }

    /// The profile of a customer of the shop.
    pub async fn customer(&self, id: &str) -> Profile {
        self.profile(json!({ "customerId": id })).await
    }

    /// The profile of a device.
    pub async fn device(&self, id: &str) -> Profile {
        self.profile(json!({ "anonymousId": id })).await
    }

    /// The identity log of a profile, oldest first.
    pub async fn identity_log(&self, id: &str) -> Vec<Value> {
        let document = "query($id: ID!) { profile(by: { id: $id }) { identityLog(first: 100) {
            nodes { kind at profileId otherProfileId namespace value trust touchpointId actor reason undoneAt }
        } } }";
        let data = self.query(document, json!({ "id": id })).await;
        let mut links = data["profile"]["identityLog"]["nodes"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        links.reverse();
        links
    }

    /// How many profiles there are.
    pub async fn count_profiles(&self) -> i64 {
        let data = self
            .query("{ profiles(first: 1) { totalCount } }", json!({}))
            .await;
        data["profiles"]["totalCount"].as_i64().expect("a count")
    }
}

/// The kinds of the entries of an identity log, in their order.
pub fn kinds(log: &[Value]) -> Vec<&str> {
    log.iter()
        .filter_map(|link| link["kind"].as_str())
        .collect()
}
