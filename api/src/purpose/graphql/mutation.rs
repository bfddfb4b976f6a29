//! What can be changed of purposes.

use std::collections::BTreeSet;

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_domain::consent::{self, PurposeKey};
use lazo_entity::purpose::Model;

use super::words::{age, hash, period, words};
use super::{LegalBasis, Purpose, PurposeCategory, PurposeTextInput, read_key};
use crate::error::{ApiError, Error, sentence};
use crate::graphql::{Channel, ContextExt, UserError, check, once, settled};
use crate::purpose::{Update, service};

/// A purpose to be created.
#[derive(InputObject)]
pub struct PurposeCreateInput {
    /// The key by which everything names it, which never changes: 1 to 64 characters of a to z, 0 to 9, `_` and `-`.
    key: String,
    /// What kind of purpose it is, which never changes.
    category: PurposeCategory,
    /// What it is called: 1 to 100 characters in at least one language.
    title: Vec<PurposeTextInput>,
    /// What is done with the data, in plain words: at most 2,000 characters.
    #[graphql(default)]
    description: Vec<PurposeTextInput>,
    /// On what it rests.
    #[graphql(default_with = "LegalBasis::Consent")]
    basis: LegalBasis,
    /// The channels by which it is decided, each by itself; if none, it is decided once.
    #[graphql(default)]
    channels: Vec<Channel>,
    /// Whether a grant counts only once it has been confirmed.
    #[graphql(default)]
    double_opt_in: bool,
    /// How long a grant lasts, as an ISO 8601 duration such as `P24M`. What rests on consent needs it.
    valid_for: Option<String>,
    /// From which age on a person decides for themself: 13 to 18 years. Null means that age does not matter.
    minimum_age: Option<i32>,
    /// How long after a purchase customers get offers of similar products unasked, as an ISO 8601 duration. Null means never.
    soft_opt_in: Option<String>,
    /// A text of your own: a repeat under the same one gives the same purpose, and no second one.
    idempotency_key: Option<String>,
}

impl PurposeCreateInput {
    fn read(self) -> Result<consent::Purpose, Error> {
        let key = PurposeKey::new(&self.key)
            .map_err(|error| Error::violation("key", "INVALID", sentence(&error.to_string())))?;
        let given = |field: &'static str, text: Option<String>| {
            text.map(|text| period(field, &text)).transpose()
        };
        Ok(consent::Purpose {
            key,
            category: self.category.into(),
            title: words("title", self.title)?,
            description: words("description", self.description)?,
            basis: self.basis.into(),
            channels: self.channels.into_iter().map(Into::into).collect(),
            double_opt_in: self.double_opt_in,
            valid_for: given("validFor", self.valid_for)?,
            minimum_age: self
                .minimum_age
                .map(|years| age("minimumAge", years))
                .transpose()?,
            soft_opt_in: given("softOptIn", self.soft_opt_in)?,
            void_texts: BTreeSet::new(),
        })
    }
}

/// Changes of a purpose; what is left out stays.
#[derive(InputObject)]
pub struct PurposeUpdateInput {
    /// The key of the purpose.
    key: String,
    /// What it is called, in all its languages.
    title: Option<Vec<PurposeTextInput>>,
    /// What is done with the data, in all its languages.
    description: Option<Vec<PurposeTextInput>>,
    /// On what it rests.
    basis: Option<LegalBasis>,
    /// The channels by which it is decided.
    channels: Option<Vec<Channel>>,
    /// Whether a grant counts only once it has been confirmed; those that were not have expired then.
    double_opt_in: Option<bool>,
    /// How long grants last that are given from now on; null clears it.
    valid_for: MaybeUndefined<String>,
    /// From which age on a person decides for themself; null clears it.
    minimum_age: MaybeUndefined<i32>,
    /// How long after a purchase customers get offers unasked; null clears it.
    soft_opt_in: MaybeUndefined<String>,
    /// The SHA-256 hashes of all texts that are no longer accepted, at most 1,000: consent given to them has expired.
    void_texts: Option<Vec<String>>,
    /// The version that you have seen: the update is refused where it is no longer the present one.
    expected_version: Option<i64>,
}

