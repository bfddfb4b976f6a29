//! A client of subscriptions, which reads server-sent events as the HTML standard says
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use std::time::Duration;

use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::graphql::{Answer, Caller};

/// How long an event may take that is bound to come.
const SOON: Duration = Duration::from_secs(20);

/// An open stream.
#[derive(Debug)]
pub struct Events {
    response: reqwest::Response,
    /// What was read and is no whole line yet.
    rest: Vec<u8>,
    id: String,
    name: String,
    data: String,
    /// The id of the last event.
    pub last_id: String,
    /// How many comments were read.
    pub comments: usize,
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// The last id of the stream, with this event.
    pub id: String,
    /// Its data; null where there is none.
    pub data: Value,
}

impl Event {
    /// The code of its first error.
    pub fn code(&self) -> &str {
        let code = &self.data["errors"][0]["extensions"]["code"];
        code.as_str().unwrap_or("no code")
    }
}

/// A subscription, to be sent.
pub fn request(
    caller: &Caller,
    query: &str,
    variables: Value,
    last_id: Option<&str>,
) -> reqwest::RequestBuilder {
    let request = caller
        .request(Method::POST)
        .header("accept", "text/event-stream")
        .json(&json!({ "query": query, "variables": variables }));
    match last_id {
        Some(id) => request.header("last-event-id", id),
        None => request,
    }
}

impl Events {
    /// Subscribes, afresh or after an id.
    pub async fn open(
        caller: &Caller,
        query: &str,
        variables: Value,
        last_id: Option<&str>,
    ) -> Self {
        let request = request(caller, query, variables, last_id);
        let response = request.send().await.expect("the server answers");
        assert_eq!(response.status(), StatusCode::OK, "the stream opens");
        let header = |name: &str| text(response.headers(), name);
        assert_eq!(header("content-type"), "text/event-stream; charset=utf-8");
        Self {
            last_id: header("last-event-id"),
            response,
            rest: Vec::new(),
            id: String::new(),
            name: String::new(),
            data: String::new(),
            comments: 0,
        }
    }

    /// A subscription that is answered otherwise.
    pub async fn refused(caller: &Caller, query: &str, variables: Value) -> Answer {
        Answer::of(request(caller, query, variables, None)).await
    }

    /// The next event, which comes soon; none at the end of the stream.
    pub async fn next(&mut self) -> Option<Event> {
        let next = self.within(SOON).await;
        next.expect("an event comes soon")
    }

    /// The data of the next event, which has no errors.
    pub async fn data(&mut self) -> Value {
        let event = self.next().await.expect("an event");
        assert_eq!(event.name, "next");
        assert!(event.data.get("errors").is_none(), "{:#}", event.data);
        event.data["data"].clone()
    }

    /// The next event if one comes within this time, and then none at the end of the stream.
    pub async fn within(&mut self, patience: Duration) -> Option<Option<Event>> {
        timeout(patience, self.read()).await.ok()
    }

    async fn read(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                let line = String::from_utf8(line).expect("events are text");
                if let Some(event) = self.line(line.trim_end_matches('\n')) {
                    return Some(event);
                }
            }
            let chunk = self.response.chunk().await.ok().flatten()?;
            self.rest.extend_from_slice(&chunk);
        }
    }

    fn line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => self.comments += 1,
            "id" => value.clone_into(&mut self.id),
            "event" => value.clone_into(&mut self.name),
            "data" => {
                self.data += value;
                self.data.push('\n');
            }
            other => panic!("a field {other} that the standard does not name"),
        }
        None
    }

    fn dispatch(&mut self) -> Option<Event> {
        if !self.id.is_empty() {
            self.last_id.clone_from(&self.id);
        }
        let (name, data) = (
            std::mem::take(&mut self.name),
            std::mem::take(&mut self.data),
        );
        if data.is_empty() {
            return None;
        }
        Some(Event {
            name,
            id: self.last_id.clone(),
            data: serde_json::from_str(&data).unwrap_or(Value::Null),
        })
    }
}

fn text(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}
