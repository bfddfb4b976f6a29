//! Changes of a profile, told as they happen.

use async_graphql::{Context, ID, SimpleObject, Subscription};
use futures::stream::{self, BoxStream, StreamExt};
use lazo_domain::access::Scope;
use lazo_domain::id::ProfileId;

use super::Profile;
use crate::error::{ApiError, Error};
use crate::graphql::{ContextExt, needs, read_cursor, write_cursor};
use crate::profile::feed::{Changes, Place};

/// The kind of the cursors of changes.
const CHANGES: &str = "profile.change";

/// That a profile has changed, as a subscription tells it.
#[derive(SimpleObject)]
pub struct ProfileChange {
    /// The place of the change, to be given as `after`. It is opaque.
    cursor: String,
    /// The profile as it is now. After a merge it is the profile that goes on.
    profile: Profile,
}

/// What is told of profiles as it happens.
#[derive(Default)]
pub struct ProfileSubscription;

#[Subscription]
impl ProfileSubscription {
    /// That the profile of an id, present or former, has changed: its newest version, whatever lay between it and the one that
    /// was told before, and whichever process changed it. It ends with the error `NOT_FOUND` once the caller may not see the
    /// profile any more. It needs the scope `profiles:read`.
    #[graphql(guard = "needs(Scope::ProfilesRead)")]
    async fn profile_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the profile; a former id will do.")] id: ID,
        #[graphql(
            desc = "Only what changed after this cursor; if anything did, one event tells it at once. Null means changes to come. \
                    The header `Last-Event-ID` comes before it."
        )]
        after: Option<String>,
    ) -> Result<BoxStream<'static, Result<ProfileChange, ApiError>>, ApiError> {
        let id: ProfileId = id
            .parse()
            .map_err(|_| Error::NotFound { what: "profile" })?;
        let delivery = ctx.delivery();
        let after = delivery.after(after);
        let after = after.as_deref().map(place).transpose()?;
        let changes = Changes::since(ctx.app(), ctx.caller(), id, after).await?;
        delivery.begins(cursor(changes.taken()));
        let events =
            stream::try_unfold((changes, delivery), |(mut changes, delivery)| async move {
                let profile = changes.next().await?;
                let cursor = cursor(changes.taken());
                delivery.brings(cursor.clone());
                let profile = Profile::Hot(profile);
                let event = ProfileChange { cursor, profile };
                Ok(Some((event, (changes, delivery))))
            });
        Ok(events.boxed())
    }
}

fn cursor(place: Place) -> String {
    write_cursor(CHANGES, &(place.version, place.profile))
}

fn place(cursor: &str) -> Result<Place, ApiError> {
    let (version, profile) = read_cursor(CHANGES, cursor)?;
    Ok(Place { profile, version })
}
