//! Queries of the identity graph.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{
    FragmentId, IdentifierId, IdentityLinkId, ProfileId, SourceId, TouchpointId,
};
use lazo_domain::identity::{Edge, Graph, IdentifierNode, LinkRefusal, LogEntry, Namespace, Trust};
use lazo_entity::{fragment, identifier, identity_link};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, FromQueryResult};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::db::{Column, ColumnKind, Rows, Table, statement};

const CLAIM: &[Column] = &[("namespace", ColumnKind::Text), ("value", ColumnKind::Text)];
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

#[derive(FromQueryResult)]
struct Pair {
    fragment_id: FragmentId,
    other_fragment_id: FragmentId,
}

/// Loads what a decision about these identifiers and fragments needs: their profiles, whole.
///
/// Four statements, however many there are.
pub async fn load_graph(
    connection: &impl ConnectionTrait,
    claims: impl IntoIterator<Item = (&Namespace, &str)>,
    targets: impl IntoIterator<Item = FragmentId>,
) -> Result<Graph, DbErr> {
    let mut wanted = Rows::new(CLAIM);
    for (namespace, value) in claims {
        wanted.push([json!(namespace.as_str()), json!(value)]);
    }
    let owned = wanted.query(
        connection,
        "SELECT DISTINCT f.profile_id AS id FROM {rows} AS given \
         JOIN identifier AS i ON i.namespace = given.namespace AND i.value = given.value \
         JOIN fragment AS f ON f.id = i.fragment_id",
        Vec::new(),
    );
    let addressed = Rows::of_ids(targets.into_iter().map(|target| target.0)).query(
        connection,
        "SELECT DISTINCT f.profile_id AS id FROM {rows} AS given JOIN fragment AS f ON f.id = given.id",
        Vec::new(),
    );
    let mut profiles = Vec::new();
    for query in [owned, addressed] {
        for row in connection.query_all_raw(query).await? {
            profiles.push(row.try_get::<ProfileId>("", "id")?);
        }
    }
    profiles.sort_unstable();
    profiles.dedup();
    load_profiles(connection, &profiles).await
}

