//! Lines of purchases: which of them a test is about.

use std::borrow::Cow;

use super::PurchaseFact;
use super::text::folded;
use crate::condition::Lines;
use crate::money::{Currency, Money};
use crate::profile::fold_text;
use crate::purchase::Line;

/// A line of an order with its texts folded.
#[derive(Clone)]
pub(crate) struct FoldedLine {
    product_id: Option<String>,
    sku: Option<String>,
    category: Option<String>,
    brand: Option<String>,
    price: Option<Money>,
    quantity: i64,
}

impl FoldedLine {
    pub(super) fn of(line: &Line) -> Self {
        let fold = |text: &Option<String>| text.as_deref().map(fold_text);
        Self {
            product_id: fold(&line.product_id),
            sku: fold(&line.sku),
            category: fold(&line.category),
            brand: fold(&line.brand),
            price: line.price,
            quantity: line.quantity,
        }
    }

    /// What tells its product from others: the shop's id, else the stock-keeping unit.
    pub(crate) fn product(&self) -> Option<&str> {
        self.product_id.as_deref().or(self.sku.as_deref())
    }

    /// Its category.
    pub(crate) fn category(&self) -> Option<&str> {
        self.category.as_deref()
    }

    /// Its brand.
    pub(crate) fn brand(&self) -> Option<&str> {
        self.brand.as_deref()
    }

    /// The price times the quantity in minor units, as far as 64 bits go; 0 without a price, or with one in another currency.
    fn amount(&self, currency: Currency) -> i128 {
        self.price
            .filter(|price| price.currency == currency)
            .map_or(0, |price| {
                i128::from(price.minor.saturating_mul(self.quantity))
            })
    }
}

/// [`Lines`] with texts folded, ready to be asked about many lines.
pub(crate) struct LineMatcher<'c> {
    products: Vec<Cow<'c, str>>,
    categories: Vec<Cow<'c, str>>,
    brands: Vec<Cow<'c, str>>,
    is_all: bool,
}

impl<'c> LineMatcher<'c> {
    pub(crate) fn new(lines: &'c Lines) -> Self {
        let fold = |texts: &'c [String]| texts.iter().map(|text| folded(text)).collect();
        Self {
            products: fold(&lines.products),
            categories: fold(&lines.categories),
            brands: fold(&lines.brands),
            is_all: lines.is_all(),
        }
    }

    pub(crate) fn passes(&self, line: &FoldedLine) -> bool {
        let named = |names: &[Cow<'c, str>], text: &Option<String>| {
            text.as_ref()
                .is_some_and(|text| names.iter().any(|name| name == text))
        };
        let products = &self.products;
        (products.is_empty() || named(products, &line.product_id) || named(products, &line.sku))
            && (self.categories.is_empty() || named(&self.categories, &line.category))
            && (self.brands.is_empty() || named(&self.brands, &line.brand))
    }

    /// The lines of a purchase that pass.
    pub(crate) fn of<'p>(
        &self,
        purchase: &'p PurchaseFact<'_>,
    ) -> impl Iterator<Item = &'p FoldedLine> + Clone {
        purchase.lines().iter().filter(|line| self.passes(line))
    }

    /// Whether a purchase counts: one of its lines passes, or all lines would.
    pub(crate) fn counts(&self, purchase: &PurchaseFact<'_>) -> bool {
        self.is_all || self.of(purchase).next().is_some()
    }

    /// What a purchase adds to spend, in minor units; none if it is in another currency.
    pub(crate) fn spend(&self, purchase: &PurchaseFact<'_>, currency: Currency) -> Option<i128> {
        let net = purchase.net_minor?;
        Some(if self.is_all {
            i128::from(net)
        } else {
            self.of(purchase).map(|line| line.amount(currency)).sum()
        })
    }
}
