//! Visitor tokens: short-lived, for one visitor of a storefront, on request of the merchant's backend.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lazo_domain::clock::Timestamp;
use lazo_domain::identity::{Dropped, Namespace, Worthless, normalise};
use lazo_domain::touchpoint::{Channel, Claim, Clocks, Kind, Touchpoint, message_digest};
use secrecy::SecretString;
use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::issue;
use crate::auth::jwt::VisitorClaims;
use crate::auth::keyring::Keyring;
use crate::error::{Error, Violation};
use crate::idempotency::input_digest;
use crate::source;
use crate::touchpoint::decoding::Kept;
use crate::touchpoint::{Content, Incoming, Speaker, Status};

/// How long a visitor token may live, in seconds.
const SECONDS: std::ops::RangeInclusive<u64> = 60..=3600;
/// How long it lives where nothing else is asked for, in seconds.
const USUAL_SECONDS: u64 = 900;
/// The name of the touchpoint that vouches for a link.
const NAME: &str = "Visitor Token Issued";
/// A link is confirmed by the first token of a day; those that follow say nothing new.
const DAY: i64 = 86_400_000;

/// A visitor token to be issued, for a customer, a device, or both.
#[derive(Clone)]
pub struct IssueVisitor {
    /// The customer's id in the shop.
    pub customer_id: Option<String>,
    /// The id that the storefront gave the device.
    pub anonymous_id: Option<String>,
    /// How long it lives, in seconds.
    pub expires_in_seconds: Option<i64>,
}

/// A visitor token: shown once and kept nowhere.
#[derive(Debug)]
pub struct IssuedVisitor {
    /// Its text.
    pub text: SecretString,
    /// Until when it is valid.
    pub expires_at: Timestamp,
}

/// Issues a visitor token. Where it names both a customer and a device, the link between them is verified from then on.
pub async fn issue(
    app: &App,
    caller: &Caller,
    issue: &IssueVisitor,
) -> Result<IssuedVisitor, Error> {
    let worthless = Worthless::with_patterns(&app.config().deployment.worthless);
    let claims = issue.claims(&worthless).map_err(Error::Invalid)?;
    let lifetime = issue
        .lifetime()
        .map_err(|wrong| Error::Invalid(vec![wrong]))?;
    let now = app.now();
    let subjects: Vec<_> = claims
        .iter()
        .map(|claim| (claim.namespace.as_str().to_owned(), claim.value.clone()))
        .collect();
    let purposes = match caller {
        Caller::Integration { purposes, .. } => purposes.clone(),
        Caller::Internal { .. } | Caller::Visitor { .. } | Caller::Local => Vec::new(),
    };
    let id = app.ids().next(now);
    let token = VisitorClaims::new(id, &subjects, purposes, now, lifetime)
        .map_err(|_| Error::Invalid(vec![whole("The ids are too long for a token.")]))?;
    if claims.len() > 1 {
        verify_link(app, &claims).await?;
    }
    let text = keyring(app)
        .await?
        .sign(&token)
        .map_err(|error| Error::Internal(error.to_string()))?;
    Ok(IssuedVisitor {
        text,
        expires_at: token.expires_at(),
    })
}

impl IssueVisitor {
    /// The identifiers, as ingestion reads them.
    fn claims(&self, worthless: &Worthless) -> Result<Vec<Claim>, Vec<Violation>> {
        let given = [
            ("customerId", Namespace::customer_id(), &self.customer_id),
            ("anonymousId", Namespace::anonymous_id(), &self.anonymous_id),
        ];
        let mut claims = Vec::new();
        let mut violations = Vec::new();
        for (field, namespace, value) in given {
            let Some(value) = value else { continue };
            match normalise(&namespace, value, None, worthless) {
                Ok(value) => claims.push(Claim { namespace, value }),
                Err(dropped) => violations.push(Violation::of(field, "INVALID", sentence(dropped))),
            }
        }
        if claims.is_empty() && violations.is_empty() {
            violations.push(whole("Give a customer id, an anonymous id, or both."));
        }
        if violations.is_empty() {
            Ok(claims)
        } else {
            Err(violations)
        }
    }

