//! Adds what a profile is made of and was not in its touchpoints: `active`, whether the person was there when it happened, and
//! `shop`, to which the order that it tells of belongs, since a source may come to carry another shop's, and `declared`,
//! whether a customer said it of themself.
//!
//! Of what was stored before, what Lazo itself recorded was never the person's own doing, and of all else `context` says it, so
//! `active` stays empty; orders get the shop of their source.

use sea_orm_migration::prelude::*;

use crate::columns::{flag_null, text_null};

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            flag_null("active"),
            text_null("shop"),
            flag_null("declared"),
        ] {
            let alter = Table::alter()
                .table("touchpoint")
                .add_column(column)
                .to_owned();
            manager.alter_table(alter).await?;
        }
        let connection = manager.get_connection();
        for mend in [
            "UPDATE touchpoint SET active = FALSE WHERE source_id IN (SELECT id FROM source WHERE name = 'lazo')",
            "UPDATE touchpoint SET shop = (SELECT s.shop FROM source AS s WHERE s.id = touchpoint.source_id) \
             WHERE kind = 'TRACK' AND lower(trim(name)) IN ('order completed', 'order updated', \
             'order refunded', 'order cancelled', 'order canceled')",
        ] {
            connection.execute_unprepared(mend).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["declared", "shop", "active"] {
            let alter = Table::alter()
                .table("touchpoint")
                .drop_column(column)
                .to_owned();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
