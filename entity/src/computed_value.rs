//! Values of computed traits, typed for queries.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use sea_orm::entity::prelude::*;

/// One value of a computed trait, in the column of its type.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "computed_value")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub profile_id: ProfileId,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub name: String,
    /// The place among the values of a trait that has several.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// Folded: without case and accents.
    #[sea_orm(column_type = "Text", nullable)]
    pub text: Option<String>,
    pub number: Option<f64>,
    pub time: Option<Timestamp>,
    pub truth: Option<bool>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
