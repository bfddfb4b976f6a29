//! What profiles score, why, and how that changed.

use std::collections::HashMap;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{ProfileId, ScoreModelId};
use lazo_domain::score::Scored;
use lazo_entity::score_entry::{self, Model as Entry};
use lazo_entity::score_model;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Held;
use super::held::StoredValue;
use super::service;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::db::{Document, Rows};
use crate::error::Error;
use crate::profile;
use crate::standing::gather::Gathering;

/// What a profile scores by a model at an instant, and why.
pub struct Explained {
    /// The profile, which a former id leads to.
    pub profile: ProfileId,
    /// The model.
    pub model: score_model::Model,
    /// The score and what it is made of.
    pub scored: Scored,
    /// The instant.
    pub at: Timestamp,
}

/// The scores that profiles have now, by the keys of the models. Those that time may have changed otherwise than they say are left out:
/// they are decided within a second.
pub async fn of_profiles(
    app: &App,
    profiles: &[ProfileId],
) -> Result<HashMap<ProfileId, Vec<Held>>, Error> {
    let rows = Rows::of_ids(profiles.iter().map(|id| id.0));
    let mut found: HashMap<ProfileId, Vec<Held>> = HashMap::new();
    if rows.is_empty() {
        return Ok(found);
    }
    let (connection, now) = (app.db().read(), app.now());
    let query = rows.query(
        connection,
        "SELECT s.profile_id, s.model_id, m.key, s.scored, s.grade, s.valid_until FROM {rows} AS given \
         JOIN score AS s ON s.profile_id = given.id JOIN score_model AS m ON m.id = s.model_id \
         WHERE m.archived_at IS NULL ORDER BY m.key",
        Vec::new(),
    );
    for row in connection.query_all_raw(query).await? {
        let scored: Document<StoredValue> = row.try_get("", "scored")?;
        let Some(value) = scored.0.value else {
            continue;
        };
        let held = Held {
            model: row.try_get("", "model_id")?,
            key: row.try_get("", "key")?,
            value,
            grade: row.try_get("", "grade")?,
            valid_until: row.try_get("", "valid_until")?,
        };
        if held.is_valid(now) {
            let own = found.entry(row.try_get("", "profile_id")?).or_default();
            own.push(held);
        }
    }
    Ok(found)
}

/// What a profile scores by a model now, reckoned anew from all that is known of it. None if there is no such profile that the caller
/// may see, or no such model that counts.
pub async fn explain(
    app: &App,
    caller: &Caller,
    profile: ProfileId,
    model: ScoreModelId,
) -> Result<Option<Explained>, Error> {
    let Some(model) = service::find(app, model).await? else {
        return Ok(None);
    };
    let found = profile::service::resolve(app, Some(caller), &[profile]).await?;
    let Some(present) = found.get(&profile) else {
        return Ok(None);
    };
    let gathering = Gathering::of(app, &[present.id]).await?;
    let Some(decided) = gathering.decided().next() else {
        return Ok(None);
    };
    let mut scores = decided.standing.scores.into_iter();
    let own = scores.find(|(id, _)| *id == model.id);
    Ok(own.map(|(_, scored)| Explained {
        profile: decided.profile,
        model,
        scored,
        at: gathering.now(),
    }))
}

/// How the score of a profile by a model changed, the latest change first.
pub async fn history(
    app: &App,
    profile: ProfileId,
    model: ScoreModelId,
    limit: u64,
) -> Result<Vec<Entry>, Error> {
    let found = score_entry::Entity::find()
        .filter(score_entry::Column::ProfileId.eq(profile))
        .filter(score_entry::Column::ModelId.eq(model))
        .order_by_desc(score_entry::Column::At)
        .limit(limit)
        .all(app.db().read())
        .await?;
    Ok(found)
}
