//! Merging and parting profiles by hand, in the schema.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_domain::id::ProfileId;

use super::{Profile, readable};
use crate::error::{ApiError, Error};
use crate::graphql::{ContextExt, UserError, allowed, once, read_id, settled};
use crate::profile::hot::Present;
use crate::profile::service::{self, Parted};

/// Which profiles are one person.
#[derive(InputObject)]
pub struct ProfilesMergeInput {
    /// The global ids of the profiles, 2 to 20; former ids will do. The oldest goes on.
    #[graphql(validator(max_items = 20))]
    profiles: Vec<ID>,
    /// Why, for the identity log, at most 1,000 characters. Null means that no reason is given.
    #[graphql(validator(chars_max_length = 1000))]
    reason: Option<String>,
    /// A text of 1 to 200 characters that makes a repeat of this call harmless. Null means that a repeat counts again.
    idempotency_key: Option<String>,
}

/// What became of a merge.
#[derive(SimpleObject)]
pub struct ProfilesMergePayload {
    /// The profile that goes on. Null means that nothing was merged, or that the caller lacks the scope `profiles:read`.
    profile: Option<Profile>,
    /// What stands against the merge; empty if it was done.
    user_errors: Vec<UserError>,
}

/// Which merge is undone.
#[derive(InputObject)]
pub struct ProfileUnmergeInput {
    /// The former id: that of the profile that was absorbed.
    id: ID,
    /// Why, for the identity log, at most 1,000 characters. Null means that no reason is given.
    #[graphql(validator(chars_max_length = 1000))]
    reason: Option<String>,
    /// A text of 1 to 200 characters that makes a repeat of this call harmless. Null means that a repeat counts again.
    idempotency_key: Option<String>,
}

/// What became of a parting.
#[derive(SimpleObject)]
pub struct ProfileUnmergePayload {
    /// The profile that lives again. Null means that nothing was parted, or that the caller lacks the scope `profiles:read`.
    profile: Option<Profile>,
    /// The profile that had absorbed it. Null means that nothing was parted, or that the caller lacks the scope
    /// `profiles:read`.
    survivor: Option<Profile>,
    /// What the caller can mend; empty if the profiles were parted.
    user_errors: Vec<UserError>,
}

/// Merging and parting profiles.
#[derive(Default)]
pub struct ProfileMergeMutation;

#[Object]
impl ProfileMergeMutation {
    /// Merges profiles that are one person; `profileUnmerge` undoes it. It needs the scope `profiles:merge`. Null means that
    /// the caller lacks it, or that an error was met.
    async fn profiles_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The profiles.")] input: ProfilesMergeInput,
    ) -> Option<Result<ProfilesMergePayload, ApiError>> {
        allowed(ctx, Scope::ProfilesMerge, async {
            let (profile, user_errors) = settled(merge(ctx, input).await)?;
            Ok(Some(ProfilesMergePayload {
                profile: readable(ctx, profile),
                user_errors,
            }))
        })
        .await
    }

    /// Parts a profile from the one that absorbed it; each side gets what is its own, and nothing joins them again. It needs
    /// the scope `profiles:merge`. Null means that the caller lacks it, or that an error was met.
    async fn profile_unmerge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The merge to undo.")] input: ProfileUnmergeInput,
    ) -> Option<Result<ProfileUnmergePayload, ApiError>> {
        allowed(ctx, Scope::ProfilesMerge, async {
            let (parted, user_errors) = settled(unmerge(ctx, input).await)?;
            let (profile, survivor) =
                parted.map_or((None, None), |parted| (parted.restored, parted.survivor));
            let (profile, survivor) = (readable(ctx, profile), readable(ctx, survivor));
            Ok(Some(ProfileUnmergePayload {
                profile,
                survivor,
                user_errors,
            }))
        })
        .await
    }
}

async fn merge(ctx: &Context<'_>, input: ProfilesMergeInput) -> Result<Arc<Present>, Error> {
    let caller = ctx.caller().ok_or(Error::Unauthenticated)?;
    let once = once(caller, input.idempotency_key.as_deref(), &input)?;
    let profiles = read_ids(&input.profiles)?;
    service::merge(ctx.app(), caller, profiles, input.reason, once).await
}

async fn unmerge(ctx: &Context<'_>, input: ProfileUnmergeInput) -> Result<Parted, Error> {
    let caller = ctx.caller().ok_or(Error::Unauthenticated)?;
    let once = once(caller, input.idempotency_key.as_deref(), &input)?;
    let former = read_id(&input.id, "profile")?;
    service::unmerge(ctx.app(), caller, former, input.reason, once).await
}

pub(super) fn read_ids(ids: &[ID]) -> Result<Vec<ProfileId>, Error> {
    if ids.len() < 2 {
        return Err(Error::violation(
            "profiles",
            "INVALID",
            "Name at least two profiles.",
        ));
    }
    let missing = |_| {
        Error::violation(
            "profiles",
            "NOT_FOUND",
            "One of these profiles does not exist.",
        )
    };
    ids.iter().map(|id| id.parse().map_err(missing)).collect()
}
