//! What hot profiles are made of, read in one statement: it is of one instant, whatever is written meanwhile.

use std::collections::{BTreeMap, HashMap};

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, ProfileId, ScoreModelId, SegmentId, SourceId};
use lazo_domain::identity::{Namespace, Trust};
use lazo_domain::lifecycle::{Level, Stage};
use lazo_domain::profile::{Projection, PurchaseSummary};
use lazo_domain::purchase::PurchaseState;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, TryGetable};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::Membership;
use crate::db::Rows;
use crate::identity::IdentifierRow;
use crate::profile::store::{level, stage};
use crate::score::{Held, StoredValue};

/// One column list for all kinds of rows. The joins are written in the order in which they are to be made.
///
/// A profile that is one verified component shows nothing but itself, so that its fragments and purchases are not read. As the
/// links of a profile are a tree, it is one component exactly if it has one verified link less than fragments.
const PIECES: &str = "WITH given AS (SELECT id FROM {rows} AS listed), \
     member AS (SELECT f.id, f.profile_id FROM given AS g CROSS JOIN fragment AS f WHERE f.profile_id = g.id), \
     tie AS (SELECT m.profile_id, l.fragment_id, l.other_fragment_id FROM member AS m CROSS JOIN identity_link AS l \
         WHERE l.fragment_id = m.id AND l.kind IN ('MERGED', 'VERIFIED') AND l.trust = 'VERIFIED' AND l.undone_at IS NULL), \
     divided AS (SELECT m.profile_id AS id FROM (SELECT profile_id, count(*) AS n FROM member GROUP BY profile_id) AS m \
         LEFT JOIN (SELECT profile_id, count(*) AS n FROM tie GROUP BY profile_id) AS t ON t.profile_id = m.profile_id \
         WHERE m.n > coalesce(t.n, 0) + 1) \
     SELECT CAST(1 AS bigint) AS kind, p.id AS profile_id, p.merged_into AS one, CAST(NULL AS uuid) AS other, \
         CAST(p.projection AS text) AS body, p.stage AS namespace, p.level AS trust, \
         p.restricted AS flag, p.created_at AS n1, p.version AS n2, p.orders AS n3, p.spend AS n4, p.refunded AS n5, \
         p.left_out AS n6, p.first_order_at AS n7, p.last_order_at AS n8, p.mean_interval AS n9 \
         FROM given AS g CROSS JOIN profile AS p WHERE p.id = g.id \
     UNION ALL SELECT 2, m.profile_id, m.id, NULL, NULL, \
         NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM member AS m \
     UNION ALL SELECT 3, d.id, f.id, NULL, CAST(f.projection AS text), \
         NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
         FROM divided AS d CROSS JOIN fragment AS f WHERE f.profile_id = d.id \
     UNION ALL SELECT 4, t.profile_id, t.fragment_id, t.other_fragment_id, NULL, \
         NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM tie AS t \
     UNION ALL SELECT 5, m.profile_id, i.fragment_id, i.source_id, i.value, \
         i.namespace, i.trust, i.shared, i.first_seen, i.last_seen, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
         FROM member AS m CROSS JOIN identifier AS i WHERE i.fragment_id = m.id \
     UNION ALL SELECT 6, p.merged_into, p.id, NULL, NULL, \
         NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
         FROM given AS g CROSS JOIN profile AS p WHERE p.merged_into = g.id \
     UNION ALL SELECT 7, d.id, NULL, NULL, CAST(p.parts AS text), \
         NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
         FROM divided AS d CROSS JOIN purchase AS p WHERE p.profile_id = d.id \
     UNION ALL SELECT 8, b.profile_id, b.segment_id, NULL, s.key, \
         NULL, NULL, NULL, b.since, b.valid_until, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
         FROM given AS g CROSS JOIN segment_member AS b CROSS JOIN segment AS s WHERE b.profile_id = g.id AND s.id = b.segment_id \
     UNION ALL SELECT 9, c.profile_id, c.model_id, NULL, CAST(c.scored AS text), \
         s.key, c.grade, NULL, c.valid_until, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
         FROM given AS g CROSS JOIN score AS c CROSS JOIN score_model AS s WHERE c.profile_id = g.id AND s.id = c.model_id \
         AND s.archived_at IS NULL";

/// What a hot profile is made of.
#[derive(Default)]
pub(super) struct Pieces {
    /// The profile's row.
    pub(super) row: Option<Row>,
    /// All fragments.
    pub(super) fragments: Vec<FragmentId>,
    /// What each fragment folds to, if the profile is more than one component.
    pub(super) projections: HashMap<FragmentId, Projection>,
    /// The verified links.
    pub(super) ties: Vec<(FragmentId, FragmentId)>,
    /// The identifiers, but for our own.
    pub(super) identifiers: Vec<IdentifierRow>,
    /// The profiles that were merged into it.
    pub(super) former: Vec<ProfileId>,
    /// What each fragment knows of each purchase, if the profile is more than one component.
    pub(super) purchases: Vec<BTreeMap<FragmentId, PurchaseState>>,
    /// The segments of which it is a member.
    pub(super) segments: Vec<Membership>,
    /// The scores that it has.
    pub(super) scores: Vec<Held>,
}

/// The row of a profile.
pub(super) struct Row {
    pub(super) merged_into: Option<ProfileId>,
    pub(super) created_at: Timestamp,
    pub(super) restricted: bool,
    pub(super) version: i64,
    pub(super) projection: Projection,
    pub(super) summary: PurchaseSummary,
    pub(super) stage: Stage,
    pub(super) level: Level,
}

