//! What can be done about consent.

use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::consent::{DecisionKind, DecisionProblem, Evidence, EvidenceProblem, PurposeKey};
use lazo_domain::id::ProfileId;
use lazo_domain::touchpoint::Channel;

use super::read;
use super::store::Recorded;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{Error, Violation, sentence};
use crate::profile::hot::Present;
use crate::profile::service::{By, find};
use crate::writer::{Consent, ConsentOutcome, Once, Whose};

/// A decision to be written down.
#[derive(Clone, Debug)]
pub struct Record {
    /// The profile, under its present or a former id.
    pub profile: ProfileId,
    /// About what.
    pub purpose: PurposeKey,
    /// The channel; none if it is about the purpose on all its channels.
    pub channel: Option<Channel>,
    /// What it says.
    pub kind: DecisionKind,
    /// When it was made; none for now.
    pub at: Option<Timestamp>,
    /// What shows it.
    pub evidence: Evidence,
    /// Against repeats.
    pub once: Option<Once>,
}

/// Writes a decision down, and returns the profile as it is then, and the record. All that is decided by consent is decided anew.
pub async fn record(
    app: &App,
    caller: &Caller,
    record: Record,
) -> Result<(Arc<Present>, Recorded), Error> {
    find(app, Some(caller), By::Id(record.profile), None)
        .await?
        .ok_or_else(no_profile)?;
    let consent = Consent {
        whose: Whose::Profile(record.profile),
        purpose: record.purpose,
        channel: record.channel,
        kind: record.kind,
        at: record.at,
        evidence: record.evidence,
        actor: caller.actor(),
        once: record.once,
    };
    let outcome = app.writer().consent(consent).await?;
    let (profile, record) = recorded(outcome)?;
    let profile = find(app, Some(caller), By::Id(profile), None).await?;
    let record = read::recorded(app, record).await?;
    profile
        .zip(record)
        .ok_or_else(|| Error::Internal("a decision was written down and is not there".to_owned()))
}

/// The profile and the record of a decision that is in force.
pub(crate) fn recorded(
    outcome: ConsentOutcome,
) -> Result<(ProfileId, lazo_domain::id::ConsentRecordId), Error> {
    match outcome {
        ConsentOutcome::Done { profile, record } => Ok((profile, record)),
        ConsentOutcome::NotFound => Err(no_profile()),
        ConsentOutcome::NoPurpose => Err(no_purpose()),
        ConsentOutcome::Refused(problems) => {
            Err(Error::Invalid(problems.iter().map(violation).collect()))
        }
        ConsentOutcome::KeyReused => Err(Error::key_reused()),
    }
}

fn no_profile() -> Error {
    Error::violation("profileId", "NOT_FOUND", "There is no such profile.")
}

pub(super) fn no_purpose() -> Error {
    let message = "There is no such purpose, or it is archived.";
    Error::violation("purpose", "NOT_FOUND", message)
}

fn violation(problem: &DecisionProblem) -> Violation {
    let field = match problem {
        DecisionProblem::Channel => vec!["channel"],
        DecisionProblem::InFuture | DecisionProblem::Expired => vec!["decidedAt"],
        DecisionProblem::NotByConsent => vec!["purpose"],
        DecisionProblem::Evidence(problem) => vec!["evidence", evidence_field(*problem)],
    };
    Violation {
        field: field.into_iter().map(str::to_owned).collect(),
        code: "INVALID",
        message: sentence(&problem.to_string()),
    }
}

fn evidence_field(problem: EvidenceProblem) -> &'static str {
    match problem.field() {
        "collected_by" => "collectedBy",
        "page_url" => "pageUrl",
        same => same,
    }
}
