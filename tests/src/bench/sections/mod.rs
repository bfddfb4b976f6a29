//! What is measured, one file a section.

pub mod ingestion;
pub mod previews;
pub mod reads;
pub mod resources;
pub mod scale;
pub mod standing;
pub mod timer;
