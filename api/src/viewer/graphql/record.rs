//! What a visitor sends of themself.

use async_graphql::{ComplexObject, Context, Enum, InputObject, Object, SimpleObject};
use lazo_domain::touchpoint::Kind;
use serde_json::{Value, json};

use super::super::service;
use super::consent::{ConsentSetInput, ConsentSetPayload, consent_set};
use super::visitor;
use crate::error::{ApiError, Error};
use crate::graphql::{ContextExt, DateTime, Json, TouchpointStatus, UserError, settled};
use crate::touchpoint::Answer;
use crate::touchpoint::graphql::item_of;
use crate::touchpoint::visitor::{Sent, record};

/// The origin of the page that a request comes from, if the browser says so.
pub struct PageOrigin(pub Option<String>);

/// Which call of the Segment protocol a touchpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "TouchpointType")]
pub enum VisitorTouchpointType {
    /// Sets traits of the visitor.
    Identify,
    /// Says what the visitor did.
    Track,
    /// The visitor looked at a page of a site.
    Page,
    /// The visitor looked at a screen of an app.
    Screen,
}

impl From<VisitorTouchpointType> for Kind {
    fn from(kind: VisitorTouchpointType) -> Self {
        match kind {
            VisitorTouchpointType::Identify => Self::Identify,
            VisitorTouchpointType::Track => Self::Track,
            VisitorTouchpointType::Page => Self::Page,
            VisitorTouchpointType::Screen => Self::Screen,
        }
    }
}

/// A touchpoint of the visitor, as in the Segment protocol. Whose it is says the visitor token; identifiers in it, such as an email
/// address among the traits, tie nobody to the visitor.
#[derive(InputObject)]
#[graphql(name = "TouchpointInput")]
pub struct VisitorTouchpointInput {
    /// The id that makes a second delivery harmless, for ever. Null means that it gets one, and a second delivery counts again.
    message_id: Option<String>,
    /// Which call of the protocol it is.
    r#type: VisitorTouchpointType,
    /// What happened, such as `Product Viewed`. A `TRACK` needs it; null for the others.
    event: Option<String>,
    /// The name of the page or the screen. Null means that it has none.
    name: Option<String>,
    /// An object of what an `IDENTIFY` says about the visitor; a value of null removes a trait. Null means nothing. If a customer
    /// sets personal traits alone (their name, birthday, gender, address, language and the like), these count more than what the
    /// company's systems say. Others count where these say nothing.
    traits: Option<Json>,
    /// An object of what is said about what happened. Null means nothing.
    properties: Option<Json>,
    /// An object of what is said about the circumstances. Null means nothing.
    context: Option<Json>,
    /// When it happened. Null means now.
    timestamp: Option<DateTime>,
}

impl VisitorTouchpointInput {
    /// The item as a client of the protocol would send it.
    fn into_item(self) -> Value {
        let text = |text: Option<String>| text.map(Value::String);
        let json = |json: Option<Json>| json.map(|json| json.0);
        let kind = Kind::from(self.r#type).as_str().to_lowercase();
        let time = self.timestamp.map(|time| json!(time.0.to_string()));
        item_of([
            ("messageId", text(self.message_id)),
            ("type", Some(Value::String(kind))),
            ("event", text(self.event)),
            ("name", text(self.name)),
            ("traits", json(self.traits)),
            ("properties", json(self.properties)),
            ("context", json(self.context)),
            ("timestamp", time),
        ])
    }
}

/// Touchpoints of the visitor to record.
#[derive(InputObject)]
#[graphql(name = "TouchpointsRecordInput")]
pub struct VisitorTouchpointsRecordInput {
    /// The key of the source in whose name they are sent: of one that is not trusted, and that takes pages of this origin.
    source_key: String,
    /// The touchpoints, 1 to 100, in their order.
    #[graphql(validator(max_items = 100))]
    touchpoints: Vec<VisitorTouchpointInput>,
}

/// What became of one touchpoint that was sent.
pub struct VisitorTouchpointResult(Answer);

/// What became of one touchpoint that was sent.
#[Object(name = "TouchpointResult")]
impl VisitorTouchpointResult {
    /// The id it was sent under, or got. Null means that it has none that can be read.
    async fn message_id(&self) -> Option<&str> {
        self.0.message_id.as_deref()
    }

    /// What became of it.
    async fn status(&self) -> TouchpointStatus {
        self.0.status.into()
    }

    /// Why, for programs. Of an accepted item it names the first thing that was changed on the way; null means nothing was.
    async fn code(&self) -> Option<&str> {
        self.0.code
    }

    /// The code as a sentence for people. Null where there is no code.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}

/// What became of touchpoints.
#[derive(SimpleObject)]
#[graphql(name = "TouchpointsRecordPayload", complex)]
pub struct VisitorTouchpointsRecordPayload {
    /// What became of each touchpoint, in their order; empty if nothing was taken.
    items: Vec<VisitorTouchpointResult>,
    /// What the caller can mend; empty if the touchpoints were taken.
    user_errors: Vec<UserError>,
}

/// What became of touchpoints.
#[ComplexObject]
impl VisitorTouchpointsRecordPayload {
    /// The version of the viewer that shows the touchpoints: by it the next read sees them, whichever of several servers answers.
    /// Null means that nothing is known of the visitor yet.
    async fn version(&self, ctx: &Context<'_>) -> Result<Option<i64>, ApiError> {
        let (caller, subjects) = visitor(ctx)?;
        let view = service::view(ctx.app(), caller, subjects, None).await?;
        Ok(view.map(|view| view.version()))
    }
}

/// The entry to what a visitor may do about themself.
#[derive(Default)]
pub struct ViewerMutation;

/// The entry to what a visitor may do about themself.
#[Object(name = "Mutation")]
impl ViewerMutation {
    /// Records touchpoints of the visitor whose token the request carries. The answer comes once they are durable, and the viewer
    /// shows them. What it says of an order never overrules the company's own systems. Null means that the caller is no visitor, or
    /// that an error was met.
    async fn touchpoints_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The touchpoints and the key of their source.")]
        input: VisitorTouchpointsRecordInput,
    ) -> Option<Result<VisitorTouchpointsRecordPayload, ApiError>> {
        Some(payload(sent(ctx, input).await))
    }

    /// Writes down what the visitor whose token the request carries decides about a purpose. A grant of a purpose that is decided by
    /// channel needs the token of a customer, and where it has to be confirmed it is pending until then. Null means that the caller is
    /// no visitor, or that an error was met.
    async fn consent_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: ConsentSetInput,
    ) -> Option<Result<ConsentSetPayload, ApiError>> {
        Some(consent_set(ctx, input).await)
    }
}

async fn sent(
    ctx: &Context<'_>,
    input: VisitorTouchpointsRecordInput,
) -> Result<Vec<Answer>, Error> {
    let (_, subjects) = visitor(ctx)?;
    let origin = ctx.data_opt::<PageOrigin>();
    let sent = Sent {
        source_key: &input.source_key,
        origin: origin.and_then(|origin| origin.0.as_deref()),
        items: input
            .touchpoints
            .into_iter()
            .map(VisitorTouchpointInput::into_item)
            .collect(),
    };
    record(ctx.app(), subjects, sent).await
}

fn payload(
    outcome: Result<Vec<Answer>, Error>,
) -> Result<VisitorTouchpointsRecordPayload, ApiError> {
    let (answers, user_errors) = settled(outcome)?;
    let items = answers.into_iter().flatten();
    Ok(VisitorTouchpointsRecordPayload {
        items: items.map(VisitorTouchpointResult).collect(),
        user_errors,
    })
}
