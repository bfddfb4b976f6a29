//! Edits, merges and partings by hand, each in a transaction of its own.

use lazo_domain::id::{FragmentId, ProfileId};
use lazo_domain::profile::{Projection, PurchaseSummary};
use lazo_domain::purchase::PurchaseState;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;
use uuid::Uuid;

use super::command::{
    Edit, EditOutcome, MergeByHand, MergeOutcome, MergePreview, UnmergeByHand, UnmergeOutcome,
};
use super::state::{Cause, State};
use super::{Context, batch};
use crate::audit::{self, Entry};
use crate::db::Db;
use crate::idempotency::{self, Earlier};
use crate::identity::store as identities;
use crate::purchase::store as purchases;
use crate::touchpoint::Content;

pub(super) async fn edit(context: &Context, edit: &Edit) -> Result<EditOutcome, DbErr> {
    let now = context.clock.now();
    let transaction = context.db.begin().await?;
    let Some(profile) = identities::current_profile(&transaction, edit.profile).await? else {
        return Ok(EditOutcome::NotFound);
    };
    match idempotency::look_up(&transaction, edit.once.as_ref(), "profileUpdate").await? {
        Earlier::None => {}
        Earlier::Same(_) => return Ok(EditOutcome::Done(profile)),
        Earlier::Other => return Ok(EditOutcome::KeyReused),
    }
    if let Some(expected) = edit.expected_version {
        let state = State::load_profiles(&transaction, &[profile]).await?;
        let version = state.version_of(profile).unwrap_or_default();
        if version != expected {
            return Ok(EditOutcome::Stale(version));
        }
    }
    let mut item = edit.item.clone();
    item.target = Some(FragmentId(edit.profile.0));
    let (_, changes) = batch::record(&transaction, context, &[&item], now).await?;
    idempotency::remember(
        &transaction,
        edit.once.as_ref(),
        "profileUpdate",
        &json!({}),
        now,
    )
    .await?;
    let traits: Vec<&str> = match &item.content {
        Content::Touchpoint(touchpoint) => touchpoint.traits.keys().map(AsRef::as_ref).collect(),
        Content::Refused { .. } => Vec::new(),
    };
    let entry = Entry {
        actor: &edit.actor,
        action: "profile.update",
        subject: profile.to_string(),
        details: json!({ "traits": traits }),
    };
    audit::append(&transaction, &context.ids, now, &[entry]).await?;
    context.commit(transaction, changes).await?;
    Ok(EditOutcome::Done(profile))
}

/// Resolves former ids; those that lead nowhere are the error.
async fn present(
    connection: &impl ConnectionTrait,
    profiles: &[ProfileId],
) -> Result<Result<Vec<ProfileId>, Vec<ProfileId>>, DbErr> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for profile in profiles {
        match identities::current_profile(connection, *profile).await? {
            Some(current) if found.contains(&current) => {}
            Some(current) => found.push(current),
            None => missing.push(*profile),
        }
    }
    Ok(if missing.is_empty() {
        Ok(found)
    } else {
        Err(missing)
    })
}

pub(super) async fn merge(context: &Context, merge: &MergeByHand) -> Result<MergeOutcome, DbErr> {
    let now = context.clock.now();
    let transaction = context.db.begin().await?;
    let profiles = match present(&transaction, &merge.profiles).await? {
        Ok(profiles) => profiles,
        Err(missing) => return Ok(MergeOutcome::NotFound(missing)),
    };
    match idempotency::look_up(&transaction, merge.once.as_ref(), "profilesMerge").await? {
        Earlier::Same(_) => {
            return Ok(profiles
                .first()
                .map_or(MergeOutcome::KeyReused, |id| MergeOutcome::Done(*id)));
        }
        Earlier::Other => return Ok(MergeOutcome::KeyReused),
        Earlier::None => {}
    }
    let mut state = State::load_profiles(&transaction, &profiles).await?;
    let refusals = state.graph.merge_refusals(&profiles);
    if !refusals.is_empty() {
        return Ok(MergeOutcome::Refused(refusals));
    }
    let mut ids = || context.ids.next::<Uuid>(now);
    let resolution = state.graph.merge_by_hand(&profiles, &mut ids);
    let cause = Cause {
        at: now,
        touchpoint: None,
        actor: merge.actor.clone(),
        reason: merge.reason.clone(),
    };
    let survivor = state
        .take(resolution, &cause)
        .and_then(|home| state.profile_of(home));
    let changes = state.store(&transaction, context, now, &mut ids).await?;
    let survivor = survivor.unwrap_or(merge.profiles[0]);
    idempotency::remember(
        &transaction,
        merge.once.as_ref(),
        "profilesMerge",
        &json!({}),
        now,
    )
    .await?;
    let entry = Entry {
        actor: &merge.actor,
        action: "profiles.merge",
        subject: survivor.to_string(),
        details: json!({ "profiles": merge.profiles }),
    };
    audit::append(&transaction, &context.ids, now, &[entry]).await?;
    context.commit(transaction, changes).await?;
    context
        .meters
        .linked(state.log.iter().map(|caused| caused.entry.kind));
    Ok(MergeOutcome::Done(survivor))
}