/// Reads what these profiles are made of.
pub(super) async fn pieces(
    connection: &impl ConnectionTrait,
    profiles: &[ProfileId],
) -> Result<HashMap<ProfileId, Pieces>, DbErr> {
    let given = Rows::of_ids(profiles.iter().map(|profile| profile.0));
    let query = given.query(connection, PIECES, Vec::new());
    let mut found: HashMap<ProfileId, Pieces> = HashMap::new();
    for row in connection.query_all_raw(query).await? {
        let row = Found(row);
        found
            .entry(ProfileId(row.get("profile_id")?))
            .or_default()
            .take(&row)?;
    }
    Ok(found)
}

/// A row of the statement.
struct Found(QueryResult);

impl Found {
    fn get<T: TryGetable>(&self, column: &str) -> Result<T, DbErr> {
        self.0.try_get("", column)
    }

    fn one(&self) -> Result<FragmentId, DbErr> {
        Ok(FragmentId(self.get("one")?))
    }

    fn body<T: DeserializeOwned>(&self) -> Result<T, DbErr> {
        serde_json::from_str(&self.get::<String>("body")?)
            .map_err(|error| DbErr::Type(format!("stored profile does not read: {error}")))
    }
}

impl Pieces {
    fn take(&mut self, row: &Found) -> Result<(), DbErr> {
        match row.get::<i64>("kind")? {
            1 => self.row = Some(profile(row)?),
            2 => self.fragments.push(row.one()?),
            3 => {
                self.projections.insert(row.one()?, row.body()?);
            }
            4 => {
                let other = FragmentId(row.get("other")?);
                self.ties.push((row.one()?, other));
            }
            5 => self.identifiers.extend(identifier(row)?),
            6 => self.former.push(ProfileId(row.get("one")?)),
            7 => self.purchases.push(row.body()?),
            8 => self.segments.push(Membership {
                segment: SegmentId(row.get("one")?),
                key: row.get("body")?,
                since: Timestamp(row.get("n1")?),
                valid_until: row.get::<Option<i64>>("n2")?.map(Timestamp),
            }),
            _ => self.scores.extend(held(row)?),
        }
        Ok(())
    }
}

/// A score, if the model says anything of the profile.
fn held(row: &Found) -> Result<Option<Held>, DbErr> {
    let StoredValue { value } = row.body()?;
    let Some(value) = value else {
        return Ok(None);
    };
    Ok(Some(Held {
        model: ScoreModelId(row.get("one")?),
        key: row.get("namespace")?,
        value,
        grade: row.get("trust")?,
        valid_until: row.get::<Option<i64>>("n1")?.map(Timestamp),
    }))
}

fn profile(row: &Found) -> Result<Row, DbErr> {
    let count = |column| Ok::<_, DbErr>(u64::try_from(row.get::<i64>(column)?).unwrap_or_default());
    Ok(Row {
        merged_into: row.get::<Option<Uuid>>("one")?.map(ProfileId),
        created_at: Timestamp(row.get("n1")?),
        restricted: row.get("flag")?,
        version: row.get("n2")?,
        projection: row.body()?,
        summary: PurchaseSummary {
            orders: count("n3")?,
            spend_minor: row.get("n4")?,
            refunded_minor: row.get("n5")?,
            left_out: count("n6")?,
            first_order_at: row.get::<Option<i64>>("n7")?.map(Timestamp),
            last_order_at: row.get::<Option<i64>>("n8")?.map(Timestamp),
            mean_interval_millis: row.get("n9")?,
        },
        stage: stage(row.get::<Option<String>>("namespace")?.as_deref()),
        level: level(row.get::<Option<String>>("trust")?.as_deref()),
    })
}

/// An identifier, unless it is one of ours, which nobody is shown.
fn identifier(row: &Found) -> Result<Option<IdentifierRow>, DbErr> {
    let namespace = Namespace::new(&row.get::<String>("namespace")?);
    let Some(namespace) = namespace.filter(|namespace| !namespace.is_internal()) else {
        return Ok(None);
    };
    Ok(Some(IdentifierRow {
        namespace,
        value: row.get("body")?,
        fragment: row.one()?,
        trust: Trust::from_name(&row.get::<String>("trust")?).unwrap_or(Trust::Claimed),
        shared: row.get("flag")?,
        first_seen: Timestamp(row.get("n1")?),
        last_seen: Timestamp(row.get("n2")?),
        source: SourceId(row.get("other")?),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::db::Engine;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn no_table_is_read_whole_for_one_profile_whatever_is_known_of_its_values() {
        let test = TestApp::start().await;
        let source = test.source("shop", true).await;
        let identify = |n: usize| json!({ "type": "identify", "userId": format!("u{n}"), "messageId": format!("m{n}") });
        let people: Vec<_> = (0..300).map(identify).collect();
        let answers = test.record(&source, &people).await;
        test.execute("ANALYZE").await.unwrap();

        let connection = test.app.db().read();
        let (explain, column, whole): (_, _, &[&str]) = match test.app.db().engine() {
            Engine::Sqlite => (
                "EXPLAIN QUERY PLAN",
                "detail",
                &["SCAN p", "SCAN f", "SCAN l", "SCAN i", "SCAN b", "SCAN s"],
            ),
            Engine::Postgres => ("EXPLAIN", "QUERY PLAN", &["Seq Scan on"]),
        };
        let given = Rows::of_ids([answers[0].profile.unwrap().0]);
        let query = given.query(connection, &format!("{explain} {PIECES}"), Vec::new());
        let rows = connection.query_all_raw(query).await.unwrap();
        assert!(!rows.is_empty());
        for row in rows {
            let step: String = row.try_get("", column).unwrap();
            let reads_all = |whole: &str| {
                let found = step.split_once(whole);
                found.is_some_and(|(_, rest)| !rest.starts_with(char::is_alphabetic))
            };
            assert!(!whole.iter().any(|whole| reads_all(whole)), "{step}");
        }
    }
}
