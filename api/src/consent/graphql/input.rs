//! Decisions to be written down, and their evidence.

use async_graphql::{ID, InputObject};
use lazo_domain::consent::{Confirmation, DecisionKind, Evidence, Form, LanguageTag};
use lazo_domain::hash::Hash256;
use lazo_domain::id::OptInId;

use super::{
    ConsentActor, ConsentDecisionKind, ConsentExpression, ConsentIndication, ConsentMethod,
    ConsentOrigin,
};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::consent::service::Record;
use crate::error::{Error, Violation, sentence};
use crate::graphql::{Channel, DateTime, once};
use crate::purpose::graphql::read_key;

/// A decision of a person about a purpose.
#[derive(InputObject)]
pub struct ConsentRecordInput {
    /// The global id of the profile; under a former id, the decision is that of the profile that was absorbed.
    profile_id: ID,
    /// The key of the purpose.
    purpose: String,
    /// The channel. Null means the purpose on all its channels.
    channel: Option<Channel>,
    /// What the person decided. A `GRANTED` of a purpose with double opt-in that was not confirmed is written down as `ASKED`.
    decision: ConsentDecisionKind,
    /// When the person decided. Null means now. A refusal from the future counts from now on; a grant from the future is refused.
    decided_at: Option<DateTime>,
    /// What shows it.
    evidence: ConsentEvidenceInput,
    /// A text of 1 to 200 characters that makes a repeat of this call harmless. Null means that a repeat counts again.
    idempotency_key: Option<String>,
}

/// What shows that a decision was made.
#[derive(InputObject)]
pub struct ConsentEvidenceInput {
    /// Where it was collected.
    method: ConsentMethod,
    /// Who collected it: a form, a shop, a person at the company. Null means the caller.
    collected_by: Option<String>,
    /// By what it was indicated.
    indication: Option<ConsentIndication>,
    /// How plainly it was expressed.
    #[graphql(default_with = "ConsentExpression::Expressed")]
    expression: ConsentExpression,
    /// Who decided.
    #[graphql(default_with = "ConsentActor::Subject")]
    actor: ConsentActor,
    /// Where it is on record that a guardian decides for the person.
    guardian: Option<String>,
    /// The SHA-256 hash, in hexadecimal digits, of the text that was shown. A grant needs it, unless it was imported or signalled.
    text: Option<String>,
    /// The tag of the language it was shown in, such as `es`.
    language: Option<String>,
    /// The form it was shown in.
    form: Option<ConsentFormInput>,
    /// The page it was shown on, at most 2,048 characters.
    page_url: Option<String>,
    /// Where a document or a recording of it is kept, at most 2,048 characters.
    proof: Option<String>,
    /// Where imported records come from. A bought list is no consent.
    origin: Option<ConsentOrigin>,
    /// The second half of a double opt-in that another system of the company has carried out.
    confirmation: Option<ConsentConfirmationInput>,
}

/// A form as the person saw it.
#[derive(InputObject)]
pub struct ConsentFormInput {
    /// Its name.
    id: String,
    /// Its version.
    version: String,
    /// The names of its fields, at most 100.
    #[graphql(default)]
    fields: Vec<String>,
    /// What stood beside the checkbox.
    checkbox_text: Option<String>,
    /// Whether the checkbox was ticked before the person came: then it says nothing.
    #[graphql(default)]
    ticked_before: bool,
}

/// The second half of a double opt-in.
#[derive(InputObject)]
pub struct ConsentConfirmationInput {
    /// When it was asked.
    requested_at: DateTime,
    /// When the message that asked to confirm was sent last.
    sent_at: DateTime,
    /// When it was confirmed.
    confirmed_at: DateTime,
    /// The SHA-256 hash of the token that confirmed it.
    token: String,
    /// The SHA-256 hash of the message.
    message: Option<String>,
}

impl ConsentRecordInput {
    pub(super) fn read(self, app: &App, caller: &Caller) -> Result<Record, Error> {
        let once = once(caller, self.idempotency_key.as_deref(), &self)?;
        let missing = |_| Error::violation("profileId", "NOT_FOUND", "There is no such profile.");
        Ok(Record {
            profile: self.profile_id.parse().map_err(missing)?,
            purpose: read_key("purpose", &self.purpose)?,
            channel: self.channel.map(Into::into),
            kind: DecisionKind::from(self.decision),
            at: self.decided_at.map(|at| at.0),
            evidence: self.evidence.read(app, caller)?,
            once,
        })
    }
}

impl ConsentEvidenceInput {
    fn read(self, app: &App, caller: &Caller) -> Result<Evidence, Error> {
        let collected_by = self.collected_by.unwrap_or_else(|| caller.actor());
        let language = self.language.map(LanguageTag::try_from).transpose();
        Ok(Evidence {
            indication: self.indication.map(Into::into),
            guardian: self.guardian,
            text: hash("text", self.text.as_deref())?,
            language: language.map_err(|error| wrong("language", &error.to_string()))?,
            form: self.form.map(Into::into),
            page_url: self.page_url,
            proof: self.proof,
            origin: self.origin.map(Into::into),
            confirmation: self.confirmation.map(|half| half.read(app)).transpose()?,
            ..Evidence::new(
                collected_by,
                self.method.into(),
                self.expression.into(),
                self.actor.into(),
            )
        })
    }
}

impl From<ConsentFormInput> for Form {
    fn from(form: ConsentFormInput) -> Self {
        Self {
            id: form.id,
            version: form.version,
            sha256: None,
            fields: form.fields,
            checkbox_text: form.checkbox_text,
            ticked_before: form.ticked_before,
        }
    }
}

impl ConsentConfirmationInput {
    fn read(self, app: &App) -> Result<Confirmation, Error> {
        let (now, times) = (
            app.now(),
            [self.requested_at, self.sent_at, self.confirmed_at],
        );
        if !times.is_sorted_by_key(|time| time.0) || self.confirmed_at.0 > now {
            let message = "it is asked, then sent, then confirmed, and none of that lies ahead";
            return Err(wrong("confirmation", message));
        }
        let token = hash("confirmation", Some(&self.token))?;
        Ok(Confirmation {
            opt_in: app.ids().next::<OptInId>(now),
            requested_at: self.requested_at.0,
            sent_at: self.sent_at.0,
            message_sha256: hash("confirmation", self.message.as_deref())?,
            token: token.unwrap_or(Hash256::ZERO),
            confirmed_at: self.confirmed_at.0,
            ip: None,
            user_agent: None,
        })
    }
}

fn hash(field: &str, text: Option<&str>) -> Result<Option<Hash256>, Error> {
    text.map(str::parse)
        .transpose()
        .map_err(|error: lazo_domain::hash::InvalidHash| wrong(field, &error.to_string()))
}

fn wrong(field: &str, message: &str) -> Error {
    Error::Invalid(vec![Violation {
        field: vec!["evidence".to_owned(), field.to_owned()],
        code: "INVALID",
        message: sentence(message),
    }])
}
