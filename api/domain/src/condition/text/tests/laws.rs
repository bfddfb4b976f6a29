//! The laws of reading and writing.

use proptest::prelude::*;
use proptest::sample::select;
use rstest::rstest;

use super::generate::{condition, known};
use crate::condition::Condition;
use crate::condition::check::check;
use crate::condition::text::{canonical, parse, print};

/// What texts are made of, right ones and wrong ones.
const FRAGMENTS: &[&str] = &[
    "AND",
    "or",
    "NOT",
    "(",
    ")",
    ",",
    ".",
    "=",
    "!=",
    "<",
    ">=",
    "IN",
    "BETWEEN",
    "IS",
    "NULL",
    "CONTAINS",
    "WITHIN",
    "LAST",
    "now",
    "country",
    "`a b`",
    "'ES'",
    "'2026-03-01'",
    "5",
    "-2.5",
    "30d",
    "-30d",
    "+7d",
    "0d",
    "TRUE",
    "performed",
    "sum",
    "first",
    "orders.count",
    "last_order_at",
    "category",
    "THEN",
    "FOLLOWED",
    "BY",
    "ON",
    "EMAIL",
    "score",
    "grade",
    "segment",
    "stage",
    "LOST",
    "has",
    "email",
    "anniversary",
    "ANY",
    "consents",
    "\n",
    "é",
    "'",
    "`",
    "$",
    "999999999999d",
    "'a' then 'b' within 2d",
    "performed('x')",
    "a = 1",
    "stage = lost",
];

#[rstest]
#[case::lists(|inside, leaf: Condition| Condition::Any(vec![Condition::All(vec![inside, leaf.clone()]), leaf]), 7)]
#[case::negations(|inside, _| Condition::Not(Box::new(inside)), 15)]
#[case::negated_lists(|inside, leaf| Condition::Not(Box::new(Condition::All(vec![leaf, inside]))), 7)]
fn the_deepest_conditions_are_printed_and_read(
    #[case] around: fn(Condition, Condition) -> Condition,
    #[case] times: usize,
) {
    let leaf = parse("vip = TRUE").unwrap();
    let deepest = (0..times).fold(leaf.clone(), |inside, _| around(inside, leaf.clone()));
    assert!(check(&deepest, &known()).is_ok());
    assert!(
        check(
            &around(around(deepest.clone(), leaf.clone()), leaf),
            &known()
        )
        .is_err()
    );
    assert_eq!(parse(&print(&deepest)), Ok(deepest));
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_as_the_same(condition in condition()) {
        let text = print(&condition);
        prop_assert_eq!(parse(&text), Ok(canonical(&condition)), "{}", text);
    }

    #[test]
    fn the_canonical_form_is_its_own_and_passes_the_same_check(condition in condition()) {
        let canon = canonical(&condition);
        prop_assert_eq!(&canonical(&canon), &canon);
        prop_assert_eq!(print(&canon), print(&condition));
        prop_assert!(check(&condition, &known()).is_ok());
        prop_assert!(check(&canon, &known()).is_ok());
    }

    #[test]
    fn any_text_is_read_or_refused_and_printing_it_again_changes_nothing(
        fragments in prop::collection::vec(select(FRAGMENTS), 0..12),
    ) {
        let text = fragments.join(" ");
        match parse(&text) {
            Ok(condition) => {
                let printed = print(&condition);
                let again = parse(&printed);
                prop_assert_eq!(again.as_ref(), Ok(&condition), "{}", printed);
                prop_assert_eq!(again.map(|again| print(&again)), Ok(printed));
            }
            Err(error) => {
                prop_assert!(error.line >= 1 && error.column >= 1);
                prop_assert!(!error.message.is_empty());
            }
        }
    }

    #[test]
    fn any_characters_are_read_or_refused(text in "(?s).{0,60}") {
        let _ = parse(&text);
    }
}
