//! Profiles as they are stored beside what their touchpoints come to.

use std::collections::{BTreeMap, HashMap};

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, ProfileId, PurchaseId};
use lazo_domain::lifecycle::{Level, Stage};
use lazo_domain::money::Currency;
use lazo_domain::profile::{Projection, PurchaseSummary, TypedRow, typed_rows};
use lazo_domain::purchase::PurchaseView;
use lazo_entity::{fragment, profile, profile_trait, purchase, purchase_line};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, StreamTrait};
use uuid::Uuid;

use super::fold::{Folded, Folder};
use super::{Difference, store};
use crate::db::Writes;
use crate::profile::store::{self as profiles, FragmentRow, ProfileRow};
use crate::profile::store::{level, stage};
use crate::purchase::store::{self as purchases, Parts, PurchaseRow};
use crate::writer::fold::purchase as view_of;

/// A purchase's place: the shop and the shop's number for it.
type OrderKey = (String, String);

/// What one profile has to be, and what of it is not stored so.
struct Whole {
    row: ProfileRow,
    traits: Vec<TypedRow>,
    fragments: Vec<FragmentRow>,
    purchases: Vec<PurchaseRow>,
    gone: Vec<PurchaseId>,
    what: Vec<String>,
}

/// What is stored of some profiles.
#[derive(Default)]
struct Stored {
    profiles: HashMap<ProfileId, profile::Model>,
    fragments: HashMap<ProfileId, Vec<fragment::Model>>,
    traits: HashMap<ProfileId, Vec<profile_trait::Model>>,
    purchases: HashMap<ProfileId, Vec<purchase::Model>>,
    lines: HashMap<PurchaseId, Vec<purchase_line::Model>>,
}

/// Profiles that were looked at.
pub(super) struct Examined {
    different: Vec<Whole>,
    /// How many touchpoints they are the fold of.
    pub(super) touchpoints: u64,
}

/// Folds the touchpoints of profiles and compares.
pub(super) async fn examine<C: ConnectionTrait + StreamTrait>(
    connection: &C,
    folder: &Folder,
    ids: &[ProfileId],
) -> Result<Examined, DbErr> {
    let mut stored = Stored::load(connection, ids).await?;
    let fragments = stored.fragments.values().flatten().map(|row| row.id);
    let (mut folded, touchpoints) = folder.fold(connection, fragments).await?;
    let different = ids
        .iter()
        .map(|id| stored.compare(*id, folder, &mut folded))
        .filter(|whole| !whole.what.is_empty())
        .collect();
    Ok(Examined {
        different,
        touchpoints,
    })
}

impl Examined {
    /// What is not as it has to be, by profile.
    pub(super) fn differences(&self) -> Vec<Difference> {
        self.different
            .iter()
            .map(|whole| Difference {
                profile: whole.row.id,
                what: whole.what.clone(),
            })
            .collect()
    }

    /// Stores what differs as it has to be, and says the versions that the profiles have then.
    pub(super) async fn save(
        &self,
        transaction: &DatabaseTransaction,
        currency: &Currency,
        at: Timestamp,
        ids: &mut (dyn FnMut() -> Uuid + Send),
    ) -> Result<Vec<(ProfileId, i64)>, DbErr> {
        let mut versions = Vec::with_capacity(self.different.len());
        for whole in &self.different {
            let mut writes = Writes::default();
            profiles::save_fragments(&mut writes, &whole.fragments);
            let mut row = whole.row.clone();
            row.version += 1;
            versions.push((row.id, row.version));
            // One that is missing has counted nothing yet.
            let is_stored = whole.row.version > 0;
            profiles::save_profiles(&mut writes, [&row], |_| is_stored);
            profiles::replace_traits(transaction, [(row.id, whole.traits.as_slice())]).await?;
            purchases::delete(transaction, &whole.gone).await?;
            let fresh = |row: &PurchaseRow| {
                let mut row = row.clone();
                if row.id.0.is_nil() {
                    row.id = PurchaseId(ids());
                }
                row
            };
            let saved: Vec<_> = whole.purchases.iter().map(fresh).collect();
            purchases::clear_lines(transaction, saved.iter().map(|row| row.id)).await?;
            purchases::save(&mut writes, &saved, currency, at);
            writes.execute(transaction).await?;
        }
        Ok(versions)
    }
}

