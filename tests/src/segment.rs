//! A client of the Segment protocol, and builders of what it sends.

use std::{
    io::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use flate2::{Compression, write::GzEncoder};
use reqwest::{StatusCode, header::HeaderMap};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::TestServer;
use crate::graphql::Caller;

/// Somebody who holds a source key.
#[derive(Clone, Debug)]
pub struct Sender {
    http: reqwest::Client,
    base: String,
    key: String,
    admin: Option<Caller>,
}

/// What became of one item of a batch.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The item's id: its own, or the one it was given.
    pub message_id: Option<String>,
    /// `ACCEPTED`, `DUPLICATE`, `QUARANTINED` or `REJECTED`.
    pub status: String,
    /// Why, for a program.
    pub code: Option<String>,
    /// Why, for a person.
    pub reason: Option<String>,
    /// The touchpoint it became, or that it repeats.
    pub touchpoint_id: Option<String>,
    /// The profile that touchpoint belongs to.
    pub profile_id: Option<String>,
    /// The profile's version, for reads that must see the touchpoint.
    pub profile_version: Option<i64>,
}

/// What came back over HTTP.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The HTTP headers.
    pub headers: HeaderMap,
    /// The body: JSON, or null when it was not JSON.
    pub body: Value,
}

impl Sender {
    /// A sender with a key of one of the server's sources.
    pub fn new(server: &TestServer, key: String) -> Self {
        Self {
            http: server.http().clone(),
            base: server.url(""),
            key,
            admin: None,
        }
    }

    /// The same, with an administrator who tells it of profiles: a public source is not told of them.
    #[must_use]
    pub fn told_by(self, admin: &Caller) -> Self {
        Self {
            admin: Some(admin.clone()),
            ..self
        }
    }

    /// The source key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The same source with another key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self.clone()
        }
    }

    /// Sends items in one batch, which must be answered item by item, in order.
    pub async fn batch(&self, items: &[Item]) -> Vec<Outcome> {
        self.batch_sent_at(items, None).await
    }

    /// Sends items in one batch with the sender's own time on it.
    pub async fn batch_sent_at(&self, items: &[Item], sent_at: Option<&str>) -> Vec<Outcome> {
        let items: Vec<&Value> = items.iter().map(|Item(value)| value).collect();
        let mut body = json!({ "batch": items });
        if let Some(time) = sent_at {
            body["sentAt"] = json!(time);
        }
        let outcomes = self.post("/v1/batch", &body).await.outcomes();
        assert_eq!(outcomes.len(), items.len(), "one answer for each item");
        outcomes
    }

    /// Sends one item in a batch of its own.
    pub async fn one(&self, item: Item) -> Outcome {
        self.batch(&[item])
            .await
            .pop()
            .expect("one answer for one item")
    }

    /// Sends items that must all be accepted.
    pub async fn accepted(&self, items: &[Item]) -> Vec<Outcome> {
        let outcomes = self.batch(items).await;
        for outcome in &outcomes {
            assert_eq!(outcome.status, "ACCEPTED", "{outcome:?}");
        }
        outcomes
    }

    /// Sends one item that must be accepted, and gives back its profile's id.
    ///
    /// For a public source it asks the administrator given by [`told_by`](Self::told_by).
    pub async fn accept(&self, item: Item) -> String {
        let mut outcomes = self.accepted(&[item]).await;
        let outcome = outcomes.pop().expect("one answer for one item");
        if let Some(profile) = outcome.profile_id {
            return profile;
        }
        let query = "query($id: ID!) { node(id: $id) { ... on Touchpoint { profile { id } } } }";
        let admin = self
            .admin
            .as_ref()
            .expect("a public source has somebody to ask");
        let found = admin
            .query(query, json!({ "id": outcome.touchpoint_id }))
            .await;
        found["node"]["profile"]["id"]
            .as_str()
            .expect("an accepted touchpoint has a profile")
            .to_owned()
    }

    /// Sends a JSON body with the key in the header, as the client libraries do.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        let body = serde_json::to_vec(body).expect("the body is JSON");
        self.post_bytes(path, "application/json", body).await
    }

    /// Sends bytes as they are, under a content type.
    pub async fn post_bytes(&self, path: &str, content_type: &str, body: Vec<u8>) -> Reply {
        Reply::of(
            self.request(path)
                .header("content-type", content_type)
                .body(body),
        )
        .await
    }

    /// Sends a body compressed with gzip.
    pub async fn post_gzip(&self, path: &str, content_type: &str, body: &[u8]) -> Reply {
        let request = self
            .request(path)
            .header("content-type", content_type)
            .header("content-encoding", "gzip")
            .body(gzip(body));
        Reply::of(request).await
    }

    /// A request with the key in the header.
    pub fn request(&self, path: &str) -> reqwest::RequestBuilder {
        self.request_without_key(path)
            .basic_auth(&self.key, Some(""))
    }

    /// A request without a key.
    pub fn request_without_key(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}{path}", self.base))
    }
}

