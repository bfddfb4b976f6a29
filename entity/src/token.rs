//! Tokens of integrations and of people at the company.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::TokenId;
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// A token that was given out: what it may do, and until when.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TokenId,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The keyed hash of an opaque token; none for a token that carries its own signature.
    #[sea_orm(column_type = "Text", nullable)]
    pub hash: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub role: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: JsonValue,
    /// The purposes for which its holder may read data.
    #[sea_orm(column_type = "JsonBinary")]
    pub purposes: JsonValue,
    pub created_at: Timestamp,
    /// The actor who asked for it.
    #[sea_orm(column_type = "Text")]
    pub created_by: String,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
