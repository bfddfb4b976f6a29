//! Reading what is known of profiles.

use std::collections::HashMap;
use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::evaluate::Folded;
use lazo_domain::id::{FragmentId, ProfileId, PurchaseId, SegmentId};
use lazo_domain::money::Currency;
use lazo_domain::profile::Order;
use lazo_domain::purchase::PurchaseView;
use lazo_domain::standing::{Definitions, Looks};
use lazo_domain::touchpoint::Channel;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::busy::IS_CONSIDERED;
use super::facts::{Happened, Read, Reads};
use super::store::{self, Member};
use crate::consent;
use crate::db::{ColumnKind, Document, Engine, Rows};
use crate::purchase::store::of_profiles as stored_purchases;

const FRAGMENTS: &[crate::db::Column] = &[
    ("fragment_id", ColumnKind::Uuid),
    ("profile_id", ColumnKind::Uuid),
];

/// A profile of which something is to be read.
pub(super) struct Wanted {
    pub(super) profile: ProfileId,
    pub(super) fragments: Vec<FragmentId>,
    /// Whether it has bought anything.
    pub(super) buys: bool,
    /// Whether there may be something stored of it that is not defined any more.
    pub(super) all: bool,
    /// Whether fragments of it changed hands, so that what others decided may be stored of it.
    pub(super) regrouped: bool,
    /// The first instant at which it is decided.
    pub(super) at: Timestamp,
}

/// Reads what is needed to decide where profiles stand.
pub(super) async fn read(
    connection: &impl ConnectionTrait,
    wanted: &[Wanted],
    definitions: &Definitions,
    currency: &Currency,
) -> Result<Reads, DbErr> {
    let mut reads = Reads::new();
    let looks = &definitions.needs().touchpoints;
    touchpoints(connection, wanted, looks, &mut reads).await?;
    let buyers = wanted.iter().filter(|one| one.buys);
    let buyers: Vec<ProfileId> = buyers.map(|one| one.profile).collect();
    for (profile, purchases) in purchases(connection, buyers.clone(), currency).await? {
        reads.entry(profile).or_default().purchases = Arc::new(purchases);
    }
    for (profile, history) in store::histories(connection, buyers).await? {
        reads.entry(profile).or_default().history = history;
    }
    let all = wanted.iter().any(|one| one.all);
    let profiles = || wanted.iter().map(|one| one.profile);
    if all || definitions.segments().next().is_some() {
        memberships(connection, wanted, &mut reads).await?;
    }
    if all || definitions.scores().next().is_some() {
        for (profile, scores) in store::scores(connection, profiles()).await? {
            reads.entry(profile).or_default().scores = scores;
        }
    }
    if all || !definitions.computed().is_empty() {
        for (profile, values) in store::computed_values(connection, profiles()).await? {
            reads.entry(profile).or_default().computed = values;
        }
    }
    consents(connection, wanted, &mut reads).await?;
    Ok(reads)
}

/// Reads what was decided about purposes, and what is stored of it.
async fn consents(
    connection: &impl ConnectionTrait,
    wanted: &[Wanted],
    reads: &mut Reads,
) -> Result<(), DbErr> {
    for (profile, made) in consent::store::decisions(connection, fragments_of(wanted)).await? {
        reads.entry(profile).or_default().decisions = Arc::new(made);
    }
    let decided = |profile| {
        let read: Option<&Read> = reads.get(profile);
        read.is_some_and(|read| !read.decisions.is_empty())
    };
    let stored = wanted.iter();
    let stored = stored.filter(|one| one.all || one.regrouped || decided(&one.profile));
    let stored: Vec<ProfileId> = stored.map(|one| one.profile).collect();
    for (profile, consents) in store::consents(connection, stored).await? {
        reads.entry(profile).or_default().consents = consents;
    }
    Ok(())
}

/// Reads the purchases of profiles.
pub(super) async fn purchases(
    connection: &impl ConnectionTrait,
    buyers: Vec<ProfileId>,
    currency: &Currency,
) -> Result<HashMap<ProfileId, Vec<(PurchaseId, PurchaseView)>>, DbErr> {
    let mut found: HashMap<ProfileId, Vec<_>> = HashMap::new();
    for stored in stored_purchases(connection, buyers).await? {
        let whole = stored.whole(currency);
        let own = found.entry(whole.profile).or_default();
        own.push((whole.id, whole.view));
    }
    Ok(found)
}

fn fragments_of(wanted: &[Wanted]) -> Rows {
    let mut rows = Rows::new(FRAGMENTS);
    for one in wanted {
        for fragment in &one.fragments {
            rows.push([&fragment.0, &one.profile.0]);
        }
    }
    rows
}

