//! Decisions about purposes, each in a transaction of its own.

use lazo_domain::consent::{Answer, Decision, OptInRules};
use lazo_domain::id::{ConsentRecordId, FragmentId};
use sea_orm::DbErr;
use serde_json::json;
use uuid::Uuid;

use super::Context;
use super::command::{Consent, ConsentOutcome, Whose};
use super::state::State;
use crate::audit::{self, Entry};
use crate::consent::store::{self as records, Recorded};
use crate::db::Writes;
use crate::idempotency::{self, Earlier};
use crate::identity::store as identities;
use crate::purpose;

/// The name of the operation among those that can be repeated.
const RECORD: &str = "consentRecord";

pub(super) async fn record(context: &Context, consent: &Consent) -> Result<ConsentOutcome, DbErr> {
    let now = context.clock.now();
    let transaction = context.db.begin().await?;
    let named = match consent.whose {
        Whose::Profile(profile) => profile.0,
        Whose::Fragment(fragment) => fragment.0,
    };
    let Some(profile) = identities::current_profile(&transaction, named.into()).await? else {
        return Ok(ConsentOutcome::NotFound);
    };
    match idempotency::look_up(&transaction, consent.once.as_ref(), RECORD).await? {
        Earlier::None => {}
        Earlier::Same(kept) => {
            let record = kept["record"].as_str().and_then(|id| id.parse().ok());
            return Ok(
                record.map_or(ConsentOutcome::KeyReused, |record| ConsentOutcome::Done {
                    profile,
                    record,
                }),
            );
        }
        Earlier::Other => return Ok(ConsentOutcome::KeyReused),
    }
    let Some(purpose) = purpose::service::current(&transaction, &consent.purpose).await? else {
        return Ok(ConsentOutcome::NoPurpose);
    };
    let mut ids = || context.ids.next::<Uuid>(now);
    let answer = Answer {
        kind: consent.kind,
        channel: consent.channel,
        at: consent.at.unwrap_or(now),
    };
    let (record, rules) = (ConsentRecordId(ids()), OptInRules::default());
    let decision = match Decision::record(record, answer, &consent.evidence, &purpose, &rules, now)
    {
        Ok(decision) => decision,
        Err(problems) => return Ok(ConsentOutcome::Refused(problems)),
    };
    let mut state = State::load_profiles(&transaction, &[profile]).await?;
    let fragment = match consent.whose {
        // Whoever names a profile by the id it has now means whom it stands for.
        Whose::Profile(named) if named == profile => state.graph.vouched(profile),
        Whose::Profile(_) | Whose::Fragment(_) => None,
    };
    let recorded = Recorded {
        fragment: fragment.unwrap_or(FragmentId(named)),
        decision,
        evidence: consent.evidence.clone(),
        actor: consent.actor.clone(),
    };
    let mut writes = Writes::default();
    records::insert(&mut writes, std::slice::from_ref(&recorded));
    writes.execute(&transaction).await?;
    state.changed.insert(profile);
    state.consented.insert(profile);
    let changes = state.store(&transaction, context, now, &mut ids).await?;
    let kept = json!({ "record": record });
    idempotency::remember(&transaction, consent.once.as_ref(), RECORD, &kept, now).await?;
    let decision = &recorded.decision;
    let entry = Entry {
        actor: &consent.actor,
        action: "consent.record",
        subject: profile.to_string(),
        details: json!({
            "record": record,
            "purpose": decision.purpose,
            "channel": decision.channel,
            "kind": decision.kind,
        }),
    };
    audit::append(&transaction, &context.ids, now, &[entry]).await?;
    context.commit(transaction, changes).await?;
    Ok(ConsentOutcome::Done { profile, record })
}
