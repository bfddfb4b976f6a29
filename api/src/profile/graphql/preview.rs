//! The preview of a merge in the schema.

use async_graphql::{Context, ID, InputObject, Object};
use lazo_domain::access::Scope;
use lazo_domain::profile::{Projection, PurchaseSummary};

use super::merge::read_ids;
use super::{Profile, Summary, Trait};
use crate::error::{ApiError, Error};
use crate::graphql::{ContextExt, UserError, allowed, settled};
use crate::identity::graphql::Identifier;
use crate::profile::service::{self, Preview};

/// Which profiles may be one person.
#[derive(InputObject)]
pub struct ProfilesMergePreviewInput {
    /// The global ids of the profiles, 2 to 20; former ids will do.
    #[graphql(validator(max_items = 20))]
    profiles: Vec<ID>,
}

/// A preview as the schema shows it.
pub struct ProfilesMergePreview {
    preview: Option<Preview>,
    nothing: Projection,
    user_errors: Vec<UserError>,
}

impl ProfilesMergePreview {
    fn projection(&self) -> &Projection {
        self.preview
            .as_ref()
            .map_or(&self.nothing, |preview| &preview.merge.projection)
    }
}

/// What a merge would give. Nothing is changed.
#[Object]
impl ProfilesMergePreview {
    /// The profile that would go on, as it is now. Null means that one of the profiles does not exist.
    async fn survivor(&self) -> Option<Profile> {
        self.preview
            .as_ref()
            .map(|preview| Profile::Hot(preview.survivor.clone()))
    }

    /// The traits that it would have, by name.
    async fn traits(&self) -> Vec<Trait<'_>> {
        Trait::all(self.projection(), None)
    }

    /// The identifiers that it would have, the strongest namespace first.
    async fn identifiers(&self) -> Vec<Identifier> {
        self.preview
            .as_ref()
            .map(|preview| Identifier::all(&preview.identifiers))
            .unwrap_or_default()
    }

    /// What its touchpoints and purchases would add up to.
    async fn summary(&self, ctx: &Context<'_>) -> Summary<'_> {
        let currency = ctx.app().deployment().currency;
        let purchases = self
            .preview
            .as_ref()
            .map_or_else(PurchaseSummary::default, |preview| preview.merge.summary);
        Summary {
            projection: self.projection(),
            purchases,
            currency,
        }
    }

    /// Why the merge would be refused, in sentences; empty if nothing stands against it.
    async fn refusals(&self) -> Vec<String> {
        let refusals = self
            .preview
            .as_ref()
            .map(|preview| preview.merge.refusals.iter());
        refusals
            .into_iter()
            .flatten()
            .map(service::sentence)
            .collect()
    }

    /// What the caller can mend; empty if there is a preview.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// Previews of merges.
#[derive(Default)]
pub struct ProfilePreviewQuery;

#[Object]
impl ProfilePreviewQuery {
    /// What a merge of these profiles would give, without doing it. It needs the scope `profiles:merge`. Null means that the
    /// caller lacks it, or that an error was met.
    async fn profiles_merge_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The profiles.")] input: ProfilesMergePreviewInput,
    ) -> Option<Result<ProfilesMergePreview, ApiError>> {
        allowed(ctx, Scope::ProfilesMerge, async {
            let (preview, user_errors) = settled(preview(ctx, &input).await)?;
            Ok(Some(ProfilesMergePreview {
                preview,
                nothing: Projection::default(),
                user_errors,
            }))
        })
        .await
    }
}

async fn preview(ctx: &Context<'_>, input: &ProfilesMergePreviewInput) -> Result<Preview, Error> {
    let caller = ctx.caller().ok_or(Error::Unauthenticated)?;
    service::preview(ctx.app(), caller, &read_ids(&input.profiles)?).await
}
