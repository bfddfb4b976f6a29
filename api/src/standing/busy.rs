//! Busy profiles: of a profile that has very many touchpoints the newest alone are considered, so that none, however busy, slows the
//! writer down without bound.
//!
//! Each fragment notes from when on its touchpoints are considered, and whoever reads touchpoints for conditions goes by that. It is
//! put forward each time when so many have come that there may be too many again, and never back.

use std::collections::HashMap;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, ProfileId};
use sea_orm::{ConnectionTrait, DbErr};

use super::Cause;
use super::settle::Subject;
use crate::db::{ColumnKind, Rows};

/// Of a profile with more touchpoints than this the newest alone are considered: at least [`KEPT`], and at most these and those of
/// the last transaction.
pub(crate) const MOST_CONSIDERED: u64 = 10_000;

/// How many are left when there were too many.
const KEPT: u64 = 7_500;

/// So many come at most before it is looked again whether there are too many.
const STEP: u64 = MOST_CONSIDERED - KEPT;

/// Whether a touchpoint `t` of the fragment `f` is considered. No instant is as early as that of a fragment that notes none.
pub(crate) const IS_CONSIDERED: &str =
    "t.occurred_at >= coalesce(f.considered_from, -9000000000000000)";

const FRAGMENTS: &[crate::db::Column] = &[
    ("fragment_id", ColumnKind::Uuid),
    ("profile_id", ColumnKind::Uuid),
];

/// From when on the touchpoints of a profile are considered.
#[derive(Clone, Copy)]
pub(super) struct Considered {
    /// That instant; of several fragments the latest.
    pub(super) from: Timestamp,
    /// Whether that was put forward just now.
    pub(super) moved: bool,
}

/// From when on the touchpoints of profiles are considered, of those of which not all are; it is put forward where too many would
/// be.
pub(super) async fn considered(
    connection: &impl ConnectionTrait,
    subjects: &[Subject<'_>],
) -> Result<HashMap<ProfileId, Considered>, DbErr> {
    let total = |subject: &Subject<'_>| subject.row.projection.touchpoints;
    let busy = subjects
        .iter()
        .filter(|subject| total(subject) > KEPT && !subject.is_new);
    let fragments = busy.clone().map(|one| (one.row.id, &*one.fragments));
    let noted = noted(connection, fragments).await?.into_iter();
    let stays = |(profile, from)| (profile, Considered { from, moved: false });
    let mut considered: HashMap<_, _> = noted.map(stays).collect();
    for subject in busy {
        let (profile, all) = (subject.row.id, total(subject));
        let before = all.saturating_sub(subject.came.count);
        let may_be_too_many = !considered.contains_key(&profile)
            || subject.cause == Cause::Merge
            || before / STEP != all / STEP;
        if all > MOST_CONSIDERED
            && may_be_too_many
            && let Some(last) = last_beyond(connection, &subject.fragments).await?
        {
            let from = last.plus_millis(1);
            put_forward(connection, &subject.fragments, from).await?;
            let before = considered.get(&profile).map(|own| own.from);
            let from = before.map_or(from, |before| before.max(from));
            considered.insert(profile, Considered { from, moved: true });
        }
    }
    Ok(considered)
}

/// What is noted of profiles of which not all touchpoints are considered; of several fragments the latest instant.
pub(super) async fn noted<'f>(
    connection: &impl ConnectionTrait,
    profiles: impl Iterator<Item = (ProfileId, &'f [FragmentId])>,
) -> Result<HashMap<ProfileId, Timestamp>, DbErr> {
    let mut rows = Rows::new(FRAGMENTS);
    for (profile, fragments) in profiles {
        for fragment in fragments {
            rows.push([&fragment.0, &profile.0]);
        }
    }
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let query = rows.query(
        connection,
        "SELECT given.profile_id, max(f.considered_from) AS considered_from FROM {rows} AS given \
         JOIN fragment AS f ON f.id = given.fragment_id WHERE f.considered_from IS NOT NULL GROUP BY given.profile_id",
        Vec::new(),
    );
    let found = connection.query_all_raw(query).await?;
    let each = found.iter().map(|row| {
        let profile = row.try_get("", "profile_id")?;
        Ok((profile, row.try_get("", "considered_from")?))
    });
    each.collect()
}

/// When the newest happened of those that would be too many.
async fn last_beyond(
    connection: &impl ConnectionTrait,
    fragments: &[FragmentId],
) -> Result<Option<Timestamp>, DbErr> {
    let rows = Rows::of_ids(fragments.iter().map(|fragment| fragment.0));
    let sql = format!(
        "SELECT t.occurred_at FROM {{rows}} AS given JOIN fragment AS f ON f.id = given.id \
         JOIN touchpoint AS t ON t.fragment_id = f.id AND {IS_CONSIDERED} ORDER BY t.occurred_at DESC LIMIT 1 OFFSET {KEPT}"
    );
    let query = rows.query(connection, &sql, Vec::new());
    let row = connection.query_one_raw(query).await?;
    row.map(|row| row.try_get("", "occurred_at")).transpose()
}

/// Notes of fragments that their touchpoints are considered from an instant on.
async fn put_forward(
    connection: &impl ConnectionTrait,
    fragments: &[FragmentId],
    from: Timestamp,
) -> Result<(), DbErr> {
    let mut rows = Rows::new(&[("id", ColumnKind::Uuid), ("instant", ColumnKind::Integer)]);
    for fragment in fragments {
        rows.push([&fragment.0, &from]);
    }
    let update = rows.query(
        connection,
        "UPDATE fragment SET considered_from = given.instant FROM {rows} AS given \
         WHERE fragment.id = given.id AND (fragment.considered_from IS NULL OR fragment.considered_from < given.instant)",
        Vec::new(),
    );
    connection.execute_raw(update).await?;
    Ok(())
}
