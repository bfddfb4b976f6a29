//! Computed traits in plain words, for those who read what a trait is made of.

use super::{Aggregate, Definition, Field, Of, PurchaseAggregate};
use crate::condition::describe::Language;
use crate::condition::describe::voice::Voice;
use crate::condition::{Filter, Lines};
use crate::money::Currency;

/// What a computed trait holds, without its name: “the most frequent value of category in “Product Viewed” within the last 30 days”.
///
/// Amounts are in `currency`, the deployment's.
#[must_use]
pub fn describe(definition: &Definition, language: Language, currency: Currency) -> String {
    let voice = Voice { language, currency };
    let held = match &definition.of {
        Of::Touchpoints { filter, measure } => touchpoints(voice, filter, measure),
        Of::Purchases { lines, measure } => purchases(voice, lines, measure),
    };
    format!("{held}{}", voice.in_window(definition.window))
}

fn touchpoints(voice: Voice, filter: &Filter, measure: &Aggregate) -> String {
    let what = voice.filter(filter);
    let of = |english: &str, spanish: &str, property: &str| {
        let at = voice.pick("in", "en");
        let of = voice.pick(english, spanish);
        format!("{of} {} {at} {what}", voice.name(property))
    };
    match measure {
        Aggregate::Count => voice.pick(
            format!("how many times they did {what}"),
            format!("cuántas veces hizo {what}"),
        ),
        Aggregate::FirstAt => voice.pick(
            format!("when they first did {what}"),
            format!("cuándo hizo {what} por primera vez"),
        ),
        Aggregate::LastAt => voice.pick(
            format!("when they last did {what}"),
            format!("cuándo hizo {what} por última vez"),
        ),
        Aggregate::Sum(property) => of("the sum of", "la suma de", property),
        Aggregate::Min(property) => of("the smallest", "el menor valor de", property),
        Aggregate::Max(property) => of("the greatest", "el mayor valor de", property),
        Aggregate::Mean(property) => of("the mean of", "la media de", property),
        Aggregate::First(property) => of("the first value of", "el primer valor de", property),
        Aggregate::Last(property) => of("the last value of", "el último valor de", property),
        Aggregate::MostFrequent(property) => of(
            "the most frequent value of",
            "el valor más frecuente de",
            property,
        ),
        Aggregate::DistinctCount(property) => of(
            "the number of different values of",
            "el número de valores distintos de",
            property,
        ),
        Aggregate::DistinctValues { property, cap } => of(
            &format!("the different values, at most {cap}, of"),
            &format!("los valores distintos, como mucho {cap}, de"),
            property,
        ),
    }
}

fn purchases(voice: Voice, lines: &Lines, measure: &PurchaseAggregate) -> String {
    let something = voice.lines(lines, "something", "algo");
    let on = voice.lines(lines, "on something", "en algo");
    let counting = voice.lines(lines, "counting something", "contando algo");
    let currency = voice.currency;
    match measure {
        PurchaseAggregate::Count => voice.pick(
            format!("how many times they bought{something}"),
            format!("cuántas veces compró{something}"),
        ),
        PurchaseAggregate::FirstAt => voice.pick(
            format!("when they first bought{something}"),
            format!("cuándo compró{something} por primera vez"),
        ),
        PurchaseAggregate::LastAt => voice.pick(
            format!("when they last bought{something}"),
            format!("cuándo compró{something} por última vez"),
        ),
        PurchaseAggregate::Spend => voice.pick(
            format!("how much they spent in {currency}{on}"),
            format!("cuánto gastó en {currency}{on}"),
        ),
        PurchaseAggregate::MeanSpend => voice.pick(
            format!("how much they spent in {currency} on average per order{on}"),
            format!("cuánto gastó en {currency} de media por pedido{on}"),
        ),
        PurchaseAggregate::MinSpend => voice.pick(
            format!("how much they spent in {currency} in the smallest order{on}"),
            format!("cuánto gastó en {currency} en su menor pedido{on}"),
        ),
        PurchaseAggregate::MaxSpend => voice.pick(
            format!("how much they spent in {currency} in the largest order{on}"),
            format!("cuánto gastó en {currency} en su mayor pedido{on}"),
        ),
        PurchaseAggregate::Products => voice.pick(
            format!("how many different products they bought{counting}"),
            format!("cuántos productos distintos compró{counting}"),
        ),
        PurchaseAggregate::MostFrequent(field) => {
            let (english, spanish) = match field {
                Field::Category => ("category", "la categoría"),
                Field::Brand => ("brand", "la marca"),
                Field::Product => ("product", "el producto"),
            };
            voice.pick(
                format!("the {english} they bought most often{counting}"),
                format!("{spanish} que más veces compró{counting}"),
            )
        }
        PurchaseAggregate::Categories { cap } => voice.pick(
            format!("the different categories, at most {cap}, they bought{counting}"),
            format!("las categorías distintas, como mucho {cap}, que compró{counting}"),
        ),
    }
}
