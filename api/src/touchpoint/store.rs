//! Queries of the message ledger and the touchpoints.

use std::collections::{HashMap, HashSet};

use lazo_domain::id::{FragmentId, ProfileId, SourceId, TouchpointId};
use lazo_domain::profile::folded;
use lazo_domain::touchpoint::Touchpoint;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use crate::db::{ColumnKind, Rows, Table, Writes};

const MESSAGE: Table = Table {
    name: "message",
    columns: &[
        ("source_id", ColumnKind::Uuid),
        ("digest", ColumnKind::Uuid),
        ("content", ColumnKind::Uuid),
        ("touchpoint_id", ColumnKind::Uuid),
    ],
    key: 2,
};
const TOUCHPOINT: Table = Table {
    name: "touchpoint",
    columns: &[
        ("id", ColumnKind::Uuid),
        ("seq", ColumnKind::Integer),
        ("source_id", ColumnKind::Uuid),
        ("message_id", ColumnKind::Text),
        ("kind", ColumnKind::Text),
        ("channel", ColumnKind::Text),
        ("name", ColumnKind::Text),
        ("occurred_at", ColumnKind::Integer),
        ("received_at", ColumnKind::Integer),
        ("original_at", ColumnKind::Integer),
        ("sent_at", ColumnKind::Integer),
        ("position", ColumnKind::Integer),
        ("fragment_id", ColumnKind::Uuid),
        ("properties", ColumnKind::Json),
        ("context", ColumnKind::Json),
        ("traits", ColumnKind::Json),
        ("extra", ColumnKind::Json),
        ("active", ColumnKind::Bool),
        ("shop", ColumnKind::Text),
        ("declared", ColumnKind::Bool),
        ("folded", ColumnKind::Json),
    ],
    key: 1,
};

/// What identifies a message: its source and the digest of its id.
pub type MessageKey = (SourceId, Uuid);

/// An entry of the message ledger.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// What it is known by.
    pub key: MessageKey,
    /// The digest of its content, to tell a repeat from another message under the same id.
    pub content: Uuid,
    /// The touchpoint it became.
    pub touchpoint: TouchpointId,
}

/// An accepted message that was there before.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Known {
    source_id: SourceId,
    digest: Uuid,
    /// The digest of its content.
    pub content: Uuid,
    /// The touchpoint it became.
    pub touchpoint_id: TouchpointId,
    /// The profile that touchpoint belongs to now.
    pub profile_id: ProfileId,
}

/// A touchpoint with what the writer decided about it.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// Its id.
    pub id: TouchpointId,
    /// Its place in the order of commits.
    pub seq: i64,
    /// Where it came from.
    pub source: SourceId,
    /// Where it belongs.
    pub fragment: FragmentId,
    /// The shop of its source, to which an order belongs; a source may come to carry another shop's.
    pub shop: &'a str,
    /// Whether a customer declared it of themself.
    pub declared: bool,
    /// What it says.
    pub touchpoint: &'a Touchpoint,
}

/// Claims messages in the ledger. Returns the keys that nobody had claimed before.
pub async fn claim(
    connection: &impl ConnectionTrait,
    messages: &[Message],
) -> Result<HashSet<MessageKey>, DbErr> {
    let mut rows = Rows::new(MESSAGE.columns);
    for message in messages {
        rows.push([
            &message.key.0.0,
            &message.key.1,
            &message.content,
            &message.touchpoint.0,
        ]);
    }
    let insert = rows.query(
        connection,
        "INSERT INTO message (source_id, digest, content, touchpoint_id) \
         SELECT source_id, digest, content, touchpoint_id FROM {rows} AS given WHERE true \
         ON CONFLICT DO NOTHING RETURNING source_id, digest",
        Vec::new(),
    );
    let mut claimed = HashSet::with_capacity(messages.len());
    for row in connection.query_all_raw(insert).await? {
        claimed.insert((row.try_get("", "source_id")?, row.try_get("", "digest")?));
    }
    Ok(claimed)
}

/// What the ledger knows of messages.
pub async fn known(
    connection: &impl ConnectionTrait,
    keys: impl IntoIterator<Item = MessageKey>,
) -> Result<HashMap<MessageKey, Known>, DbErr> {
    let mut rows = Rows::new(&[
        ("source_id", ColumnKind::Uuid),
        ("digest", ColumnKind::Uuid),
    ]);
    for (source, digest) in keys {
        rows.push([&source.0, &digest]);
    }
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let query = rows.query(
        connection,
        "SELECT m.source_id, m.digest, m.content, m.touchpoint_id, f.profile_id FROM {rows} AS given \
         JOIN message AS m ON m.source_id = given.source_id AND m.digest = given.digest \
         JOIN touchpoint AS t ON t.id = m.touchpoint_id JOIN fragment AS f ON f.id = t.fragment_id",
        Vec::new(),
    );
    let known = Known::find_by_statement(query).all(connection).await?;
    Ok(known
        .into_iter()
        .map(|known| ((known.source_id, known.digest), known))
        .collect())
}

/// Inserts touchpoints.
pub fn insert<'a>(writes: &mut Writes, touchpoints: impl IntoIterator<Item = Placed<'a>>) {
    let mut rows = Rows::new(TOUCHPOINT.columns);
    for placed in touchpoints {
        let touchpoint = placed.touchpoint;
        let clocks = &touchpoint.clocks;
        rows.push([
            &placed.id.0,
            &placed.seq,
            &placed.source.0,
            &touchpoint.message_id,
            &touchpoint.kind.as_str(),
            &touchpoint.channel.as_str(),
            &touchpoint.name,
            &clocks.occurred_at,
            &clocks.received_at,
            &clocks.original_at,
            &clocks.sent_at,
            &touchpoint.position,
            &placed.fragment.0,
            &touchpoint.properties,
            &touchpoint.context,
            &touchpoint.traits,
            &touchpoint.extra,
            &touchpoint.active,
            &touchpoint.order.as_ref().map(|_| placed.shop),
            &placed.declared.then_some(true),
            &folded(&touchpoint.properties),
        ]);
    }
    writes.insert(rows, TOUCHPOINT);
}
