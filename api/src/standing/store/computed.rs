//! Queries of the values of computed traits.

use std::collections::{BTreeMap, HashMap};

use lazo_domain::id::ProfileId;
use lazo_domain::profile::TypedRow;
use sea_orm::{ConnectionTrait, DbErr};

use crate::db::{ColumnKind, Rows, Table, Writes};

const VALUE: Table = Table {
    name: "computed_value",
    columns: &[
        ("profile_id", ColumnKind::Uuid),
        ("name", ColumnKind::Text),
        ("position", ColumnKind::Integer),
        ("text", ColumnKind::Text),
        ("number", ColumnKind::Double),
        ("time", ColumnKind::Integer),
        ("truth", ColumnKind::Bool),
    ],
    key: 3,
};

/// The typed values of one profile, by name and place.
pub(in crate::standing) type Values = BTreeMap<(String, u32), TypedRow>;

/// What is to be stored of computed traits.
#[derive(Default)]
pub(in crate::standing) struct Changed {
    pub(in crate::standing) values: Vec<(ProfileId, TypedRow)>,
    pub(in crate::standing) gone: Vec<(ProfileId, String, u32)>,
}

impl Changed {
    /// Notes how the stored values of a profile change. Returns whether they do.
    pub(in crate::standing) fn compare(
        &mut self,
        profile: ProfileId,
        before: &Values,
        now: Vec<TypedRow>,
    ) -> bool {
        let mut left: BTreeMap<&(String, u32), &TypedRow> = before.iter().collect();
        let (values, gone) = (self.values.len(), self.gone.len());
        for row in now {
            let key = (row.name.clone(), row.position);
            if left.remove(&key) != Some(&row) {
                self.values.push((profile, row));
            }
        }
        let left = left.into_keys().cloned();
        self.gone
            .extend(left.map(|(name, position)| (profile, name, position)));
        (values, gone) != (self.values.len(), self.gone.len())
    }

    pub(super) fn save(&self, writes: &mut Writes) {
        let mut values = Rows::new(VALUE.columns);
        for (profile, row) in &self.values {
            values.push([
                &profile.0,
                &row.name,
                &row.position,
                &row.text,
                &row.number,
                &row.time,
                &row.truth,
            ]);
        }
        writes.upsert(values, VALUE);
        let mut gone = Rows::new(&VALUE.columns[..VALUE.key]);
        for (profile, name, position) in &self.gone {
            gone.push([&profile.0, name, position]);
        }
        writes.change(
            gone,
            "DELETE FROM computed_value WHERE (profile_id, name, position) IN \
             (SELECT profile_id, name, position FROM {rows} AS given)",
        );
    }
}

/// The stored values of profiles.
pub(in crate::standing) async fn computed_values(
    connection: &impl ConnectionTrait,
    profiles: impl IntoIterator<Item = ProfileId>,
) -> Result<HashMap<ProfileId, Values>, DbErr> {
    let rows = Rows::of_ids(profiles.into_iter().map(|id| id.0));
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let query = rows.query(
        connection,
        "SELECT c.profile_id, c.name, c.position, c.text, c.number, c.time, c.truth \
         FROM {rows} AS given JOIN computed_value AS c ON c.profile_id = given.id",
        Vec::new(),
    );
    let mut found: HashMap<ProfileId, Values> = HashMap::new();
    for row in connection.query_all_raw(query).await? {
        let position: i64 = row.try_get("", "position")?;
        let value = TypedRow {
            name: row.try_get("", "name")?,
            position: u32::try_from(position).unwrap_or(u32::MAX),
            text: row.try_get("", "text")?,
            number: row.try_get("", "number")?,
            time: row.try_get("", "time")?,
            truth: row.try_get("", "truth")?,
        };
        let own = found.entry(row.try_get("", "profile_id")?).or_default();
        own.insert((value.name.clone(), value.position), value);
    }
    Ok(found)
}
