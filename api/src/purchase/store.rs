//! Queries of purchases and their lines.

use std::collections::BTreeMap;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, ProfileId, PurchaseId};
use lazo_domain::money::Currency;
use lazo_domain::profile::Share;
use lazo_domain::purchase::{PurchaseState, PurchaseView};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::db::{Column, ColumnKind, Document, Rows, Table, Writes};

const ID: &[Column] = &[("id", ColumnKind::Uuid)];
const PURCHASE: Table = Table {
    name: "purchase",
    columns: &[
        ("id", ColumnKind::Uuid),
        ("profile_id", ColumnKind::Uuid),
        ("shop", ColumnKind::Text),
        ("order_id", ColumnKind::Text),
        ("status", ColumnKind::Text),
        ("placed_at", ColumnKind::Integer),
        ("currency", ColumnKind::Text),
        ("amount", ColumnKind::Integer),
        ("refunded", ColumnKind::Integer),
        ("net", ColumnKind::Integer),
        ("counted", ColumnKind::Bool),
        ("left_out", ColumnKind::Bool),
        ("parts", ColumnKind::Json),
        ("updated_at", ColumnKind::Integer),
    ],
    key: 1,
};
const LINE: Table = Table {
    name: "purchase_line",
    columns: &[
        ("purchase_id", ColumnKind::Uuid),
        ("position", ColumnKind::Integer),
        ("product_id", ColumnKind::Text),
        ("sku", ColumnKind::Text),
        ("name", ColumnKind::Text),
        ("category", ColumnKind::Text),
        ("brand", ColumnKind::Text),
        ("variant", ColumnKind::Text),
        ("quantity", ColumnKind::Integer),
        ("price", ColumnKind::Integer),
        ("folded", ColumnKind::Json),
        ("amount", ColumnKind::Integer),
    ],
    key: 2,
};

/// What each fragment knows of one purchase.
pub type Parts = BTreeMap<FragmentId, PurchaseState>;

/// A purchase as stored.
#[derive(Clone, Debug)]
pub struct PurchaseRow {
    /// Its id.
    pub id: PurchaseId,
    /// The profile that bought.
    pub profile: ProfileId,
    /// The shop, so that two shops may number alike.
    pub shop: String,
    /// The shop's number for it.
    pub order_id: String,
    /// What each fragment knows of it, so that a parting gives each side its own.
    pub parts: Parts,
    /// What the parts come to.
    pub view: PurchaseView,
}

/// A purchase as it is stored before what it comes to is computed.
#[derive(Clone, Debug)]
pub struct StoredPurchase {
    /// Its id.
    pub id: PurchaseId,
    /// The profile that bought.
    pub profile: ProfileId,
    /// The shop.
    pub shop: String,
    /// The shop's number for it.
    pub order_id: String,
    /// What each fragment knows of it.
    pub parts: Parts,
}

impl StoredPurchase {
    /// The purchase with what its parts come to.
    pub fn whole(self, currency: &Currency) -> PurchaseRow {
        let mut whole = PurchaseState::default();
        for part in self.parts.values() {
            whole.join(part);
        }
        PurchaseRow {
            id: self.id,
            profile: self.profile,
            shop: self.shop,
            order_id: self.order_id,
            view: whole.view(currency),
            parts: self.parts,
        }
    }
}

/// A purchase of a profile to which orders come: its parts if it is one of theirs, and else only what it adds up to.
#[derive(Clone, Debug)]
pub enum Ordered {
    /// One that an order names.
    Named(StoredPurchase),
    /// Any other.
    Other(ProfileId, Share),
}

