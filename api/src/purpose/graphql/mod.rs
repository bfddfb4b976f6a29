//! Purposes in the schema.

mod mutation;
mod query;
mod words;

pub use mutation::{
    PurposeArchiveInput, PurposeCreateInput, PurposeMutation, PurposePayload, PurposeUpdateInput,
};
pub use query::{Purpose, PurposeQuery, PurposeText};
pub(crate) use words::read_key;
pub use words::{LegalBasis, PurposeCategory, PurposeTextInput};
