//! Where consent of a profile stands, in the schema.

use async_graphql::{Context, ID, Object};
use lazo_domain::access::Scope;
use lazo_domain::id::ProfileId;

use super::{ConsentRecord, ConsentStatus};
use crate::consent::read::{self, Held};
use crate::error::{ApiError, Code};
use crate::graphql::{Channel, Connection, ContextExt, DateTime, Paging, needs};

/// Where consent to a purpose stands, as the schema shows it.
pub struct Consent(pub Held);

/// Where consent to a purpose stands, on a channel.
#[Object]
impl Consent {
    /// The key of the purpose.
    async fn purpose(&self) -> &str {
        self.0.purpose.as_str()
    }

    /// The channel. Null where the purpose is decided once.
    async fn channel(&self) -> Option<Channel> {
        self.0.channel.map(Into::into)
    }

    /// Where it stands.
    async fn status(&self) -> ConsentStatus {
        self.0.state.status(self.0.at).into()
    }

    /// When the decision was made that counts. Null where nothing was decided.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.state.decided.map(|decided| decided.at.into())
    }

    /// The first instant at which time alone changes where it stands. Null means that it never does.
    async fn valid_until(&self) -> Option<DateTime> {
        self.0.state.until(self.0.at).map(Into::into)
    }

    /// The id of the record that shows why. Null where nothing was decided.
    async fn record_id(&self) -> Option<ID> {
        let record = self.0.state.record(self.0.at);
        record.map(|record| record.to_string().into())
    }
}

/// The consent of a profile, as the schema shows it among its fields.
pub struct ProfileConsent(pub ProfileId);

/// What the person decided about purposes.
#[Object]
impl ProfileConsent {
    /// Where consent stands to every purpose that people decide about, on each of its channels. It needs the scope `consent:read`.
    #[graphql(guard = "needs(Scope::ConsentRead)")]
    async fn consents(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "An instant of the past: by what was decided up to it, in what belongs to the profile today. Null means now."
        )]
        as_of: Option<DateTime>,
    ) -> Result<Vec<Consent>, ApiError> {
        let as_of = as_of.map(|at| at.0);
        if as_of.is_some_and(|at| at > ctx.app().now()) {
            let message = "Nobody knows yet what will be decided up to that instant.";
            return Err(ApiError::new(Code::BadUserInput, message));
        }
        let held = read::of_profile(ctx.app(), self.0, as_of).await?;
        Ok(held.into_iter().map(Consent).collect())
    }

    /// Everything that the person decided about purposes, the latest decision first. It needs the scope `consent:read`.
    #[graphql(guard = "needs(Scope::ConsentRead)")]
    async fn consent_records(
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
    ) -> Result<Connection<ConsentRecord>, ApiError> {
        let paging = Paging::read("consent_record", first, after, last, before)?;
        let listed = read::history(ctx.app(), self.0, &paging.page).await?;
        Ok(paging.connection(listed, ConsentRecord::from))
    }
}
