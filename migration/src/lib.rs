//! Changes of the database's schema, up and down, one change a file.
//!
//! The rules of the house:
//!
//! - A file that was released is never edited: what is wrong in it is mended by a later one.
//! - Names of tables and columns are written out, and entities are never imported: an old change must go on making the old
//!   schema when the entities have moved on.
//! - Both directions are written, and both run in a transaction, so that a change that fails leaves nothing behind.
//! - Columns come from `columns`, so that one kind of value has one type in all tables. No column has a default: what is
//!   stored is decided by the code that stores it, and times come from its clock.
//! - One alteration a statement, and foreign keys only while a table is created: SQLite can do no more. A foreign key is
//!   used where rows live and die with their parent, and never on the hot write path.
//! - Columns that are unique are so by an index with a name, so that a later change can drop it on both engines.

#![expect(
    elided_lifetimes_in_paths,
    reason = "MigrationTrait is declared without the lifetime, and async_trait makes that a different signature"
)]

mod columns;
mod m20261122_000001_create_setting;
mod m20261122_000002_create_counter;
mod m20261122_000003_create_source;
mod m20261122_000004_create_token;
mod m20261122_000005_create_signing_key;
mod m20261122_000006_create_idempotency_key;
mod m20261122_000007_create_message;
mod m20261122_000008_create_touchpoint;
mod m20261122_000009_create_fragment;
mod m20261122_000010_create_identifier;
mod m20261122_000011_create_profile;
mod m20261122_000012_create_profile_trait;
mod m20261122_000013_create_identity_link;
mod m20261122_000014_create_cannot_link;
mod m20261122_000015_create_purchase;
mod m20261122_000016_create_quarantine;
mod m20261122_000017_create_outbox;
mod m20261122_000018_create_audit_entry;
mod m20261122_000030_complete_touchpoint;
mod m20261122_000031_index_last_seen_by_day;
mod m20261122_000032_keep_one_projection;
mod m20261122_000033_index_what_is_there;
mod m20261122_000034_fold_properties;
mod m20261122_000035_index_truth_traits;
mod m20261122_000040_create_segment;
mod m20261122_000041_create_segment_member;
mod m20261122_000042_create_standing_transition;
mod m20261122_000043_create_sweep;
mod m20261122_000044_create_score;
mod m20261122_000045_create_computed_trait;
mod m20261122_000046_cover_previews;
mod m20261122_000049_bound_busy_profiles;
mod m20261122_000051_sweep_candidates;
mod m20261122_000053_index_transitions_of_segment;
mod m20261122_000054_create_purpose;
mod m20261122_000055_create_consent_record;
mod m20261122_000056_create_consent_state;
mod m20261122_000058_chain_audit_entry;
mod m20261122_000062_slim_transitions;
mod m20261122_000063_bound_public_touchpoints;

#[cfg(test)]
mod tests;

use sea_orm_migration::MigrationTrait;
pub use sea_orm_migration::MigratorTrait;

/// All changes, in the order in which they are made.
#[derive(Clone, Copy, Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_setting::Migration),
            Box::new(m20261122_000002_create_counter::Migration),
            Box::new(m20261122_000003_create_source::Migration),
            Box::new(m20261122_000004_create_token::Migration),
            Box::new(m20261122_000005_create_signing_key::Migration),
            Box::new(m20261122_000006_create_idempotency_key::Migration),
            Box::new(m20261122_000007_create_message::Migration),
            Box::new(m20261122_000008_create_touchpoint::Migration),
            Box::new(m20261122_000009_create_fragment::Migration),
            Box::new(m20261122_000010_create_identifier::Migration),
            Box::new(m20261122_000011_create_profile::Migration),
            Box::new(m20261122_000012_create_profile_trait::Migration),
            Box::new(m20261122_000013_create_identity_link::Migration),
            Box::new(m20261122_000014_create_cannot_link::Migration),
            Box::new(m20261122_000015_create_purchase::Migration),
            Box::new(m20261122_000016_create_quarantine::Migration),
            Box::new(m20261122_000017_create_outbox::Migration),
            Box::new(m20261122_000018_create_audit_entry::Migration),
            Box::new(m20261122_000030_complete_touchpoint::Migration),
            Box::new(m20261122_000031_index_last_seen_by_day::Migration),
            Box::new(m20261122_000032_keep_one_projection::Migration),
            Box::new(m20261122_000033_index_what_is_there::Migration),
            Box::new(m20261122_000034_fold_properties::Migration),
            Box::new(m20261122_000035_index_truth_traits::Migration),
            Box::new(m20261122_000040_create_segment::Migration),
            Box::new(m20261122_000041_create_segment_member::Migration),
            Box::new(m20261122_000042_create_standing_transition::Migration),
            Box::new(m20261122_000043_create_sweep::Migration),
            Box::new(m20261122_000044_create_score::Migration),
            Box::new(m20261122_000045_create_computed_trait::Migration),
            Box::new(m20261122_000046_cover_previews::Migration),
            Box::new(m20261122_000049_bound_busy_profiles::Migration),
            Box::new(m20261122_000051_sweep_candidates::Migration),
            Box::new(m20261122_000053_index_transitions_of_segment::Migration),
            Box::new(m20261122_000054_create_purpose::Migration),
            Box::new(m20261122_000055_create_consent_record::Migration),
            Box::new(m20261122_000056_create_consent_state::Migration),
            Box::new(m20261122_000058_chain_audit_entry::Migration),
            Box::new(m20261122_000062_slim_transitions::Migration),
            Box::new(m20261122_000063_bound_public_touchpoints::Migration),
        ]
    }
}
