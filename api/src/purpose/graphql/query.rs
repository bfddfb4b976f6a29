//! Purposes, and what can be read of them.

use async_graphql::{Context, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_domain::consent::{self, PurposeKey, Words};
use lazo_entity::purpose::Model;

use super::{LegalBasis, PurposeCategory};
use crate::error::ApiError;
use crate::graphql::{Channel, ContextExt, DateTime, allowed, needs};
use crate::purpose::service;

/// A purpose as the schema shows it.
pub struct Purpose {
    row: Model,
    purpose: consent::Purpose,
}

impl Purpose {
    /// A stored purpose.
    pub fn of(row: Model) -> Result<Self, ApiError> {
        let purpose = service::purpose(&row)?;
        Ok(Self { row, purpose })
    }
}

/// A text in one language.
#[derive(SimpleObject)]
pub struct PurposeText {
    /// The tag of the language, such as `es` or `pt-BR`.
    language: String,
    /// The text.
    text: String,
}

fn texts(words: &Words) -> Vec<PurposeText> {
    let texts = words.0.iter().map(|(tag, text)| PurposeText {
        language: tag.as_str().to_owned(),
        text: text.clone(),
    });
    texts.collect()
}

/// What data may be used for, and what that takes.
#[Object]
impl Purpose {
    /// The key by which conditions, decisions and storefronts name it.
    async fn key(&self) -> &str {
        &self.row.key
    }

    /// What kind of purpose it is.
    async fn category(&self) -> PurposeCategory {
        self.purpose.category.into()
    }

    /// What it is called.
    async fn title(&self) -> Vec<PurposeText> {
        texts(&self.purpose.title)
    }

    /// What is done with the data, in plain words.
    async fn description(&self) -> Vec<PurposeText> {
        texts(&self.purpose.description)
    }

    /// On what it rests.
    async fn basis(&self) -> LegalBasis {
        self.purpose.basis.into()
    }

    /// The channels by which it is decided, each by itself; if none, it is decided once.
    async fn channels(&self) -> Vec<Channel> {
        let channels = self.purpose.channels.iter().copied();
        channels.map(Into::into).collect()
    }

    /// Whether a grant counts only once it has been confirmed.
    async fn double_opt_in(&self) -> bool {
        self.purpose.double_opt_in
    }

    /// How long a grant lasts, as an ISO 8601 duration such as `P24M`. Null where consent is not asked.
    async fn valid_for(&self) -> Option<String> {
        self.purpose.valid_for.map(Into::into)
    }

    /// From which age on a person decides for themself, in years. Null means that age does not matter.
    async fn minimum_age(&self) -> Option<i32> {
        self.purpose.minimum_age.map(i32::from)
    }

    /// How long after a purchase customers get offers of similar products unasked, as an ISO 8601 duration. Null means never.
    async fn soft_opt_in(&self) -> Option<String> {
        self.purpose.soft_opt_in.map(Into::into)
    }

    /// The SHA-256 hashes of texts that are no longer accepted: consent given to them has expired.
    async fn void_texts(&self) -> Vec<String> {
        let texts = self.purpose.void_texts.iter();
        texts.map(ToString::to_string).collect()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it changed last.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }

    /// Since when nobody decides about it any more. Null means that people do.
    async fn archived_at(&self) -> Option<DateTime> {
        self.row.archived_at.map(Into::into)
    }

    /// Counts its changes; give it as `expectedVersion` to change only what you have seen.
    async fn version(&self) -> i64 {
        self.row.version
    }
}

/// What can be read of purposes.
#[derive(Default)]
pub struct PurposeQuery;

#[Object]
impl PurposeQuery {
    /// The purposes, in the order of their keys: at most 100 that are not archived.
    #[graphql(guard = "needs(Scope::ConsentRead)")]
    async fn purposes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether archived ones are listed too.", default)] include_archived: bool,
    ) -> Result<Vec<Purpose>, ApiError> {
        let rows = service::list(ctx.app(), include_archived).await?;
        rows.into_iter().map(Purpose::of).collect()
    }

    /// The purpose of this key, archived or not. It needs the scope `consent:read`. Null means that there is none.
    async fn purpose_by_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the purpose.")] key: String,
    ) -> Option<Result<Purpose, ApiError>> {
        allowed(ctx, Scope::ConsentRead, async {
            let Ok(key) = PurposeKey::new(&key) else {
                return Ok(None);
            };
            let found = service::find(ctx.app(), &key).await?;
            found.map(Purpose::of).transpose()
        })
        .await
    }
}
