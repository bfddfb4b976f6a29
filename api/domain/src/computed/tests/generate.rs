//! Strategies for definitions.

use proptest::prelude::*;
use proptest::sample::select;

use crate::computed::{Aggregate, Definition, Field, Of, PurchaseAggregate};
use crate::condition::generate::conditions::{filter, lines, window};
use crate::condition::generate::{PROPERTIES, one_of};

/// Any computed trait.
pub(super) fn definition() -> impl Strategy<Value = Definition> {
    let of = prop_oneof![
        (filter(), aggregate()).prop_map(|(filter, measure)| Of::Touchpoints { filter, measure }),
        (lines(), purchase_aggregate())
            .prop_map(|(lines, measure)| Of::Purchases { lines, measure }),
    ];
    (of, window()).prop_map(|(of, window)| Definition {
        name: "favourite".to_owned(),
        of,
        window,
    })
}

fn aggregate() -> impl Strategy<Value = Aggregate> {
    let name = || one_of(&PROPERTIES);
    prop_oneof![
        Just(Aggregate::Count),
        name().prop_map(Aggregate::Sum),
        name().prop_map(Aggregate::Min),
        name().prop_map(Aggregate::Max),
        name().prop_map(Aggregate::Mean),
        name().prop_map(Aggregate::First),
        name().prop_map(Aggregate::Last),
        name().prop_map(Aggregate::MostFrequent),
        name().prop_map(Aggregate::DistinctCount),
        (name(), 1_u16..5).prop_map(|(property, cap)| Aggregate::DistinctValues { property, cap }),
        Just(Aggregate::FirstAt),
        Just(Aggregate::LastAt),
    ]
}

fn purchase_aggregate() -> impl Strategy<Value = PurchaseAggregate> {
    let field = select(vec![Field::Category, Field::Brand, Field::Product]);
    prop_oneof![
        Just(PurchaseAggregate::Count),
        Just(PurchaseAggregate::Spend),
        Just(PurchaseAggregate::MeanSpend),
        Just(PurchaseAggregate::MinSpend),
        Just(PurchaseAggregate::MaxSpend),
        Just(PurchaseAggregate::FirstAt),
        Just(PurchaseAggregate::LastAt),
        Just(PurchaseAggregate::Products),
        field.prop_map(PurchaseAggregate::MostFrequent),
        (1_u16..4).prop_map(|cap| PurchaseAggregate::Categories { cap }),
    ]
}
