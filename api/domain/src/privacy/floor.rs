//! Floors: counts of so few people that they would tell about each of them are withheld.

use serde::{Deserialize, Serialize};

/// The least count that is shown. Below it nothing is, zero included: "nobody among one" tells about that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Floor(pub u64);

impl Default for Floor {
    fn default() -> Self {
        Self(10)
    }
}

impl Floor {
    /// The count, if it may be shown.
    pub fn show(self, count: u64) -> Option<u64> {
        (count >= self.0).then_some(count)
    }

    /// The cells of a table whose total is known, each if it may be shown.
    ///
    /// Where what is withheld would follow from the total and the others, because it is one cell or comes to less than the floor, the
    /// smallest ones that are shown are withheld too.
    pub fn show_cells(self, counts: &[u64]) -> Vec<Option<u64>> {
        let mut order: Vec<_> = (0..counts.len()).collect();
        order.sort_by_key(|place| counts.get(*place).copied());
        let mut shown: Vec<_> = counts.iter().map(|count| self.show(*count)).collect();
        let (mut cells, mut people) = (0_u32, 0_u64);
        for place in order {
            let (Some(count), Some(cell)) = (counts.get(place), shown.get_mut(place)) else {
                continue;
            };
            let follows = cells == 1 || people < self.0;
            if cell.is_none() || (cells > 0 && follows) {
                *cell = None;
                cells = cells.saturating_add(1);
                people = people.saturating_add(*count);
            }
        }
        shown
    }
}
