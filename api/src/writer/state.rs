//! The state a transaction works on: loaded once, changed in memory, stored once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, IdentityLinkId, ProfileId, TouchpointId};
use lazo_domain::identity::{Change, Graph, Mention, Namespace, Resolution};
use lazo_domain::lifecycle::{Level, Stage};
use lazo_domain::profile::{Delta, Projection, PurchaseSummary, Stamp, TypedRow, typed_rows};
use lazo_domain::purchase::OrderEvent;
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::fold::{Room, fit};
use crate::identity::store::{self as identities, CausedEntry};
use crate::profile::store::{self as profiles, FragmentRow, ProfileRow};

/// Why something is written to the identity log.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    /// When.
    pub at: Timestamp,
    /// The touchpoint.
    pub touchpoint: Option<TouchpointId>,
    /// The source or person.
    pub actor: String,
    /// A person's words.
    pub reason: Option<String>,
}

/// An order touchpoint that waits to be folded into its purchase.
pub(super) struct PendingOrder {
    pub(super) fragment: FragmentId,
    pub(super) shop: String,
    pub(super) stamp: Stamp,
    pub(super) event: OrderEvent,
}

/// Profiles, fragments and identifiers around what a transaction is about.
#[derive(Default)]
pub(super) struct State {
    pub(super) graph: Graph,
    pub(super) fragments: HashMap<FragmentId, FragmentRow>,
    pub(super) profiles: HashMap<ProfileId, ProfileRow>,
    /// The profile each fragment belonged to when it was loaded.
    pub(super) stored_owner: HashMap<FragmentId, ProfileId>,
    pub(super) stored_profiles: HashSet<ProfileId>,
    /// Profiles of one fragment that has no projection of its own: the profile's is its, until another comes to it.
    pub(super) alone: HashMap<ProfileId, FragmentId>,
    /// Fragments that are to be stored.
    pub(super) folded: BTreeSet<FragmentId>,
    pub(super) changed: BTreeSet<ProfileId>,
    /// Profiles whose traits may have changed, with the typed rows that are stored of them.
    pub(super) retyped: BTreeMap<ProfileId, Vec<TypedRow>>,
    pub(super) rebuilt: BTreeSet<ProfileId>,
    /// Profiles whose fragments, or whose ids, changed hands.
    pub(super) regrouped: BTreeSet<ProfileId>,
    /// Profiles in which something was decided about a purpose.
    pub(super) consented: BTreeSet<ProfileId>,
    pub(super) orders: Vec<PendingOrder>,
    /// Profiles whose purchases may have changed.
    pub(super) ordered: BTreeSet<ProfileId>,
    pub(super) touched: BTreeSet<(Namespace, String)>,
    pub(super) log: Vec<CausedEntry>,
    pub(super) undone: Vec<IdentityLinkId>,
    pub(super) notices: Vec<Notice>,
}

/// A change that others are told of.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What kind of change.
    pub topic: &'static str,
    /// The profile it is about.
    pub profile: ProfileId,
    /// The other profile of a merge or a parting.
    pub other: Option<ProfileId>,
}

impl State {
    /// Loads everything that these mentions can touch.
    pub(super) async fn load(
        connection: &impl ConnectionTrait,
        mentions: &[Mention],
    ) -> Result<Self, DbErr> {
        let aliases = [Namespace::customer_id(), Namespace::anonymous_id()];
        let stand_ins: Vec<_> = mentions.iter().filter_map(Mention::stand_in).collect();
        let mut claims: BTreeSet<(&Namespace, &str)> = stand_ins
            .iter()
            .map(|(namespace, value)| (namespace, value.as_str()))
            .collect();
        for mention in mentions {
            claims.extend(
                mention
                    .claims
                    .iter()
                    .map(|(namespace, value)| (namespace, value.as_str())),
            );
            if let Some(previous) = &mention.alias_of {
                claims.extend(
                    aliases
                        .iter()
                        .map(|namespace| (namespace, previous.as_str())),
                );
            }
        }
        let targets: BTreeSet<_> = mentions
            .iter()
            .filter_map(|mention| mention.target)
            .collect();
        let graph =
            identities::load_graph(connection, claims.iter().copied(), targets.iter().copied())
                .await?;
        let homes: BTreeSet<_> = claims
            .iter()
            .filter_map(|(namespace, value)| {
                graph.identifier(namespace, value).map(|node| node.fragment)
            })
            .chain(targets)
            .collect();
        Self::around(connection, graph, homes).await
    }

    /// Loads whole profiles.
    pub(super) async fn load_profiles(
        connection: &impl ConnectionTrait,
        wanted: &[ProfileId],
    ) -> Result<Self, DbErr> {
        let graph = identities::load_profiles(connection, wanted).await?;
        Self::around(connection, graph, BTreeSet::new()).await
    }

