//! Queries of the profiles for whom a condition holds. Those that were merged into another are none of them.

use lazo_domain::id::ProfileId;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::db::{Engine, Part};

/// The profiles for whom a condition holds.
#[derive(Clone, Debug)]
pub struct Query {
    engine: Engine,
    predicate: Part,
}

impl Query {
    pub(super) fn new(engine: Engine, predicate: Part) -> Self {
        Self { engine, predicate }
    }

    /// Whether the condition holds for the row `p` of a profile; never null.
    pub fn predicate(&self) -> Part {
        self.predicate.clone()
    }

    /// Those for whom another condition holds too.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self::new(
            self.engine,
            Part::all([self.predicate(), other.predicate()]),
        )
    }

    /// Whether the row `profile` is of one of them. They are found once, whatever else is asked of the row.
    pub fn is_one(&self) -> Expr {
        let is_one = Part::fill(
            "profile.id IN (WITH found AS MATERIALIZED ({}) SELECT id FROM found)",
            [self.select()],
        );
        is_one.expression(self.engine)
    }

    /// A statement of their ids, as the column `id`, in no order.
    pub fn select(&self) -> Part {
        Part::fill(
            "SELECT p.id FROM profile AS p WHERE p.merged_into IS NULL AND {}",
            [self.predicate()],
        )
    }

    /// The first of them by their ids, at most so many.
    pub async fn first(
        &self,
        connection: &impl ConnectionTrait,
        most: u32,
    ) -> Result<Vec<ProfileId>, DbErr> {
        let first = Part::fill(
            "{} ORDER BY p.id LIMIT {}",
            [self.select(), Part::value(i64::from(most))],
        );
        let rows = connection
            .query_all_raw(first.statement(connection))
            .await?;
        rows.iter().map(|row| row.try_get("", "id")).collect()
    }

    /// How many they are.
    pub async fn count(&self, connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
        let count = Part::fill(
            "SELECT count(*) AS number FROM profile AS p WHERE p.merged_into IS NULL AND {}",
            [self.predicate()],
        );
        let row = connection
            .query_one_raw(count.statement(connection))
            .await?
            .ok_or_else(|| DbErr::RecordNotFound("a count".to_owned()))?;
        number(&row)
    }

    /// How many they are, and the first of them by their ids: found once for both.
    pub async fn count_and_first(
        &self,
        connection: &impl ConnectionTrait,
        most: u32,
    ) -> Result<(u64, Vec<ProfileId>), DbErr> {
        let both = Part::fill(
            "WITH found AS MATERIALIZED ({}) \
             SELECT n.number, f.id FROM (SELECT count(*) AS number FROM found) AS n \
             LEFT JOIN (SELECT id FROM found ORDER BY id LIMIT {}) AS f ON TRUE ORDER BY f.id",
            [self.select(), Part::value(i64::from(most))],
        );
        let rows = connection.query_all_raw(both.statement(connection)).await?;
        let count = rows.first().map_or(Ok(0), number)?;
        let ids = rows.iter().map(|row| row.try_get("", "id"));
        let ids = ids.collect::<Result<Vec<Option<ProfileId>>, _>>()?;
        Ok((count, ids.into_iter().flatten().collect()))
    }
}

fn number(row: &QueryResult) -> Result<u64, DbErr> {
    let number: i64 = row.try_get("", "number")?;
    Ok(u64::try_from(number).unwrap_or_default())
}
