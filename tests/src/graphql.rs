//! A client of the two GraphQL schemas.

use reqwest::{StatusCode, Url, header::HeaderMap};
use serde_json::{Value, json};

use crate::TestServer;

/// Somebody who sends GraphQL requests, with a token or without.
#[derive(Clone, Debug)]
pub struct Caller {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The HTTP headers.
    pub headers: HeaderMap,
    /// The body: JSON, or null when it was not JSON.
    pub body: Value,
}

impl Caller {
    /// A caller of one schema of the server.
    pub fn new(server: &TestServer, path: &str, token: Option<String>) -> Self {
        Self {
            http: server.http().clone(),
            url: server.url(path),
            token,
        }
    }

    /// The address of the schema.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A request by GET, with the document in the address.
    pub fn by_get(&self, query: &str) -> reqwest::RequestBuilder {
        let url = Url::parse_with_params(&self.url, [("query", query)]).expect("an address");
        self.authorised(self.http.get(url))
    }

    /// A request to the schema, with the caller's token.
    pub fn request(&self, method: reqwest::Method) -> reqwest::RequestBuilder {
        self.authorised(self.http.request(method, &self.url))
    }

    fn authorised(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a document with variables.
    pub async fn send(&self, query: &str, variables: Value) -> Answer {
        let request = self
            .request(reqwest::Method::POST)
            .json(&json!({ "query": query, "variables": variables }));
        Answer::of(request).await
    }

    /// Sends a document that must be answered without errors, and gives back its data.
    pub async fn query(&self, query: &str, variables: Value) -> Value {
        self.send(query, variables).await.data()
    }

    /// Sends a mutation with one input, and gives back its payload, which must have no `userErrors`.
    pub async fn mutate(&self, mutation: &str, selection: &str, input: Value) -> Value {
        let payload = self.try_mutate(mutation, selection, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{mutation} was refused");
        payload
    }

    /// Sends a mutation with one input, and gives back its payload with its `userErrors`.
    pub async fn try_mutate(&self, mutation: &str, selection: &str, input: Value) -> Value {
        let kind = mutation_input(mutation);
        let document = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ field message code }} }} }}"
        );
        let data = self.query(&document, json!({ "input": input })).await;
        data[mutation].clone()
    }
}

impl Answer {
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

    /// The data of an answer that must have no errors.
    pub fn data(self) -> Value {
        assert!(
            self.body.get("errors").is_none() && self.body["data"].is_object(),
            "{} {:#}",
            self.status,
            self.body
        );
        self.body["data"].clone()
    }

    /// The codes of the errors, in order.
    pub fn codes(&self) -> Vec<&str> {
        self.body["errors"]
            .as_array()
            .map(|errors| {
                errors
                    .iter()
                    .map(|error| error["extensions"]["code"].as_str().unwrap_or("no code"))
                    .collect()
            })
            .unwrap_or_default()
    }

    /// Holds the answer to be one refusal with this code, and to give no data.
    #[track_caller]
    pub fn refused(&self, code: &str) {
        assert_eq!(self.codes(), [code], "{} {:#}", self.status, self.body);
        let leaked = self.body["data"]
            .as_object()
            .is_some_and(|data| data.values().any(|value| !value.is_null()));
        assert!(!leaked, "a refusal gives no data: {:#}", self.body);
    }
}

fn mutation_input(mutation: &str) -> String {
    let mut letters = mutation.chars();
    let first = letters.next().expect("a mutation has a name");
    format!("{}{}Input", first.to_ascii_uppercase(), letters.as_str())
}

/// The codes of the `userErrors` of a payload, in order.
pub fn user_error_codes(payload: &Value) -> Vec<&str> {
    payload["userErrors"]
        .as_array()
        .map(|errors| {
            errors
                .iter()
                .filter_map(|error| error["code"].as_str())
                .collect()
        })
        .unwrap_or_default()
}
