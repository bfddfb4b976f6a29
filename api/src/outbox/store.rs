//! Queries of the outbox.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{ColumnKind, Rows, Table, Writes, take_numbers};
use crate::writer::Notice;

const OUTBOX: Table = Table {
    name: "outbox",
    columns: &[
        ("id", ColumnKind::Uuid),
        ("seq", ColumnKind::Integer),
        ("topic", ColumnKind::Text),
        ("profile_id", ColumnKind::Uuid),
        ("payload", ColumnKind::Json),
        ("created_at", ColumnKind::Integer),
    ],
    key: 1,
};

/// What a notice tells.
#[derive(Serialize)]
struct Payload {
    #[serde(rename = "profileId")]
    profile: ProfileId,
    #[serde(rename = "otherProfileId")]
    other: Option<ProfileId>,
}

/// Appends notices, numbered without gaps in the order of commits.
pub async fn append(
    connection: &impl ConnectionTrait,
    writes: &mut Writes,
    notices: &[Notice],
    at: Timestamp,
    ids: &mut (dyn FnMut() -> Uuid + Send),
) -> Result<(), DbErr> {
    let Ok(count) = i64::try_from(notices.len()) else {
        return Ok(());
    };
    if count == 0 {
        return Ok(());
    }
    let first = take_numbers(connection, "outbox", count).await?;
    let mut rows = Rows::new(OUTBOX.columns);
    for (seq, notice) in (first..).zip(notices) {
        let payload = Payload {
            profile: notice.profile,
            other: notice.other,
        };
        rows.push([
            &ids(),
            &seq,
            &notice.topic,
            &notice.profile.0,
            &payload,
            &at,
        ]);
    }
    writes.insert(rows, OUTBOX);
    Ok(())
}
