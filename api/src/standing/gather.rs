//! Gathering what is known of profiles outside of the writer, for readers to whom what is stored does not say enough.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Facts;
use lazo_domain::consent::Consents;
use lazo_domain::id::{FragmentId, ProfileId, SegmentId};
use lazo_domain::identity::Namespace;
use lazo_domain::standing::{Definitions, Standing};
use sea_orm::{ConnectionTrait, DbErr};

use super::busy;
use super::consents::consents;
use super::facts::{Locale, Read, facts};
use super::load::{self, Wanted};
use super::store::Member;
use crate::app::App;
use crate::db::Rows;
use crate::error::Error;
use crate::identity::store::load_profiles as load_graph;
use crate::profile::store::{ProfileRow, profiles};

/// What is known of profiles, all of it as of one instant.
pub(crate) struct Gathering {
    definitions: Arc<Definitions>,
    locale: Locale,
    now: Timestamp,
    gathered: Vec<Gathered>,
}

/// What is known of one profile.
struct Gathered {
    row: ProfileRow,
    namespaces: BTreeSet<Namespace>,
    read: Read,
    consents: Consents,
    considered_from: Option<Timestamp>,
}

/// A profile with the facts that were known and all that is decided by them.
pub(crate) struct Decided<'g> {
    pub(crate) profile: ProfileId,
    /// The facts, with those that were decided.
    pub(crate) facts: Facts<'g>,
    pub(crate) standing: Standing,
    /// From when on its touchpoints are considered; none where all are.
    pub(crate) considered_from: Option<Timestamp>,
    /// What its decisions about purposes come to.
    pub(crate) consents: &'g Consents,
    /// The segments that it is stored as a member of.
    pub(super) members: &'g BTreeMap<SegmentId, Member>,
}

impl Gathering {
    /// Gathers what is known of profiles now. Those that are no more are left out.
    pub(crate) async fn of(app: &App, ids: &[ProfileId]) -> Result<Self, Error> {
        let snapshot = app.db().snapshot().await?;
        let gathering = Self::within(app, &snapshot, ids).await?;
        snapshot.rollback().await?;
        Ok(gathering)
    }

    /// The same as of a snapshot that is open.
    pub(crate) async fn within(
        app: &App,
        snapshot: &impl ConnectionTrait,
        ids: &[ProfileId],
    ) -> Result<Self, Error> {
        let locale = app.locale();
        let definitions = app.definitions().current(snapshot).await?;
        let now = app.now();
        let gathered = gather(snapshot, ids, &definitions, locale, now).await?;
        Ok(Self {
            definitions,
            locale,
            now,
            gathered,
        })
    }

    /// By what is decided.
    pub(crate) fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// When is decided.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// Decides where each of the profiles stands.
    pub(crate) fn decided(&self) -> impl Iterator<Item = Decided<'_>> {
        self.stored().map(|(_, _, decided)| decided)
    }

    /// The same beside what is stored.
    pub(super) fn stored(&self) -> impl Iterator<Item = (&ProfileRow, &Read, Decided<'_>)> {
        self.gathered.iter().map(|one| {
            let mut facts = facts(&one.row, one.namespaces.iter(), &one.read, self.locale);
            facts.consents = one.consents.facts(self.now);
            let (members, pins) = (&one.read.members, &one.read.pins);
            let before: BTreeSet<SegmentId> = members.keys().copied().collect();
            let standing = Standing::decide(&self.definitions, &mut facts, pins, &before, self.now);
            let decided = Decided {
                profile: one.row.id,
                facts,
                standing,
                considered_from: one.considered_from,
                consents: &one.consents,
                members,
            };
            (&one.row, &one.read, decided)
        })
    }
}

async fn gather(
    connection: &impl ConnectionTrait,
    ids: &[ProfileId],
    definitions: &Definitions,
    locale: Locale,
    now: Timestamp,
) -> Result<Vec<Gathered>, DbErr> {
    let rows = profiles(connection, ids.iter().copied()).await?;
    let mut rows: Vec<ProfileRow> = rows
        .into_iter()
        .filter(|row| row.merged_into.is_none())
        .collect();
    rows.sort_by_key(|row| row.id);
    let mut known = identified(connection, &rows).await?;
    let wanted: Vec<Wanted> = rows
        .iter()
        .map(|row| Wanted {
            profile: row.id,
            fragments: known
                .get(&row.id)
                .map(|(fragments, _)| fragments.iter().copied().collect())
                .unwrap_or_default(),
            buys: row.summary.orders > 0,
            all: true,
            regrouped: true,
            at: now,
        })
        .collect();
    let fragments = wanted.iter().map(|one| (one.profile, &*one.fragments));
    let considered = busy::noted(connection, fragments).await?;
    let mut reads = load::read(connection, &wanted, definitions, &locale.currency).await?;
    let decided = reads.iter().filter(|(_, read)| !read.decisions.is_empty());
    let decided: Vec<ProfileId> = decided.map(|(profile, _)| *profile).collect();
    let graph = load_graph(connection, &decided).await?;
    let gathered = rows.into_iter().map(|row| {
        let read = reads.remove(&row.id).unwrap_or_default();
        let vouched = || graph.vouched_fragments(row.id);
        Gathered {
            namespaces: known.remove(&row.id).unwrap_or_default().1,
            consents: consents(definitions, &read.decisions, vouched),
            read,
            considered_from: considered.get(&row.id).copied(),
            row,
        }
    });
    Ok(gathered.collect())
}

/// The fragments of profiles, and the namespaces of their identifiers.
type Identified = HashMap<ProfileId, (BTreeSet<FragmentId>, BTreeSet<Namespace>)>;

async fn identified(
    connection: &impl ConnectionTrait,
    profiles: &[ProfileRow],
) -> Result<Identified, DbErr> {
    let rows = Rows::of_ids(profiles.iter().map(|row| row.id.0));
    let mut found = Identified::new();
    if rows.is_empty() {
        return Ok(found);
    }
    let query = rows.query(
        connection,
        "SELECT DISTINCT f.profile_id, f.id, i.namespace FROM {rows} AS given JOIN fragment AS f ON f.profile_id = given.id \
         LEFT JOIN identifier AS i ON i.fragment_id = f.id",
        Vec::new(),
    );
    for row in connection.query_all_raw(query).await? {
        let (fragments, namespaces) = found.entry(row.try_get("", "profile_id")?).or_default();
        fragments.insert(row.try_get("", "id")?);
        let namespace: Option<String> = row.try_get("", "namespace")?;
        let namespace = namespace.and_then(|namespace| Namespace::new(&namespace));
        namespaces.extend(namespace.filter(|namespace| !namespace.is_internal()));
    }
    Ok(found)
}
