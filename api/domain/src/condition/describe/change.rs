//! What would change the answer of a single test, in words.

use super::Language;
use super::voice::Voice;
use crate::clock::Timestamp;
use crate::condition::evaluate::{Change, Lack};
use crate::condition::{
    Condition, Lines, Measure, Number, PurchaseMeasure, PurchaseTest, SequenceTest, TouchpointTest,
};
use crate::money::Currency;

/// The nearest change of the answer of a single test: “one more order before 3 December 2026”, or of one that holds “until 3 December
/// 2026”.
///
/// `holds` is the present answer. Amounts are in `currency`, the deployment's, and instants in UTC, rounded down to the minute. None if
/// neither time nor anything that may be added changes the answer.
#[must_use]
pub fn describe_change(
    leaf: &Condition,
    holds: bool,
    change: &Change,
    language: Language,
    currency: Currency,
) -> Option<String> {
    let voice = Voice { language, currency };
    let lack = change.needs.and_then(|needs| voice.lack(leaf, needs.lack));
    let before = change.needs.and_then(|needs| needs.before);
    match (holds, change.at, lack) {
        (true, Some(at), lack) => Some(voice.until(at, lack.as_deref())),
        (false, _, Some(lack)) => Some(voice.before(lack, before)),
        (false, Some(at), None) => Some(voice.by_itself(at)),
        (_, None, _) => None,
    }
}

impl Voice {
    fn until(self, at: Timestamp, unless: Option<&str>) -> String {
        let at = self.day(at);
        match unless {
            None => self.pick(format!("until {at}"), format!("hasta el {at}")),
            Some(unless) => self.pick(
                format!("until {at}, unless before then: {unless}"),
                format!("hasta el {at}, salvo que antes: {unless}"),
            ),
        }
    }

    fn before(self, lack: String, before: Option<Timestamp>) -> String {
        match before.map(|before| self.day(before)) {
            None => lack,
            Some(day) => self.pick(
                format!("{lack} before {day}"),
                format!("{lack} antes del {day}"),
            ),
        }
    }

    fn by_itself(self, at: Timestamp) -> String {
        let at = self.day(at);
        self.pick(
            format!("time alone may change it on {at}"),
            format!("el paso del tiempo puede cambiarlo el {at}"),
        )
    }

    /// What is lacking; none where the test is not one that can lack it.
    fn lack(self, leaf: &Condition, lack: Lack) -> Option<String> {
        match (leaf, lack) {
            (Condition::Touchpoint(test), Lack::Touchpoints(count)) => {
                let what = self.filter(&test.filter);
                Some(format!("{what} {}", self.times_more(count)))
            }
            (Condition::Touchpoint(test), lack) => self.property_lack(test, lack),
            (Condition::Purchase(test), lack) => self.purchase_lack(test, lack),
            (Condition::Sequence(test), lack) => self.step(test, lack),
            _ => None,
        }
    }

    /// What is lacking in the values of a property.
    fn property_lack(self, test: &TouchpointTest, lack: Lack) -> Option<String> {
        let (Measure::Distinct(property, _) | Measure::Sum(property, _)) = &test.measure else {
            return None;
        };
        let (property, what) = (self.name(property), self.filter(&test.filter));
        match lack {
            Lack::DifferentValues(1) => Some(self.pick(
                format!("one more different value of {property} in {what}"),
                format!("un valor distinto más de {property} en {what}"),
            )),
            Lack::DifferentValues(count) => Some(self.pick(
                format!("{count} more different values of {property} in {what}"),
                format!("{count} valores distintos más de {property} en {what}"),
            )),
            Lack::Sum(number) => {
                let number = self.number(number);
                Some(self.pick(
                    format!("{number} more in the sum of {property} in {what}"),
                    format!("{number} más en la suma de {property} en {what}"),
                ))
            }
            _ => None,
        }
    }

    fn purchase_lack(self, test: &PurchaseTest, lack: Lack) -> Option<String> {
        match lack {
            Lack::Purchases(count) => Some(self.orders_more(count, &test.lines)),
            Lack::DifferentValues(count)
                if matches!(test.measure, PurchaseMeasure::Products(_)) =>
            {
                let of = self.lines(
                    &test.lines,
                    "counting orders of something",
                    "en pedidos de algo",
                );
                let products = if count == 1 {
                    self.pick("one more different product", "un producto distinto más")
                        .to_owned()
                } else {
                    self.pick(
                        format!("{count} more different products"),
                        format!("{count} productos distintos más"),
                    )
                };
                Some(format!("{products}{of}"))
            }
            Lack::Spend(amount) => Some(self.spend_more(amount, &test.lines)),
            _ => None,
        }
    }