/// Reads the touchpoints that are looked at, with the properties that are.
async fn touchpoints(
    connection: &impl ConnectionTrait,
    wanted: &[Wanted],
    looks: &Looks,
    reads: &mut Reads,
) -> Result<(), DbErr> {
    let rows = fragments_of(wanted);
    let Some(first) = wanted.iter().map(|one| one.at).min() else {
        return Ok(());
    };
    if looks.is_empty() || rows.is_empty() {
        return Ok(());
    }
    let properties = if looks.at_properties() {
        "t.properties"
    } else {
        "CAST(NULL AS text)"
    };
    let mut values = Vec::new();
    let looked_at = looked_at(Engine::of(connection), looks, first, &mut values);
    let sql = format!(
        "SELECT given.profile_id, t.id, t.occurred_at, t.received_at, t.position, t.message_id, t.name, t.channel, t.active, \
         s.name AS source, {properties} AS properties FROM {{rows}} AS given JOIN fragment AS f ON f.id = given.fragment_id \
         JOIN touchpoint AS t ON t.fragment_id = f.id AND {IS_CONSIDERED} JOIN source AS s ON s.id = t.source_id WHERE {looked_at}"
    );
    let query = rows.query(connection, &sql, values);
    for row in connection.query_all_raw(query).await? {
        let profile: ProfileId = row.try_get("", "profile_id")?;
        let happened = happened(&row, looks)?;
        let read = reads.entry(profile).or_default();
        read.touchpoints.push(Arc::new(happened));
    }
    Ok(())
}

/// Whether the touchpoint `t` may be looked at from an instant on. Its parameters, from the second on, are added to the values.
fn looked_at(engine: Engine, looks: &Looks, first: Timestamp, values: &mut Vec<Value>) -> String {
    let mut listed = |names: Vec<&str>| {
        values.push(Value::from(serde_json::json!(names).to_string()));
        engine.listed("t.name", values.len() + 1)
    };
    let Some(ever) = looks.ever() else {
        return "true".to_owned();
    };
    let ever = listed(ever);
    match looks.recent(first) {
        None => ever,
        Some((names, since)) => {
            let since = since.0;
            let names = names.map_or_else(|| "true".to_owned(), listed);
            format!("({ever} OR (t.occurred_at > {since} AND {names}))")
        }
    }
}

fn happened(row: &QueryResult, looks: &Looks) -> Result<Happened, DbErr> {
    let channel: String = row.try_get("", "channel")?;
    let position: i64 = row.try_get("", "position")?;
    let properties: Option<Document<_>> = row.try_get("", "properties")?;
    let properties = properties.map(|document| document.0).unwrap_or_default();
    let name: String = row.try_get("", "name")?;
    Ok(Happened {
        id: row.try_get("", "id")?,
        order: Order {
            occurred_at: row.try_get("", "occurred_at")?,
            received_at: row.try_get("", "received_at")?,
            position: u32::try_from(position).unwrap_or(u32::MAX),
            message_id: row.try_get("", "message_id")?,
        },
        channel: channel.parse().unwrap_or(Channel::Other),
        source: row.try_get("", "source")?,
        properties: looks.kept(&name, &properties),
        active: row.try_get::<Option<bool>>("", "active")?.unwrap_or(true),
        folded: Folded::default(),
        name,
    })
}

/// Reads of which segments profiles are members, and what people decided of it.
async fn memberships(
    connection: &impl ConnectionTrait,
    wanted: &[Wanted],
    reads: &mut Reads,
) -> Result<(), DbErr> {
    let rows = Rows::of_ids(wanted.iter().map(|one| one.profile.0));
    if rows.is_empty() {
        return Ok(());
    }
    let query = rows.query(
        connection,
        "SELECT m.profile_id, m.segment_id, m.since, m.valid_until FROM {rows} AS given \
         JOIN segment_member AS m ON m.profile_id = given.id",
        Vec::new(),
    );
    for row in connection.query_all_raw(query).await? {
        let profile: ProfileId = row.try_get("", "profile_id")?;
        let segment: SegmentId = row.try_get("", "segment_id")?;
        let member = Member {
            since: row.try_get("", "since")?,
            valid_until: row.try_get("", "valid_until")?,
        };
        let read = reads.entry(profile).or_default();
        read.members.insert(segment, member);
    }
    // Of what was decided of several fragments of a profile, the latest decision counts.
    let query = fragments_of(wanted).query(
        connection,
        "SELECT given.profile_id, s.segment_id, s.included FROM {rows} AS given \
         JOIN segment_pin AS s ON s.fragment_id = given.fragment_id ORDER BY s.created_at, s.fragment_id",
        Vec::new(),
    );
    for row in connection.query_all_raw(query).await? {
        let profile: ProfileId = row.try_get("", "profile_id")?;
        let segment: SegmentId = row.try_get("", "segment_id")?;
        let included: bool = row.try_get("", "included")?;
        let read = reads.entry(profile).or_default();
        read.pins.insert(segment, included);
    }
    Ok(())
}
