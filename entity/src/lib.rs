//! The tables of Lazo as rows, one file a table: no queries and no decisions.
//!
//! Times are milliseconds of [`lazo_domain::clock::Timestamp`], digests are 128 bits in a UUID column, and what is one of a
//! few words is text here and an enum in the domain. The schema itself is made by the migrations alone.

pub mod audit_entry;
pub mod audit_head;
pub mod cannot_link;
pub mod computed_trait;
pub mod computed_value;
pub mod consent_record;
pub mod consent_state;
pub mod counter;
pub mod fragment;
pub mod idempotency_key;
pub mod identifier;
pub mod identity_link;
pub mod message;
pub mod outbox;
pub mod profile;
pub mod profile_trait;
pub mod purchase;
pub mod purchase_line;
pub mod purpose;
pub mod quarantine;
pub mod score;
pub mod score_entry;
pub mod score_model;
pub mod segment;
pub mod segment_member;
pub mod segment_pin;
pub mod segment_transition;
pub mod setting;
pub mod signing_key;
pub mod source;
pub mod standing_transition;
pub mod sweep;
pub mod token;
pub mod touchpoint;