pub(super) async fn unmerge(
    context: &Context,
    unmerge: &UnmergeByHand,
) -> Result<UnmergeOutcome, DbErr> {
    let now = context.clock.now();
    let transaction = context.db.begin().await?;
    let Some(whole) = identities::current_profile(&transaction, unmerge.former).await? else {
        return Ok(UnmergeOutcome::NotFound);
    };
    match idempotency::look_up(&transaction, unmerge.once.as_ref(), "profileUnmerge").await? {
        Earlier::Same(earlier) => {
            let survivor = earlier["survivor"]
                .as_str()
                .and_then(|id| id.parse().ok())
                .unwrap_or(whole);
            return Ok(UnmergeOutcome::Done {
                restored: whole,
                survivor,
            });
        }
        Earlier::Other => return Ok(UnmergeOutcome::KeyReused),
        Earlier::None => {}
    }
    let mut state = State::load_profiles(&transaction, &[whole]).await?;
    let mut ids = || context.ids.next::<Uuid>(now);
    let Some((resolution, pair)) = state.graph.unmerge(unmerge.former, &mut ids) else {
        return Ok(UnmergeOutcome::NotMerged);
    };
    let cause = Cause {
        at: now,
        touchpoint: None,
        actor: unmerge.actor.clone(),
        reason: unmerge.reason.clone(),
    };
    state.take(resolution, &cause);
    identities::save_parted(&transaction, ids(), pair, now, &unmerge.actor).await?;
    let changes = state.store(&transaction, context, now, &mut ids).await?;
    let restored = state
        .profile_of(FragmentId(unmerge.former.0))
        .unwrap_or(unmerge.former);
    let survivor = if restored.0 == pair.0.0 {
        ProfileId(pair.1.0)
    } else {
        ProfileId(pair.0.0)
    };
    let payload = json!({ "survivor": survivor });
    idempotency::remember(
        &transaction,
        unmerge.once.as_ref(),
        "profileUnmerge",
        &payload,
        now,
    )
    .await?;
    let entry = Entry {
        actor: &unmerge.actor,
        action: "profile.unmerge",
        subject: restored.to_string(),
        details: json!({ "survivor": survivor }),
    };
    audit::append(&transaction, &context.ids, now, &[entry]).await?;
    context.commit(transaction, changes).await?;
    context
        .meters
        .linked(state.log.iter().map(|caused| caused.entry.kind));
    Ok(UnmergeOutcome::Done { restored, survivor })
}

/// What a merge would give, without doing it; `Err` names the profiles that are not there.
pub async fn preview(
    db: &Db,
    currency: &lazo_domain::money::Currency,
    profiles: &[ProfileId],
) -> Result<Result<MergePreview, Vec<ProfileId>>, DbErr> {
    let profiles = match present(db.read(), profiles).await? {
        Ok(profiles) => profiles,
        Err(missing) => return Ok(Err(missing)),
    };
    let state = State::load_profiles(db.read(), &profiles).await?;
    let mut projection = Projection::default();
    for row in profiles.iter().filter_map(|id| state.profiles.get(id)) {
        projection.join(&row.projection);
    }
    let mut orders: std::collections::BTreeMap<(String, String), PurchaseState> =
        std::collections::BTreeMap::new();
    for stored in purchases::of_profiles(db.read(), profiles.iter().copied()).await? {
        let whole = orders.entry((stored.shop, stored.order_id)).or_default();
        for part in stored.parts.values() {
            whole.join(part);
        }
    }
    let views: Vec<_> = orders.values().map(|order| order.view(currency)).collect();
    let survivor = profiles
        .iter()
        .copied()
        .min_by_key(|id| (state.graph.created_at(*id), *id))
        .unwrap_or(ProfileId(Uuid::nil()));
    Ok(Ok(MergePreview {
        survivor,
        projection,
        summary: PurchaseSummary::of(views.iter()),
        refusals: state.graph.merge_refusals(&profiles),
    }))
}
