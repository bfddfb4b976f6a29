//! Computed traits in the schema.

mod definition;
mod mutation;
mod query;
mod value;

pub use definition::{
    ComputedOfInput, PurchaseAggregate, PurchaseAggregateInput, PurchasesComputedInput,
    TouchpointAggregate, TouchpointAggregateInput, TouchpointsComputedInput,
};
pub use mutation::{
    ComputedTraitArchiveInput, ComputedTraitCreateInput, ComputedTraitMutation,
    ComputedTraitPayload, ComputedTraitUpdateInput,
};
pub use query::{ComputedTrait, ComputedTraitQuery};
pub use value::ComputedTraitValue;
