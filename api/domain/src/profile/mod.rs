//! Profiles: the fold of touchpoints into traits, times and counts, and what is derived from it.

mod fold_text;
mod folded;
mod order;
mod personal;
mod projection;
mod purchase_summary;
mod stamp;
mod time_zone;
mod traits;
mod typed;

pub use fold_text::fold_text;
pub use folded::{folded, folded_key, is_plain_name};
pub use order::Order;
pub use personal::is_personal;
pub use projection::{Delta, Projection};
pub use purchase_summary::{PurchaseSummary, Share};
pub use stamp::{Rank, Stamp};
pub use time_zone::{TIME_ZONE, zone_of_name};
pub use traits::{TraitState, Traits};
pub(crate) use typed::{MAX_DEPTH, MAX_ELEMENTS};
pub use typed::{
    MAX_NAME_BYTES, MAX_ROWS, MAX_TEXT_BYTES, MAX_TEXT_CHARS, TypedRow, typed_rows, typed_rows_of,
};

#[cfg(test)]
pub(crate) mod tests;
