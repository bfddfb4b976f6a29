//! The audit log in the schema.

use async_graphql::{Context, Object};
use lazo_domain::access::Scope;
use lazo_entity::audit_entry::Model;

use super::{Filter, service};
use crate::error::ApiError;
use crate::graphql::{Connection, ContextExt, DateTime, Int64, Json, Paging, needs, wants_total};

/// An entry as the schema shows it.
pub struct AuditEntry(Model);

/// That somebody did something. It is never changed.
#[Object]
impl AuditEntry {
    /// Its place in the log, counted from 1, without gaps.
    async fn seq(&self) -> Int64 {
        Int64(self.0.seq)
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Who: a token by its id, the command line, or what the company's own provider calls the person.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// What, such as `profiles.merge`, or `personal_data.read` where data of many persons were read.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// To what: mostly an id.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// What else matters: ids, names of fields and counts, never a person's values.
    async fn details(&self) -> Json {
        Json(self.0.details.clone())
    }

    /// The hash that binds it to all entries before it.
    async fn hash(&self) -> &str {
        &self.0.hash
    }
}

/// What can be read of the audit log.
#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Who did what, the newest first. It needs the scope `audit:read`.
    #[graphql(guard = "needs(Scope::AuditRead)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the arguments of the field"
    )]
    async fn audit_entries(
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
        #[graphql(desc = "Only what this actor did. Null means anybody.")] actor: Option<String>,
        #[graphql(desc = "Only what was done of this kind. Null means anything.")] action: Option<
            String,
        >,
        #[graphql(
            desc = "Only what was done to this, such as the id of a profile. Null means to anything."
        )]
        subject: Option<String>,
    ) -> Result<Connection<AuditEntry>, ApiError> {
        let paging = Paging::read("audit", first, after, last, before)?;
        let filter = Filter {
            actor,
            action,
            subject,
        };
        let listed = service::list(ctx.app(), &filter, &paging.page, wants_total(ctx)).await?;
        Ok(paging.connection(listed, AuditEntry))
    }
}