impl PurposeUpdateInput {
    fn read(self) -> Result<Update, Error> {
        let mut update = Update::of(read_key("key", &self.key)?);
        let texts = |field: &'static str, texts: Option<Vec<PurposeTextInput>>| {
            texts.map(|texts| words(field, texts)).transpose()
        };
        let given = |field: &'static str, text: MaybeUndefined<String>| {
            let text = text.as_opt_ref().map(|text| {
                let text = text.map(String::as_str);
                text.map(|text| period(field, text)).transpose()
            });
            text.transpose()
        };
        update.title = texts("title", self.title)?;
        update.description = texts("description", self.description)?;
        update.basis = self.basis.map(Into::into);
        let channels = self.channels;
        update.channels = channels.map(|channels| channels.into_iter().map(Into::into).collect());
        update.double_opt_in = self.double_opt_in;
        update.valid_for = given("validFor", self.valid_for)?;
        let years = self.minimum_age.as_opt_ref().map(|years| {
            let years = years.copied();
            years.map(|years| age("minimumAge", years)).transpose()
        });
        update.minimum_age = years.transpose()?;
        update.soft_opt_in = given("softOptIn", self.soft_opt_in)?;
        let void = self.void_texts.map(|texts| {
            let texts = texts.iter().map(|text| hash("voidTexts", text));
            texts.collect::<Result<BTreeSet<_>, _>>()
        });
        update.void_texts = void.transpose()?;
        update.expected_version = self.expected_version;
        Ok(update)
    }
}

/// Which purpose to archive.
#[derive(InputObject)]
pub struct PurposeArchiveInput {
    /// The key of the purpose.
    key: String,
}

/// A purpose that was created or changed.
#[derive(SimpleObject)]
pub struct PurposePayload {
    /// The purpose as it is now. Null means that nothing was changed.
    purpose: Option<Purpose>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

fn payload(outcome: Result<Model, Error>) -> Result<PurposePayload, ApiError> {
    let (row, user_errors) = settled(outcome)?;
    Ok(PurposePayload {
        purpose: row.map(Purpose::of).transpose()?,
        user_errors,
    })
}

/// What can be changed of purposes.
#[derive(Default)]
pub struct PurposeMutation;

#[Object]
impl PurposeMutation {
    /// Creates a purpose. It needs the scope `purposes:write`. Null means that the caller lacks it, or that an error was met.
    async fn purpose_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The purpose to be created.")] input: PurposeCreateInput,
    ) -> Option<Result<PurposePayload, ApiError>> {
        Some(create(ctx, input).await)
    }

    /// Changes a purpose. Decisions stay as they were made; what they come to is decided anew in the background. It needs the scope
    /// `purposes:write`. Null means that the caller lacks it, or that an error was met.
    async fn purpose_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: PurposeUpdateInput,
    ) -> Option<Result<PurposePayload, ApiError>> {
        Some(update(ctx, input).await)
    }

    /// Archives a purpose for good: nobody decides about it any more, nobody consents to it, and its records stay. One that a condition
    /// asks for is refused. It needs the scope `purposes:write`. Null means that the caller lacks it, or that an error was met.
    async fn purpose_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which purpose to archive.")] input: PurposeArchiveInput,
    ) -> Option<Result<PurposePayload, ApiError>> {
        Some(archive(ctx, &input).await)
    }
}

async fn create(ctx: &Context<'_>, input: PurposeCreateInput) -> Result<PurposePayload, ApiError> {
    let (app, caller) = (ctx.app(), check(ctx, Scope::PurposesWrite)?);
    let created = async {
        let once = once(caller, input.idempotency_key.as_deref(), &input)?;
        service::create(app, caller, &input.read()?, once.as_ref()).await
    };
    payload(created.await)
}

async fn update(ctx: &Context<'_>, input: PurposeUpdateInput) -> Result<PurposePayload, ApiError> {
    let (app, caller) = (ctx.app(), check(ctx, Scope::PurposesWrite)?);
    let updated = async { service::update(app, caller, &input.read()?).await };
    payload(updated.await)
}

async fn archive(
    ctx: &Context<'_>,
    input: &PurposeArchiveInput,
) -> Result<PurposePayload, ApiError> {
    let (app, caller) = (ctx.app(), check(ctx, Scope::PurposesWrite)?);
    let archived = async {
        let key = read_key("key", &input.key)?;
        service::archive(app, caller, &key).await
    };
    payload(archived.await)
}
