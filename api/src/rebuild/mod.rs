//! Makes the profiles anew from what happened, and compares them with what is stored.
//!
//! The touchpoints, their fragments and which profile a fragment belongs to stay as they are: who is who was decided in the order
//! of arrival, and is in the identity log. All else of a profile is a fold, which the writer adds to and which is made whole here:
//! the projections of fragments and profiles, the typed traits, the purchases with their lines, and their summary.
//!
//! Where a profile stands (its segments, scores, stage, level and computed traits) is decided of what is stored then, and held to what
//! is kept of it.
//!
//! The only fragment of a profile has no projection of its own, as the profile's is that. One that has one nevertheless is a
//! difference like any other, and what is stored in its place is none.

mod compare;
mod fold;
mod store;

use std::collections::BTreeSet;

use lazo_domain::id::ProfileId;
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::audit::{self, Entry};
use crate::cache::hot::COMMIT;
use crate::db::take_numbers;
use crate::error::Error;
use crate::standing::{Step, check};
use compare::{Examined, examine};
use fold::Folder;

/// How many profiles are looked at in one transaction.
const GROUP: u64 = 100;
/// The actor in the audit log.
const ACTOR: &str = "cli";

/// What a rebuild went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Profiles, absorbed ones included.
    pub profiles: u64,
    /// The touchpoints folded.
    pub touchpoints: u64,
    /// How many of the profiles were not what their touchpoints say.
    pub different: u64,
    /// Whether it was looked at where they stand: not while they are being decided by changed definitions.
    pub stood: bool,
}

/// Something of a profile that is not what its touchpoints say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The profile.
    pub profile: ProfileId,
    /// What differs, such as `traits`, `segments` or `purchase main A-1`. Never a value.
    pub what: Vec<String>,
}

/// Compares every profile with what its touchpoints come to, tells what differs, and mends it if that is wanted.
///
/// It runs beside a server: what is compared is one instant of the database, and a profile is mended in a transaction of its own,
/// in which no other writer is. Its version rises, so that older copies of it are told from what it is then.
pub async fn run(
    app: &App,
    mend: bool,
    tell: &mut dyn FnMut(&Difference),
) -> Result<Outcome, Error> {
    let folder = Folder::load(app).await?;
    let mut outcome = Outcome {
        stood: check::is_swept(app.db().read()).await?,
        ..Outcome::default()
    };
    let mut after = None;
    loop {
        let snapshot = app.db().snapshot().await?;
        let ids = store::profile_ids(&snapshot, after, GROUP).await?;
        let Some(last) = ids.last() else { break };
        after = Some(*last);
        let examined = examine(&snapshot, &folder, &ids).await?;
        snapshot.rollback().await?;
        outcome.profiles += u64::try_from(ids.len()).unwrap_or_default();
        outcome.touchpoints += examined.touchpoints;
        let mended = settle(app, &folder, examined, mend, tell, &mut outcome).await?;
        if outcome.stood {
            stand(app, &ids, mended, mend, tell, &mut outcome).await?;
        }
    }
    // Fragments of a profile that has no row are of no group above.
    loop {
        let snapshot = app.db().snapshot().await?;
        let ids = store::missing_profiles(&snapshot, GROUP).await?;
        if ids.is_empty() {
            return Ok(outcome);
        }
        let examined = examine(&snapshot, &folder, &ids).await?;
        snapshot.rollback().await?;
        outcome.touchpoints += examined.touchpoints;
        let mended = settle(app, &folder, examined, mend, tell, &mut outcome).await?;
        if mend && !mended.is_empty() {
            let step = Step::Profiles(mended.into_iter().collect());
            app.writer().stand(step).await?;
        }
        if !mend {
            return Ok(outcome);
        }
    }
}

async fn settle(
    app: &App,
    folder: &Folder,
    examined: Examined,
    mend: bool,
    tell: &mut dyn FnMut(&Difference),
    outcome: &mut Outcome,
) -> Result<BTreeSet<ProfileId>, Error> {
    let mut told = BTreeSet::new();
    for difference in examined.differences() {
        let found = if mend {
            mend_one(app, folder, difference.profile).await?
        } else {
            Some(difference)
        };
        if let Some(difference) = found {
            outcome.different += 1;
            told.insert(difference.profile);
            tell(&difference);
        }
    }
    Ok(told)
}

/// Holds where profiles stand to a fresh evaluation. Those of whom more was told already are decided anew with them where they are
/// mended, and told of once.
async fn stand(
    app: &App,
    ids: &[ProfileId],
    told: BTreeSet<ProfileId>,
    mend: bool,
    tell: &mut dyn FnMut(&Difference),
    outcome: &mut Outcome,
) -> Result<(), Error> {
    let snapshot = app.db().snapshot().await?;
    let found = check::differences(app, &snapshot, ids).await?;
    snapshot.rollback().await?;
    let mut wrong = told.clone();
    for (profile, parts) in found {
        wrong.insert(profile);
        if !told.contains(&profile) {
            outcome.different += 1;
            let what = parts.into_iter().map(|part| part.as_str().to_owned());
            tell(&Difference {
                profile,
                what: what.collect(),
            });
        }
    }
    if mend && !wrong.is_empty() {
        let step = Step::Profiles(wrong.into_iter().collect());
        app.writer().stand(step).await?;
    }
    Ok(())
}

/// Looks once more, with no other writer about, and stores what the touchpoints say.
async fn mend_one(
    app: &App,
    folder: &Folder,
    profile: ProfileId,
) -> Result<Option<Difference>, Error> {
    let transaction = app.db().begin().await?;
    let examined = examine(&transaction, folder, &[profile]).await?;
    let Some(difference) = examined.differences().into_iter().next() else {
        return Ok(None);
    };
    let versions = save(app, &transaction, &examined, &difference).await?;
    // Processes that serve find by the number that there was a commit of which they know nothing.
    let commit = take_numbers(&transaction, COMMIT, 1).await?;
    transaction.commit().await?;
    app.hot().put_out(commit, &versions).await;
    Ok(Some(difference))
}

async fn save(
    app: &App,
    transaction: &DatabaseTransaction,
    examined: &Examined,
    difference: &Difference,
) -> Result<Vec<(ProfileId, i64)>, DbErr> {
    let now = app.now();
    let mut ids = || app.ids().next::<Uuid>(now);
    let versions = examined
        .save(transaction, &app.deployment().currency, now, &mut ids)
        .await?;
    let entry = Entry {
        actor: ACTOR,
        action: "profile.rebuild",
        subject: difference.profile.to_string(),
        details: json!({}),
    };
    audit::append(transaction, app.ids(), now, &[entry]).await?;
    Ok(versions)
}
