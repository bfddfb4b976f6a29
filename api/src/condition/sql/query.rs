//! Queries of the profiles for whom a condition holds. Those that were merged into another are none of them.

use lazo_domain::id::ProfileId;
use sea_orm::{ConnectionTrait, DbErr};

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

    /// Those of them that are among these.
    #[must_use]
    pub fn among(&self, profiles: &[ProfileId]) -> Self {
        let ids: Vec<_> = profiles.iter().map(|profile| profile.0).collect();
        let among = self.engine.is_id_of(Part::new("p.id"), &ids);
        Self::new(self.engine, Part::all([among, self.predicate()]))
    }

    /// A statement of their ids, as the column `id`, in no order.
    pub fn select(&self) -> Part {
        Part::fill(
            "SELECT p.id FROM profile AS p WHERE p.merged_into IS NULL AND {}",
            [self.predicate()],
        )
    }

    /// The first of them after a profile, by their ids, at most so many.
    pub async fn page(
        &self,
        connection: &impl ConnectionTrait,
        after: Option<ProfileId>,
        most: u32,
    ) -> Result<Vec<ProfileId>, DbErr> {
        let after = after.map_or_else(
            || Part::truth(true),
            |after| Part::fill("p.id > {}", [Part::value(after.0)]),
        );
        let page = Part::fill(
            "SELECT p.id FROM profile AS p WHERE p.merged_into IS NULL AND {} AND {} ORDER BY p.id LIMIT {}",
            [after, self.predicate(), Part::value(i64::from(most))],
        );
        let rows = connection.query_all_raw(page.statement(connection)).await?;
        rows.iter().map(|row| row.try_get("", "id")).collect()
    }

    /// How many they are.
    pub async fn count(&self, connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
        let counts = Self::counts(std::slice::from_ref(self), connection).await?;
        Ok(counts.into_iter().next().unwrap_or_default())
    }

    /// How many those of each query are, by one look at the profiles.
    pub async fn counts(
        queries: &[Self],
        connection: &impl ConnectionTrait,
    ) -> Result<Vec<u64>, DbErr> {
        let counts = queries
            .iter()
            .map(|query| Part::fill("count(*) FILTER (WHERE {})", [query.predicate()]));
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let select = Part::fill(
            "SELECT {} FROM profile AS p WHERE p.merged_into IS NULL",
            [Part::list(counts)],
        );
        let row = connection
            .query_one_raw(select.statement(connection))
            .await?
            .ok_or_else(|| DbErr::RecordNotFound("a count".to_owned()))?;
        let count = |place| {
            let count: i64 = row.try_get_by_index(place)?;
            Ok(u64::try_from(count).unwrap_or_default())
        };
        (0..queries.len()).map(count).collect()
    }
}