impl Stored {
    async fn load(connection: &impl ConnectionTrait, ids: &[ProfileId]) -> Result<Self, DbErr> {
        let mut stored = Self::default();
        for row in store::profiles(connection, ids).await? {
            stored.profiles.insert(row.id, row);
        }
        for row in store::fragments(connection, ids).await? {
            let of = stored.fragments.entry(row.profile_id).or_default();
            of.push(row);
        }
        for row in store::traits(connection, ids).await? {
            stored.traits.entry(row.profile_id).or_default().push(row);
        }
        for row in store::purchases(connection, ids).await? {
            let of = stored.purchases.entry(row.profile_id).or_default();
            of.push(row);
        }
        stored.lines = store::lines(connection, ids).await?;
        Ok(stored)
    }

    fn compare(
        &mut self,
        id: ProfileId,
        folder: &Folder,
        folded: &mut HashMap<FragmentId, Folded>,
    ) -> Whole {
        let mut what = Vec::new();
        let mut projection = Projection::default();
        let mut orders: BTreeMap<OrderKey, Parts> = BTreeMap::new();
        let mut fragments = Vec::new();
        let mut created_at: Option<Timestamp> = None;
        let models = self.fragments.remove(&id).unwrap_or_default();
        let is_alone = models.len() == 1;
        for model in models {
            let fragment = folded.remove(&model.id).unwrap_or_default();
            projection.join(&fragment.projection);
            for (key, state) in fragment.orders {
                orders.entry(key).or_default().insert(model.id, state);
            }
            created_at = created_at.into_iter().chain([model.created_at]).min();
            // The projection of a profile's only fragment is the profile's.
            let expected = (!is_alone).then_some(fragment.projection);
            let is_stored = match (&model.projection, &expected) {
                (Some(stored), Some(expected)) => reads_as(stored, expected),
                (stored, expected) => stored.is_none() && expected.is_none(),
            };
            if is_stored {
                continue;
            }
            what.push(format!("fragment {}", model.id));
            fragments.push(FragmentRow {
                id: model.id,
                profile: model.profile_id,
                created_at: model.created_at,
                projection: expected,
            });
        }
        let views: BTreeMap<OrderKey, PurchaseView> = orders
            .iter()
            .map(|(key, parts)| (key.clone(), view_of(parts, folder.currency)))
            .collect();
        let summary = PurchaseSummary::of(views.values());
        let row = self.profile(id, created_at, projection, summary, &mut what);
        let traits = typed_rows(&row.projection.traits);
        let stored_traits = self.traits.remove(&id).unwrap_or_default();
        if !same_traits(&traits, stored_traits) {
            what.push("typed traits".to_owned());
        }
        let (purchases, gone) = self.purchases(id, orders, views, &mut what);
        Whole {
            row,
            traits,
            fragments,
            purchases,
            gone,
            what,
        }
    }

    fn profile(
        &mut self,
        id: ProfileId,
        created_at: Option<Timestamp>,
        projection: Projection,
        summary: PurchaseSummary,
        what: &mut Vec<String>,
    ) -> ProfileRow {
        let Some(model) = self.profiles.remove(&id) else {
            what.push("the profile itself".to_owned());
            return ProfileRow {
                id,
                created_at: created_at.unwrap_or_default(),
                merged_into: None,
                projection,
                summary,
                restricted: false,
                stage: Stage::Anonymous,
                level: Level::Probable,
                next_evaluation_at: None,
                version: 0,
            };
        };
        let seen = (projection.first_seen, projection.last_seen);
        let touchpoints = i64::try_from(projection.touchpoints).unwrap_or(i64::MAX);
        if !reads_as(&model.projection, &projection)
            || (model.first_seen, model.last_seen) != seen
            || model.last_seen_day != projection.last_seen.map(Timestamp::day)
            || model.touchpoints != touchpoints
        {
            what.push("projection".to_owned());
        }
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let stored = (
            (model.orders, model.spend, model.refunded, model.left_out),
            (
                model.first_order_at,
                model.last_order_at,
                model.mean_interval,
            ),
        );
        let expected = (
            (
                count(summary.orders),
                summary.spend_minor,
                summary.refunded_minor,
                count(summary.left_out),
            ),
            (
                summary.first_order_at,
                summary.last_order_at,
                summary.mean_interval_millis,
            ),
        );
        if stored != expected {
            what.push("summary of purchases".to_owned());
        }
        ProfileRow {
            id,
            created_at: model.created_at,
            merged_into: model.merged_into,
            projection,
            summary,
            restricted: model.restricted,
            stage: stage(model.stage.as_deref()),
            level: level(model.level.as_deref()),
            next_evaluation_at: model.next_evaluation_at,
            version: model.version,
        }
    }

