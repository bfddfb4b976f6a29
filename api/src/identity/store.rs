//! Queries of the identity graph.

use std::collections::BTreeSet;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, IdentifierId, IdentityLinkId, ProfileId, TouchpointId};
use lazo_domain::identity::{Edge, Graph, IdentifierNode, LinkRefusal, LogEntry, Namespace, Trust};
use lazo_entity::{fragment, identity_link};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use uuid::Uuid;

use crate::db::{Column, ColumnKind, Rows, Table, Writes};

/// An identifier or a fragment.
const NAMED: &[Column] = &[
    ("namespace", ColumnKind::Text),
    ("value", ColumnKind::Text),
    ("id", ColumnKind::Uuid),
];
/// The profiles of what is named. The joins are written in the order in which they are to be made.
const NAMED_OWNERS: &str = "named AS (SELECT i.fragment_id AS id FROM given AS g CROSS JOIN identifier AS i \
         WHERE i.namespace = g.namespace AND i.value = g.value \
         UNION SELECT g.id FROM given AS g WHERE g.id IS NOT NULL), \
     owner AS (SELECT DISTINCT f.profile_id AS id FROM named AS n CROSS JOIN fragment AS f WHERE f.id = n.id)";
/// What whole profiles are made of, but for their links. A pair that was parted matters only if both sides are here.
const WHOLE: &str = "member AS (SELECT f.id, f.profile_id, f.created_at FROM owner AS o CROSS JOIN fragment AS f \
         WHERE f.profile_id = o.id) \
     SELECT CAST(1 AS bigint) AS kind, m.id AS fragment, m.profile_id AS other, m.created_at AS n1, \
         CAST(NULL AS bigint) AS n2, CAST(NULL AS text) AS namespace, CAST(NULL AS text) AS value, \
         CAST(NULL AS text) AS trust, CAST(NULL AS boolean) AS shared FROM member AS m \
     UNION ALL SELECT 2, i.fragment_id, i.source_id, i.first_seen, i.last_seen, i.namespace, i.value, i.trust, i.shared \
         FROM member AS m CROSS JOIN identifier AS i WHERE i.fragment_id = m.id \
     UNION ALL SELECT 3, c.fragment_id, c.other_fragment_id, NULL, NULL, NULL, NULL, NULL, NULL \
         FROM member AS m CROSS JOIN cannot_link AS c WHERE c.fragment_id = m.id";
const IDENTIFIER: Table = Table {
    name: "identifier",
    columns: &[
        ("namespace", ColumnKind::Text),
        ("value", ColumnKind::Text),
        ("id", ColumnKind::Uuid),
        ("fragment_id", ColumnKind::Uuid),
        ("trust", ColumnKind::Text),
        ("shared", ColumnKind::Bool),
        ("first_seen", ColumnKind::Integer),
        ("last_seen", ColumnKind::Integer),
        ("source_id", ColumnKind::Uuid),
    ],
    key: 2,
};
const LINK: Table = Table {
    name: "identity_link",
    columns: &[
        ("id", ColumnKind::Uuid),
        ("kind", ColumnKind::Text),
        ("at", ColumnKind::Integer),
        ("profile_id", ColumnKind::Uuid),
        ("other_profile_id", ColumnKind::Uuid),
        ("fragment_id", ColumnKind::Uuid),
        ("other_fragment_id", ColumnKind::Uuid),
        ("namespace", ColumnKind::Text),
        ("value", ColumnKind::Text),
        ("trust", ColumnKind::Text),
        ("touchpoint_id", ColumnKind::Uuid),
        ("actor", ColumnKind::Text),
        ("reason", ColumnKind::Text),
    ],
    key: 1,
};
const PARTED: Table = Table {
    name: "cannot_link",
    columns: &[
        ("id", ColumnKind::Uuid),
        ("fragment_id", ColumnKind::Uuid),
        ("other_fragment_id", ColumnKind::Uuid),
        ("created_at", ColumnKind::Integer),
        ("actor", ColumnKind::Text),
    ],
    key: 1,
};

