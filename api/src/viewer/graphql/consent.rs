//! What a visitor decides about purposes.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::super::service;
use super::record::PageOrigin;
use super::visitor;
use crate::consent::graphql::ConsentStatus;
use crate::consent::read::Held;
use crate::consent::visitor::{Set, set};
use crate::error::{ApiError, Error, sentence};
use crate::graphql::{Channel, ContextExt, DateTime, UserError, settled};
use crate::purpose::graphql::read_key;

/// Where consent of the visitor stands, as the storefront's schema shows it.
pub struct VisitorConsent(pub Held);

/// Where consent of the visitor to a purpose stands, on a channel.
#[Object(name = "Consent")]
impl VisitorConsent {
    /// The key of the purpose.
    async fn purpose(&self) -> &str {
        self.0.purpose.as_str()
    }

    /// The channel. Null where the purpose is decided once.
    async fn channel(&self) -> Option<Channel> {
        self.0.channel.map(Into::into)
    }

    /// Where it stands.
    async fn status(&self) -> ConsentStatus {
        self.0.state.status(self.0.at).into()
    }

    /// When the visitor decided. Null where nothing was decided.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.state.decided.map(|decided| decided.at.into())
    }

    /// The first instant at which time alone changes where it stands. Null means that it never does.
    async fn valid_until(&self) -> Option<DateTime> {
        self.0.state.until(self.0.at).map(Into::into)
    }
}

/// What the visitor decides about a purpose.
#[derive(InputObject)]
pub struct ConsentSetInput {
    /// The key of the source in whose name it is sent: of one that is not trusted, and that takes pages of this origin.
    source_key: String,
    /// The key of the purpose.
    purpose: String,
    /// The channel. Null means the purpose on all its channels.
    channel: Option<Channel>,
    /// Whether the visitor consents.
    granted: bool,
    /// The SHA-256 hash, in hexadecimal digits, of the text that was shown. Whoever consents was shown one.
    text: Option<String>,
    /// The tag of the language it was shown in, such as `es`.
    language: Option<String>,
    /// The page it was shown on, at most 2,048 characters.
    page_url: Option<String>,
}

/// What became of a decision.
#[derive(SimpleObject)]
pub struct ConsentSetPayload {
    /// Where consent of the visitor stands then. Null means that nothing was written down.
    consents: Option<Vec<VisitorConsent>>,
    /// What the caller can mend; empty if the decision was written down.
    user_errors: Vec<UserError>,
}

/// Writes down what the visitor decides.
pub(super) async fn consent_set(
    ctx: &Context<'_>,
    input: ConsentSetInput,
) -> Result<ConsentSetPayload, ApiError> {
    let (consents, user_errors) = settled(decided(ctx, input).await)?;
    let consents = consents.map(|held| held.into_iter().map(VisitorConsent).collect());
    Ok(ConsentSetPayload {
        consents,
        user_errors,
    })
}

async fn decided(ctx: &Context<'_>, input: ConsentSetInput) -> Result<Vec<Held>, Error> {
    let (caller, subjects) = visitor(ctx)?;
    let app = ctx.app();
    let wrong =
        |field: &str, message: String| Error::violation(field, "INVALID", sentence(&message));
    let text = input.text.as_deref().map(str::parse).transpose();
    let text =
        text.map_err(|error: lazo_domain::hash::InvalidHash| wrong("text", error.to_string()))?;
    let language = input.language.map(TryInto::try_into).transpose();
    let language = language
        .map_err(|error: lazo_domain::consent::InvalidTag| wrong("language", error.to_string()))?;
    let origin = ctx.data_opt::<PageOrigin>();
    let decision = Set {
        source_key: &input.source_key,
        origin: origin.and_then(|origin| origin.0.as_deref()),
        purpose: read_key("purpose", &input.purpose)?,
        channel: input.channel.map(Into::into),
        granted: input.granted,
        text,
        language,
        page_url: input.page_url,
    };
    set(app, caller, subjects, decision).await?;
    let view = service::view(app, caller, subjects, None).await?;
    match view {
        Some(view) => view.consents(app).await,
        None => Ok(Vec::new()),
    }
}
