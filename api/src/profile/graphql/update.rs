//! The edit of a profile in the schema.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use lazo_domain::access::Scope;

use super::{Profile, readable};
use crate::auth::caller::Caller;
use crate::error::{ApiError, Error};
use crate::graphql::{ContextExt, Json, UserError, allowed, once, read_id, settled};
use crate::profile::hot::Present;
use crate::profile::service::{self, Update};

/// Which traits of a profile are changed. Traits that are not named stay as they are.
#[derive(InputObject)]
pub struct ProfileUpdateInput {
    /// The global id of the profile, or the former id of one that was merged into it.
    id: ID,
    /// An object of the traits to set, at most 500, with names of at most 200 characters; a value of null removes the trait.
    /// Null means that none is set. Identifiers are not changed by it, not even by a trait named `email`.
    set: Option<Json>,
    /// The names of traits to remove, at most 500. Null means that none is removed.
    #[graphql(validator(max_items = 500))]
    unset: Option<Vec<String>>,
    /// The version of the profile that the caller has seen: if it has changed since, nothing is done. Null means that any
    /// version will do.
    expected_version: Option<i64>,
    /// A text of 1 to 200 characters that makes a repeat of this call harmless. Null means that a repeat counts again.
    idempotency_key: Option<String>,
}

impl ProfileUpdateInput {
    fn read(self, caller: &Caller) -> Result<Update, Error> {
        let once = once(caller, self.idempotency_key.as_deref(), &self)?;
        let set = match self.set.map(|set| set.0) {
            None | Some(serde_json::Value::Null) => serde_json::Map::new(),
            Some(serde_json::Value::Object(set)) => set,
            Some(_) => {
                return Err(Error::violation(
                    "set",
                    "INVALID",
                    "This is an object of traits.",
                ));
            }
        };
        Ok(Update {
            profile: read_id(&self.id, "profile")?,
            set,
            unset: self.unset.unwrap_or_default(),
            expected_version: self.expected_version,
            once,
        })
    }
}

/// What became of an edit.
#[derive(SimpleObject)]
pub struct ProfileUpdatePayload {
    /// The profile as it is after the edit. Null means that nothing was changed, or that the caller lacks the scope
    /// `profiles:read`.
    profile: Option<Profile>,
    /// What the caller can mend; empty if the edit is in force.
    user_errors: Vec<UserError>,
}

/// Edits of profiles.
#[derive(Default)]
pub struct ProfileUpdateMutation;

#[Object]
impl ProfileUpdateMutation {
    /// Sets and removes traits of a profile by hand, with the rank of a trusted source. It needs the scope `profiles:write`.
    /// Null means that the caller lacks it, or that an error was met.
    async fn profile_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: ProfileUpdateInput,
    ) -> Option<Result<ProfileUpdatePayload, ApiError>> {
        allowed(ctx, Scope::ProfilesWrite, async {
            let (profile, user_errors) = settled(update(ctx, input).await)?;
            Ok(Some(ProfileUpdatePayload {
                profile: readable(ctx, profile),
                user_errors,
            }))
        })
        .await
    }
}

async fn update(ctx: &Context<'_>, input: ProfileUpdateInput) -> Result<Arc<Present>, Error> {
    let caller = ctx.caller().ok_or(Error::Unauthenticated)?;
    service::update(ctx.app(), caller, input.read(caller)?).await
}
