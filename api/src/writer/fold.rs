//! What one touchpoint adds to its fragment. The writer folds with it as touchpoints come, and a rebuild folds them again.

use lazo_domain::money::Currency;
use lazo_domain::profile::{Delta, Rank, Traits};
use lazo_domain::purchase::{PurchaseState, PurchaseView};
use serde_json::Value;

use crate::json::bytes_of;
use crate::purchase::store::Parts;

/// How many traits a fragment takes, and how many bytes their names and values may have together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    traits: usize,
    bytes: usize,
}

/// What trusted sources can give a fragment.
const TRUSTED: Room = Room {
    traits: 2_000,
    bytes: 1 << 20,
};

/// What public sources can give a fragment. Anybody can claim a device's traits, and a profile is written anew with each of its
/// touchpoints: so this is what all that a person tells of themself takes, and not much more.
const CLAIMED: Room = Room {
    traits: 500,
    bytes: 16 << 10,
};

/// What the traits of a touchpoint are worth, by its source and by whether a customer declared them, and what room a fragment has
/// for them.
pub(crate) fn weight(is_trusted: bool, is_declared: bool) -> (Rank, Room) {
    let (rank, room) = if is_trusted {
        (Rank::Trusted, TRUSTED)
    } else {
        (Rank::Inferred, CLAIMED)
    };
    (if is_declared { Rank::Declared } else { rank }, room)
}

/// Leaves out the traits for which a fragment that holds these has no room. Returns whether there was room for all.
///
/// What comes beyond stays in the touchpoint, so that nobody makes a profile dear to work with. Which ones fit depends on the order
/// in which touchpoints were stored.
pub(crate) fn fit(held: &Traits, delta: &mut Delta, most: Room) -> bool {
    if delta.traits.is_empty() {
        return true;
    }
    let mut is_whole = true;
    let mut traits = most.traits.saturating_sub(held.0.len());
    let taken = held.0.iter().map(|(name, state)| size(name, &state.value));
    let mut bytes = most.bytes.saturating_sub(taken.sum());
    delta.traits.retain(|name, value| {
        let before = held.0.get(name).map(|state| size(name, &state.value));
        let more = size(name, value).saturating_sub(before.unwrap_or_default());
        let fits = (before.is_some() || traits > 0) && more <= bytes;
        if fits {
            traits = traits.saturating_sub(usize::from(before.is_none()));
            bytes -= more;
        }
        is_whole &= fits;
        fits
    });
    is_whole
}

/// About how many bytes a trait takes.
fn size(name: &str, value: &Value) -> usize {
    name.len() + bytes_of(value)
}

/// What the parts of a purchase come to.
pub(crate) fn purchase(parts: &Parts, currency: Currency) -> PurchaseView {
    let mut whole = PurchaseState::default();
    for part in parts.values() {
        whole.join(part);
    }
    whole.view(&currency)
}
