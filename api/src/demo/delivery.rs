//! The way of touchpoints to the platform: some arrive twice, and all in the order of their arrival.

use lazo_domain::clock::Timestamp;

use super::DemoItem;
use super::rng::Rng;

/// Of a hundred messages, how many are sent again because an answer was lost.
const REPEATED: i64 = 1;
const MINUTE: i64 = 60_000;

/// The items as they arrive until `end`. What would arrive later is still under way, and left out.
pub(super) fn deliver(mut items: Vec<DemoItem>, end: Timestamp) -> Vec<DemoItem> {
    let mut rng = Rng::new(5, 0);
    let mut repeated = Vec::new();
    for item in &items {
        if rng.percent(REPEATED) {
            let again = item
                .received_at
                .plus_millis(rng.between(MINUTE, 90 * MINUTE));
            repeated.push(DemoItem {
                received_at: again,
                ..item.clone()
            });
        }
    }
    items.append(&mut repeated);
    items.retain(|item| item.received_at < end);
    items.sort_by_key(|item| item.received_at);
    items
}
