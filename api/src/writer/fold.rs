//! What one touchpoint adds to its fragment. The writer folds with it as touchpoints come, and a rebuild folds them again.

use lazo_domain::money::Currency;
use lazo_domain::profile::{Delta, Rank, Traits};
use lazo_domain::purchase::{PurchaseState, PurchaseView};

use crate::purchase::store::Parts;

/// The most traits that trusted sources can give a fragment.
const MAX_TRUSTED_TRAITS: usize = 2_000;
/// The most traits that public sources can give a fragment.
const MAX_CLAIMED_TRAITS: usize = 500;

/// What the traits of a touchpoint are worth, by its source and by whether a customer declared them, and how many of them a
/// fragment takes.
pub(crate) fn weight(is_trusted: bool, is_declared: bool) -> (Rank, usize) {
    let (rank, most) = if is_trusted {
        (Rank::Trusted, MAX_TRUSTED_TRAITS)
    } else {
        (Rank::Inferred, MAX_CLAIMED_TRAITS)
    };
    (if is_declared { Rank::Declared } else { rank }, most)
}

/// Leaves out the traits for which a fragment that holds these has no room. Returns whether there was room for all.
///
/// A fragment takes at most `most` traits: what comes beyond stays in the touchpoint, so that nobody makes a profile dear to
/// work with. Which ones fit depends on the order in which touchpoints were stored.
pub(crate) fn fit(held: &Traits, delta: &mut Delta, most: usize) -> bool {
    let mut is_whole = true;
    let mut room = most.saturating_sub(held.0.len());
    delta.traits.retain(|name, _| {
        let is_held = held.get(name).is_some();
        let fits = is_held || room > 0;
        room = room.saturating_sub(usize::from(fits && !is_held));
        is_whole &= fits;
        fits
    });
    is_whole
}

/// What the parts of a purchase come to.
pub(crate) fn purchase(parts: &Parts, currency: Currency) -> PurchaseView {
    let mut whole = PurchaseState::default();
    for part in parts.values() {
        whole.join(part);
    }
    whole.view(&currency)
}