    /// The purchases that are not stored as they have to be, and those that have to go.
    fn purchases(
        &mut self,
        profile: ProfileId,
        orders: BTreeMap<OrderKey, Parts>,
        mut views: BTreeMap<OrderKey, PurchaseView>,
        what: &mut Vec<String>,
    ) -> (Vec<PurchaseRow>, Vec<PurchaseId>) {
        let mut stored: BTreeMap<OrderKey, purchase::Model> = BTreeMap::new();
        let mut gone = Vec::new();
        for model in self.purchases.remove(&profile).unwrap_or_default() {
            let key = (model.shop.clone(), model.order_id.clone());
            if let Some(double) = stored.insert(key, model) {
                gone.push(double.id);
            }
        }
        let mut saved = Vec::new();
        for (key, parts) in orders {
            let Some(view) = views.remove(&key) else {
                continue;
            };
            let model = stored.remove(&key);
            let is_stored = model.as_ref().is_some_and(|model| {
                let lines = self.lines.get(&model.id).map_or(&[][..], Vec::as_slice);
                reads_as(&model.parts, &parts) && same_purchase(model, lines, &view)
            });
            if is_stored {
                continue;
            }
            let (shop, order_id) = key;
            what.push(format!("purchase {order_id} of shop {shop}"));
            saved.push(PurchaseRow {
                // One that is new gets its id when it is stored.
                id: model.map_or(PurchaseId(Uuid::nil()), |model| model.id),
                profile,
                shop,
                order_id,
                parts,
                view,
            });
        }
        for model in stored.into_values() {
            gone.push(model.id);
        }
        for id in &gone {
            what.push(format!("purchase {id}, which no touchpoint told of"));
        }
        (saved, gone)
    }
}

/// Whether a stored document is this value. One that does not read is not.
fn reads_as<T: serde::de::DeserializeOwned + PartialEq>(
    stored: &serde_json::Value,
    expected: &T,
) -> bool {
    T::deserialize(stored).is_ok_and(|value| value == *expected)
}

fn same_traits(expected: &[TypedRow], mut stored: Vec<profile_trait::Model>) -> bool {
    let mut expected: Vec<&TypedRow> = expected.iter().collect();
    expected.sort_by(|a, b| (&a.name, a.position).cmp(&(&b.name, b.position)));
    stored.sort_by(|a, b| (&a.name, a.position).cmp(&(&b.name, b.position)));
    expected.len() == stored.len()
        && expected.iter().zip(&stored).all(|(row, model)| {
            row.name == model.name
                && i64::from(row.position) == model.position
                && row.text == model.text
                && row.number == model.number
                && row.time == model.time
                && row.truth == model.truth
        })
}

fn same_purchase(
    model: &purchase::Model,
    lines: &[purchase_line::Model],
    view: &PurchaseView,
) -> bool {
    let same_lines = lines.len() == view.lines.len()
        && lines
            .iter()
            .zip(&view.lines)
            .zip(0..)
            .all(|((model, line), position)| {
                model.position == position
                    && model.product_id == line.product_id
                    && model.sku == line.sku
                    && model.name == line.name
                    && model.category == line.category
                    && model.brand == line.brand
                    && model.variant == line.variant
                    && model.quantity == line.quantity
                    && model.price == line.price.as_ref().map(|price| price.minor)
            });
    same_lines
        && model.status == view.status.as_str()
        && model.placed_at == view.placed_at
        && model.currency == view.currency.as_str()
        && model.amount == view.amount_minor
        && model.refunded == view.refunded_minor
        && model.net == view.net_minor
        && model.counted == view.counted
        && model.left_out == view.left_out
}
