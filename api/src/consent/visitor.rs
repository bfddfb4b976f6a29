//! What a visitor of a storefront decides about themself.

use lazo_domain::consent::{
    Actor, CollectionMethod, DecisionKind, Evidence, Expression, Indication, LanguageTag,
    PurposeKey,
};
use lazo_domain::hash::Hash256;
use lazo_domain::identity::Namespace;
use lazo_domain::touchpoint::Channel;

use super::service::{no_purpose, recorded};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::touchpoint::visitor::public_source;
use crate::viewer::service::strongest;
use crate::writer::{Consent, Whose};

/// What a visitor decides.
pub struct Set<'a> {
    /// The key of the source in whose name it is sent.
    pub source_key: &'a str,
    /// The origin of the page that sends it, if the browser says so.
    pub origin: Option<&'a str>,
    /// The purpose.
    pub purpose: PurposeKey,
    /// The channel; none if it is about the purpose on all its channels.
    pub channel: Option<Channel>,
    /// Whether the visitor consents.
    pub granted: bool,
    /// The hash of the text that was shown.
    pub text: Option<Hash256>,
    /// The language it was shown in.
    pub language: Option<LanguageTag>,
    /// The page it was shown on.
    pub page_url: Option<String>,
}

/// Writes down what the visitor decides, who is known by the subjects (namespace and value) of their token.
///
/// A device alone opens no purpose with channels: messages need the consent of whoever holds the address.
pub async fn set(
    app: &App,
    caller: &Caller,
    subjects: &[(String, String)],
    set: Set<'_>,
) -> Result<(), Error> {
    let source = public_source(app, set.source_key, set.origin).await?;
    let definitions = app.definitions().current(app.db().read()).await?;
    let mut purposes = definitions.purposes().iter();
    let purpose = purposes
        .find(|purpose| purpose.key == set.purpose)
        .ok_or_else(no_purpose)?;
    let is_customer = subjects
        .iter()
        .any(|(namespace, _)| *namespace == Namespace::customer_id().as_str());
    if set.granted && !is_customer && !purpose.channels.is_empty() {
        let message =
            "A device alone does not consent to messages: it needs the token of a customer.";
        return Err(Error::violation("purpose", "CONFLICT", message));
    }
    let found = strongest(app, subjects, None).await?;
    let found = found.ok_or_else(|| {
        let message = "Nothing is known of the visitor yet; record a touchpoint first.";
        Error::violation("purpose", "NOT_FOUND", message)
    })?;
    let evidence = Evidence {
        indication: Some(Indication::Setting),
        text: set.text,
        language: set.language,
        page_url: set.page_url,
        ..Evidence::new(
            format!("source:{}", source.id),
            CollectionMethod::PreferenceCentre,
            Expression::Explicit,
            Actor::Subject,
        )
    };
    let consent = Consent {
        whose: Whose::Fragment(found.fragment),
        purpose: set.purpose,
        channel: set.channel,
        kind: if set.granted {
            DecisionKind::Granted
        } else {
            DecisionKind::Withdrawn
        },
        at: None,
        evidence,
        actor: caller.actor(),
        once: None,
    };
    match recorded(app.writer().consent(consent).await?) {
        Ok(_) => Ok(()),
        Err(Error::Invalid(mut violations)) => {
            // What visitors show stands beside what they decide.
            for violation in &mut violations {
                violation.field.retain(|name| name != "evidence");
            }
            Err(Error::Invalid(violations))
        }
        Err(error) => Err(error),
    }
}
