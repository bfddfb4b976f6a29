//! Queries of the audit log.

use lazo_domain::privacy::audit::Head;
use lazo_entity::audit_entry::{Column, Entity, Model};
use lazo_entity::audit_head;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::Filter;
use super::chain::number;
use crate::db::{ColumnKind, Engine, Rows, Table, statement};
use crate::page::{Key, Listed, Page};

/// The name of the chain whose end is kept.
const CHAIN: &str = "audit";

const AUDIT_ENTRY: Table = Table {
    name: "audit_entry",
    columns: &[
        ("seq", ColumnKind::Integer),
        ("id", ColumnKind::Uuid),
        ("at", ColumnKind::Integer),
        ("actor", ColumnKind::Text),
        ("action", ColumnKind::Text),
        ("subject", ColumnKind::Text),
        ("details", ColumnKind::Json),
        ("payload_hash", ColumnKind::Text),
        ("hash", ColumnKind::Text),
    ],
    key: 1,
};

/// The end of the chain as it is kept; none if it is gone or is none.
pub(super) async fn kept_head(connection: &impl ConnectionTrait) -> Result<Option<Head>, DbErr> {
    let kept = audit_head::Entity::find_by_id(CHAIN)
        .one(connection)
        .await?;
    Ok(kept.and_then(|kept| {
        Some(Head {
            seq: u64::try_from(kept.seq).ok()?,
            hash: kept.hash.parse().ok()?,
        })
    }))
}

/// The end of the chain, to append to. Without it nothing is appended, since a chain that begins anew would hide what was before.
pub(super) async fn head(transaction: &DatabaseTransaction) -> Result<Head, DbErr> {
    let kept = kept_head(transaction).await?;
    kept.ok_or_else(|| DbErr::Custom("the end of the audit log is not kept any more".to_owned()))
}

pub(super) async fn insert(
    transaction: &DatabaseTransaction,
    entries: &[Model],
) -> Result<(), DbErr> {
    let mut rows = Rows::new(AUDIT_ENTRY.columns);
    for entry in entries {
        rows.push([
            &entry.seq,
            &entry.id.0,
            &entry.at,
            &entry.actor,
            &entry.action,
            &entry.subject,
            &entry.details,
            &entry.payload_hash,
            &entry.hash,
        ]);
    }
    rows.insert(transaction, AUDIT_ENTRY).await
}

/// Moves the end of the chain from one place to another. It is an error if it is elsewhere.
pub(super) async fn move_head(
    transaction: &DatabaseTransaction,
    from: Head,
    to: Head,
) -> Result<(), DbErr> {
    let engine = Engine::of(transaction);
    let [seq, hash, chain, before] = [1, 2, 3, 4].map(|number| engine.parameter(number));
    let sql = format!(
        "UPDATE audit_head SET seq = {seq}, hash = {hash} WHERE chain = {chain} AND seq = {before}"
    );
    let values = [
        number(to.seq).into(),
        to.hash.to_string().into(),
        CHAIN.into(),
        number(from.seq).into(),
    ];
    let moved = transaction
        .execute_raw(statement(transaction, sql, values))
        .await?;
    if moved.rows_affected() == 1 {
        Ok(())
    } else {
        let message = "another writer appended to the audit log meanwhile";
        Err(DbErr::Custom(message.to_owned()))
    }
}

/// The entries after a place, at most so many, in their order, as they are stored: they may not be entries any more.
pub(super) async fn after(
    connection: &impl ConnectionTrait,
    seq: i64,
    most: u64,
) -> Result<Vec<QueryResult>, DbErr> {
    let query = Entity::find()
        .filter(Column::Seq.gt(seq))
        .order_by_asc(Column::Seq)
        .limit(most)
        .build(connection.get_database_backend());
    connection.query_all_raw(query).await
}

/// A part of the list of all entries, or of those of a filter, the newest first. The place of each is its number.
pub(super) async fn list(
    connection: &impl ConnectionTrait,
    filter: &Filter,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, DbErr> {
    let select = filtered(filter);
    let total = if want_total {
        Some(select.clone().count(connection).await?)
    } else {
        None
    };
    let place = |key: Key| i64::try_from(key.id.as_u128()).unwrap_or(i64::MAX);
    let select = match page.after.map(place) {
        Some(after) => select.filter(Column::Seq.lt(after)),
        None => select,
    };
    let select = match page.before.map(place) {
        Some(before) => select.filter(Column::Seq.gt(before)),
        None => select,
    };
    let select = if page.backwards {
        select.order_by_asc(Column::Seq)
    } else {
        select.order_by_desc(Column::Seq)
    };
    let limit = page.limit.saturating_add(1);
    let mut found = select.limit(limit).all(connection).await?;
    let shown = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    if page.backwards {
        found.reverse();
    }
    let key = |entry: &Model| Key {
        at: None,
        id: Uuid::from_u128(u128::try_from(entry.seq).unwrap_or_default()),
    };
    let rows = found.into_iter().map(|row| (key(&row), row)).collect();
    Ok(Listed { rows, more, total })
}

fn filtered(filter: &Filter) -> Select<Entity> {
    let by = [
        (Column::Actor, &filter.actor),
        (Column::Action, &filter.action),
        (Column::Subject, &filter.subject),
    ];
    by.into_iter()
        .filter_map(|(column, wanted)| Some(column.eq(wanted.as_deref()?)))
        .fold(Entity::find(), QueryFilter::filter)
}