/// An entry of the log with what only the writer knows: its cause.
#[derive(Clone, Debug)]
pub struct CausedEntry {
    /// The entry.
    pub entry: LogEntry,
    /// When.
    pub at: Timestamp,
    /// The touchpoint that caused it.
    pub touchpoint: Option<TouchpointId>,
    /// Who caused it: a source or a person.
    pub actor: String,
    /// A person's words, or the rule's name.
    pub reason: Option<String>,
}

/// Loads what a decision about these identifiers and fragments needs: their profiles, whole.
pub async fn load_graph(
    connection: &impl ConnectionTrait,
    claims: impl IntoIterator<Item = (&Namespace, &str)>,
    targets: impl IntoIterator<Item = FragmentId>,
) -> Result<Graph, DbErr> {
    let mut named = Rows::new(NAMED);
    for (namespace, value) in claims {
        named.push([&namespace.as_str(), &value, &None::<Uuid>]);
    }
    for target in targets {
        named.push([&None::<&str>, &None::<&str>, &target.0]);
    }
    load(connection, named, NAMED_OWNERS).await
}

/// Loads whole profiles.
pub async fn load_profiles(
    connection: &impl ConnectionTrait,
    profiles: &[ProfileId],
) -> Result<Graph, DbErr> {
    let given = Rows::of_ids(profiles.iter().map(|profile| profile.0));
    load(connection, given, "owner AS (SELECT id FROM given)").await
}

/// Loads the profiles that `owner` makes of the rows: one statement, and one for the links if a profile has several fragments.
async fn load(connection: &impl ConnectionTrait, given: Rows, owner: &str) -> Result<Graph, DbErr> {
    let mut graph = Graph::default();
    if given.is_empty() {
        return Ok(graph);
    }
    let sql = format!("WITH given AS (SELECT * FROM {{rows}} AS listed), {owner}, {WHOLE}");
    let mut identifiers = Vec::new();
    let mut linked: BTreeSet<ProfileId> = BTreeSet::new();
    for row in connection
        .query_all_raw(given.query(connection, &sql, Vec::new()))
        .await?
    {
        let fragment: FragmentId = row.try_get("", "fragment")?;
        match row.try_get::<i64>("", "kind")? {
            1 => {
                let profile: ProfileId = row.try_get("", "other")?;
                if fragment.0 != profile.0 {
                    linked.insert(profile);
                }
                graph.add_fragment(fragment, row.try_get("", "n1")?, profile);
            }
            2 => identifiers.push((fragment, row)),
            _ => graph.add_parted(fragment, row.try_get("", "other")?),
        }
    }
    // Their fragments are all there now, in whatever order the rows came.
    for (fragment, row) in identifiers {
        let Some(namespace) = Namespace::new(&row.try_get::<String>("", "namespace")?) else {
            continue;
        };
        let trust = Trust::from_name(&row.try_get::<String>("", "trust")?);
        let node = IdentifierNode {
            fragment,
            trust: trust.unwrap_or(Trust::Claimed),
            shared: row.try_get("", "shared")?,
            first_seen: row.try_get("", "n1")?,
            last_seen: row.try_get("", "n2")?,
            source: row.try_get("", "other")?,
        };
        graph.add_identifier(namespace, row.try_get("", "value")?, node);
    }
    if !linked.is_empty() {
        let edges = Rows::of_ids(linked.into_iter().map(|profile| profile.0)).query(
            connection,
            "SELECT l.* FROM {rows} AS given JOIN fragment AS f ON f.profile_id = given.id \
             JOIN identity_link AS l ON l.fragment_id = f.id \
             WHERE l.kind IN ('MERGED', 'VERIFIED') AND l.undone_at IS NULL",
            Vec::new(),
        );
        for link in identity_link::Entity::find()
            .from_raw_sql(edges)
            .all(connection)
            .await?
        {
            if let Some(edge) = edge(&link) {
                graph.add_edge(edge);
            }
        }
    }
    Ok(graph)
}

