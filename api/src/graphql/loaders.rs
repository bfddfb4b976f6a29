//! The loaders of one request: what several fields ask for one by one is read in one query.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use lazo_domain::id::{IdentityLinkId, ProfileId, PurchaseId, SourceId, TouchpointId};
use lazo_entity::{identity_link, source, touchpoint};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::ApiError;
use crate::identity::IdentifierRow;
use crate::profile::hot::Present;
use crate::purchase::PurchaseRow;
use crate::{identity, profile, purchase};

/// Reads for one request; each kind of key is one question.
pub struct Reader {
    app: App,
    caller: Option<Caller>,
}

impl Reader {
    /// A reader for a request of this caller.
    pub fn new(app: &App, caller: Option<&Caller>) -> Self {
        Self {
            app: app.clone(),
            caller: caller.cloned(),
        }
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.app
    }
}

/// Which source has this id, archived or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SourceById(pub SourceId);

impl Loader<SourceById> for Reader {
    type Value = Arc<source::Model>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[SourceById],
    ) -> Result<HashMap<SourceById, Self::Value>, ApiError> {
        let sources =
            crate::source::service::by_ids(&self.app, keys.iter().map(|key| key.0)).await?;
        Ok(sources
            .into_iter()
            .map(|source| (SourceById(source.id), Arc::new(source)))
            .collect())
    }
}

/// Which profile, that the caller may see, an id leads to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProfileById(pub ProfileId);

impl Loader<ProfileById> for Reader {
    type Value = Arc<Present>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ProfileById],
    ) -> Result<HashMap<ProfileById, Self::Value>, ApiError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = profile::service::resolve(&self.app, self.caller.as_ref(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, row)| (ProfileById(id), row))
            .collect())
    }
}

/// Which identifiers point at this profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdentifiersOf(pub ProfileId);

impl Loader<IdentifiersOf> for Reader {
    type Value = Arc<[IdentifierRow]>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[IdentifiersOf],
    ) -> Result<HashMap<IdentifiersOf, Self::Value>, ApiError> {
        let found = identity::service::identifiers(&self.app, keys.iter().map(|key| key.0)).await?;
        Ok(found
            .into_iter()
            .map(|(id, identifiers)| (IdentifiersOf(id), identifiers.into()))
            .collect())
    }
}

/// Which former ids lead to this profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FormerIdsOf(pub ProfileId);

impl Loader<FormerIdsOf> for Reader {
    type Value = Vec<ProfileId>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[FormerIdsOf],
    ) -> Result<HashMap<FormerIdsOf, Self::Value>, ApiError> {
        let found = profile::service::former_ids(&self.app, keys.iter().map(|key| key.0)).await?;
        Ok(found
            .into_iter()
            .map(|(id, former)| (FormerIdsOf(id), former))
            .collect())
    }
}

/// Which touchpoint, that the caller may see, has this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TouchpointById(pub TouchpointId);

impl Loader<TouchpointById> for Reader {
    type Value = touchpoint::Model;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[TouchpointById],
    ) -> Result<HashMap<TouchpointById, Self::Value>, ApiError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found =
            crate::touchpoint::service::by_ids(&self.app, self.caller.as_ref(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|row| (TouchpointById(row.id), row))
            .collect())
    }
}

/// Which purchase, that the caller may see, has this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PurchaseById(pub PurchaseId);

impl Loader<PurchaseById> for Reader {
    type Value = PurchaseRow;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[PurchaseById],
    ) -> Result<HashMap<PurchaseById, Self::Value>, ApiError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = purchase::service::by_ids(&self.app, self.caller.as_ref(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|row| (PurchaseById(row.id), row))
            .collect())
    }
}

/// Which entry of the identity log, that the caller may see, has this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdentityLinkById(pub IdentityLinkId);

impl Loader<IdentityLinkById> for Reader {
    type Value = identity_link::Model;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[IdentityLinkById],
    ) -> Result<HashMap<IdentityLinkById, Self::Value>, ApiError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = identity::service::log_entries(&self.app, self.caller.as_ref(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|row| (IdentityLinkById(row.id), row))
            .collect())
    }
}
