//! Busy profiles: of a profile that has very many touchpoints the newest alone are considered, so that none, however busy, slows the
//! writer down without bound.
//!
//! Each fragment notes from when on its touchpoints are considered, and whoever reads touchpoints for conditions goes by that. It is
//! put forward each time when so many have come that there may be too many again, and back only when profiles are parted: what the
//! other one brought weighs on neither any more.
//!
//! Whoever has a public key can send as much as they like in the name of others. So those of public sources are cut first: however
//! many they are, the newest of trusted sources stay.

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

/// So many of public sources may be among them where there are more of trusted ones.
const KEPT_OF_PUBLIC: u64 = 2_500;

/// So many come at most before it is looked again whether there are too many.
const STEP: u64 = MOST_CONSIDERED - KEPT;

/// Whether a touchpoint `t` of the fragment `f` is considered. No instant is as early as that of a fragment that notes none.
pub(crate) const IS_CONSIDERED: &str = "t.occurred_at >= coalesce(f.considered_from, -9000000000000000) \
     AND (f.public_considered_from IS NULL OR t.occurred_at >= f.public_considered_from \
     OR t.source_id IN (SELECT source.id FROM source WHERE source.trusted))";

const FRAGMENTS: &[crate::db::Column] = &[
    ("fragment_id", ColumnKind::Uuid),
    ("profile_id", ColumnKind::Uuid),
];

/// From when on the touchpoints of a profile are considered.
#[derive(Clone, Copy)]
pub(super) struct Considered {
    /// From that instant on all are; of several fragments the latest. Those of trusted sources may be from earlier on.
    pub(super) from: Timestamp,
    /// Whether that changed just now.
    pub(super) moved: bool,
}

/// From when on the touchpoints of profiles are considered, of those of which not all are; it is put forward where too many would
/// be, and back where that was for touchpoints that are another's now.
pub(super) async fn considered(
    connection: &impl ConnectionTrait,
    subjects: &[Subject<'_>],
) -> Result<HashMap<ProfileId, Considered>, DbErr> {
    let total = |subject: &Subject<'_>| subject.row.projection.touchpoints;
    let busy = subjects.iter().filter(|subject| {
        let may_be_noted = matches!(subject.cause, Cause::Unmerge | Cause::Definition);
        !subject.is_new && (may_be_noted || total(subject) > KEPT)
    });
    let fragments = busy.clone().map(|one| (one.row.id, &*one.fragments));
    let noted = noted(connection, fragments).await?.into_iter();
    let stays = |(profile, from)| (profile, Considered { from, moved: false });
    let mut considered: HashMap<_, _> = noted.map(stays).collect();
    for subject in busy {
        let (profile, all) = (subject.row.id, total(subject));
        let fragments = subject.fragments.as_slice();
        let before = considered.get(&profile).copied();
        let is_stale = subject.cause == Cause::Unmerge || all <= MOST_CONSIDERED;
        if before.is_some() && is_stale {
            put_back(connection, fragments).await?;
            let (from, moved) = (Timestamp(i64::MIN), true);
            considered.insert(profile, Considered { from, moved });
        }
        let counted = all.saturating_sub(subject.came.count);
        let may_be_too_many = before.is_none()
            || is_stale
            || subject.cause == Cause::Merge
            || counted / STEP != all / STEP;
        if all > MOST_CONSIDERED
            && may_be_too_many
            && let Some(from) = cut(connection, fragments).await?
        {
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
        "SELECT given.profile_id, max(f.considered_from) AS from_all, max(f.public_considered_from) AS from_public \
         FROM {rows} AS given JOIN fragment AS f ON f.id = given.fragment_id \
         WHERE f.considered_from IS NOT NULL OR f.public_considered_from IS NOT NULL GROUP BY given.profile_id",
        Vec::new(),
    );
    let mut noted = HashMap::new();
    for row in connection.query_all_raw(query).await? {
        let (all, public) = (
            row.try_get("", "from_all")?,
            row.try_get("", "from_public")?,
        );
        if let Some(from) = latest(all, public) {
            noted.insert(row.try_get("", "profile_id")?, from);
        }
    }
    Ok(noted)
}

fn latest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).max()
}