    fn orders_more(self, count: u32, lines: &Lines) -> String {
        let of = self.lines(lines, "of something", "de algo");
        let orders = if count == 1 {
            self.pick("one more order", "un pedido más").to_owned()
        } else {
            self.pick(
                format!("{count} more orders"),
                format!("{count} pedidos más"),
            )
        };
        format!("{orders}{of}")
    }

    fn spend_more(self, amount: Number, lines: &Lines) -> String {
        let amount = self.amount(amount);
        let on = self.lines(lines, "on something", "en algo");
        self.pick(
            format!("{amount} more spend{on}"),
            format!("{amount} más de gasto{on}"),
        )
    }

    /// The touchpoints of a sequence that are still to come.
    fn step(self, test: &SequenceTest, lack: Lack) -> Option<String> {
        let (first, then) = (self.filter(&test.first), self.filter(&test.then));
        let within = self.span(test.within);
        match lack {
            Lack::First if test.follows => Some(self.pick(
                format!("{first} and then {then} within {within}"),
                format!("{first} y después {then} en un plazo de {within}"),
            )),
            Lack::First => Some(first),
            Lack::Then => Some(then),
            _ => None,
        }
    }

    fn times_more(self, count: u32) -> String {
        match count {
            1 => self.pick("once more", "una vez más").to_owned(),
            count => self.pick(format!("{count} more times"), format!("{count} veces más")),
        }
    }