impl Reply {
    /// Sends a request and reads its answer.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("the server answers");
        let status = response.status();
        let headers = response.headers().clone();
        let bytes = response.bytes().await.expect("the answer arrives whole");
        Self {
            status,
            headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    /// The answers item by item, of a request that must have succeeded.
    pub fn outcomes(self) -> Vec<Outcome> {
        assert_eq!(self.status, StatusCode::OK, "{:#}", self.body);
        assert_eq!(self.body["success"], json!(true), "{:#}", self.body);
        serde_json::from_value(self.body["items"].clone())
            .unwrap_or_else(|error| panic!("the items are not answers: {error}\n{:#}", self.body))
    }

    /// Holds an error to the form that every client library understands.
    #[track_caller]
    pub fn refused(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        assert!(
            self.body["code"].is_string() && self.body["message"].is_string(),
            "an error has a code and a message, or rudder-sdk-python sends it again: {:#}",
            self.body
        );
    }
}

/// Compresses bytes with gzip.
pub fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

/// One item of a batch. Each has a message id of its own unless it is given one.
#[derive(Clone, Debug)]
pub struct Item(pub Value);

impl Item {
    fn new(kind: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(json!({ "type": kind, "messageId": format!("test-{}-{number}", std::process::id()) }))
    }

    /// The id that the item carries.
    pub fn message_id(&self) -> String {
        self.0["messageId"].as_str().expect("an id").to_owned()
    }

    /// Sets a field, whatever it is.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0[field] = value.into();
        self
    }

    /// Leaves a field out.
    #[must_use]
    pub fn without(mut self, field: &str) -> Self {
        if let Some(fields) = self.0.as_object_mut() {
            fields.remove(field);
        }
        self
    }

    /// Sets the customer's id in the shop.
    #[must_use]
    pub fn user(self, id: &str) -> Self {
        self.with("userId", id)
    }

    /// Sets the device's id.
    #[must_use]
    pub fn anonymous(self, id: &str) -> Self {
        self.with("anonymousId", id)
    }

    /// Sets the message id.
    #[must_use]
    pub fn message(self, id: &str) -> Self {
        self.with("messageId", id)
    }

    /// Sets the time at which it happened, by the sender's clock.
    #[must_use]
    pub fn at(self, time: &str) -> Self {
        self.with("timestamp", time)
    }

    /// Sets the traits.
    #[must_use]
    pub fn traits(self, traits: Value) -> Self {
        self.with("traits", traits)
    }

    /// Sets the properties.
    #[must_use]
    pub fn properties(self, properties: Value) -> Self {
        self.with("properties", properties)
    }
}

/// An `identify`.
pub fn identify() -> Item {
    Item::new("identify")
}

/// A `track` of an event.
pub fn track(event: &str) -> Item {
    Item::new("track").with("event", event)
}

/// A `page` view.
pub fn page(name: &str) -> Item {
    Item::new("page").with("name", name)
}

/// A `screen` view.
pub fn screen(name: &str) -> Item {
    Item::new("screen").with("name", name)
}

/// A `group` membership.
pub fn group(id: &str) -> Item {
    Item::new("group").with("groupId", id)
}

/// An `alias` of a former id to a customer's id.
pub fn alias(previous: &str, user: &str) -> Item {
    Item::new("alias").with("previousId", previous).user(user)
}
