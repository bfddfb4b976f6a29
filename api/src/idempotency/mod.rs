//! Calls that may be repeated: the caller's key is stored in the transaction of the first, and a repeat gets its outcome.

use aws_lc_rs::digest::{SHA256, digest};
use lazo_domain::clock::Timestamp;
use lazo_entity::idempotency_key::{ActiveModel, Entity};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, Set};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::writer::Once;

/// What an earlier call under the same key was.
#[derive(Clone, Debug)]
pub enum Earlier {
    /// There was none.
    None,
    /// The same call; this is what it kept.
    Same(Json),
    /// Another call.
    Other,
}

/// A digest of a call's input.
pub fn input_digest(input: &Json) -> Uuid {
    let hash = digest(&SHA256, input.to_string().as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    Uuid::from_bytes(bytes)
}

/// Looks for an earlier call of this operation under the same key.
pub async fn look_up(
    connection: &impl ConnectionTrait,
    once: Option<&Once>,
    operation: &str,
) -> Result<Earlier, DbErr> {
    let Some(once) = once else {
        return Ok(Earlier::None);
    };
    let key = (once.caller.clone(), operation.to_owned(), once.key.clone());
    Ok(match Entity::find_by_id(key).one(connection).await? {
        None => Earlier::None,
        Some(earlier) if earlier.input == once.input => Earlier::Same(earlier.payload),
        Some(_) => Earlier::Other,
    })
}

/// Keeps what a repeat is to be answered.
pub async fn remember(
    connection: &impl ConnectionTrait,
    once: Option<&Once>,
    operation: &str,
    payload: &Json,
    at: Timestamp,
) -> Result<(), DbErr> {
    let Some(once) = once else { return Ok(()) };
    let row = ActiveModel {
        caller: Set(once.caller.clone()),
        operation: Set(operation.to_owned()),
        key: Set(once.key.clone()),
        input: Set(once.input),
        payload: Set(payload.clone()),
        created_at: Set(at),
    };
    row.insert(connection).await?;
    Ok(())
}
