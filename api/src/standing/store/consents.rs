//! Queries of where consent of profiles stands.

use std::collections::HashMap;

use lazo_domain::clock::Timestamp;
use lazo_domain::consent::{Consents, PurposeKey, State};
use lazo_domain::id::ProfileId;
use lazo_domain::touchpoint::Channel;
use sea_orm::{ConnectionTrait, DbErr};

use crate::db::{ColumnKind, Document, Rows, Table, Writes};

const STATE: Table = Table {
    name: "consent_state",
    columns: &[
        ("profile_id", ColumnKind::Uuid),
        ("purpose", ColumnKind::Text),
        ("channel", ColumnKind::Text),
        ("state", ColumnKind::Json),
        ("granted", ColumnKind::Bool),
        ("valid_until", ColumnKind::Integer),
    ],
    key: 3,
};

/// A purpose on a channel, of a profile.
type Place = (ProfileId, PurposeKey, Option<Channel>);

/// What is to be stored of consent.
#[derive(Default)]
pub(in crate::standing) struct Changed {
    states: Vec<(Place, State)>,
    gone: Vec<Place>,
}

impl Changed {
    /// Notes how the stored consent of a profile changes. Returns whether it does.
    pub(in crate::standing) fn compare(
        &mut self,
        profile: ProfileId,
        before: &Consents,
        now: &Consents,
    ) -> bool {
        if before == now {
            return false;
        }
        for (purpose, channel, state) in now.iter() {
            if before.state(purpose, channel) != *state {
                let place = (profile, purpose.clone(), channel);
                self.states.push((place, *state));
            }
        }
        for (purpose, channel, _) in before.iter() {
            if now.state(purpose, channel) == State::default() {
                self.gone.push((profile, purpose.clone(), channel));
            }
        }
        true
    }

    pub(super) fn save(&self, writes: &mut Writes) {
        let mut states = Rows::new(STATE.columns);
        for ((profile, purpose, channel), state) in &self.states {
            // Whether it still counts is asked of the time at which it is read.
            let grant = state.grant(Timestamp(i64::MIN));
            states.push([
                &profile.0,
                &purpose.as_str(),
                &name(*channel),
                state,
                &grant.is_some(),
                &grant.and_then(|grant| grant.expires_at),
            ]);
        }
        writes.upsert(states, STATE);
        let mut gone = Rows::new(&STATE.columns[..STATE.key]);
        for (profile, purpose, channel) in &self.gone {
            gone.push([&profile.0, &purpose.as_str(), &name(*channel)]);
        }
        writes.change(
            gone,
            "DELETE FROM consent_state WHERE (profile_id, purpose, channel) IN \
             (SELECT profile_id, purpose, channel FROM {rows} AS given)",
        );
    }
}

/// A channel as it is stored; empty where a purpose is decided once.
fn name(channel: Option<Channel>) -> &'static str {
    channel.map_or("", Channel::as_str)
}

/// Where consent of profiles stands, as it is stored.
pub(in crate::standing) async fn consents(
    connection: &impl ConnectionTrait,
    profiles: impl IntoIterator<Item = ProfileId>,
) -> Result<HashMap<ProfileId, Consents>, DbErr> {
    let rows = Rows::of_ids(profiles.into_iter().map(|id| id.0));
    let mut found: HashMap<ProfileId, Consents> = HashMap::new();
    if rows.is_empty() {
        return Ok(found);
    }
    let query = rows.query(
        connection,
        "SELECT c.profile_id, c.purpose, c.channel, c.state FROM {rows} AS given \
         JOIN consent_state AS c ON c.profile_id = given.id",
        Vec::new(),
    );
    for row in connection.query_all_raw(query).await? {
        let (purpose, channel): (String, String) =
            (row.try_get("", "purpose")?, row.try_get("", "channel")?);
        let state: Document<State> = row.try_get("", "state")?;
        let purpose = PurposeKey::new(&purpose)
            .map_err(|error| DbErr::Type(format!("a stored purpose does not read: {error}")))?;
        let own = found.entry(row.try_get("", "profile_id")?).or_default();
        own.set(purpose, channel.parse().ok(), state.0);
    }
    Ok(found)
}
