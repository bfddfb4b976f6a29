//! Answers kept for calls that are repeated.

use lazo_domain::clock::Timestamp;
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// A mutation that was made once under a key of its caller.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub caller: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub operation: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub key: String,
    /// The digest of the input: the same key with another input is refused.
    pub input: Uuid,
    /// What was answered.
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: JsonValue,
    pub created_at: Timestamp,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
