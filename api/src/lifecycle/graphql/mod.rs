//! Lifecycle stages and pyramid levels in the schema.

mod profile;
mod pyramid;
mod rules;

pub use profile::{LevelChange, LifecycleCause, ProfileLifecycle, StageChange, asks_purchases};
pub use pyramid::{
    LifecycleMigrationCell, LifecycleQuery, LifecycleStageShare, PyramidLevelShare,
    PyramidMigrationCell,
};
pub use rules::{
    LifecycleMeasureInput, LifecycleMeasurePayload, LifecycleMutation, LifecycleRules,
    LifecycleRulesUpdateInput, LifecycleRulesUpdatePayload, PyramidBoundaries, PyramidTiers,
};
