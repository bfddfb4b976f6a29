//! Of whom a change of segments may change something, where time alone makes nobody a member: those for whom the conditions hold, and
//! those who are members. Whoever becomes one by what they do is decided then.
//!
//! A profile that is none of them when it is looked is none later on, unless something happens to it, and then it is decided by what is
//! defined: whatever was written before the change of the definitions is seen.

use std::collections::{BTreeMap, BTreeSet};

use lazo_domain::condition::check::references;
use lazo_domain::id::{ProfileId, SegmentId};
use lazo_domain::standing::Definitions;
use sea_orm::{ConnectionTrait, DbErr};

use crate::app::App;
use crate::condition::sql::{Scope, compile};
use crate::db::Part;

/// The most parts of one query: SQLite takes 500 (<https://www.sqlite.org/limits.html>).
const MOST_PARTS: usize = 100;

/// The most parameters of one query: SQLite takes 32,766.
const MOST_VALUES: usize = 30_000;

/// A query of those of whom something may change.
pub(super) struct Candidates(Part);

/// Those of whom changes of these segments may change something; none if the database cannot be asked for them. `all_placed` says
/// whether all purchases that count were placed by now.
pub(super) fn of(
    app: &App,
    definitions: &Definitions,
    segments: &[SegmentId],
    all_placed: bool,
) -> Option<Candidates> {
    let (engine, locale, now) = (app.db().engine(), app.locale(), app.now());
    let computed = definitions.computed().iter();
    let computed: BTreeSet<&str> = computed.map(|one| one.definition.name.as_str()).collect();
    let scope = Scope {
        engine,
        now,
        currency: locale.currency,
        time_zone: locale.time_zone,
        // A condition that asks for another segment or a score is decided for all profiles.
        segments: &(),
        scores: &BTreeMap::new(),
        computed: &computed,
        all_placed,
    };
    let defined = segments.iter().filter_map(|id| definitions.segment(*id));
    let conditions = defined.filter_map(|segment| segment.condition.as_ref());
    let mut parts = conditions
        .map(|condition| {
            let stands_alone = references(condition).is_empty();
            let query = stands_alone.then(|| compile(condition, &scope).ok());
            Some(query??.select())
        })
        .collect::<Option<Vec<Part>>>()?;
    let ids: Vec<_> = segments.iter().map(|segment| segment.0).collect();
    let of_these = engine.is_id_of(Part::new("m.segment_id"), &ids);
    let members = "SELECT m.profile_id AS id FROM segment_member AS m WHERE {}";
    parts.push(Part::fill(members, [of_these]));
    // By the clock of another process something may have happened that by ours lies ahead still.
    let ahead = "SELECT p.id FROM profile AS p WHERE p.merged_into IS NULL AND p.last_seen > {}";
    parts.push(Part::fill(ahead, [Part::value(now.0)]));
    if parts.len() > MOST_PARTS || parts.iter().map(Part::parameters).sum::<usize>() > MOST_VALUES {
        return None;
    }
    let parts = parts.into_iter();
    let all = parts.reduce(|all, part| Part::fill("{} UNION {}", [all, part]))?;
    Some(Candidates(all))
}

impl Candidates {
    /// The first of them after a profile, by their ids, at most so many.
    pub(super) async fn page(
        &self,
        connection: &impl ConnectionTrait,
        after: Option<ProfileId>,
        most: u32,
    ) -> Result<Vec<ProfileId>, DbErr> {
        let after = after.map_or_else(
            || Part::truth(true),
            |after| Part::fill("c.id > {}", [Part::value(after.0)]),
        );
        let page = Part::fill(
            "SELECT c.id FROM ({}) AS c WHERE {} ORDER BY c.id LIMIT {}",
            [self.0.clone(), after, Part::value(i64::from(most))],
        );
        let rows = connection.query_all_raw(page.statement(connection)).await?;
        rows.iter().map(|row| row.try_get("", "id")).collect()
    }

    /// How many they are.
    pub(super) async fn count(&self, connection: &impl ConnectionTrait) -> Result<i64, DbErr> {
        let count = Part::fill("SELECT count(*) FROM ({}) AS c", [self.0.clone()]);
        let row = connection
            .query_one_raw(count.statement(connection))
            .await?;
        row.map_or(Ok(0), |row| row.try_get_by_index(0))
    }
}
