//! The quarantine in the schema.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lazo_domain::access::Scope;
use lazo_entity::quarantine::Model;

use super::{State, service};
use crate::audit::Read;
use crate::error::ApiError;
use crate::graphql::{
    Connection, ContextExt, DateTime, Json, Paging, SourceById, TouchpointResult, UserError, check,
    needs, note_read, read_id, settled, take, wants_total,
};
use crate::source::graphql::Source;

/// Whether an item waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "State")]
pub enum QuarantineState {
    /// It waits to be mended and replayed.
    Waiting,
    /// It was replayed, and became a touchpoint.
    Replayed,
}

/// An item in quarantine as the schema shows it.
pub struct QuarantineItem(pub Model);

/// An item that could not be used, kept as it came.
#[Object]
impl QuarantineItem {
    /// The global id of the item. It is opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The source it came from. Null means that the caller may not see sources.
    async fn source(&self, ctx: &Context<'_>) -> Result<Option<Source>, ApiError> {
        if check(ctx, Scope::SourcesRead).is_err() {
            return Ok(None);
        }
        let found = ctx.loaders().load_one(SourceById(self.0.source_id)).await?;
        Ok(found.map(Source))
    }

    /// The id that the client gave it. Null means that it has none that can be read.
    async fn message_id(&self) -> Option<&str> {
        self.0.message_id.as_deref()
    }

    /// Why it could not be used, for programs.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Why it could not be used, in a sentence for people.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The item as it was received, as text. Bytes that are not UTF-8 are shown as U+FFFD; `rawBase64` has them as they are.
    fn raw(&self, ctx: &Context<'_>) -> Result<String, ApiError> {
        take(ctx, self.0.raw.len())?;
        Ok(String::from_utf8_lossy(&self.0.raw).into_owned())
    }

    /// The bytes of the item as they were received, in base 64.
    fn raw_base64(&self, ctx: &Context<'_>) -> Result<String, ApiError> {
        take(ctx, self.0.raw.len())?;
        Ok(STANDARD.encode(&self.0.raw))
    }

    /// When it was received.
    async fn received_at(&self) -> DateTime {
        self.0.received_at.into()
    }

    /// Whether it waits.
    async fn state(&self) -> QuarantineState {
        let waits = self.0.state == State::Waiting.as_str();
        if waits {
            QuarantineState::Waiting
        } else {
            QuarantineState::Replayed
        }
    }

    /// The touchpoint that it became. Null means that it still waits.
    async fn touchpoint_id(&self) -> Option<ID> {
        self.0.touchpoint_id.map(|id| id.to_string().into())
    }
}

/// What can be read of the quarantine.
#[derive(Default)]
pub struct QuarantineQuery;

#[Object]
impl QuarantineQuery {
    /// The items that could not be used, the newest first.
    #[graphql(guard = "needs(Scope::QuarantineRead)")]
    async fn quarantine(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The most items to return, from the start. At most 250; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "The most items to return, from the end. At most 250.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only items in this state.")] state: Option<QuarantineState>,
    ) -> Result<Connection<QuarantineItem>, ApiError> {
        let paging = Paging::read("quarantine", first, after, last, before)?;
        let state = state.map(State::from);
        let listed = service::list(ctx.app(), state, &paging.page, wants_total(ctx)).await?;
        note_read(ctx, Read::Quarantine, None, listed.rows.len());
        Ok(paging.connection(listed, QuarantineItem))
    }
}

/// Which item to replay.
#[derive(InputObject)]
pub struct QuarantineReplayInput {
    /// The item.
    id: ID,
    /// The item to use in place of the bytes that were received. Without it those are read once more.
    mended: Option<Json>,
}

/// What became of a replay.
#[derive(SimpleObject)]
pub struct QuarantineReplayPayload {
    /// The item as it is now. Null means that nothing was replayed.
    item: Option<QuarantineItem>,
    /// What became of it. Null means that nothing was replayed.
    result: Option<TouchpointResult>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// What can be changed of the quarantine.
#[derive(Default)]
pub struct QuarantineMutation;

#[Object]
impl QuarantineMutation {
    /// Sends an item in quarantine once more, as it came or as it was mended. What still cannot be used goes on waiting. A mended
    /// item of a trusted source needs the scope `profiles:merge` besides, as it speaks in the name of that source.
    async fn quarantine_replay(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which item to replay.")] input: QuarantineReplayInput,
    ) -> Option<Result<QuarantineReplayPayload, ApiError>> {
        Some(replay(ctx, &input).await)
    }
}

async fn replay(
    ctx: &Context<'_>,
    input: &QuarantineReplayInput,
) -> Result<QuarantineReplayPayload, ApiError> {
    let caller = check(ctx, Scope::QuarantineWrite)?;
    let mended = input.mended.as_ref().map(|mended| &mended.0);
    let outcome = match read_id(&input.id, "item") {
        Ok(id) => service::replay(ctx.app(), caller, id, mended).await,
        Err(error) => Err(error),
    };
    let (replayed, user_errors) = settled(outcome)?;
    let (item, result) = replayed
        .map(|replayed| {
            (
                QuarantineItem(replayed.item),
                TouchpointResult(replayed.answer),
            )
        })
        .unzip();
    Ok(QuarantineReplayPayload {
        item,
        result,
        user_errors,
    })
}