/// Loads whole profiles.
pub async fn load_profiles(
    connection: &impl ConnectionTrait,
    profiles: &[ProfileId],
) -> Result<Graph, DbErr> {
    let mut graph = Graph::default();
    if profiles.is_empty() {
        return Ok(graph);
    }
    let given = || Rows::of_ids(profiles.iter().map(|profile| profile.0));
    let fragments = given().query(
        connection,
        "SELECT f.id, f.created_at, f.profile_id FROM {rows} AS given JOIN fragment AS f ON f.profile_id = given.id",
        Vec::new(),
    );
    let mut linked = false;
    for row in connection.query_all_raw(fragments).await? {
        let (id, profile) = (
            row.try_get::<FragmentId>("", "id")?,
            row.try_get::<ProfileId>("", "profile_id")?,
        );
        linked |= id.0 != profile.0;
        graph.add_fragment(id, row.try_get("", "created_at")?, profile);
    }
    let identifiers = given().query(
        connection,
        "SELECT i.* FROM {rows} AS given JOIN fragment AS f ON f.profile_id = given.id \
         JOIN identifier AS i ON i.fragment_id = f.id",
        Vec::new(),
    );
    for row in identifier::Entity::find()
        .from_raw_sql(identifiers)
        .all(connection)
        .await?
    {
        let Some(namespace) = Namespace::new(&row.namespace) else {
            continue;
        };
        graph.add_identifier(
            namespace,
            row.value,
            node(
                &row.fragment_id,
                &row.trust,
                row.shared,
                (row.first_seen, row.last_seen),
                row.source_id,
            ),
        );
    }
    if linked {
        let edges = given().query(
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
    let parted = given().query(
        connection,
        "SELECT c.fragment_id, c.other_fragment_id FROM {rows} AS given \
         JOIN fragment AS f ON f.profile_id = given.id \
         JOIN cannot_link AS c ON c.fragment_id = f.id OR c.other_fragment_id = f.id",
        Vec::new(),
    );
    for pair in Pair::find_by_statement(parted).all(connection).await? {
        graph.add_parted(pair.fragment_id, pair.other_fragment_id);
    }
    Ok(graph)
}

fn node(
    fragment: &FragmentId,
    trust: &str,
    shared: bool,
    (first_seen, last_seen): (Timestamp, Timestamp),
    source: SourceId,
) -> IdentifierNode {
    let trust = Trust::from_name(trust).unwrap_or(Trust::Claimed);
    IdentifierNode {
        fragment: *fragment,
        trust,
        shared,
        first_seen,
        last_seen,
        source,
    }
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
pub async fn save_identifiers(
    connection: &impl ConnectionTrait,
    identifiers: impl IntoIterator<Item = (IdentifierId, &Namespace, &str, &IdentifierNode)>,
) -> Result<(), DbErr> {
    let mut rows = Rows::new(IDENTIFIER.columns);
    for (id, namespace, value, node) in identifiers {
        rows.push([
            json!(namespace.as_str()),
            json!(value),
            json!(id.0),
            json!(node.fragment.0),
            json!(node.trust.as_str()),
            json!(node.shared),
            json!(node.first_seen),
            json!(node.last_seen),
            json!(node.source.0),
        ]);
    }
    let kept = "ON CONFLICT (namespace, value) DO UPDATE SET fragment_id = excluded.fragment_id, trust = excluded.trust, \
                shared = excluded.shared, first_seen = excluded.first_seen, last_seen = excluded.last_seen";
    rows.insert_or(connection, IDENTIFIER, kept).await
}

/// Appends entries to the log.
pub async fn append_log(
    connection: &impl ConnectionTrait,
    entries: &[CausedEntry],
) -> Result<(), DbErr> {
    let mut rows = Rows::new(LINK.columns);
    for caused in entries {
        let entry = &caused.entry;
        let (namespace, value) = match &entry.identifier {
            Some((namespace, value)) => (json!(namespace.as_str()), json!(value)),
            None => (Json::Null, Json::Null),
        };
        let reason = caused
            .reason
            .as_deref()
            .or(entry.refusal.map(LinkRefusal::as_str));
        rows.push([
            json!(entry.id.0),
            json!(entry.kind.as_str()),
            json!(caused.at),
            json!(entry.profile.0),
            json!(entry.other_profile.map(|id| id.0)),
            json!(entry.fragment.0),
            json!(entry.other_fragment.map(|id| id.0)),
            namespace,
            value,
            json!(entry.trust.as_str()),
            json!(caused.touchpoint.map(|id| id.0)),
            json!(caused.actor),
            json!(reason),
        ]);
    }
    rows.insert(connection, LINK).await
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
    rows.push([
        json!(id),
        json!(one.min(other).0),
        json!(one.max(other).0),
        json!(at),
        json!(actor),
    ]);
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

/// The identifier of that namespace and value, if anybody has it.
pub async fn find_identifier(
    connection: &impl ConnectionTrait,
    namespace: &Namespace,
    value: &str,
) -> Result<Option<(identifier::Model, ProfileId)>, DbErr> {
    let engine = crate::db::Engine::of(connection);
    let query = statement(
        connection,
        format!(
            "SELECT i.*, f.profile_id FROM identifier AS i JOIN fragment AS f ON f.id = i.fragment_id \
             WHERE i.namespace = {} AND i.value = {}",
            engine.parameter(1),
            engine.parameter(2)
        ),
        [namespace.as_str().into(), value.into()],
    );
    let Some(row) = connection.query_one_raw(query).await? else {
        return Ok(None);
    };
    Ok(Some((
        identifier::Model::from_query_result(&row, "")?,
        row.try_get("", "profile_id")?,
    )))
}