    async fn around(
        connection: &impl ConnectionTrait,
        graph: Graph,
        fragments: BTreeSet<FragmentId>,
    ) -> Result<Self, DbErr> {
        let stored_owner = graph
            .fragments()
            .map(|(id, node)| (id, node.profile))
            .collect();
        let mut state = Self {
            stored_owner,
            ..Self::default()
        };
        for row in profiles::profiles(connection, graph.profiles().map(|(id, _)| id)).await? {
            state.stored_profiles.insert(row.id);
            state.profiles.insert(row.id, row);
        }
        for (profile, node) in graph.profiles() {
            if let (Some((created_at, fragment)), 1) =
                (node.fragments.first(), node.fragments.len())
            {
                state.put_alone(*fragment, profile, *created_at);
            }
        }
        let others: Vec<_> = fragments
            .into_iter()
            .filter(|fragment| !state.fragments.contains_key(fragment))
            .collect();
        for row in profiles::fragments(connection, others).await? {
            state.fragments.insert(row.id, row);
        }
        state.graph = graph;
        Ok(state)
    }

    /// Notes a fragment that is the only one of its profile: what it folds to is what the profile is.
    fn put_alone(&mut self, id: FragmentId, profile: ProfileId, created_at: Timestamp) {
        let row = FragmentRow {
            id,
            profile,
            created_at,
            projection: None,
        };
        self.fragments.insert(id, row);
        self.alone.insert(profile, id);
    }

    /// Gives the one fragment of a profile a projection of its own, before anything else comes to the profile.
    fn set_apart(&mut self, profile: ProfileId) {
        let Some(fragment) = self.alone.remove(&profile) else {
            return;
        };
        if let Some(row) = self.fragments.get_mut(&fragment) {
            let whole = self.profiles.get(&profile);
            row.projection = Some(
                whole
                    .map(|whole| whole.projection.clone())
                    .unwrap_or_default(),
            );
            self.folded.insert(fragment);
        }
    }

    /// Decides where a touchpoint belongs and ties what it ties. Returns its fragment.
    pub(super) fn resolve(
        &mut self,
        mention: &Mention,
        cause: &Cause,
        ids: &mut dyn FnMut() -> Uuid,
    ) -> Option<FragmentId> {
        let resolution = self.graph.resolve(mention, ids);
        self.take(resolution, cause)
    }

    /// Applies a decision about identity to the profiles. Returns the home it names.
    pub(super) fn take(&mut self, resolution: Resolution, cause: &Cause) -> Option<FragmentId> {
        for change in &resolution.changes {
            self.apply(change, cause.at);
        }
        self.touched.extend(resolution.touched);
        self.undone.extend(resolution.undone);
        self.log
            .extend(resolution.log.into_iter().map(|entry| CausedEntry {
                entry,
                at: cause.at,
                touchpoint: cause.touchpoint,
                actor: cause.actor.clone(),
                reason: cause.reason.clone(),
            }));
        resolution.home
    }

    fn apply(&mut self, change: &Change, at: Timestamp) {
        match change {
            Change::Created(fragment) => {
                let profile = ProfileId(fragment.0);
                self.put_alone(*fragment, profile, at);
                self.folded.insert(*fragment);
                self.profiles.insert(profile, fresh_profile(profile, at));
                self.changed.insert(profile);
            }
            Change::Merged { survivor, absorbed } => {
                self.merge_rows(*survivor, *absorbed);
                self.notices.push(Notice {
                    topic: "profile.merged",
                    profile: *survivor,
                    other: Some(*absorbed),
                });
            }
            Change::Parted { whole, parts } => {
                for part in parts {
                    self.changed.insert(*part);
                    self.retype(*part);
                    self.rebuilt.insert(*part);
                    self.regrouped.insert(*part);
                    if part != whole {
                        self.notices.push(Notice {
                            topic: "profile.unmerged",
                            profile: *whole,
                            other: Some(*part),
                        });
                    }
                }
                self.regrouped.insert(*whole);
            }
        }
    }

    fn merge_rows(&mut self, survivor: ProfileId, absorbed: ProfileId) {
        self.set_apart(survivor);
        self.set_apart(absorbed);
        if self.stored_profiles.contains(&absorbed) {
            self.retype(absorbed);
        }
        // One that was parted a moment ago may have fragments and purchases, and no row that was loaded.
        if self.stored_profiles.contains(&absorbed) || self.regrouped.contains(&absorbed) {
            self.regrouped.extend([survivor, absorbed]);
        }
        let brings_traits = self
            .profiles
            .get(&absorbed)
            .is_some_and(|row| !row.projection.traits.is_empty());
        if brings_traits {
            self.retype(survivor);
        }
        let absorbed_row = self.profiles.get_mut(&absorbed).map(|row| {
            row.merged_into = Some(survivor);
            row.summary = PurchaseSummary::default();
            (
                std::mem::take(&mut row.projection),
                row.version,
                row.restricted,
            )
        });
        if let (Some((projection, version, restricted)), Some(row)) =
            (absorbed_row, self.profiles.get_mut(&survivor))
        {
            row.projection.join(&projection);
            row.version = row.version.max(version);
            row.restricted |= restricted;
        }
        if self.rebuilt.remove(&absorbed) {
            self.rebuilt.insert(survivor);
        }
        self.changed.extend([survivor, absorbed]);
    }

