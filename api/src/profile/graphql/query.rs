//! How profiles are asked for.

use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject};
use lazo_domain::access::Scope;
use lazo_domain::condition::scopes;
use lazo_domain::id::InvalidId;

use super::Profile;
use super::connection::ProfileConnection;
use crate::audit::Read;
use crate::condition::graphql::{ConditionSource, ConditionWarning, Given, accept};
use crate::error::{ApiError, Code, Error};
use crate::graphql::{
    ContextExt, Paging, Written, allowed, check, check_all, needs, note_one, note_read, wants_total,
};
use crate::page::{Listed, Page};
use crate::profile::ProfileRow;
use crate::profile::read::Sort;
use crate::profile::service::{self, By};

/// By what a profile is found: exactly one of these.
#[derive(OneofObject)]
pub enum ProfileBy {
    /// By its global id, or by the former id of a profile that was merged into it.
    Id(ID),
    /// By an email address.
    Email(String),
    /// By a phone number with its country code, such as `+34 600 000 000`.
    Phone(String),
    /// By the company's own id of the customer.
    CustomerId(String),
    /// By the id that a client library gave to a browser or an app.
    AnonymousId(String),
    /// By an identifier of any namespace.
    Identifier(IdentifierInput),
}

/// An identifier of any namespace.
#[derive(InputObject)]
pub struct IdentifierInput {
    /// The kind of identifier, such as `instagram`.
    namespace: String,
    /// The value, as people write it.
    value: String,
}

impl TryFrom<ProfileBy> for By {
    type Error = ApiError;

    fn try_from(by: ProfileBy) -> Result<Self, ApiError> {
        let identifier = |namespace: &str, value| Self::Identifier {
            namespace: namespace.to_owned(),
            value,
        };
        Ok(match by {
            ProfileBy::Id(id) => {
                let refused = |error: InvalidId| {
                    ApiError::new(Code::BadUserInput, format!("`by.id` is {error}."))
                };
                Self::Id(id.parse().map_err(refused)?)
            }
            ProfileBy::Email(value) => identifier("email", value),
            ProfileBy::Phone(value) => identifier("phone", value),
            ProfileBy::CustomerId(value) => identifier("customer_id", value),
            ProfileBy::AnonymousId(value) => identifier("anonymous_id", value),
            ProfileBy::Identifier(IdentifierInput { namespace, value }) => {
                Self::Identifier { namespace, value }
            }
        })
    }
}

/// By what the list of profiles is sorted, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Sort")]
pub enum ProfileSortKey {
    /// By the time the profile was made.
    CreatedAt,
    /// By the time the person was last seen; those never seen come last.
    LastSeen,
}

/// The argument that says for whom a condition is to hold.
const ARGUMENT: &str = "where";

/// Profiles.
#[derive(Default)]
pub struct ProfileQuery;

#[Object]
impl ProfileQuery {
    /// The profile that an id or an identifier leads to. It needs the scope `profiles:read`. Null means that there is none, or
    /// that the caller may not see it. A text that is no profile's id is an error with the code `BAD_USER_INPUT`.
    async fn profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By what the profile is found.")] by: ProfileBy,
        #[graphql(
            desc = "The version that the profile must have at least, as a write has answered it; an older one is an \
                          error with the code `CONFLICT`. Null means any."
        )]
        min_version: Option<i64>,
    ) -> Option<Result<Written<Profile>, ApiError>> {
        allowed(ctx, Scope::ProfilesRead, async {
            note_one(ctx);
            let found = service::find(ctx.app(), ctx.caller(), by.try_into()?, min_version);
            Ok(found.await?.map(Profile::Hot).map(Written))
        })
        .await
    }

    /// All profiles that the caller may see, or those of them for whom a condition holds, the newest first. It needs the scope
    /// `profiles:read`, and with a condition `segments:read` too, with one that asks for a score `scores:read`. A condition that cannot be used is an error with the code
    /// `BAD_USER_INPUT`; what takes too long is one with the code `TIMEOUT`, and one with the code `THROTTLED` says that as many are
    /// asked already as are asked at once.
    #[graphql(guard = "needs(Scope::ProfilesRead)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the arguments of the field"
    )]
    async fn profiles(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The most items, from the start; at most 250. 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only items after this cursor. Null means from the start.")] after: Option<
            String,
        >,
        #[graphql(desc = "The most items, from the end; at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor. Null means up to the end.")]
        before: Option<String>,
        #[graphql(
            desc = "By what the list is sorted.",
            default_with = "ProfileSortKey::CreatedAt"
        )]
        sort_key: ProfileSortKey,
        #[graphql(
            name = "where",
            desc = "Only those for whom this holds. Null means all."
        )]
        condition: Option<ConditionSource>,
    ) -> Result<ProfileConnection, ApiError> {
        let sort = Sort::from(sort_key);
        let paging = Paging::read(sort.name(), first, after, last, before)?;
        let (app, caller, total) = (ctx.app(), ctx.caller(), wants_total(ctx));
        let (listed, warnings) = match condition {
            None => {
                let listed = service::list(app, caller, sort, &paging.page, total).await?;
                (listed, Vec::new())
            }
            Some(source) => listed_where(ctx, source, sort, paging.page).await?,
        };
        note_read(ctx, Read::Profiles, None, listed.rows.len());
        Ok(ProfileConnection::of(paging, listed, warnings))
    }
}

/// A part of the list of those for whom a condition holds, and what may be a mistake in the condition. What is wrong with it is told
/// with its path in the argument.
async fn listed_where(
    ctx: &Context<'_>,
    source: ConditionSource,
    sort: Sort,
    page: Page,
) -> Result<(Listed<ProfileRow>, Vec<ConditionWarning>), ApiError> {
    check(ctx, Scope::SegmentsRead)?;
    let given = Given::of(&source);
    let (condition, warnings) = accept(ctx.app(), source, &[ARGUMENT]).await?;
    check_all(ctx, scopes(&condition))?;
    let total = wants_total(ctx);
    let listed = service::list_where(ctx.app(), ctx.caller(), condition, sort, page, total).await;
    let listed = listed.map_err(|error| match error {
        Error::Invalid(violations) => {
            let placed = violations.into_iter().map(|one| {
                let mut placed = given.place(one);
                placed.field.insert(0, ARGUMENT.to_owned());
                placed
            });
            ApiError::from(Error::Invalid(placed.collect()))
        }
        other => other.into(),
    });
    Ok((listed?, warnings))
}
