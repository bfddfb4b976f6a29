//! Sources in the schema.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_entity::source;

use super::{Create, Keyed, Update, service};
use crate::error::{ApiError, Error};
use crate::graphql::{
    Channel, Connection, ContextExt, DateTime, Paging, SourceById, UserError, allowed, check,
    needs, once, read_id, settled, wants_total,
};

/// A source as the schema shows it.
pub struct Source(pub Arc<source::Model>);

/// Where touchpoints come from: a site, an app, a shop's backend, a provider.
#[Object]
impl Source {
    /// The global id of the source. It is opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The name that people at the company know it by.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where its touchpoints happen, unless an event itself says it.
    async fn channel(&self) -> Channel {
        Channel::stored(&self.0.channel)
    }

    /// Whether what it claims about identity is verified. The key of a source that is not trusted is public.
    async fn trusted(&self) -> bool {
        self.0.trusted
    }

    /// Whether its touchpoints reach profiles. Those of a test source never do.
    async fn live(&self) -> bool {
        self.0.live
    }

    /// The shop whose order ids it carries.
    async fn shop(&self) -> &str {
        &self.0.shop
    }

    /// The country (ISO 3166-1 alpha-2) by which phone numbers without a country code are read. Null means that such numbers
    /// are not used as identifiers.
    async fn region(&self) -> Option<&str> {
        self.0.region.as_deref()
    }

    /// Whether its claims may merge two known profiles, though it is not trusted.
    async fn links_known(&self) -> bool {
        self.0.links_known
    }

