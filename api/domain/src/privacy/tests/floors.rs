//! Counts of few people.

use proptest::collection::vec;
use proptest::prelude::*;
use rstest::rstest;

use crate::privacy::Floor;

#[rstest]
#[case(0, None)]
#[case(9, None)]
#[case(10, Some(10))]
#[case(u64::MAX, Some(u64::MAX))]
fn a_count_below_the_floor_is_withheld(#[case] count: u64, #[case] shown: Option<u64>) {
    assert_eq!(Floor::default().show(count), shown);
    assert_eq!(Floor(0).show(count), Some(count));
}

#[rstest]
#[case::all_are_many(&[10, 20, 30], &[Some(10), Some(20), Some(30)])]
#[case::one_is_few(&[5, 20, 30], &[None, None, Some(30)])]
#[case::two_come_to_enough(&[30, 5, 6], &[Some(30), None, None])]
#[case::two_come_to_too_few(&[3, 30, 4, 20], &[None, Some(30), None, None])]
#[case::nobody(&[0, 20], &[None, None])]
#[case::nothing(&[], &[])]
fn what_would_follow_from_the_others_is_withheld_too(
    #[case] counts: &[u64],
    #[case] shown: &[Option<u64>],
) {
    assert_eq!(Floor(10).show_cells(counts), shown);
}

proptest! {
    #[test]
    fn nothing_small_follows_from_what_is_shown(counts in vec(0_u64..40, 0..8)) {
        let shown = Floor(10).show_cells(&counts);
        let cells = counts.iter().zip(&shown);
        let withheld: Vec<_> = cells.clone().filter(|(_, shown)| shown.is_none()).map(|(count, _)| *count).collect();
        prop_assert!(cells.clone().all(|(count, shown)| shown.is_none_or(|shown| shown == *count && shown >= 10)));
        let all_withheld = withheld.len() == counts.len();
        let hidden = withheld.len() != 1 && withheld.iter().sum::<u64>() >= 10;
        prop_assert!(withheld.is_empty() || all_withheld || hidden);
    }
}
