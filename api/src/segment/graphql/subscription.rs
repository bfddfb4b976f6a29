//! Transitions of a segment, told as they happen.

use async_graphql::{Context, ID, SimpleObject, Subscription};
use futures::stream::{self, BoxStream, StreamExt};
use lazo_domain::access::Scope;
use lazo_domain::clock::Timestamp;
use lazo_domain::id::SegmentId;
use uuid::Uuid;

use super::SegmentTransition;
use crate::audit::Read;
use crate::error::{ApiError, Error};
use crate::graphql::{ContextExt, needs, note_read, read_cursor, write_cursor};
use crate::segment::feed::Transitions;

/// The kind of the cursors of transitions, in lists and here.
pub(super) const TRANSITIONS: &str = "segment.transition";

/// A transition, as a subscription tells it.
#[derive(SimpleObject)]
pub struct SegmentTransitionEvent {
    /// The place of the transition, to be given as `after`, here or in a list of transitions. It is opaque.
    cursor: String,
    /// The transition.
    transition: SegmentTransition,
}

/// What is told of segments as it happens.
#[derive(Default)]
pub struct SegmentSubscription;

#[Subscription]
impl SegmentSubscription {
    /// Who becomes a member of a segment and who ceases to be one: every transition once, in the order in which they are stored,
    /// whichever process stores them. It needs the scopes `segments:read` and `profiles:read`.
    #[graphql(guard = "needs(Scope::SegmentsRead).and(needs(Scope::ProfilesRead))")]
    async fn segment_transitions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the segment.")] segment: ID,
        #[graphql(
            desc = "Only transitions after this cursor, those of the past first. Null means those to come. The header \
                    `Last-Event-ID` comes before it."
        )]
        after: Option<String>,
    ) -> Result<BoxStream<'static, Result<SegmentTransitionEvent, ApiError>>, ApiError> {
        let id: SegmentId = segment
            .parse()
            .map_err(|_| Error::NotFound { what: "segment" })?;
        let delivery = ctx.delivery();
        let after = delivery.after(after);
        let after = after.as_deref().map(number).transpose()?;
        let transitions = Transitions::after(ctx.app(), id, after).await?;
        // The stream is one read, however long it lasts.
        note_read(ctx, Read::SegmentTransitions, Some(id.to_string()), 0);
        delivery.begins(cursor(transitions.taken()));
        let events = stream::try_unfold(
            (transitions, delivery),
            |(mut transitions, delivery)| async move {
                let (row, segment) = transitions.next().await?;
                let cursor = cursor(row.seq);
                delivery.brings(cursor.clone());
                let transition = SegmentTransition::of(row, segment);
                let event = SegmentTransitionEvent { cursor, transition };
                Ok(Some((event, (transitions, delivery))))
            },
        );
        Ok(events.boxed())
    }
}

fn cursor(number: i64) -> String {
    let number = u128::try_from(number).unwrap_or_default();
    write_cursor(TRANSITIONS, &(None::<Timestamp>, Uuid::from_u128(number)))
}

fn number(cursor: &str) -> Result<i64, ApiError> {
    let (_, number): (Option<Timestamp>, Uuid) = read_cursor(TRANSITIONS, cursor)?;
    Ok(i64::try_from(number.as_u128()).unwrap_or(i64::MAX))
}
