//! Storing the state that a transaction worked on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, IdentifierId, ProfileId, PurchaseId};
use lazo_domain::identity::LinkKind;
use lazo_domain::money::Currency;
use lazo_domain::profile::{PurchaseSummary, Share, typed_rows};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::Context;
use super::changes::Changes;
use super::fold::purchase;
use super::state::State;
use crate::db::Writes;
use crate::identity::store as identities;
use crate::outbox;
use crate::profile::store::{self as profiles, ProfileRow, Retyped};
use crate::purchase::store::{self as purchases, Ordered, Parts, PurchaseRow};

/// A purchase's place: the shop and the shop's number for it.
type OrderKey = (String, String);

impl State {
    /// Stores everything that changed without a touchpoint, and where the profiles stand then.
    pub(super) async fn store(
        &mut self,
        connection: &impl ConnectionTrait,
        context: &Context,
        at: Timestamp,
        ids: &mut (dyn FnMut() -> Uuid + Send),
    ) -> Result<Changes, DbErr> {
        let mut writes = self.settle(connection, &context.currency, at, ids).await?;
        self.write(&mut writes, ids);
        writes.execute(connection).await?;
        let definitions = context.definitions.current(connection).await?;
        let nothing_came = HashMap::new();
        let known = self
            .stand(connection, context, &definitions, nothing_came, at)
            .await?;
        let changed = self.finish(connection, at).await?;
        Ok(Changes {
            known,
            ..Changes::numbered(connection, changed).await?
        })
    }

    /// Settles what can only be computed at the end. What of it is to be stored is in the writes that it returns.
    pub(super) async fn settle(
        &mut self,
        connection: &impl ConnectionTrait,
        currency: &Currency,
        at: Timestamp,
        ids: &mut (dyn FnMut() -> Uuid + Send),
    ) -> Result<Writes, DbErr> {
        let mut writes = Writes::default();
        self.rebuild(connection).await?;
        self.settle_purchases(connection, &mut writes, currency, at, ids)
            .await?;
        outbox::store::append(connection, &mut writes, &self.notices, at, ids).await?;
        self.mark_changed();
        Ok(writes)
    }

    /// Collects everything that changed, but for the profiles' own rows: these are stored with where they stand.
    pub(super) fn write(&mut self, writes: &mut Writes, ids: &mut dyn FnMut() -> Uuid) {
        self.write_fragments(writes);
        self.write_profiles(writes);
        let identifiers: Vec<_> = self
            .touched
            .iter()
            .filter_map(|(namespace, value)| {
                Some((
                    IdentifierId(ids()),
                    namespace,
                    value.as_str(),
                    self.graph.identifier(namespace, value)?,
                ))
            })
            .collect();
        identities::save_identifiers(writes, identifiers);
        identities::append_log(writes, &self.log);
    }

    /// Changes what depends on what was written. Returns the ids of profiles that stand for something else than before, with their
    /// new versions.
    pub(super) async fn finish(
        &self,
        connection: &impl ConnectionTrait,
        at: Timestamp,
    ) -> Result<Vec<(ProfileId, i64)>, DbErr> {
        identities::undo_edges(connection, &self.undone, at).await?;
        let redirected = profiles::redirect(connection, self.regrouped.iter().copied()).await?;
        let changed = self.stored().map(|row| (row.id, row.version));
        let mut versions: BTreeMap<ProfileId, i64> = changed.collect();
        // These come later, so that their versions are the greater ones.
        versions.extend(redirected);
        Ok(versions.into_iter().collect())
    }

    /// Counts a change for every profile that readers see otherwise than before: also for one that gained or lost a fragment, an
    /// identifier or a link without a touchpoint of its own.
    fn mark_changed(&mut self) {
        let owner = |fragment: FragmentId| self.graph.profile_of(fragment);
        let moved = self
            .stored_owner
            .iter()
            .map(|(fragment, before)| (*before, owner(*fragment)))
            .filter(|(before, now)| Some(*before) != *now)
            .flat_map(|(before, now)| [Some(before), now]);
        let named = self.touched.iter().map(|(namespace, value)| {
            self.graph
                .identifier(namespace, value)
                .and_then(|node| owner(node.fragment))
        });
        let tied = self
            .log
            .iter()
            .filter(|caused| !matches!(caused.entry.kind, LinkKind::Refused | LinkKind::Limited))
            .flat_map(|caused| {
                let entry = &caused.entry;
                [Some(entry.fragment), entry.other_fragment].map(|side| side.and_then(owner))
            });
        let changed: Vec<ProfileId> = moved.chain(named).chain(tied).flatten().collect();
        self.changed.extend(changed);
    }

    /// Stores the fragments that are new, that changed, or that are alone now; one that was alone and is needs no change, however
    /// much its profile changes.
    fn write_fragments(&mut self, writes: &mut Writes) {
        for id in &self.folded {
            let profile = self.graph.profile_of(*id);
            if let (Some(profile), Some(row)) = (profile, self.fragments.get_mut(id)) {
                row.profile = profile;
                let node = self.graph.profile(profile);
                if node.is_some_and(|node| node.fragments.len() == 1) {
                    row.projection = None;
                }
            }
        }
        let folded = self.folded.iter().filter_map(|id| self.fragments.get(id));
        profiles::save_fragments(writes, folded);
        let owner = |fragment: FragmentId| self.graph.profile_of(fragment);
        let moved: Vec<_> = self
            .stored_owner
            .iter()
            .filter(|(fragment, _)| !self.folded.contains(fragment))
            .filter_map(|(fragment, before)| {
                owner(*fragment)
                    .filter(|now| now != before)
                    .map(|now| (*fragment, now))
            })
            .collect();
        profiles::repoint_fragments(writes, moved);
    }

