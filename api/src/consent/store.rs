//! Queries of the records of decisions.

use std::collections::HashMap;

use lazo_domain::consent::{Decision, Evidence};
use lazo_domain::id::{ConsentRecordId, FragmentId, ProfileId};
use lazo_entity::{consent_record, fragment};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::de::DeserializeOwned;

use crate::db::{ColumnKind, Document, Rows, Table, Writes};
use crate::standing::Made;

const RECORD: Table = Table {
    name: "consent_record",
    columns: &[
        ("id", ColumnKind::Uuid),
        ("fragment_id", ColumnKind::Uuid),
        ("purpose", ColumnKind::Text),
        ("at", ColumnKind::Integer),
        ("recorded_at", ColumnKind::Integer),
        ("decision", ColumnKind::Json),
        ("evidence", ColumnKind::Json),
        ("actor", ColumnKind::Text),
    ],
    key: 1,
};

/// A decision as it was written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The fragment it was made in.
    pub fragment: FragmentId,
    /// The decision.
    pub decision: Decision,
    /// What shows that it was made.
    pub evidence: Evidence,
    /// Who wrote it down.
    pub actor: String,
}

/// What was decided in fragments, which are rows of `fragment_id` and `profile_id`, by profile.
pub(crate) async fn decisions(
    connection: &impl ConnectionTrait,
    fragments: Rows,
) -> Result<HashMap<ProfileId, Vec<Made>>, DbErr> {
    let mut found: HashMap<ProfileId, Vec<Made>> = HashMap::new();
    if fragments.is_empty() {
        return Ok(found);
    }
    let query = fragments.query(
        connection,
        "SELECT given.profile_id, c.fragment_id, c.decision FROM {rows} AS given \
         JOIN consent_record AS c ON c.fragment_id = given.fragment_id",
        Vec::new(),
    );
    for row in connection.query_all_raw(query).await? {
        let decision: Document<Decision> = row.try_get("", "decision")?;
        let own = found.entry(row.try_get("", "profile_id")?).or_default();
        own.push((row.try_get("", "fragment_id")?, decision.0));
    }
    Ok(found)
}

/// Writes decisions down.
pub(crate) fn insert(writes: &mut Writes, recorded: &[Recorded]) {
    let mut rows = Rows::new(RECORD.columns);
    for one in recorded {
        let decision = &one.decision;
        rows.push([
            &decision.id.0,
            &one.fragment.0,
            &decision.purpose.as_str(),
            &decision.at,
            &decision.recorded_at,
            decision,
            &one.evidence,
            &one.actor,
        ]);
    }
    writes.insert(rows, RECORD);
}

/// All that was decided in the fragments that a profile has now.
pub(super) async fn of_profile(
    connection: &impl ConnectionTrait,
    profile: ProfileId,
) -> Result<Vec<Recorded>, DbErr> {
    let fragments = fragment::Entity::find()
        .filter(fragment::Column::ProfileId.eq(profile))
        .all(connection)
        .await?;
    of_fragments(connection, fragments.into_iter().map(|row| row.id)).await
}

/// All that was decided in these fragments.
pub(crate) async fn of_fragments(
    connection: &impl ConnectionTrait,
    fragments: impl IntoIterator<Item = FragmentId>,
) -> Result<Vec<Recorded>, DbErr> {
    let rows = Rows::of_ids(fragments.into_iter().map(|id| id.0));
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let query = rows.query(
        connection,
        "SELECT c.* FROM {rows} AS given JOIN consent_record AS c ON c.fragment_id = given.id",
        Vec::new(),
    );
    let found = consent_record::Entity::find()
        .from_raw_sql(query)
        .all(connection)
        .await?;
    found.into_iter().map(recorded).collect()
}

/// The record with this id.
pub(super) async fn by_id(
    connection: &impl ConnectionTrait,
    id: ConsentRecordId,
) -> Result<Option<Recorded>, DbErr> {
    let found = consent_record::Entity::find_by_id(id)
        .one(connection)
        .await?;
    found.map(recorded).transpose()
}

fn recorded(row: consent_record::Model) -> Result<Recorded, DbErr> {
    Ok(Recorded {
        fragment: row.fragment_id,
        decision: read(row.decision)?,
        evidence: read(row.evidence)?,
        actor: row.actor,
    })
}

fn read<T: DeserializeOwned>(json: serde_json::Value) -> Result<T, DbErr> {
    serde_json::from_value(json)
        .map_err(|_| DbErr::Type("a stored record of consent does not read".to_owned()))
}