    /// The ends of its keys, by which a person recognises them; two while one key replaces the other.
    async fn key_hints(&self) -> Vec<&str> {
        std::iter::once(self.0.key_hint.as_str())
            .chain(self.0.second_key_hint.as_deref())
            .collect()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// From when its keys are refused. Null means that it is in use.
    async fn archived_at(&self) -> Option<DateTime> {
        self.0.archived_at.map(Into::into)
    }

    /// Counts its changes; give it as `expectedVersion` to change only what you have seen.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// What can be read of sources.
#[derive(Default)]
pub struct SourceQuery;

#[Object]
impl SourceQuery {
    /// All sources, archived ones included, the newest first.
    #[graphql(guard = "needs(Scope::SourcesRead)")]
    async fn sources(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The most items to return, from the start. At most 250; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "The most items to return, from the end. At most 250.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Source>, ApiError> {
        let paging = Paging::read("source", first, after, last, before)?;
        let listed = service::list(ctx.app(), &paging.page, wants_total(ctx)).await?;
        Ok(paging.connection(listed, |row| Source(Arc::new(row))))
    }

    /// The source with this id. Null means that there is none.
    async fn source(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the source.")] id: ID,
    ) -> Option<Result<Source, ApiError>> {
        let work = async {
            let Ok(id) = id.parse() else { return Ok(None) };
            Ok(ctx.loaders().load_one(SourceById(id)).await?.map(Source))
        };
        allowed(ctx, Scope::SourcesRead, work).await
    }
}

/// A source to be created.
#[derive(InputObject)]
pub struct SourceCreateInput {
    /// Its name, of which there is only one: 1 to 64 characters.
    name: String,
    /// Where its touchpoints happen, unless an event itself says it.
    channel: Channel,
    /// Whether what it claims about identity is verified. The key of a trusted source is a secret, that of another is public.
    #[graphql(default)]
    trusted: bool,
    /// Whether its touchpoints reach profiles. Those of a test source never do.
    #[graphql(default = true)]
    live: bool,
    /// The shop whose order ids it carries: 1 to 64 characters.
    #[graphql(default = "main")]
    shop: String,
    /// The country (ISO 3166-1 alpha-2) of phone numbers without a country code. Without it such numbers identify nobody.
    region: Option<String>,
    /// Whether its claims may merge two known profiles, though it is not trusted.
    #[graphql(default)]
    links_known: bool,
    /// A text of your own: a repeat under the same one gives the same source, and no second one.
    idempotency_key: Option<String>,
}

impl SourceCreateInput {
    fn create(&self) -> Create {
        Create {
            name: self.name.clone(),
            channel: self.channel.into(),
            trusted: self.trusted,
            live: self.live,
            shop: self.shop.clone(),
            region: self.region.clone(),
            links_known: self.links_known,
        }
    }
}

/// A source that was created.
#[derive(SimpleObject)]
pub struct SourceCreatePayload {
    /// The source. Null means that none was created.
    source: Option<Source>,
    /// Its key, which is shown this once. Null means that none was created, or that this is a repeat.
    key: Option<String>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// Changes of a source; what is left out stays.
#[derive(InputObject)]
pub struct SourceUpdateInput {
    /// The source.
    id: ID,
    /// Its new name, of which there is only one: 1 to 64 characters.
    name: Option<String>,
    /// Where its touchpoints happen from now on.
    channel: Option<Channel>,
    /// The shop whose order ids it carries from now on: 1 to 64 characters.
    shop: Option<String>,
    /// The country (ISO 3166-1 alpha-2) of phone numbers without a country code; null clears it.
    region: MaybeUndefined<String>,
    /// Whether its claims may merge two known profiles, though it is not trusted.
    links_known: Option<bool>,
    /// Whether it gets a new key. The present one becomes the second and goes on working; a second one from before ends.
    #[graphql(default)]
    rotate_key: bool,
    /// Whether its second key ends.
    #[graphql(default)]
    drop_second_key: bool,
    /// The version that you have seen: the update is refused where it is no longer the present one.
    expected_version: Option<i64>,
}

impl SourceUpdateInput {
    fn update(&self) -> Result<Update, Error> {
        Ok(Update {
            id: read_id(&self.id, "source")?,
            name: self.name.clone(),
            channel: self.channel.map(Into::into),
            shop: self.shop.clone(),
            region: self.region.as_opt_ref().map(Option::<&String>::cloned),
            links_known: self.links_known,
            rotate_key: self.rotate_key,
            drop_second_key: self.drop_second_key,
            expected_version: self.expected_version,
        })
    }
}

/// A source that was changed.
#[derive(SimpleObject)]
pub struct SourceUpdatePayload {
    /// The source as it is now. Null means that nothing was changed.
    source: Option<Source>,
    /// Its new key, which is shown this once. Null means that it got none.
    key: Option<String>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// Which source to archive.
#[derive(InputObject)]
pub struct SourceArchiveInput {
    /// The source.
    id: ID,
}

/// A source that was archived.
#[derive(SimpleObject)]
pub struct SourceArchivePayload {
    /// The source as it is now. Null means that nothing was changed.
    source: Option<Source>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// What can be changed of sources.
#[derive(Default)]
pub struct SourceMutation;

#[Object]
impl SourceMutation {
    /// Creates a source with a key.
    async fn source_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The source to be created.")] input: SourceCreateInput,
    ) -> Option<Result<SourceCreatePayload, ApiError>> {
        Some(create(ctx, &input).await)
    }

    /// Changes a source, or its keys.
    async fn source_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: SourceUpdateInput,
    ) -> Option<Result<SourceUpdatePayload, ApiError>> {
        Some(update(ctx, &input).await)
    }

    /// Archives a source for good: its keys are refused from now on, and what it sent stays.
    async fn source_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which source to archive.")] input: SourceArchiveInput,
    ) -> Option<Result<SourceArchivePayload, ApiError>> {
        Some(archive(ctx, &input).await)
    }
}

async fn create(
    ctx: &Context<'_>,
    input: &SourceCreateInput,
) -> Result<SourceCreatePayload, ApiError> {
    let caller = check(ctx, Scope::SourcesWrite)?;
    let outcome = match once(caller, input.idempotency_key.as_deref(), input) {
        Ok(once) => service::create(ctx.app(), caller, &input.create(), once.as_ref()).await,
        Err(error) => Err(error),
    };
    let (keyed, user_errors) = settled(outcome)?;
    let (source, key) = shown(keyed);
    Ok(SourceCreatePayload {
        source,
        key,
        user_errors,
    })
}

async fn update(
    ctx: &Context<'_>,
    input: &SourceUpdateInput,
) -> Result<SourceUpdatePayload, ApiError> {
    let caller = check(ctx, Scope::SourcesWrite)?;
    let outcome = match input.update() {
        Ok(update) => service::update(ctx.app(), caller, &update).await,
        Err(error) => Err(error),
    };
    let (keyed, user_errors) = settled(outcome)?;
    let (source, key) = shown(keyed);
    Ok(SourceUpdatePayload {
        source,
        key,
        user_errors,
    })
}

async fn archive(
    ctx: &Context<'_>,
    input: &SourceArchiveInput,
) -> Result<SourceArchivePayload, ApiError> {
    let caller = check(ctx, Scope::SourcesWrite)?;
    let outcome = match read_id(&input.id, "source") {
        Ok(id) => service::archive(ctx.app(), caller, id).await,
        Err(error) => Err(error),
    };
    let (row, user_errors) = settled(outcome)?;
    Ok(SourceArchivePayload {
        source: row.map(|row| Source(Arc::new(row))),
        user_errors,
    })
}

/// A source, and its key where it got one, as the schema shows them.
fn shown(keyed: Option<Keyed>) -> (Option<Source>, Option<String>) {
    let Some(Keyed { source, key }) = keyed else {
        return (None, None);
    };
    (
        Some(Source(Arc::new(source))),
        key.map(|key| key.expose().to_owned()),
    )
}
