//! What the mutations of segments take.

use async_graphql::{Context, ID, InputObject, MaybeUndefined};
use lazo_domain::id::ProfileId;

use crate::app::App;
use crate::condition::graphql::{ConditionSource, ConditionWarning, accept};
use crate::error::{Error, Violation};
use crate::graphql::{ContextExt, read_id};
use crate::profile::service::resolve;
use crate::segment::service::MAX_PINNED;
use crate::segment::{Create, Update};

/// A segment to be created.
#[derive(InputObject)]
pub struct SegmentCreateInput {
    /// The key by which conditions and storefronts will name it, of which there is only one: 1 to 64 characters of `a` to `z`, `0` to
    /// `9`, `_` and `-`. It never changes.
    key: String,
    /// Its name for people: 1 to 100 characters.
    name: String,
    /// What it is for: at most 1,000 characters.
    description: Option<String>,
    /// Who is a member. Null means a list that people alone put members into.
    condition: Option<ConditionSource>,
    /// A text of your own: a repeat under the same one gives the same segment, and no second one.
    pub(super) idempotency_key: Option<String>,
}

impl SegmentCreateInput {
    pub(super) async fn create(&self, app: &App) -> Result<(Create, Vec<ConditionWarning>), Error> {
        let (condition, warnings) = match &self.condition {
            Some(source) => {
                let (condition, warnings) = accept(app, source.clone(), &["condition"]).await?;
                (Some(condition), warnings)
            }
            None => (None, Vec::new()),
        };
        let create = Create {
            key: self.key.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            condition,
        };
        Ok((create, warnings))
    }
}

/// Changes of a segment; what is left out stays.
#[derive(InputObject)]
pub struct SegmentUpdateInput {
    /// The segment.
    id: ID,
    /// Its new name: 1 to 100 characters.
    name: Option<String>,
    /// What it is for: at most 1,000 characters; null clears it.
    description: MaybeUndefined<String>,
    /// Who is a member from now on; null makes it a list that people alone put members into.
    condition: MaybeUndefined<ConditionSource>,
    /// The version that you have seen: the update is refused where it is no longer the present one.
    expected_version: Option<i64>,
}

impl SegmentUpdateInput {
    pub(super) async fn update(&self, app: &App) -> Result<(Update, Vec<ConditionWarning>), Error> {
        let (condition, warnings) = match &self.condition {
            MaybeUndefined::Undefined => (None, Vec::new()),
            MaybeUndefined::Null => (Some(None), Vec::new()),
            MaybeUndefined::Value(source) => {
                let (condition, warnings) = accept(app, source.clone(), &["condition"]).await?;
                (Some(Some(condition)), warnings)
            }
        };
        let description = self.description.as_opt_ref();
        let update = Update {
            id: read_id(&self.id, "segment")?,
            name: self.name.clone(),
            description: description.map(Option::<&String>::cloned),
            condition,
            expected_version: self.expected_version,
        };
        Ok((update, warnings))
    }
}

/// Which segment to archive.
#[derive(InputObject)]
pub struct SegmentArchiveInput {
    /// The segment.
    pub(super) id: ID,
}

/// Of which profiles a person decides whether they are members of a segment.
#[derive(InputObject)]
pub struct SegmentMembersInput {
    /// The segment.
    pub(super) id: ID,
    /// The global ids of the profiles, 1 to 1,000; former ids will do.
    profiles: Vec<ID>,
}

impl SegmentMembersInput {
    /// The profiles, each of which the caller may see.
    pub(super) async fn profiles(&self, ctx: &Context<'_>) -> Result<Vec<ProfileId>, Error> {
        let read: Vec<Option<ProfileId>> = self.profiles.iter().map(|id| id.parse().ok()).collect();
        let asked: Vec<ProfileId> = read.iter().copied().flatten().take(MAX_PINNED).collect();
        let seen = resolve(ctx.app(), ctx.caller(), &asked).await?;
        let is_missing = |id: &Option<ProfileId>| id.is_none_or(|id| !seen.contains_key(&id));
        let missing = read.iter().take(MAX_PINNED).enumerate();
        let missing: Vec<Violation> = missing
            .filter(|(_, id)| is_missing(id))
            .map(|(place, _)| Violation {
                field: vec!["profiles".to_owned(), place.to_string()],
                code: "NOT_FOUND",
                message: "There is no such profile.".to_owned(),
            })
            .collect();
        if missing.is_empty() {
            return Ok(read.into_iter().flatten().collect());
        }
        Err(Error::Invalid(missing))
    }
}
