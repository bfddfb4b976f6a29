//! Purchases: what the order touchpoints of one order id add up to.

mod event;
mod line;
mod properties;
mod state;
mod view;

pub use event::{MAX_ORDER_ID_CHARS, OrderEvent, OrderEventKind, OrderProblem};
pub use line::{Line, MAX_LINES};
pub use state::PurchaseState;
pub use view::{PurchaseStatus, PurchaseView};

#[cfg(test)]
mod tests;
