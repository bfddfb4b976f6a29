//! Whom decisions allow to be contacted.

use async_graphql::{Context, ID, Object};
use lazo_domain::access::Scope;
use lazo_domain::consent::PurposeKey;
use lazo_domain::privacy::Contact;

use super::SegmentReachStep;
use crate::consent::reach::of_segment;
use crate::consent::read;
use crate::error::{ApiError, Code, Error};
use crate::graphql::{Channel, ContextExt, DateTime, allowed, check};
use crate::purpose::graphql::LegalBasis;
use crate::segment::service as segments;

/// Whether a person may be contacted, as the schema shows it.
pub struct ContactDecision(Contact);

/// Whether a person may be contacted on a channel for a purpose now, and why.
#[Object]
impl ContactDecision {
    /// Whether the person may be contacted.
    async fn allowed(&self) -> bool {
        self.0.allow()
    }

    /// Why, or why not, for programs: such as `CONSENT`, `CONTRACT`, `CONSENT_MISSING`, `CONSENT_WITHDRAWN`, `RESTRICTED`, `MINOR`,
    /// `OTHER_CHANNEL`, `NO_BASIS` or `NO_ADDRESS`.
    async fn reason(&self) -> &str {
        self.0.code()
    }

    /// On what it rests. Null where the person may not be contacted.
    async fn basis(&self) -> Option<LegalBasis> {
        match &self.0 {
            Contact::Decided(decision) => decision.basis.map(Into::into),
            Contact::NoAddress => None,
        }
    }

    /// The id of the record of consent that decided. Null where none did.
    async fn record_id(&self) -> Option<ID> {
        match &self.0 {
            Contact::Decided(decision) => decision.evidence.map(|id| id.to_string().into()),
            Contact::NoAddress => None,
        }
    }

    /// Up to when time alone does not change it. Null means that it never does, or that there is no address.
    async fn valid_until(&self) -> Option<DateTime> {
        match &self.0 {
            Contact::Decided(decision) => decision.until.map(Into::into),
            Contact::NoAddress => None,
        }
    }

    /// Whether consent is what is missing, so that asking for it may help.
    async fn may_ask(&self) -> bool {
        matches!(&self.0, Contact::Decided(decision) if decision.may_ask())
    }
}

/// Whom decisions allow to be contacted.
#[derive(Default)]
pub struct ConsentQuery;

#[Object]
impl ConsentQuery {
    /// Whether a person may be contacted on a channel for a purpose now, and why. It needs the scope `consent:read`. Null means that
    /// there is no such profile, or that the caller may not see it.
    async fn can_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the profile.")] profile_id: ID,
        #[graphql(desc = "The channel.")] channel: Channel,
        #[graphql(desc = "The key of the purpose.")] purpose: String,
    ) -> Option<Result<ContactDecision, ApiError>> {
        allowed(ctx, Scope::ConsentRead, async {
            let caller = check(ctx, Scope::ConsentRead)?;
            let Ok(profile) = profile_id.parse() else {
                return Ok(None);
            };
            let key = read_purpose(&purpose)?;
            let found = read::can_contact(ctx.app(), caller, profile, channel.into(), &key).await;
            Ok(known_purpose(found)?.map(ContactDecision))
        })
        .await
    }
    /// How far the members of a segment come on the way to being contacted on a channel for a purpose, as `canContact` decides for one:
    /// all five steps, whose counts add up to the members. It needs the scope `consent:read`. Null means that there is no such segment.
    async fn segment_reach(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the segment.")] segment_id: ID,
        #[graphql(desc = "The channel.")] channel: Channel,
        #[graphql(desc = "The key of the purpose.")] purpose: String,
    ) -> Option<Result<Vec<SegmentReachStep>, ApiError>> {
        allowed(ctx, Scope::ConsentRead, async {
            let (app, caller) = (ctx.app(), check(ctx, Scope::ConsentRead)?);
            let Ok(segment) = segment_id.parse() else {
                return Ok(None);
            };
            if segments::find(app, segment).await?.is_none() {
                return Ok(None);
            }
            let key = read_purpose(&purpose)?;
            let steps = of_segment(app, caller, segment, channel.into(), &key).await;
            let steps = known_purpose(steps)?.into_iter();
            Ok(Some(steps.map(SegmentReachStep).collect()))
        })
        .await
    }
}

fn no_purpose() -> ApiError {
    ApiError::new(Code::BadUserInput, "There is no such purpose.")
}

fn read_purpose(key: &str) -> Result<PurposeKey, ApiError> {
    PurposeKey::new(key).map_err(|_| no_purpose())
}

/// What was found, where what was asked about is a purpose.
fn known_purpose<T>(found: Result<T, Error>) -> Result<T, ApiError> {
    found.map_err(|error| match error {
        Error::Invalid(_) => no_purpose(),
        other => other.into(),
    })
}
