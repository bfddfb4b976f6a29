//! The end of the audit log.

use sea_orm::entity::prelude::*;

/// The last entry of the audit log, kept apart from the entries, so that entries that are cut off at the end are missed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_head")]
pub struct Model {
    /// There is one: `audit`.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub chain: String,
    /// The place of the last entry; 0 before the first.
    pub seq: i64,
    /// The hash of the last entry.
    #[sea_orm(column_type = "Text")]
    pub hash: String,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
