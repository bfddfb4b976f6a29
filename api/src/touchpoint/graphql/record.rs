//! Sending touchpoints through the schema.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_domain::touchpoint::Kind;
use serde_json::{Map, Value, json};

use crate::auth::caller::Caller;
use crate::error::{ApiError, Error};
use crate::graphql::{
    ContextExt, DateTime, Json, TouchpointResult, UserError, allowed, check, settled,
};
use crate::touchpoint::{Answer, service};

/// Which call of the protocol a touchpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum TouchpointType {
    /// Says who the person is and sets their traits.
    Identify,
    /// Says what the person did.
    Track,
    /// The person looked at a page of a site.
    Page,
    /// The person looked at a screen of an app.
    Screen,
    /// The person belongs to a group, such as a company.
    Group,
    /// Two ids mean the same person.
    Alias,
}

/// A touchpoint to record, as in the Segment protocol.
#[derive(InputObject)]
pub struct TouchpointInput {
    /// The id that makes a second delivery harmless, for ever. Null means that it gets one, and a second delivery counts again.
    message_id: Option<String>,
    /// Which call of the protocol it is.
    r#type: TouchpointType,
    /// What happened, such as `Order Completed`. A `TRACK` needs it; null for the others.
    event: Option<String>,
    /// The company's own id of the customer. Null means that it is not known.
    user_id: Option<String>,
    /// The id of the browser or the app. Null means that it is not known.
    anonymous_id: Option<String>,
    /// The other id that an `ALIAS` gives to the person. Null for the others.
    previous_id: Option<String>,
    /// The id of the group. A `GROUP` needs it; null for the others.
    group_id: Option<String>,
    /// The name of the page or the screen. Null means that it has none.
    name: Option<String>,
    /// An object of what an `IDENTIFY` says about the person; a value of null removes a trait. Null means nothing.
    traits: Option<Json>,
    /// An object of what is said about what happened. Null means nothing.
    properties: Option<Json>,
    /// An object of what is said about the circumstances. Null means nothing.
    context: Option<Json>,
    /// When it happened. Null means now.
    timestamp: Option<DateTime>,
}

impl TouchpointInput {
    /// The item as a client of the protocol would send it.
    fn into_item(self) -> Value {
        let text = |text: Option<String>| text.map(Value::String);
        let json = |json: Option<Json>| json.map(|json| json.0);
        let fields = [
            ("messageId", text(self.message_id)),
            (
                "type",
                Some(json!(Kind::from(self.r#type).as_str().to_lowercase())),
            ),
            ("event", text(self.event)),
            ("userId", text(self.user_id)),
            ("anonymousId", text(self.anonymous_id)),
            ("previousId", text(self.previous_id)),
            ("groupId", text(self.group_id)),
            ("name", text(self.name)),
            ("traits", json(self.traits)),
            ("properties", json(self.properties)),
            ("context", json(self.context)),
            (
                "timestamp",
                self.timestamp.map(|time| json!(time.0.to_string())),
            ),
        ];
        item_of(fields)
    }
}

/// An item of the protocol from those of its fields that are given.
pub fn item_of(fields: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    let given = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect::<Map<_, _>>())
}

/// Touchpoints to record.
#[derive(InputObject)]
pub struct TouchpointsRecordInput {
    /// The global id of the source in whose name they are sent. A trusted one needs the scope `profiles:merge` besides; the
    /// built-in source `lazo` is refused with `CONFLICT`.
    source: ID,
    /// The touchpoints, 1 to 1,000, in their order.
    #[graphql(validator(max_items = 1000))]
    touchpoints: Vec<TouchpointInput>,
}

/// What became of touchpoints.
#[derive(SimpleObject)]
pub struct TouchpointsRecordPayload {
    /// What became of each touchpoint, in their order; empty if nothing was taken.
    items: Vec<TouchpointResult>,
    /// What the caller can mend; empty if the touchpoints were taken.
    user_errors: Vec<UserError>,
}

/// Sending touchpoints.
#[derive(Default)]
pub struct TouchpointMutation;

#[Object]
impl TouchpointMutation {
    /// Records touchpoints. The answer comes once they are durable, and counted in their profiles. It needs the scope
    /// `touchpoints:write`, and for a trusted source `profiles:merge` besides, because what it says can tie profiles together.
    /// Null means that the caller lacks one, or that an error was met.
    async fn touchpoints_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The touchpoints and their source.")] input: TouchpointsRecordInput,
    ) -> Option<Result<TouchpointsRecordPayload, ApiError>> {
        allowed(ctx, Scope::TouchpointsWrite, async {
            let caller = check(ctx, Scope::TouchpointsWrite)?;
            let (answers, user_errors) = settled(record(ctx, caller, input).await)?;
            let items = answers
                .into_iter()
                .flatten()
                .map(TouchpointResult)
                .collect();
            Ok(Some(TouchpointsRecordPayload { items, user_errors }))
        })
        .await
    }
}

async fn record(
    ctx: &Context<'_>,
    caller: &Caller,
    input: TouchpointsRecordInput,
) -> Result<Vec<Answer>, Error> {
    let missing = |_| Error::violation("source", "NOT_FOUND", "There is no such source.");
    let source = input.source.parse().map_err(missing)?;
    let items = input
        .touchpoints
        .into_iter()
        .map(TouchpointInput::into_item)
        .collect();
    service::record(ctx.app(), caller, source, items).await
}
