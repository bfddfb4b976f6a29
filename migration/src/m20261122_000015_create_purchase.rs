//! Creates `purchase` and `purchase_line`: purchases and their lines.

use sea_orm_migration::prelude::*;

use crate::columns::{
    flag, index, integer, integer_null, json, millis, millis_null, text, text_null, unique, uuid,
};

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("purchase")
                    .col(uuid("id").primary_key())
                    .col(uuid("profile_id"))
                    .col(text("shop"))
                    .col(text("order_id"))
                    .col(text("status"))
                    .col(millis_null("placed_at"))
                    .col(text("currency"))
                    .col(integer("amount"))
                    .col(integer("refunded"))
                    .col(integer("net"))
                    .col(flag("counted"))
                    .col(flag("left_out"))
                    .col(json("parts"))
                    .col(millis("updated_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(unique("purchase", &["profile_id", "shop", "order_id"]))
            .await?;
        manager
            .create_index(index("purchase", &["profile_id", "placed_at"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("purchase_line")
                    .col(uuid("purchase_id"))
                    .col(integer("position"))
                    .col(text_null("product_id"))
                    .col(text_null("sku"))
                    .col(text_null("name"))
                    .col(text_null("category"))
                    .col(text_null("brand"))
                    .col(text_null("variant"))
                    .col(integer("quantity"))
                    .col(integer_null("price"))
                    .primary_key(Index::create().col("purchase_id").col("position"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("purchase_line", "purchase_id")
                            .to("purchase", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("purchase_line", &["product_id"]))
            .await?;
        manager
            .create_index(index("purchase_line", &["category"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("purchase_line").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("purchase").to_owned())
            .await
    }
}