    fn write_profiles(&mut self, writes: &mut Writes) {
        for id in &self.changed {
            if let Some(row) = self.profiles.get_mut(id) {
                row.version += 1;
            }
        }
        let retyped: Vec<Retyped<'_>> = self
            .stored()
            .filter_map(|row| {
                Some(Retyped {
                    profile: row.id,
                    before: self.retyped.get(&row.id)?,
                    now: typed_rows(&row.projection.traits),
                })
            })
            .collect();
        profiles::save_traits(writes, &retyped);
    }

    /// The profiles that changed, but for those that were made and absorbed within this transaction: nobody ever saw them.
    pub(super) fn stored(&self) -> impl Iterator<Item = &ProfileRow> {
        self.changed
            .iter()
            .filter_map(|id| self.profiles.get(id))
            .filter(|row| row.merged_into.is_none() || self.stored_profiles.contains(&row.id))
    }

    /// Folds the order touchpoints, and deals purchases out anew where fragments changed hands.
    async fn settle_purchases(
        &mut self,
        connection: &impl ConnectionTrait,
        writes: &mut Writes,
        currency: &Currency,
        at: Timestamp,
        ids: &mut (dyn FnMut() -> Uuid + Send),
    ) -> Result<(), DbErr> {
        let ordered: BTreeSet<(ProfileId, &str, &str)> = self
            .orders
            .iter()
            .filter_map(|order| {
                let profile = self.graph.profile_of(order.fragment)?;
                Some((profile, order.shop.as_str(), order.event.order_id.as_str()))
            })
            .collect();
        let buyers = ordered.iter().map(|(profile, ..)| *profile);
        let involved: BTreeSet<ProfileId> = buyers.chain(self.regrouped.iter().copied()).collect();
        if involved.is_empty() {
            return Ok(());
        }
        let mut shares: BTreeMap<ProfileId, Vec<Share>> = BTreeMap::new();
        let regrouped = self.regrouped.iter().copied();
        let mut found = purchases::of_profiles(connection, regrouped).await?;
        let plain = ordered.into_iter();
        let plain = plain.filter(|(profile, ..)| !self.regrouped.contains(profile));
        for one in purchases::ordered(connection, plain).await? {
            match one {
                Ordered::Named(stored) => found.push(stored),
                Ordered::Other(profile, share) => shares.entry(profile).or_default().push(share),
            }
        }
        let mut pool: BTreeMap<OrderKey, Parts> = BTreeMap::new();
        let mut rows: HashMap<(ProfileId, OrderKey), (PurchaseId, Parts)> = HashMap::new();
        let mut spare: BTreeMap<OrderKey, BTreeSet<PurchaseId>> = BTreeMap::new();
        for stored in found {
            let key = (stored.shop, stored.order_id);
            let parts = stored.parts;
            pool.entry(key.clone()).or_default().extend(parts.clone());
            spare.entry(key.clone()).or_default().insert(stored.id);
            rows.insert((stored.profile, key), (stored.id, parts));
        }
        for order in self.orders.drain(..) {
            let parts = pool
                .entry((order.shop, order.event.order_id.clone()))
                .or_default();
            parts
                .entry(order.fragment)
                .or_default()
                .apply(&order.stamp, &order.event);
        }
        let mut dealt: BTreeMap<(ProfileId, OrderKey), Parts> = BTreeMap::new();
        for (key, parts) in pool {
            for (fragment, part) in parts {
                if let Some(profile) = self.graph.profile_of(fragment) {
                    dealt
                        .entry((profile, key.clone()))
                        .or_default()
                        .insert(fragment, part);
                }
            }
        }
        for place in dealt.keys() {
            if let Some((id, _)) = rows.get(place) {
                spare.entry(place.1.clone()).or_default().remove(id);
            }
        }
        let (mut saved, mut before) = (Vec::new(), Vec::new());
        for (place, parts) in dealt {
            let view = purchase(&parts, *currency);
            shares.entry(place.0).or_default().push(Share::from(&view));
            let unchanged = rows.get(&place).is_some_and(|(_, before)| *before == parts);
            if !unchanged {
                let spared = || spare.get_mut(&place.1).and_then(BTreeSet::pop_first);
                let stored = rows.get(&place).map(|(id, _)| *id).or_else(spared);
                before.extend(stored);
                let id = stored.unwrap_or_else(|| PurchaseId(ids()));
                let (profile, (shop, order_id)) = place;
                saved.push(PurchaseRow {
                    id,
                    profile,
                    shop,
                    order_id,
                    parts,
                    view,
                });
            }
        }
        let gone: Vec<PurchaseId> = spare.into_values().flatten().collect();
        purchases::delete(connection, &gone).await?;
        purchases::clear_lines(connection, before).await?;
        purchases::save(writes, &saved, currency, at);
        self.ordered.clone_from(&involved);
        for profile in involved {
            if let Some(row) = self.profiles.get_mut(&profile) {
                row.summary = PurchaseSummary::of(shares.remove(&profile).unwrap_or_default());
                self.changed.insert(profile);
            }
        }
        Ok(())
    }
}
