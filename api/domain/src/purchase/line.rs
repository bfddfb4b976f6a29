//! Lines: the products of an order.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::OrderProblem;
use super::properties::{pick, text};
use crate::money::{Currency, Money};
use crate::profile::fold_text;

/// The most lines of one order.
pub const MAX_LINES: usize = 500;

/// The most characters of a text of a line; what is longer is cut.
const MAX_TEXT_CHARS: usize = 256;

/// One product of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The shop's id of the product.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// The stock-keeping unit.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The name of the product.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its category.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its brand.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Which of its variants, such as a size or a colour.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The price of one.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// How many; at least 1.
    #[serde(rename = "q")]
    pub quantity: i64,
}

impl Line {
    /// What it comes to in minor units of a currency: the price times the quantity, as far as 64 bits go. None without a price, or
    /// with one in another currency.
    pub fn amount_in(&self, currency: Currency) -> Option<i64> {
        let price = self.price.filter(|price| price.currency == currency)?;
        Some(price.minor.saturating_mul(self.quantity))
    }

    /// The texts that conditions compare, folded, by the names of their columns. None where all are ASCII, so that their letters in lower
    /// case are what they fold to.
    pub fn folded(&self) -> Option<Value> {
        let texts = [
            ("product_id", &self.product_id),
            ("sku", &self.sku),
            ("category", &self.category),
            ("brand", &self.brand),
        ];
        let texts = texts.map(|(name, text)| Some((name, text.as_deref()?)));
        let texts = || texts.into_iter().flatten();
        if texts().all(|(_, text)| text.is_ascii()) {
            return None;
        }
        let folded = texts().map(|(name, text)| (name.to_owned(), Value::from(fold_text(text))));
        Some(Value::Object(folded.collect()))
    }

    fn parse(product: &Map<String, Value>, currency: Currency) -> Result<Self, OrderProblem> {
        let cut = |names: &[&str]| {
            let value = pick(product, names).and_then(text)?;
            Some(value.chars().take(MAX_TEXT_CHARS).collect::<String>())
        };
        let price = pick(product, &["price"]).map(|value| Money::from_json(value, currency));
        Ok(Self {
            product_id: cut(&["product_id", "productId"]),
            sku: cut(&["sku"]),
            name: cut(&["name"]),
            category: cut(&["category"]),
            brand: cut(&["brand"]),
            variant: cut(&["variant"]),
            price: price.transpose().map_err(|_| OrderProblem::Price)?,
            quantity: pick(product, &["quantity"])
                .map_or(Some(1), quantity)
                .ok_or(OrderProblem::Quantity)?,
        })
    }
}

/// The lines in the property `products`; `None` if it is absent.
pub(super) fn parse_lines(
    properties: &Map<String, Value>,
    currency: Currency,
) -> Result<Option<Vec<Line>>, OrderProblem> {
    let Some(products) = pick(properties, &["products"]) else {
        return Ok(None);
    };
    let products = products.as_array().ok_or(OrderProblem::Products)?;
    if products.len() > MAX_LINES {
        return Err(OrderProblem::TooManyLines);
    }
    let line =
        |product: &Value| Line::parse(product.as_object().ok_or(OrderProblem::Products)?, currency);
    products
        .iter()
        .map(line)
        .collect::<Result<Vec<_>, _>>()
        .map(Some)
}

/// The sum of price times quantity; `None` if no line has a price.
pub(super) fn total(lines: &[Line], currency: Currency) -> Result<Option<Money>, OrderProblem> {
    let mut priced = lines
        .iter()
        .filter_map(|line| Some((line.price?, line.quantity)))
        .peekable();
    if priced.peek().is_none() {
        return Ok(None);
    }
    // At most 500 products of two 64-bit numbers: 128 bits could only just overflow, and then it is an error too.
    priced
        .try_fold(0_i128, |sum, (price, quantity)| {
            sum.checked_add(i128::from(price.minor) * i128::from(quantity))
        })
        .and_then(|sum| i64::try_from(sum).ok())
        .map(|minor| Some(Money { minor, currency }))
        .ok_or(OrderProblem::Amount)
}

/// A whole number greater than zero, from a number or a text: `2`, `2.0` or `"2"`.
fn quantity(value: &Value) -> Option<i64> {
    let text = text(value)?;
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => &text,
    };
    whole.parse::<i64>().ok().filter(|quantity| *quantity > 0)
}