    /// Folds a touchpoint into its fragment and its profile. Returns whether all of its traits were, of which a fragment takes as
    /// much as there is room for.
    pub(super) fn fold(&mut self, home: FragmentId, mut delta: Delta, most: Room) -> bool {
        let mut is_whole = true;
        let own = self.fragments.get_mut(&home);
        let own = own.and_then(|fragment| fragment.projection.as_mut());
        let profile = self.graph.profile_of(home);
        if let Some(own) = own {
            is_whole = fit(&own.traits, &mut delta, most);
            own.apply(&delta);
            self.folded.insert(home);
        } else if let Some(row) = profile.and_then(|id| self.profiles.get(&id)) {
            is_whole = fit(&row.projection.traits, &mut delta, most);
        }
        let Some(profile) = profile else {
            return is_whole;
        };
        if !delta.traits.is_empty() {
            self.retype(profile);
        }
        if let Some(row) = self.profiles.get_mut(&profile) {
            row.projection.apply(&delta);
        }
        self.changed.insert(profile);
        is_whole
    }

    /// Keeps the typed rows that are stored of a profile, before its traits change for the first time.
    fn retype(&mut self, profile: ProfileId) {
        let (profiles, stored) = (&self.profiles, &self.stored_profiles);
        self.retyped.entry(profile).or_insert_with(|| {
            profiles
                .get(&profile)
                .filter(|_| stored.contains(&profile))
                .map(|row| typed_rows(&row.projection.traits))
                .unwrap_or_default()
        });
    }

    /// The profile a fragment belongs to now.
    pub(super) fn profile_of(&self, fragment: FragmentId) -> Option<ProfileId> {
        self.graph.profile_of(fragment)
    }

    /// The version a profile will have.
    pub(super) fn version_of(&self, profile: ProfileId) -> Option<i64> {
        self.profiles.get(&profile).map(|row| row.version)
    }

    /// Computes anew what cannot be computed by adding: profiles that came of a parting.
    pub(super) async fn rebuild(&mut self, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
        let rebuilt: Vec<ProfileId> = self.rebuilt.iter().copied().collect();
        let members: BTreeMap<ProfileId, Vec<FragmentId>> = rebuilt
            .iter()
            .filter_map(|id| {
                Some((
                    *id,
                    self.graph
                        .profile(*id)?
                        .fragments
                        .iter()
                        .map(|(_, id)| *id)
                        .collect(),
                ))
            })
            .collect();
        let missing: Vec<_> = members
            .values()
            .flatten()
            .filter(|fragment| !self.fragments.contains_key(fragment))
            .copied()
            .collect();
        for row in profiles::fragments(connection, missing).await? {
            self.fragments.insert(row.id, row);
        }
        let unknown: Vec<_> = members
            .keys()
            .filter(|id| !self.profiles.contains_key(id))
            .copied()
            .collect();
        for row in profiles::profiles(connection, unknown).await? {
            self.stored_profiles.insert(row.id);
            self.retyped
                .insert(row.id, typed_rows(&row.projection.traits));
            self.profiles.insert(row.id, row);
        }
        let newest = rebuilt
            .iter()
            .filter_map(|id| self.version_of(*id))
            .max()
            .unwrap_or_default();
        for (profile, fragments) in members {
            // It may hold what came to it by way of one that was parted.
            self.retype(profile);
            let mut projection = Projection::default();
            let own = |id| self.fragments.get(id)?.projection.as_ref();
            for own in fragments.iter().filter_map(own) {
                projection.join(own);
            }
            if let [only] = fragments.as_slice() {
                self.folded.insert(*only);
            }
            let created_at = self.graph.created_at(profile).unwrap_or_default();
            let row = self
                .profiles
                .entry(profile)
                .or_insert_with(|| fresh_profile(profile, created_at));
            row.projection = projection;
            row.merged_into = None;
            row.version = row.version.max(newest);
        }
        Ok(())
    }
}

fn fresh_profile(id: ProfileId, created_at: Timestamp) -> ProfileRow {
    ProfileRow {
        id,
        created_at,
        merged_into: None,
        projection: Projection::default(),
        summary: PurchaseSummary::default(),
        restricted: false,
        stage: Stage::Anonymous,
        level: Level::Probable,
        next_evaluation_at: None,
        version: 0,
    }
}