/// Leaves the newest touchpoints of a profile to be considered, if there are too many. Returns from when on all are.
async fn cut(
    connection: &impl ConnectionTrait,
    fragments: &[FragmentId],
) -> Result<Option<Timestamp>, DbErr> {
    let (trusted, public) = counts(connection, fragments).await?;
    let most = KEPT.saturating_sub(trusted).max(KEPT_OF_PUBLIC);
    let from_public = if public > most {
        last_beyond(connection, fragments, IS_PUBLIC, most).await?
    } else {
        None
    };
    put_forward(connection, fragments, "public_considered_from", from_public).await?;
    let from_all = last_beyond(connection, fragments, "true", KEPT).await?;
    put_forward(connection, fragments, "considered_from", from_all).await?;
    Ok(latest(from_all, from_public))
}

/// Whether a touchpoint `t` came from a public source.
const IS_PUBLIC: &str = "t.source_id IN (SELECT source.id FROM source WHERE NOT source.trusted)";

/// How many touchpoints of trusted and of public sources are considered.
async fn counts(
    connection: &impl ConnectionTrait,
    fragments: &[FragmentId],
) -> Result<(u64, u64), DbErr> {
    let rows = Rows::of_ids(fragments.iter().map(|fragment| fragment.0));
    let sql = format!(
        "SELECT count(*) AS total, coalesce(sum(CASE WHEN {IS_PUBLIC} THEN 1 ELSE 0 END), 0) AS public FROM {{rows}} AS given \
         JOIN fragment AS f ON f.id = given.id JOIN touchpoint AS t ON t.fragment_id = f.id AND {IS_CONSIDERED}"
    );
    let query = rows.query(connection, &sql, Vec::new());
    let Some(row) = connection.query_one_raw(query).await? else {
        return Ok((0, 0));
    };
    let count = |name| -> Result<u64, DbErr> {
        let count: i64 = row.try_get("", name)?;
        Ok(u64::try_from(count).unwrap_or_default())
    };
    let (total, public) = (count("total")?, count("public")?);
    Ok((total.saturating_sub(public), public))
}

/// From when on the newest happened, so many of those considered that are of a kind. None if there are no more than that.
async fn last_beyond(
    connection: &impl ConnectionTrait,
    fragments: &[FragmentId],
    kind: &str,
    most: u64,
) -> Result<Option<Timestamp>, DbErr> {
    let rows = Rows::of_ids(fragments.iter().map(|fragment| fragment.0));
    let sql = format!(
        "SELECT t.occurred_at FROM {{rows}} AS given JOIN fragment AS f ON f.id = given.id \
         JOIN touchpoint AS t ON t.fragment_id = f.id AND {IS_CONSIDERED} WHERE {kind} \
         ORDER BY t.occurred_at DESC LIMIT 1 OFFSET {most}"
    );
    let query = rows.query(connection, &sql, Vec::new());
    let row = connection.query_one_raw(query).await?;
    let last: Option<Timestamp> = row.map(|row| row.try_get("", "occurred_at")).transpose()?;
    Ok(last.map(|last| last.plus_millis(1)))
}

/// Notes of fragments from when on their touchpoints are considered, unless that is later already.
async fn put_forward(
    connection: &impl ConnectionTrait,
    fragments: &[FragmentId],
    column: &str,
    from: Option<Timestamp>,
) -> Result<(), DbErr> {
    let Some(from) = from else {
        return Ok(());
    };
    let mut rows = Rows::new(&[("id", ColumnKind::Uuid), ("instant", ColumnKind::Integer)]);
    for fragment in fragments {
        rows.push([&fragment.0, &from]);
    }
    let sql = format!(
        "UPDATE fragment SET {column} = given.instant FROM {{rows}} AS given \
         WHERE fragment.id = given.id AND (fragment.{column} IS NULL OR fragment.{column} < given.instant)"
    );
    connection
        .execute_raw(rows.query(connection, &sql, Vec::new()))
        .await?;
    Ok(())
}

/// Lets all touchpoints of fragments be considered.
async fn put_back(
    connection: &impl ConnectionTrait,
    fragments: &[FragmentId],
) -> Result<(), DbErr> {
    let rows = Rows::of_ids(fragments.iter().map(|fragment| fragment.0));
    let update = rows.query(
        connection,
        "UPDATE fragment SET considered_from = NULL, public_considered_from = NULL \
         WHERE id IN (SELECT id FROM {rows} AS given)",
        Vec::new(),
    );
    connection.execute_raw(update).await?;
    Ok(())
}
