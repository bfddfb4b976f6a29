//! Merging and parting profiles by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use lazo_domain::id::ProfileId;
use lazo_domain::identity::{LinkRefusal, MergeRefusal};

use super::{By, find, key_reused, resolve};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{Error, Violation};
use crate::identity::{self, IdentifierRow};
use crate::profile::hot::Present;
use crate::writer::{
    self, MergeByHand, MergeOutcome, MergePreview, Once, UnmergeByHand, UnmergeOutcome,
};

/// What a merge would give.
pub struct Preview {
    /// The profile that would go on.
    pub survivor: Arc<Present>,
    /// The identifiers it would have.
    pub identifiers: Arc<[IdentifierRow]>,
    /// What else it would be.
    pub merge: MergePreview,
}

/// What a parting gave.
pub struct Parted {
    /// The side that had been absorbed; none if the caller may not see it.
    pub restored: Option<Arc<Present>>,
    /// The other side; none if the caller may not see it.
    pub survivor: Option<Arc<Present>>,
}

/// Merges profiles, and returns the one that goes on.
pub async fn merge(
    app: &App,
    caller: &Caller,
    profiles: Vec<ProfileId>,
    reason: Option<String>,
    once: Option<Once>,
) -> Result<Arc<Present>, Error> {
    present(app, caller, &profiles).await?;
    let merge = MergeByHand {
        profiles,
        actor: caller.actor(),
        reason,
        once,
    };
    match app.writer().merge(merge).await? {
        MergeOutcome::Done(id) => find(app, Some(caller), By::Id(id), None)
            .await?
            .ok_or_else(missing),
        MergeOutcome::NotFound(_) => Err(missing()),
        MergeOutcome::Refused(refusals) => {
            Err(Error::Invalid(refusals.iter().map(violation).collect()))
        }
        MergeOutcome::KeyReused => Err(key_reused()),
    }
}

/// Shows what a merge would give, and does nothing.
pub async fn preview(app: &App, caller: &Caller, profiles: &[ProfileId]) -> Result<Preview, Error> {
    let present = present(app, caller, profiles).await?;
    let currency = app.deployment().currency;
    let merge = writer::preview(app.db(), &currency, profiles)
        .await?
        .map_err(|_| missing())?;
    let survivor = find(app, Some(caller), By::Id(merge.survivor), None)
        .await?
        .ok_or_else(missing)?;
    let mut identifiers: Vec<_> = identity::service::identifiers(app, present)
        .await?
        .into_values()
        .flatten()
        .collect();
    identity::sort(&mut identifiers);
    Ok(Preview {
        survivor,
        identifiers: identifiers.into(),
        merge,
    })
}

/// Parts the profile that was absorbed as `former` from what absorbed it.
pub async fn unmerge(
    app: &App,
    caller: &Caller,
    former: ProfileId,
    reason: Option<String>,
    once: Option<Once>,
) -> Result<Parted, Error> {
    let missing = || Error::violation("id", "NOT_FOUND", "There is no such profile.");
    find(app, Some(caller), By::Id(former), None)
        .await?
        .ok_or_else(missing)?;
    let unmerge = UnmergeByHand {
        former,
        actor: caller.actor(),
        reason,
        once,
    };
    match app.writer().unmerge(unmerge).await? {
        UnmergeOutcome::Done { restored, survivor } => {
            let mut rows = resolve(app, Some(caller), &[restored, survivor]).await?;
            Ok(Parted {
                restored: rows.remove(&restored),
                survivor: rows.remove(&survivor),
            })
        }
        UnmergeOutcome::NotMerged => {
            let message = "No merge that still holds absorbed this profile.";
            Err(Error::violation("id", "NOT_MERGED", message))
        }
        UnmergeOutcome::NotFound => Err(missing()),
        UnmergeOutcome::KeyReused => Err(key_reused()),
    }
}

/// Why a merge is refused, in a sentence.
pub fn sentence(refusal: &MergeRefusal) -> String {
    let profile = refusal.profile;
    let namespace = refusal
        .namespace
        .as_ref()
        .map_or("an identifier", |namespace| namespace.as_str());
    match refusal.refusal {
        LinkRefusal::UniqueConflict => {
            format!("{profile} has another value of {namespace}, of which a profile has one.")
        }
        LinkRefusal::LimitExceeded => {
            format!("With {profile} there would be more values of {namespace} than the limit.")
        }
        LinkRefusal::Parted => format!("A person has parted {profile} from one of the others."),
        LinkRefusal::ClaimedBetweenKnown => {
            format!("{profile} is known, and is only claimed to be the same person.")
        }
    }
}

fn violation(refusal: &MergeRefusal) -> Violation {
    let code = match refusal.refusal {
        LinkRefusal::UniqueConflict => "UNIQUE_CONFLICT",
        LinkRefusal::LimitExceeded => "LIMIT_EXCEEDED",
        LinkRefusal::Parted => "CANNOT_LINK",
        LinkRefusal::ClaimedBetweenKnown => "CONFLICT",
    };
    Violation::of("profiles", code, sentence(refusal))
}

/// The present ids of profiles, each once, all of which the caller must see.
async fn present(
    app: &App,
    caller: &Caller,
    profiles: &[ProfileId],
) -> Result<BTreeSet<ProfileId>, Error> {
    let found = resolve(app, Some(caller), profiles).await?;
    if profiles.iter().any(|id| !found.contains_key(id)) {
        return Err(missing());
    }
    Ok(found.values().map(|row| row.id).collect())
}

fn missing() -> Error {
    Error::violation(
        "profiles",
        "NOT_FOUND",
        "One of these profiles does not exist.",
    )
}
