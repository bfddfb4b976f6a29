//! Keys that sign tokens.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::SigningKeyId;
use sea_orm::entity::prelude::*;

/// A pair of keys for one algorithm.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SigningKeyId,
    /// The key id in the header of the tokens it signs.
    #[sea_orm(column_type = "Text")]
    pub kid: String,
    #[sea_orm(column_type = "Text")]
    pub algorithm: String,
    #[sea_orm(column_type = "Blob")]
    pub public_key: Vec<u8>,
    /// Encrypted under a key derived from the deployment's secret.
    #[sea_orm(column_type = "Blob")]
    pub private_key: Vec<u8>,
    pub created_at: Timestamp,
    /// From when it signs nothing more.
    pub retired_at: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