fn edge(link: &identity_link::Model) -> Option<Edge> {
    Some(Edge {
        id: link.id,
        from: link.fragment_id?,
        to: link.other_fragment_id?,
        trust: Trust::from_name(&link.trust)?,
        survivor: link.profile_id,
        absorbed: link.other_profile_id?,
    })
}

/// Stores identifiers as they are now.
pub fn save_identifiers<'a>(
    writes: &mut Writes,
    identifiers: impl IntoIterator<Item = (IdentifierId, &'a Namespace, &'a str, &'a IdentifierNode)>,
) {
    let mut rows = Rows::new(IDENTIFIER.columns);
    for (id, namespace, value, node) in identifiers {
        rows.push([
            &namespace.as_str(),
            &value,
            &id.0,
            &node.fragment.0,
            &node.trust.as_str(),
            &node.shared,
            &node.first_seen,
            &node.last_seen,
            &node.source.0,
        ]);
    }
    let kept = "ON CONFLICT (namespace, value) DO UPDATE SET fragment_id = excluded.fragment_id, trust = excluded.trust, \
                shared = excluded.shared, first_seen = excluded.first_seen, last_seen = excluded.last_seen";
    writes.insert_or(rows, IDENTIFIER, kept);
}

/// Appends entries to the log.
pub fn append_log(writes: &mut Writes, entries: &[CausedEntry]) {
    let mut rows = Rows::new(LINK.columns);
    for caused in entries {
        let entry = &caused.entry;
        let namespace = entry
            .identifier
            .as_ref()
            .map(|(namespace, _)| namespace.as_str());
        let value = entry.identifier.as_ref().map(|(_, value)| value);
        let reason = caused
            .reason
            .as_deref()
            .or(entry.refusal.map(LinkRefusal::as_str));
        rows.push([
            &entry.id.0,
            &entry.kind.as_str(),
            &caused.at,
            &entry.profile.0,
            &entry.other_profile.map(|id| id.0),
            &entry.fragment.0,
            &entry.other_fragment.map(|id| id.0),
            &namespace,
            &value,
            &entry.trust.as_str(),
            &caused.touchpoint.map(|id| id.0),
            &caused.actor,
            &reason,
        ]);
    }
    writes.insert(rows, LINK);
}

/// Marks edges that gave way.
pub async fn undo_edges(
    connection: &impl ConnectionTrait,
    edges: &[IdentityLinkId],
    at: Timestamp,
) -> Result<(), DbErr> {
    if edges.is_empty() {
        return Ok(());
    }
    let update = Rows::of_ids(edges.iter().map(|edge| edge.0)).query(
        connection,
        &format!(
            "UPDATE identity_link SET undone_at = {} WHERE id IN (SELECT id FROM {{rows}} AS given)",
            crate::db::Engine::of(connection).parameter(2)
        ),
        vec![at.into()],
    );
    connection.execute_raw(update).await?;
    Ok(())
}

/// Stores a pair that a person has parted.
pub async fn save_parted(
    connection: &impl ConnectionTrait,
    id: Uuid,
    (one, other): (FragmentId, FragmentId),
    at: Timestamp,
    actor: &str,
) -> Result<(), DbErr> {
    let mut rows = Rows::new(PARTED.columns);
    rows.push([&id, &one.min(other).0, &one.max(other).0, &at, &actor]);
    rows.insert_or(connection, PARTED, "ON CONFLICT DO NOTHING")
        .await
}

/// The profile that an id leads to now: itself, or what absorbed it.
pub async fn current_profile(
    connection: &impl ConnectionTrait,
    id: ProfileId,
) -> Result<Option<ProfileId>, DbErr> {
    let row = fragment::Entity::find_by_id(FragmentId(id.0))
        .one(connection)
        .await?;
    Ok(row.map(|row| row.profile_id))
}