    fn lifetime(&self) -> Result<Duration, Violation> {
        let seconds = match self.expires_in_seconds {
            None => Some(USUAL_SECONDS),
            Some(given) => u64::try_from(given)
                .ok()
                .filter(|given| SECONDS.contains(given)),
        };
        seconds.map(Duration::from_secs).ok_or_else(|| {
            let message = "A visitor token lives from 60 to 3600 seconds.";
            Violation::of("expiresInSeconds", "INVALID", message)
        })
    }
}

/// What is wrong with the input as a whole.
fn whole(message: &str) -> Violation {
    Violation {
        field: Vec::new(),
        code: "INVALID",
        message: message.to_owned(),
    }
}

fn sentence(dropped: Dropped) -> &'static str {
    match dropped {
        Dropped::Worthless => "The value identifies nobody.",
        Dropped::Malformed => "The value is malformed.",
        Dropped::TooLong => "The value is too long.",
    }
}

/// The keys, with one that can sign.
async fn keyring(app: &App) -> Result<Arc<Keyring>, Error> {
    let known = app.authenticator().keyring().await;
    if let Ok(keyring) = known
        && keyring.can_sign()
    {
        return Ok(keyring);
    }
    let now = app.now();
    let transaction = app.db().begin().await?;
    let new_keys = [app.ids().next(now), app.ids().next(now)];
    let keyring = issue::keys_to_sign(&transaction, app.secret(), new_keys, now).await?;
    transaction.commit().await?;
    app.forget_keys().await;
    Ok(Arc::new(keyring))
}

/// Records that the merchant's backend vouches for the link between a customer and a device.
async fn verify_link(app: &App, claims: &[Claim]) -> Result<(), Error> {
    let source = Arc::new(source::service::built_in(app).await?);
    let (touchpoint, raw) = vouching(app.now(), claims);
    let item = Incoming {
        source,
        raw: raw.to_string().into_bytes(),
        envelope: Kept::alone(touchpoint.clocks.received_at),
        content: Content::Touchpoint(Box::new(touchpoint)),
        target: None,
        replays: None,
        speaker: Speaker::Source,
    };
    let answers = app.writer().record(vec![item]).await?;
    match answers.first().map(|answer| answer.status) {
        Some(Status::Accepted | Status::Duplicate) => Ok(()),
        _ => Err(Error::Internal(
            "the link of a visitor was not recorded".into(),
        )),
    }
}

/// The touchpoint that vouches for a link, and the item that it would have been read from.
fn vouching(now: Timestamp, claims: &[Claim]) -> (Touchpoint, Json) {
    let mut raw = json!({ "type": "identify", "day": now.0.div_euclid(DAY) });
    for claim in claims {
        let field = if claim.namespace == Namespace::customer_id() {
            "userId"
        } else {
            "anonymousId"
        };
        raw[field] = Json::String(claim.value.clone());
    }
    let content = input_digest(&raw);
    let message_id = format!("visitor-{}", content.simple());
    raw["messageId"] = Json::String(message_id.clone());
    let touchpoint = Touchpoint {
        digest: message_digest(&message_id),
        message_id,
        content,
        kind: Kind::Identify,
        channel: Channel::Other,
        name: NAME.to_owned(),
        clocks: Clocks {
            occurred_at: now,
            received_at: now,
            original_at: None,
            sent_at: None,
        },
        position: 0,
        claims: claims.to_vec(),
        alias_of: None,
        dropped: Vec::new(),
        traits: BTreeMap::new(),
        properties: Map::new(),
        context: Map::new(),
        extra: Map::new(),
        order: None,
        // The backend speaks for the person, who may be anywhere.
        active: false,
        notes: Vec::new(),
    };
    (touchpoint, raw)
}
