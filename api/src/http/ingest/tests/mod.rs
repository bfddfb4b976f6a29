//! What clients of the protocol are promised.

mod clients;
mod errors;
mod keys;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use lazo_domain::id::SourceId;
use lazo_domain::identity::Worthless;
use serde_json::{Value as Json, json};
use tower::ServiceExt;

use super::*;
use crate::touchpoint::{Content, Status};

/// 2026-11-22T00:39:31Z.
const NOW: Timestamp = Timestamp(1_795_307_971_000);
/// The memory for all requests.
const MEMORY: usize = 32 * 1024 * 1024;
/// A key that every test knows.
const KEY: &str = "lazo_src_known";

/// A program behind the door that stores nothing.
#[derive(Clone, Default)]
struct Program(Arc<Behind>);

#[derive(Default)]
struct Behind {
    recorded: Mutex<Vec<Incoming>>,
    admitted: AtomicUsize,
    most_admitted: AtomicUsize,
    full: AtomicBool,
    away: AtomicBool,
    drawn: AtomicUsize,
    holder: Mutex<Option<Holder>>,
    throttled: AtomicBool,
    charged: AtomicUsize,
}

impl Program {
    fn recorded(&self) -> Vec<Incoming> {
        self.0
            .recorded
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

struct Share(Arc<Behind>, usize);

impl Drop for Share {
    fn drop(&mut self) {
        self.0.admitted.fetch_sub(self.1, Ordering::SeqCst);
    }
}

fn source(key: &str) -> Option<source::Model> {
    let name = key.strip_prefix("lazo_src_")?;
    ["known", "test", "archived", "bound", "public"]
        .contains(&name)
        .then(|| source::Model {
            id: SourceId(Uuid::from_u128(1)),
            name: name.into(),
            channel: "WEB".into(),
            trusted: name != "public",
            live: name != "test",
            shop: "shop".into(),
            region: None,
            links_known: false,
            allowed_origins: if name == "bound" {
                json!(["https://shop.example"])
            } else {
                json!([])
            },
            key_hash: String::new(),
            key_hint: String::new(),
            second_key_hash: None,
            second_key_hint: None,
            created_at: Timestamp(0),
            archived_at: (name == "archived").then_some(NOW),
            version: 1,
        })
}

impl Ingest for Program {
    type Share = Share;
    type Place = ();

    async fn source(&self, key: &str, _: &Parts) -> Result<Option<Arc<source::Model>>, Error> {
        if self.0.away.load(Ordering::SeqCst) {
            return Err(Error::Unavailable {
                retry_after: Duration::from_millis(1500),
            });
        }
        Ok(source(key).map(Arc::new))
    }

    fn limit(&self, _: &Parts, stranger: Stranger) -> Result<(), ApiError> {
        if self.0.throttled.load(Ordering::SeqCst) {
            return Err(ApiError::throttled(Duration::from_secs(1)));
        }
        let cost = usize::from(stranger != Stranger::Unread);
        self.0.charged.fetch_add(cost, Ordering::SeqCst);
        Ok(())
    }

    fn memory(&self, _: Holder) -> usize {
        MEMORY
    }

    fn admit(&self, bytes: usize, holder: Holder) -> Result<Share, Error> {
        *self.0.holder.lock().unwrap() = Some(holder);
        if self.0.full.load(Ordering::SeqCst) {
            return Err(Error::Overloaded {
                retry_after: Duration::from_secs(1),
            });
        }
        let before = self.0.admitted.fetch_add(bytes, Ordering::SeqCst);
        self.0
            .most_admitted
            .fetch_max(before + bytes, Ordering::SeqCst);
        Ok(Share(Arc::clone(&self.0), bytes))
    }

    fn enter(&self) -> Result<(), Error> {
        Ok(())
    }

    async fn record(&self, (): (), items: Vec<Incoming>) -> Result<Vec<Answer>, Error> {
        assert!(
            self.0.admitted.load(Ordering::SeqCst) >= items.iter().map(|i| i.raw.len()).sum(),
            "what is recorded was admitted"
        );
        let answers = items.iter().map(|item| match &item.content {
            Content::Touchpoint(_) => Answer {
                touchpoint: Some(Uuid::from_u128(2).into()),
                profile: Some(Uuid::from_u128(3).into()),
                version: Some(4),
                ..Answer::plain(item.message_id(), Status::Accepted)
            },
            Content::Refused { refusal, .. } => Answer {
                code: Some(refusal.code.as_str()),
                reason: Some(refusal.reason.clone()),
                ..Answer::plain(item.message_id(), Status::Quarantined)
            },
        });
        let answers = answers.collect();
        self.0
            .recorded
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(items);
        Ok(answers)
    }

    fn now(&self) -> Timestamp {
        NOW
    }

    fn next_id(&self) -> Uuid {
        let drawn = self.0.drawn.fetch_add(1, Ordering::SeqCst);
        Uuid::from_u128(u128::try_from(drawn).unwrap_or_default())
    }

    fn rules(&self) -> Arc<DecodingRules> {
        Arc::new(DecodingRules {
            earliest_event: Timestamp(0),
            worthless: Worthless::default(),
            currency: "EUR".parse().unwrap(),
        })
    }
}

fn limits() -> Limits {
    Limits {
        body_time: Duration::from_millis(50),
        ..Limits::default()
    }
}

/// An answer, read to its end.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    json: Json,
}

async fn send(program: &Program, request: axum::http::Request<Body>) -> Reply {
    let router: Router = router(program.clone(), limits());
    let (head, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let json = serde_json::from_slice(&body).unwrap_or_default();
    assert_eq!(
        head.headers.get("access-control-allow-origin").unwrap(),
        "*"
    );
    assert!(
        !head
            .headers
            .contains_key("access-control-allow-credentials")
    );
    assert_eq!(
        program.0.admitted.load(Ordering::SeqCst),
        0,
        "memory is given back"
    );
    Reply {
        status: head.status,
        headers: head.headers,
        json,
    }
}

fn post_to(path: &str) -> axum::http::request::Builder {
    axum::http::Request::post(path)
}

/// Sends a body under the known key.
async fn post_body(program: &Program, path: &str, body: impl Into<Body>) -> Reply {
    let request = post_to(path)
        .header("x-write-key", KEY)
        .body(body.into())
        .unwrap();
    send(program, request).await
}
