//! The changes of the profile that an id leads to, for as long as somebody takes them: always the newest version, whatever lay
//! between it and the one before.

use std::collections::HashMap;
use std::sync::Arc;

use lazo_domain::id::ProfileId;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::hot::Present;
use super::service::{is_shown, present};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::db::Rows;
use crate::error::Error;
use crate::subscription::{Topic, Wake};

const GONE: Error = Error::NotFound { what: "profile" };

/// Where an id leads: to a profile of a version. Both change by merges and unmerges, so a version alone would not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The profile.
    pub profile: ProfileId,
    /// Its version.
    pub version: i64,
}

impl Place {
    fn of(profile: &Present) -> Self {
        Self {
            profile: profile.id,
            version: profile.version,
        }
    }
}

/// The changes of the profile that an id leads to, from a place on.
pub struct Changes {
    app: App,
    caller: Option<Caller>,
    id: ProfileId,
    /// What was taken last.
    taken: Place,
    wake: Wake,
}

impl Changes {
    /// Those since this place, or those that are still to come. There must be a profile that the caller may see.
    pub async fn since(
        app: &App,
        caller: Option<&Caller>,
        id: ProfileId,
        place: Option<Place>,
    ) -> Result<Self, Error> {
        let mut wake = app.wakes().wait_for(Topic::Profile(id));
        let Some(now) = place_of(app, id).await? else {
            return Err(GONE);
        };
        wake.follow(now.profile);
        let changes = Self {
            app: app.clone(),
            caller: caller.cloned(),
            id,
            taken: place.unwrap_or(now),
            wake,
        };
        changes.load(now).await?;
        Ok(changes)
    }

    /// What was taken last, or after what they begin.
    pub fn taken(&self) -> Place {
        self.taken
    }

    /// Waits for the next change. It is an error once there is no profile that the caller may see.
    pub async fn next(&mut self) -> Result<Arc<Present>, Error> {
        loop {
            self.wake.arm();
            let Some(now) = place_of(&self.app, self.id).await? else {
                return Err(GONE);
            };
            if self.wake.follow(now.profile) {
                continue;
            }
            if now != self.taken {
                let profile = self.load(now).await?;
                let loaded = Place::of(&profile);
                if loaded != self.taken {
                    self.taken = loaded;
                    return Ok(profile);
                }
            }
            self.wake.woken().await;
        }
    }

    /// The profile, at least as new as at this place.
    async fn load(&self, place: Place) -> Result<Arc<Present>, Error> {
        let found = present(&self.app, self.id, Some(place.version)).await?;
        found
            .filter(|profile| is_shown(profile, self.caller.as_ref()))
            .ok_or(GONE)
    }
}

async fn place_of(app: &App, id: ProfileId) -> Result<Option<Place>, Error> {
    Ok(places(app.db().read(), &[id]).await?.remove(&id))
}

/// Where ids, present or former, lead; those that no profile ever bore are left out.
pub(crate) async fn places(
    connection: &impl ConnectionTrait,
    ids: &[ProfileId],
) -> Result<HashMap<ProfileId, Place>, DbErr> {
    let rows = Rows::of_ids(ids.iter().map(|id| id.0));
    let query = rows.query(
        connection,
        "SELECT given.id, p.id AS profile, p.version FROM {rows} AS given \
         JOIN fragment AS f ON f.id = given.id JOIN profile AS p ON p.id = f.profile_id",
        Vec::new(),
    );
    let place = |row: &QueryResult| {
        let place = Place {
            profile: row.try_get("", "profile")?,
            version: row.try_get("", "version")?,
        };
        Ok((row.try_get("", "id")?, place))
    };
    let rows = connection.query_all_raw(query).await?;
    rows.iter().map(place).collect()
}
