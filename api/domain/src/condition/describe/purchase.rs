//! Tests of purchases in words.

use super::voice::Voice;
use crate::condition::{Comparison, Lines, Number, PurchaseMeasure, PurchaseTest};

impl Voice {
    /// What purchases must come to.
    pub(super) fn purchases(self, test: &PurchaseTest) -> String {
        let window = self.in_window(test.window);
        let counting = self.counting(test.window);
        let something = self.lines(&test.lines, "something", "algo");
        let on = self.lines(&test.lines, "on something", "en algo");
        match &test.measure {
            PurchaseMeasure::Count(Comparison::Equal(0)) => {
                let anything = self.lines(&test.lines, "anything", "nada");
                self.pick(
                    format!("never bought{anything}{window}"),
                    format!("nunca compró{anything}{window}"),
                )
            }
            PurchaseMeasure::Count(count) => {
                let times = self.times(count);
                self.pick(
                    format!("bought{something} {times}{window}"),
                    format!("compró{something} {times}{window}"),
                )
            }
            PurchaseMeasure::Spend(amount) => {
                let much = self.amounts(amount);
                self.pick(
                    format!("spent {much}{on}{window}"),
                    format!("gastó {much}{on}{window}"),
                )
            }
            PurchaseMeasure::MeanSpend(amount) => {
                let much = self.amounts(amount);
                self.pick(
                    format!("spent {much} on average per order{on}{window}"),
                    format!("gastó de media por pedido {much}{on}{window}"),
                )
            }
            PurchaseMeasure::MaxSpend(amount) => {
                let much = self.amounts(amount);
                self.pick(
                    format!("spent {much} in the largest order{on}{window}"),
                    format!("gastó {much} en su mayor pedido{on}{window}"),
                )
            }
            PurchaseMeasure::Products(count) => {
                let of = self.lines(
                    &test.lines,
                    "counting orders of something",
                    "en pedidos de algo",
                );
                let many = self.so_much(count, |count| count.to_string());
                let one = matches!(
                    count,
                    Comparison::Equal(1)
                        | Comparison::NotEqual(1)
                        | Comparison::Less(1)
                        | Comparison::AtMost(1)
                        | Comparison::More(1)
                        | Comparison::AtLeast(1)
                        | Comparison::Between(_, 1)
                );
                let products = if one {
                    self.pick("different product", "producto distinto")
                } else {
                    self.pick("different products", "productos distintos")
                };
                self.pick(
                    format!("bought {many} {products}{of}{window}"),
                    format!("compró {many} {products}{of}{window}"),
                )
            }
            PurchaseMeasure::First(time) => {
                let when = self.when(*time);
                self.pick(
                    format!("{counting}first bought{something} {when}"),
                    format!("{counting}compró{something} por primera vez {when}"),
                )
            }
            PurchaseMeasure::Last(time) => {
                let when = self.when(*time);
                self.pick(
                    format!("{counting}last bought{something} {when}"),
                    format!("{counting}compró{something} por última vez {when}"),
                )
            }
            PurchaseMeasure::SinceLastInIntervals(bounds) => {
                let of = self.lines(&test.lines, "of something", "de algo");
                let much = self.so_much(bounds, |number| self.number(number));
                self.pick(
                    format!("{counting}the time since the last order{of} is {much} times the usual interval"),
                    format!("{counting}el tiempo desde el último pedido{of} es {much} veces el intervalo habitual"),
                )
            }
        }
    }

    fn amounts(self, bounds: &Comparison<Number>) -> String {
        self.so_much(bounds, |amount| self.amount(amount))
    }

    /// Which lines count, after other words; nothing if all do.
    pub(crate) fn lines(self, lines: &Lines, english: &str, spanish: &str) -> String {
        let fields = [
            (self.pick("product", "producto"), &lines.products),
            (self.pick("category", "categoría"), &lines.categories),
            (self.pick("brand", "marca"), &lines.brands),
        ];
        let fields: Vec<_> = fields
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(field, values)| format!("{field} {}", self.texts(values)))
            .collect();
        if fields.is_empty() {
            return String::new();
        }
        format!(" {} ({})", self.pick(english, spanish), fields.join("; "))
    }
}
