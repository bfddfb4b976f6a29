//! The year of Lucía Ferrer, whom the first query of a newcomer shows: her steps are fixed.

use super::plan::{Act, Outcome, Reply, Step};

const LAPTOP: usize = 0;
const PHONE: usize = 1;

/// Two devices that become one profile, a handle, newsletters, five orders of which one goes back, and a cart left yesterday.
pub(super) fn steps() -> Vec<Step> {
    use Act::{
        AbandonCart, Browse, Buy, BuyAtCounter, Comment, GiveHandle, Mention, Newsletter, Register,
        SetPreferences, Subscribe,
    };
    [
        (322, LAPTOP, Browse),
        (318, LAPTOP, Browse),
        (318, LAPTOP, Register),
        (317, LAPTOP, Subscribe),
        (300, LAPTOP, Buy(Outcome::Kept)),
        (291, LAPTOP, Newsletter(2, Reply::Opened)),
        (261, LAPTOP, Newsletter(3, Reply::Ignored)),
        (240, PHONE, Browse),
        (231, PHONE, Newsletter(4, Reply::Clicked)),
        (230, PHONE, Buy(Outcome::Kept)),
        (201, PHONE, Newsletter(5, Reply::Opened)),
        (190, PHONE, Comment),
        (171, LAPTOP, Newsletter(6, Reply::Opened)),
        (160, LAPTOP, Buy(Outcome::Refunded)),
        (141, LAPTOP, Newsletter(7, Reply::Ignored)),
        (120, PHONE, GiveHandle),
        (111, PHONE, Newsletter(8, Reply::Opened)),
        (95, PHONE, Mention),
        (90, LAPTOP, BuyAtCounter(Outcome::Kept)),
        (81, PHONE, Newsletter(9, Reply::Clicked)),
        (60, PHONE, SetPreferences),
        (51, PHONE, Newsletter(10, Reply::Opened)),
        (30, LAPTOP, Browse),
        (21, PHONE, Newsletter(11, Reply::Opened)),
        (20, LAPTOP, Buy(Outcome::Kept)),
        (9, PHONE, Comment),
        (3, PHONE, Newsletter(12, Reply::Clicked)),
        (2, LAPTOP, Browse),
        (1, PHONE, AbandonCart),
    ]
    .map(|(days_ago, device, act)| Step {
        days_ago,
        device,
        act,
    })
    .to_vec()
}