/// Loads the purchases that orders name, of each profile by shop and the shop's number, and what the others of the profiles add up
/// to: these may be many.
pub async fn ordered<'a>(
    connection: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = (ProfileId, &'a str, &'a str)>,
) -> Result<Vec<Ordered>, DbErr> {
    let mut rows = Rows::new(&[
        ("id", ColumnKind::Uuid),
        ("shop", ColumnKind::Text),
        ("order_id", ColumnKind::Text),
    ]);
    for (profile, shop, order_id) in orders {
        rows.push([&profile.0, &shop, &order_id]);
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let query = rows.query(
        connection,
        "WITH given AS (SELECT * FROM {rows} AS listed) \
         SELECT p.id, p.profile_id, p.shop, p.order_id, p.placed_at, p.counted, p.left_out, p.net, p.refunded, \
         CASE WHEN (p.profile_id, p.shop, p.order_id) IN (SELECT id, shop, order_id FROM given) THEN p.parts END AS parts \
         FROM (SELECT DISTINCT id FROM given) AS g CROSS JOIN purchase AS p WHERE p.profile_id = g.id",
        Vec::new(),
    );
    let found = connection.query_all_raw(query).await?;
    let row = |row: &QueryResult| {
        let profile = row.try_get("", "profile_id")?;
        let parts: Option<Document<Parts>> = row.try_get("", "parts")?;
        Ok(match parts {
            Some(parts) => Ordered::Named(StoredPurchase {
                id: row.try_get("", "id")?,
                profile,
                shop: row.try_get("", "shop")?,
                order_id: row.try_get("", "order_id")?,
                parts: parts.0,
            }),
            None => Ordered::Other(
                profile,
                Share {
                    placed_at: row.try_get("", "placed_at")?,
                    counted: row.try_get("", "counted")?,
                    left_out: row.try_get("", "left_out")?,
                    net_minor: row.try_get("", "net")?,
                    refunded_minor: row.try_get("", "refunded")?,
                },
            ),
        })
    };
    found.iter().map(row).collect()
}

/// Loads all purchases of profiles.
pub async fn of_profiles(
    connection: &impl ConnectionTrait,
    profiles: impl IntoIterator<Item = ProfileId>,
) -> Result<Vec<StoredPurchase>, DbErr> {
    let mut rows = Rows::new(ID);
    for profile in profiles {
        rows.push([&profile.0]);
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let query = rows.query(
        connection,
        "SELECT p.id, p.profile_id, p.shop, p.order_id, p.parts \
         FROM {rows} AS given JOIN purchase AS p ON p.profile_id = given.id",
        Vec::new(),
    );
    let found = connection.query_all_raw(query).await?;
    let row = |row: &QueryResult| {
        let parts: Document<Parts> = row.try_get("", "parts")?;
        Ok(StoredPurchase {
            id: row.try_get("", "id")?,
            profile: row.try_get("", "profile_id")?,
            shop: row.try_get("", "shop")?,
            order_id: row.try_get("", "order_id")?,
            parts: parts.0,
        })
    };
    found.iter().map(row).collect()
}

/// Deletes the lines of purchases that are there, before they are stored as they are now.
pub async fn clear_lines(
    connection: &impl ConnectionTrait,
    purchases: impl IntoIterator<Item = PurchaseId>,
) -> Result<(), DbErr> {
    let rows = Rows::of_ids(purchases.into_iter().map(|id| id.0));
    if rows.is_empty() {
        return Ok(());
    }
    let delete = rows.query(
        connection,
        "DELETE FROM purchase_line WHERE purchase_id IN (SELECT id FROM {rows} AS given)",
        Vec::new(),
    );
    connection.execute_raw(delete).await?;
    Ok(())
}

/// Stores purchases as they are now, with their lines, of which none is there, in a deployment of this currency.
pub fn save(writes: &mut Writes, purchases: &[PurchaseRow], currency: &Currency, at: Timestamp) {
    let (mut saved, mut lines) = (Rows::new(PURCHASE.columns), Rows::new(LINE.columns));
    for purchase in purchases {
        let view = &purchase.view;
        saved.push([
            &purchase.id.0,
            &purchase.profile.0,
            &purchase.shop,
            &purchase.order_id,
            &view.status.as_str(),
            &view.placed_at,
            &view.currency.as_str(),
            &view.amount_minor,
            &view.refunded_minor,
            &view.net_minor,
            &view.counted,
            &view.left_out,
            &purchase.parts,
            &at,
        ]);
        for (position, line) in view.lines.iter().enumerate() {
            lines.push([
                &purchase.id.0,
                &position,
                &line.product_id,
                &line.sku,
                &line.name,
                &line.category,
                &line.brand,
                &line.variant,
                &line.quantity,
                &line.price.as_ref().map(|price| price.minor),
                &line.folded(),
                &line.amount_in(*currency),
            ]);
        }
    }
    writes.upsert(saved, PURCHASE);
    writes.insert(lines, LINE);
}

/// Deletes purchases that no profile has any more under that id.
pub async fn delete(
    connection: &impl ConnectionTrait,
    purchases: &[PurchaseId],
) -> Result<(), DbErr> {
    if purchases.is_empty() {
        return Ok(());
    }
    for table in ["purchase_line", "purchase"] {
        let mut rows = Rows::new(ID);
        for purchase in purchases {
            rows.push([&purchase.0]);
        }
        let key = if table == "purchase" {
            "id"
        } else {
            "purchase_id"
        };
        let sql = format!("DELETE FROM {table} WHERE {key} IN (SELECT id FROM {{rows}} AS given)");
        connection
            .execute_raw(rows.query(connection, &sql, Vec::new()))
            .await?;
    }
    Ok(())
}
