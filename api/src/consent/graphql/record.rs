//! Records of decisions.

use async_graphql::{Context, ID, Object};

use super::{ConsentActor, ConsentDecisionKind, ConsentExpression, ConsentMethod};
use crate::consent::read;
use crate::consent::store::Recorded;
use crate::error::ApiError;
use crate::graphql::{Channel, ContextExt, DateTime, Json, take};

/// A record as the schema shows it.
pub struct ConsentRecord(Box<Recorded>);

impl From<Recorded> for ConsentRecord {
    fn from(recorded: Recorded) -> Self {
        Self(Box::new(recorded))
    }
}

/// A decision of a person about a purpose, with its evidence. It is never changed.
#[Object]
impl ConsentRecord {
    /// The global id of the record. It is opaque.
    pub async fn id(&self) -> ID {
        self.0.decision.id.to_string().into()
    }

    /// The key of the purpose.
    async fn purpose(&self) -> &str {
        self.0.decision.purpose.as_str()
    }

    /// The channel. Null means the purpose on all its channels.
    async fn channel(&self) -> Option<Channel> {
        self.0.decision.channel.map(Into::into)
    }

    /// What it says.
    async fn decision(&self) -> ConsentDecisionKind {
        self.0.decision.kind.into()
    }

    /// When it was made.
    async fn decided_at(&self) -> DateTime {
        self.0.decision.at.into()
    }

    /// When it was written down.
    async fn recorded_at(&self) -> DateTime {
        self.0.decision.recorded_at.into()
    }

    /// From when on it no longer counts: of a grant when consent has to be asked again, of an `ASKED` when it is too late to confirm.
    /// Null means that it never ends.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.decision.expires_at.map(Into::into)
    }

    /// Where it was collected.
    async fn method(&self) -> ConsentMethod {
        self.0.evidence.collection_method.into()
    }

    /// How plainly it was expressed.
    async fn expression(&self) -> ConsentExpression {
        self.0.decision.expression.into()
    }

    /// Who decided.
    async fn actor(&self) -> ConsentActor {
        self.0.decision.actor.into()
    }

    /// Whether a double opt-in was confirmed.
    async fn confirmed(&self) -> bool {
        self.0.decision.confirmed
    }

    /// The SHA-256 hash of the text that was shown. Null where none was.
    async fn text(&self) -> Option<String> {
        self.0.decision.text.map(Into::into)
    }

    /// All that shows that the decision was made, as it was written down.
    fn evidence(&self, ctx: &Context<'_>) -> Result<Json, ApiError> {
        let json = serde_json::to_value(&self.0.evidence).map_err(|_| ApiError::internal())?;
        take(ctx, crate::json::bytes_of(&json))?;
        Ok(Json(json))
    }

    /// The receipt for the person: one JSON-LD document in the form of the Data Privacy Vocabulary's guide to ISO/IEC TS 27560:2023.
    async fn receipt(&self, ctx: &Context<'_>) -> Result<Json, ApiError> {
        let json = read::receipt(ctx.app(), &self.0).await?;
        take(ctx, crate::json::bytes_of(&json))?;
        Ok(Json(json))
    }
}
