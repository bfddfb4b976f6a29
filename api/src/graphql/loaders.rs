//! The loaders of one request: what several fields ask for one by one is read in one query.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use lazo_domain::clock::Timestamp;
use lazo_domain::id::{
    IdentityLinkId, ProfileId, PurchaseId, ScoreModelId, SegmentId, SourceId, TouchpointId,
};
use lazo_entity::{identity_link, score_model, source, touchpoint};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::ApiError;
use crate::identity::IdentifierRow;
use crate::lifecycle::service::Stood;
use crate::profile::hot::Present;
use crate::purchase::PurchaseRow;
use crate::score::Held;
use crate::segment::read::Member;
use crate::standing::Progress;
use crate::{computed, identity, lifecycle, profile, purchase, score, segment};

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

/// Where this profile, that the caller may see, stands in the lifecycle and on the pyramid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StandingOf(pub ProfileId);

impl Loader<StandingOf> for Reader {
    type Value = Arc<Stood>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[StandingOf],
    ) -> Result<HashMap<StandingOf, Self::Value>, ApiError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = profile::service::resolve(&self.app, self.caller.as_ref(), &ids).await?;
        let present: Vec<_> = found.values().cloned().collect();
        let stood = lifecycle::service::standings(&self.app, &present).await?;
        let of = |(id, present): (ProfileId, Arc<Present>)| {
            let stood = stood.get(&present.id)?;
            Some((StandingOf(id), Arc::clone(stood)))
        };
        Ok(found.into_iter().filter_map(of).collect())
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

/// Which segment has this id, archived or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SegmentById(pub SegmentId);

impl Loader<SegmentById> for Reader {
    type Value = Arc<lazo_entity::segment::Model>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[SegmentById],
    ) -> Result<HashMap<SegmentById, Self::Value>, ApiError> {
        let found = segment::service::by_ids(&self.app, keys.iter().map(|key| key.0)).await?;
        Ok(found
            .into_iter()
            .map(|row| (SegmentById(row.id), Arc::new(row)))
            .collect())
    }
}

/// How many members this segment has now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemberCountOf(pub SegmentId);

impl Loader<MemberCountOf> for Reader {
    type Value = u64;
    type Error = ApiError;

    async fn load(&self, keys: &[MemberCountOf]) -> Result<HashMap<MemberCountOf, u64>, ApiError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = segment::read::counts(&self.app, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, count)| (MemberCountOf(id), count))
            .collect())
    }
}

/// How far all profiles are decided by what is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SweepProgress;

impl Loader<SweepProgress> for Reader {
    type Value = Progress;
    type Error = ApiError;

    async fn load(
        &self,
        _keys: &[SweepProgress],
    ) -> Result<HashMap<SweepProgress, Progress>, ApiError> {
        let found = segment::service::progress(&self.app).await?;
        Ok(found.map(|at| (SweepProgress, at)).into_iter().collect())
    }
}

/// Of which segments this profile is a member now, or was one at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MembershipsOf {
    /// The profile.
    pub profile: ProfileId,
    /// The instant; none means now.
    pub as_of: Option<Timestamp>,
}

impl Loader<MembershipsOf> for Reader {
    type Value = Vec<Member>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[MembershipsOf],
    ) -> Result<HashMap<MembershipsOf, Self::Value>, ApiError> {
        let mut asked: HashMap<_, Vec<_>> = HashMap::new();
        for key in keys {
            asked.entry(key.as_of).or_default().push(key.profile);
        }
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for (as_of, profiles) in asked {
            for member in segment::read::memberships(&self.app, &profiles, as_of).await? {
                let profile = member.profile;
                let key = MembershipsOf { profile, as_of };
                found.entry(key).or_default().push(member);
            }
        }
        Ok(found)
    }
}

/// Which score model has this id, archived or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScoreModelById(pub ScoreModelId);

impl Loader<ScoreModelById> for Reader {
    type Value = Arc<score_model::Model>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ScoreModelById],
    ) -> Result<HashMap<ScoreModelById, Self::Value>, ApiError> {
        let found = score::service::by_ids(&self.app, keys.iter().map(|key| key.0)).await?;
        Ok(found
            .into_iter()
            .map(|row| (ScoreModelById(row.id), Arc::new(row)))
            .collect())
    }
}

/// What this profile scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScoresOf(pub ProfileId);

impl Loader<ScoresOf> for Reader {
    type Value = Vec<Held>;
    type Error = ApiError;

    async fn load(&self, keys: &[ScoresOf]) -> Result<HashMap<ScoresOf, Self::Value>, ApiError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = score::read::of_profiles(&self.app, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, scores)| (ScoresOf(id), scores))
            .collect())
    }
}

/// Which computed traits this profile has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ComputedTraitsOf(pub ProfileId);

impl Loader<ComputedTraitsOf> for Reader {
    type Value = Vec<computed::read::Valued>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ComputedTraitsOf],
    ) -> Result<HashMap<ComputedTraitsOf, Self::Value>, ApiError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = computed::read::of_profiles(&self.app, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, values)| (ComputedTraitsOf(id), values))
            .collect())
    }
}