    /// An instant as people say it, in UTC: its day, and its minute unless that is midnight.
    fn day(self, instant: Timestamp) -> String {
        const MINUTE: i64 = 60_000;
        const MONTHS: [(&str, &str); 12] = [
            ("January", "enero"),
            ("February", "febrero"),
            ("March", "marzo"),
            ("April", "abril"),
            ("May", "mayo"),
            ("June", "junio"),
            ("July", "julio"),
            ("August", "agosto"),
            ("September", "septiembre"),
            ("October", "octubre"),
            ("November", "noviembre"),
            ("December", "diciembre"),
        ];
        let minute = Timestamp(instant.0 - instant.0.rem_euclid(MINUTE));
        let at = minute.to_datetime();
        let month = usize::try_from(chrono::Datelike::month0(&at)).unwrap_or_default();
        let (english, spanish) = MONTHS.get(month).copied().unwrap_or_default();
        let (day, year) = (at.format("%-d"), at.format("%Y"));
        let date = self.pick(
            format!("{day} {english} {year}"),
            format!("{day} de {spanish} de {year}"),
        );
        if minute.0.rem_euclid(24 * 60 * MINUTE) == 0 {
            return date;
        }
        let time = at.format("%H:%M UTC");
        self.pick(format!("{date} {time}"), format!("{date}, {time}"))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::condition::evaluate::Needs;
    use crate::condition::text::parse;

    /// 2026-12-03T00:00:00Z.
    const DAY: Timestamp = Timestamp(1_796_256_000_000);
    const LATER: Timestamp = Timestamp(1_796_256_000_000 + 615 * 60_000 + 59_999);

    fn said(text: &str, holds: bool, change: &Change, language: Language) -> Option<String> {
        let currency = "EUR".parse().unwrap();
        describe_change(&parse(text).unwrap(), holds, change, language, currency)
    }

    fn number(number: f64) -> Number {
        Number::try_from(number).unwrap()
    }

    #[rstest]
    #[case(
        "orders.count >= 2",
        Lack::Purchases(1),
        "one more order before 3 December 2026",
        "un pedido más antes del 3 de diciembre de 2026"
    )]
    #[case(
        "orders.count(category = 'Shoes') >= 5",
        Lack::Purchases(3),
        "3 more orders of something (category “Shoes”) before 3 December 2026",
        "3 pedidos más de algo (categoría «Shoes») antes del 3 de diciembre de 2026"
    )]
    #[case(
        "orders.spend >= 100",
        Lack::Spend(number(20.5)),
        "20.50 EUR more spend before 3 December 2026",
        "20,50 EUR más de gasto antes del 3 de diciembre de 2026"
    )]
    #[case(
        "orders.products >= 3",
        Lack::DifferentValues(1),
        "one more different product before 3 December 2026",
        "un producto distinto más antes del 3 de diciembre de 2026"
    )]
    #[case(
        "orders.products >= 3",
        Lack::DifferentValues(2),
        "2 more different products before 3 December 2026",
        "2 productos distintos más antes del 3 de diciembre de 2026"
    )]
    #[case(
        "performed('Product Viewed') >= 3",
        Lack::Touchpoints(1),
        "“Product Viewed” once more before 3 December 2026",
        "«Product Viewed» una vez más antes del 3 de diciembre de 2026"
    )]
    #[case(
        "performed('Product Viewed') >= 3",
        Lack::Touchpoints(2),
        "“Product Viewed” 2 more times before 3 December 2026",
        "«Product Viewed» 2 veces más antes del 3 de diciembre de 2026"
    )]
    #[case(
        "performed('Product Viewed').distinct(category) >= 3",
        Lack::DifferentValues(2),
        "2 more different values of category in “Product Viewed” before 3 December 2026",
        "2 valores distintos más de category en «Product Viewed» antes del 3 de diciembre de 2026"
    )]
    #[case(
        "performed('Product Viewed').sum(price) >= 3",
        Lack::Sum(number(1.5)),
        "1.5 more in the sum of price in “Product Viewed” before 3 December 2026",
        "1,5 más en la suma de price en «Product Viewed» antes del 3 de diciembre de 2026"
    )]
    #[case(
        "performed('A') THEN performed('B') WITHIN 2d",
        Lack::First,
        "“A” and then “B” within 2 days before 3 December 2026",
        "«A» y después «B» en un plazo de 2 días antes del 3 de diciembre de 2026"
    )]
    #[case(
        "performed('A') THEN performed('B') WITHIN 2d",
        Lack::Then,
        "“B” before 3 December 2026",
        "«B» antes del 3 de diciembre de 2026"
    )]
    #[case(
        "performed('A') NOT FOLLOWED BY performed('B') WITHIN 2d",
        Lack::First,
        "“A” before 3 December 2026",
        "«A» antes del 3 de diciembre de 2026"
    )]
    fn what_is_lacking_is_said(
        #[case] text: &str,
        #[case] lack: Lack,
        #[case] english: &str,
        #[case] spanish: &str,
    ) {
        let needs = Some(Needs {
            lack,
            before: Some(DAY),
        });
        let change = Change { at: None, needs };
        for (language, sentence) in [(Language::English, english), (Language::Spanish, spanish)] {
            assert_eq!(
                said(text, false, &change, language).as_deref(),
                Some(sentence)
            );
        }
    }

    #[test]
    fn an_answer_that_holds_says_until_when_and_what_would_keep_it() {
        let text = "orders.count(within 30d) >= 1";
        let at = Some(LATER);
        let alone = Change { at, needs: None };
        let lack = Lack::Purchases(1);
        let kept = Change {
            at,
            needs: Some(Needs { lack, before: at }),
        };
        assert_eq!(
            said(text, true, &alone, Language::English).unwrap(),
            "until 3 December 2026 10:15 UTC"
        );
        assert_eq!(
            said(text, true, &kept, Language::English).unwrap(),
            "until 3 December 2026 10:15 UTC, unless before then: one more order"
        );
        assert_eq!(
            said(text, true, &kept, Language::Spanish).unwrap(),
            "hasta el 3 de diciembre de 2026, 10:15 UTC, salvo que antes: un pedido más"
        );
    }

    #[test]
    fn what_only_time_changes_says_when_and_what_nothing_changes_says_nothing() {
        let text = "orders.count(within 30d) = 0";
        let change = Change {
            at: Some(DAY),
            needs: None,
        };
        assert_eq!(
            said(text, false, &change, Language::English).unwrap(),
            "time alone may change it on 3 December 2026"
        );
        assert_eq!(
            said(text, false, &change, Language::Spanish).unwrap(),
            "el paso del tiempo puede cambiarlo el 3 de diciembre de 2026"
        );
        for holds in [true, false] {
            assert_eq!(
                said(text, holds, &Change::default(), Language::English),
                None
            );
        }
    }

    #[test]
    fn what_is_enough_whenever_it_happens_has_no_date() {
        let needs = Some(Needs {
            lack: Lack::Purchases(1),
            before: None,
        });
        let change = Change { at: None, needs };
        assert_eq!(
            said("orders.count >= 1", false, &change, Language::English).unwrap(),
            "one more order"
        );
    }
}
