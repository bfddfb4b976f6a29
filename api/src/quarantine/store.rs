//! Queries of the quarantine.

use std::collections::HashMap;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{QuarantineId, SourceId, TouchpointId};
use lazo_entity::quarantine::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::State;
use crate::db::{ColumnKind, Engine, Rows, Table, hex, statement};
use crate::page::{self, Listed, Page};
use crate::touchpoint::decoding::Kept;

const QUARANTINE: Table = Table {
    name: "quarantine",
    columns: &[
        ("id", ColumnKind::Uuid),
        ("source_id", ColumnKind::Uuid),
        ("digest", ColumnKind::Uuid),
        ("message_id", ColumnKind::Text),
        ("code", ColumnKind::Text),
        ("reason", ColumnKind::Text),
        ("raw", ColumnKind::Bytes),
        ("received_at", ColumnKind::Integer),
        ("envelope", ColumnKind::Json),
        ("state", ColumnKind::Text),
    ],
    key: 1,
};

/// An item that cannot be used as it is.
#[derive(Clone, Debug)]
pub struct Held<'a> {
    /// Its id.
    pub id: QuarantineId,
    /// Where it came from.
    pub source: SourceId,
    /// What a second delivery is known by.
    pub digest: Uuid,
    /// The id the client gave it, if that can be read.
    pub message_id: Option<&'a str>,
    /// Why it cannot be used, for programs.
    pub code: &'a str,
    /// Why, for people.
    pub reason: &'a str,
    /// The original bytes.
    pub raw: &'a [u8],
    /// What it shared with its request.
    pub envelope: &'a Kept,
}

/// Holds items. Returns for each (source, digest) the id it is held under, which is the first one's on a repeat.
pub async fn hold(
    connection: &impl ConnectionTrait,
    items: &[Held<'_>],
    at: Timestamp,
) -> Result<HashMap<(SourceId, Uuid), QuarantineId>, DbErr> {
    if items.is_empty() {
        return Ok(HashMap::new());
    }
    let mut rows = Rows::new(QUARANTINE.columns);
    let mut keys = Rows::new(&[
        ("source_id", ColumnKind::Uuid),
        ("digest", ColumnKind::Uuid),
    ]);
    for item in items {
        keys.push([&item.source.0, &item.digest]);
        rows.push([
            &item.id.0,
            &item.source.0,
            &item.digest,
            &item.message_id,
            &item.code,
            &item.reason,
            &hex(item.raw),
            &at,
            item.envelope,
            &"WAITING",
        ]);
    }
    rows.insert_or(connection, QUARANTINE, "ON CONFLICT DO NOTHING")
        .await?;
    let query = keys.query(
        connection,
        "SELECT q.source_id, q.digest, q.id FROM {rows} AS given \
         JOIN quarantine AS q ON q.source_id = given.source_id AND q.digest = given.digest",
        Vec::new(),
    );
    let mut held = HashMap::new();
    for row in connection.query_all_raw(query).await? {
        held.insert(
            (row.try_get("", "source_id")?, row.try_get("", "digest")?),
            row.try_get("", "id")?,
        );
    }
    Ok(held)
}

/// The item with this id.
pub(super) async fn by_id(
    connection: &impl ConnectionTrait,
    id: QuarantineId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(connection).await
}

/// Whether the item with this id waits to be replayed.
///
/// Within the transaction of the writer the answer holds until its end, because writers take turns.
pub async fn is_waiting(
    connection: &impl ConnectionTrait,
    id: QuarantineId,
) -> Result<bool, DbErr> {
    let waiting = Entity::find_by_id(id)
        .filter(Column::State.eq(State::Waiting.as_str()))
        .count(connection)
        .await?;
    Ok(waiting > 0)
}

/// How many items wait, counted up to a bound.
pub(super) async fn waiting(connection: &impl ConnectionTrait, most: u64) -> Result<u64, DbErr> {
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM quarantine WHERE state = {} LIMIT {most}) AS waiting",
        Engine::of(connection).parameter(1)
    );
    let query = statement(connection, sql, [State::Waiting.as_str().into()]);
    let row = connection.query_one_raw(query).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// A part of the list of all items, or of those in one state, the newest first.
pub(super) async fn list(
    connection: &impl ConnectionTrait,
    state: Option<State>,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, DbErr> {
    let mut select = Entity::find();
    if let Some(state) = state {
        select = select.filter(Column::State.eq(state.as_str()));
    }
    page::newest(connection, select, Column::Id, page, want_total, |row| {
        row.id.0
    })
    .await
}

/// Marks an item as replayed.
pub async fn resolve(
    connection: &impl ConnectionTrait,
    id: QuarantineId,
    touchpoint: TouchpointId,
    at: Timestamp,
) -> Result<(), DbErr> {
    let engine = Engine::of(connection);
    let sql = format!(
        "UPDATE quarantine SET state = 'REPLAYED', resolved_at = {}, touchpoint_id = {} WHERE id = {}",
        engine.parameter(1),
        engine.parameter(2),
        engine.parameter(3)
    );
    connection
        .execute_raw(statement(
            connection,
            sql,
            [at.into(), touchpoint.into(), id.into()],
        ))
        .await?;
    Ok(())
}
