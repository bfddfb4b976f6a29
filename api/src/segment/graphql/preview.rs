//! Who would be a member of a segment by a condition.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_domain::condition::scopes;

use super::Segment;
use crate::audit::Read;
use crate::condition::graphql::{Condition, ConditionSource, ConditionWarning, Given, read};
use crate::error::{ApiError, Code, Error, Violation};
use crate::graphql::{
    ContextExt, DateTime, SegmentById, UserError, allowed, check_all, needs, note_read, settled,
};
use crate::profile::graphql::Profile;
use crate::segment::preview::{self, MAX_SAMPLE, Preview, Wanted};

/// How many profiles a sample has that names no size.
const SAMPLE: i32 = 10;

/// For how many profiles a test of a condition holds.
#[derive(SimpleObject)]
pub struct SegmentPreviewLeaf {
    /// The test.
    condition: Condition<'static>,
    /// The test in the language for people.
    text: String,
    /// For how many it holds.
    count: u64,
}

/// What a condition shares with a segment.
#[derive(SimpleObject)]
pub struct SegmentOverlap {
    /// The segment.
    segment: Segment,
    /// How many members the segment has.
    members: u64,
    /// For how many of them the condition holds.
    count: u64,
}

/// A preview as the schema shows it.
pub struct SegmentPreview {
    preview: Option<Preview>,
    warnings: Vec<ConditionWarning>,
    user_errors: Vec<UserError>,
}

/// Who would be a member of a segment by a condition, all of it as of one instant. Nothing is stored.
#[Object]
impl SegmentPreview {
    /// How many members there would be. Null means that the condition cannot be used.
    async fn count(&self) -> Option<u64> {
        self.preview.as_ref()?.count
    }

    /// The first of them by their ids, but for those that the caller may not see. It needs the scope `profiles:read`.
    #[graphql(guard = "needs(Scope::ProfilesRead)")]
    async fn sample(&self, ctx: &Context<'_>) -> Result<Vec<Profile>, ApiError> {
        let sample = self.preview.iter().flat_map(|preview| &preview.sample);
        let profiles = sample.map(|profile| Profile::by_id(ctx, *profile));
        let profiles = futures::future::try_join_all(profiles).await?;
        note_read(ctx, Read::SegmentPreview, None, profiles.len());
        Ok(profiles.into_iter().flatten().collect())
    }

    /// For how many profiles each test of the condition holds, in its order.
    async fn leaves(&self) -> Vec<SegmentPreviewLeaf> {
        let leaves = self.preview.iter().flat_map(|preview| &preview.leaves);
        let shown = leaves.map(|(condition, count)| SegmentPreviewLeaf {
            text: lazo_domain::condition::text::print(condition),
            condition: condition.clone().into(),
            count: *count,
        });
        shown.collect()
    }

    /// What the condition shares with another segment. Null means that none was named.
    async fn overlap(&self) -> Option<SegmentOverlap> {
        let overlap = self.preview.as_ref()?.overlap.as_ref()?;
        Some(SegmentOverlap {
            segment: Segment(Arc::clone(&overlap.segment)),
            members: overlap.members,
            count: overlap.count,
        })
    }

    /// The instant of which all this is. Null means that the condition cannot be used.
    async fn as_of(&self) -> Option<DateTime> {
        Some(self.preview.as_ref()?.as_of.into())
    }

    /// What may be a mistake in the condition.
    async fn warnings(&self) -> &[ConditionWarning] {
        &self.warnings
    }

    /// What the caller can mend; empty if there is a preview.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// Previews of segments.
#[derive(Default)]
pub struct SegmentPreviewQuery;

#[Object]
impl SegmentPreviewQuery {
    /// Who would be a member of a segment by a condition, counted now over all profiles. It needs the scope `segments:read` and the
    /// scopes to read what the condition asks about: `scores:read` where it asks for a score, `profiles:read` for anything but scores
    /// and segments. Null means that the caller lacks one, or that an error was met; what takes too long is an error with the code `TIMEOUT`, and one with the code
    /// `THROTTLED` says that as many are asked already as are asked at once.
    async fn segment_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The condition.")] source: ConditionSource,
        #[graphql(desc = "How many profiles to show, 0 to 50. Null means 10.")] sample: Option<i32>,
        #[graphql(
            desc = "The global id of a segment: how many of its members the condition holds for. Null means none."
        )]
        overlap_with: Option<ID>,
    ) -> Option<Result<SegmentPreview, ApiError>> {
        allowed(ctx, Scope::SegmentsRead, async {
            let sample = u32::try_from(sample.unwrap_or(SAMPLE))
                .ok()
                .filter(|size| *size <= MAX_SAMPLE);
            let message = "`sample` is from 0 to 50.";
            let sample = sample.ok_or_else(|| ApiError::new(Code::BadUserInput, message))?;
            ask(ctx, source, sample, overlap_with).await.map(Some)
        })
        .await
    }
}

async fn ask(
    ctx: &Context<'_>,
    source: ConditionSource,
    sample: u32,
    overlap_with: Option<ID>,
) -> Result<SegmentPreview, ApiError> {
    let given = Given::of(&source);
    let outcome = read(ctx.app(), source).await?;
    let Some(condition) = outcome.condition else {
        return Ok(SegmentPreview {
            preview: None,
            warnings: outcome.warnings,
            user_errors: outcome.violations.into_iter().map(inside_source).collect(),
        });
    };
    check_all(ctx, scopes(&condition))?;
    let overlap = match overlap_with {
        None => Ok(None),
        Some(id) => with(ctx, &id).await?.map(Some),
    };
    let (preview, user_errors) = match overlap {
        Ok(overlap) => {
            let wanted = wanted(ctx, sample, overlap);
            match preview::preview(ctx.app(), &condition, wanted).await {
                Err(Error::Invalid(violations)) => {
                    let placed = violations.into_iter().map(|one| given.place(one));
                    (None, placed.map(inside_source).collect())
                }
                asked => (Some(asked?), Vec::new()),
            }
        }
        Err(error) => {
            let (_, user_errors) = settled::<()>(Err(error))?;
            let user_errors = user_errors.into_iter().map(about_arguments);
            (None, user_errors.collect())
        }
    };
    Ok(SegmentPreview {
        preview,
        warnings: outcome.warnings,
        user_errors,
    })
}

/// What the query asks of the preview: nothing else is looked for.
fn wanted(
    ctx: &Context<'_>,
    sample: u32,
    overlap: Option<Arc<lazo_entity::segment::Model>>,
) -> Wanted {
    let asks = |field| ctx.look_ahead().field(field).exists();
    Wanted {
        count: asks("count"),
        sample: if asks("sample") { sample } else { 0 },
        leaves: asks("leaves"),
        overlap: overlap.filter(|_| asks("overlap")),
    }
}

/// The segment to compare with.
async fn with(
    ctx: &Context<'_>,
    id: &ID,
) -> Result<Result<Arc<lazo_entity::segment::Model>, Error>, ApiError> {
    let found = match id.parse() {
        Ok(id) => ctx.loaders().load_one(SegmentById(id)).await?,
        Err(_) => None,
    };
    let message = "There is no such segment.";
    Ok(found.ok_or_else(|| Error::violation("overlapWith", "NOT_FOUND", message)))
}

fn inside_source(mut violation: Violation) -> UserError {
    violation.field.insert(0, "source".to_owned());
    about_arguments(violation.into())
}

/// There is no argument `input` here.
fn about_arguments(mut error: UserError) -> UserError {
    if let Some(field) = error.field.as_mut().filter(|field| !field.is_empty()) {
        field.remove(0);
    }
    error
}
