//! Objects by their global ids.

use std::hash::Hash;
use std::str::FromStr;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, ID, Interface, Object};
use lazo_domain::access::Scope;
use lazo_domain::id::{
    ComputedTraitId, ConsentRecordId, IdentityLinkId, ProfileId, PurchaseId, QuarantineId,
    ScoreModelId, SegmentId, SourceId, TokenId, TouchpointId,
};

use super::{
    ContextExt, IdentityLinkById, PurchaseById, Reader, ScoreModelById, SegmentById, SourceById,
    TouchpointById, check, note_one,
};
use crate::computed::graphql::ComputedTrait;
use crate::consent::graphql::ConsentRecord;
use crate::error::{ApiError, Error};
use crate::identity::graphql::IdentityLink;
use crate::profile::graphql::Profile;
use crate::purchase::graphql::Purchase;
use crate::quarantine::graphql::QuarantineItem;
use crate::score::graphql::ScoreModel;
use crate::segment::graphql::Segment;
use crate::source::graphql::Source;
use crate::token::graphql::Token;
use crate::touchpoint::graphql::Touchpoint;
use crate::{computed, consent, quarantine, token};

/// An object that has a global id.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The global id of the object. It is opaque."
))]
pub enum Node {
    /// A profile.
    Profile(Profile),
    /// A touchpoint.
    Touchpoint(Touchpoint),
    /// A purchase.
    Purchase(Purchase),
    /// An entry of the identity log.
    IdentityLink(IdentityLink),
    /// A source.
    Source(Source),
    /// A token of an integration or of a person at the company.
    Token(Token),
    /// An item in quarantine.
    QuarantineItem(QuarantineItem),
    /// A segment.
    Segment(Segment),
    /// A score model.
    ScoreModel(ScoreModel),
    /// A computed trait.
    ComputedTrait(ComputedTrait),
    /// A record of a decision about a purpose.
    ConsentRecord(ConsentRecord),
}

/// The kinds of objects that are of one person.
const SHOWS_A_PERSON: [&str; 5] = [
    ProfileId::PREFIX,
    TouchpointId::PREFIX,
    PurchaseId::PREFIX,
    IdentityLinkId::PREFIX,
    QuarantineId::PREFIX,
];

/// The kind of object that an id names.
fn kind(id: &str) -> &str {
    id.split_once('_').map_or("", |(kind, _)| kind)
}

/// The object of an id, if there is one and the caller may see it; each kind needs its own scope.
async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<Node>, ApiError> {
    authenticated(ctx)?;
    if SHOWS_A_PERSON.contains(&kind(id)) {
        note_one(ctx);
    }
    match kind(id) {
        ProfileId::PREFIX => {
            check(ctx, Scope::ProfilesRead)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            Ok(Profile::by_id(ctx, id).await?.map(Into::into))
        }
        TouchpointId::PREFIX => {
            load(ctx, id, Scope::TouchpointsRead, TouchpointById, Touchpoint).await
        }
        PurchaseId::PREFIX => load(ctx, id, Scope::ProfilesRead, PurchaseById, Purchase).await,
        IdentityLinkId::PREFIX => {
            load(ctx, id, Scope::IdentityRead, IdentityLinkById, IdentityLink).await
        }
        SegmentId::PREFIX => load(ctx, id, Scope::SegmentsRead, SegmentById, Segment).await,
        ScoreModelId::PREFIX => load(ctx, id, Scope::ScoresRead, ScoreModelById, ScoreModel).await,
        ComputedTraitId::PREFIX => {
            check(ctx, Scope::ScoresRead)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            Ok(computed::service::find(ctx.app(), id)
                .await?
                .map(|row| ComputedTrait(row).into()))
        }
        ConsentRecordId::PREFIX => {
            let caller = check(ctx, Scope::ConsentRead)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            Ok(consent::read::find_record(ctx.app(), caller, id)
                .await?
                .map(|record| ConsentRecord::from(record).into()))
        }
        SourceId::PREFIX => load(ctx, id, Scope::SourcesRead, SourceById, Source).await,
        TokenId::PREFIX => {
            check(ctx, Scope::TokensRead)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            Ok(token::service::find(ctx.app(), id)
                .await?
                .map(|row| Token(row).into()))
        }
        QuarantineId::PREFIX => {
            check(ctx, Scope::QuarantineRead)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            Ok(quarantine::service::find(ctx.app(), id)
                .await?
                .map(|row| QuarantineItem(row).into()))
        }
        _ => Ok(None),
    }
}

async fn load<I, K, T>(
    ctx: &Context<'_>,
    id: &str,
    scope: Scope,
    key: impl FnOnce(I) -> K,
    wrap: impl FnOnce(<Reader as Loader<K>>::Value) -> T,
) -> Result<Option<Node>, ApiError>
where
    I: FromStr,
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Reader: Loader<K, Error = ApiError>,
    T: Into<Node>,
{
    check(ctx, scope)?;
    let Ok(id) = id.parse() else { return Ok(None) };
    Ok(ctx
        .loaders()
        .load_one(key(id))
        .await?
        .map(|row| wrap(row).into()))
}

fn authenticated(ctx: &Context<'_>) -> Result<(), ApiError> {
    ctx.caller()
        .map(|_| ())
        .ok_or_else(|| Error::Unauthenticated.into())
}

/// Objects by their global ids.
#[derive(Default)]
pub(super) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object with this id, which needs the scope of its kind. Null means that there is none, or that the caller may not
    /// see it. The former id of a profile that was merged leads to the profile that goes on.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the object.")] id: ID,
    ) -> Option<Result<Node, ApiError>> {
        find(ctx, &id).await.transpose()
    }

    /// The objects with these ids, in their order, each as `node` answers it.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The global ids of the objects, at most 100.",
            validator(max_items = 100)
        )]
        ids: Vec<ID>,
    ) -> Result<Vec<Option<Result<Node, ApiError>>>, ApiError> {
        authenticated(ctx)?;
        let found = ids
            .iter()
            .map(|id| async { find(ctx, id).await.transpose() });
        Ok(futures::future::join_all(found).await)
    }
}
