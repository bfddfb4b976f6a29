//! Order events: what a touchpoint says about an order.

use serde_json::{Map, Value};

use super::line::{Line, parse_lines, total};
use super::properties::{pick, text};
use crate::money::{Currency, Money};

/// The most characters of an order id.
pub const MAX_ORDER_ID_CHARS: usize = 256;

/// What happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderEventKind {
    /// It was placed.
    Completed,
    /// It was changed.
    Updated,
    /// Some or all of it was paid back.
    Refunded,
    /// It was called off.
    Cancelled,
}

/// What a touchpoint says about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderEvent {
    /// The shop's id of the order.
    pub order_id: String,
    /// What happened to it.
    pub kind: OrderEventKind,
    /// The amount of the order, or of the refund, which is never negative; `None` if the touchpoint names none.
    pub amount: Option<Money>,
    /// The products; `None` if the touchpoint names none.
    pub lines: Option<Vec<Line>>,
}

/// Why an order touchpoint says nothing about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum OrderProblem {
    /// There is no order id.
    #[error("the order has no id")]
    MissingOrderId,
    /// The order id is longer than [`MAX_ORDER_ID_CHARS`].
    #[error("the order id is too long")]
    OrderIdTooLong,
    /// The currency is not three letters.
    #[error("the currency is not a code of ISO 4217")]
    Currency,
    /// The amount is not a decimal number, or out of range.
    #[error("the amount is not a decimal number, or out of range")]
    Amount,
    /// The products are not a list of objects.
    #[error("the products are not a list of objects")]
    Products,
    /// There are more products than [`MAX_LINES`](super::MAX_LINES).
    #[error("there are too many products")]
    TooManyLines,
    /// The price of a product is not a decimal number, or out of range.
    #[error("the price of a product is not a decimal number, or out of range")]
    Price,
    /// The quantity of a product is not a whole number greater than zero.
    #[error("the quantity of a product is not a whole number greater than zero")]
    Quantity,
}

impl OrderEventKind {
    fn of(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "order completed" => Some(Self::Completed),
            "order updated" => Some(Self::Updated),
            "order refunded" => Some(Self::Refunded),
            "order cancelled" | "order canceled" => Some(Self::Cancelled),
            _ => None,
        }
    }
}

impl OrderEvent {
    /// Reads an order event of the e-commerce specification (<https://segment.com/docs/connections/spec/ecommerce/v2/>);
    /// `None` if the touchpoint's name is none of theirs.
    ///
    /// The amount is `revenue`, else `total`, else `value`, else the sum of the products' prices. Without a `currency` amounts are
    /// in the deployment's.
    pub fn parse(
        name: &str,
        properties: &Map<String, Value>,
        deployment: &Currency,
    ) -> Option<Result<Self, OrderProblem>> {
        let kind = OrderEventKind::of(name)?;
        Some(Self::parse_kind(kind, properties, *deployment))
    }

    fn parse_kind(
        kind: OrderEventKind,
        properties: &Map<String, Value>,
        deployment: Currency,
    ) -> Result<Self, OrderProblem> {
        let order_id = pick(properties, &["order_id", "orderId"])
            .and_then(text)
            .ok_or(OrderProblem::MissingOrderId)?;
        if order_id.chars().count() > MAX_ORDER_ID_CHARS {
            return Err(OrderProblem::OrderIdTooLong);
        }
        let currency = match pick(properties, &["currency"]) {
            Some(Value::String(code)) => code.parse().map_err(|_| OrderProblem::Currency)?,
            Some(_) => return Err(OrderProblem::Currency),
            None => deployment,
        };
        let lines = parse_lines(properties, currency)?;
        let amount = match pick(properties, &["revenue", "total", "value"]) {
            Some(value) => {
                Some(Money::from_json(value, currency).map_err(|_| OrderProblem::Amount)?)
            }
            None => total(lines.as_deref().unwrap_or_default(), currency)?,
        };
        // Some shops write what they pay back with a minus.
        let amount = amount.map(|amount| match kind {
            OrderEventKind::Refunded => Money {
                minor: amount.minor.saturating_abs(),
                ..amount
            },
            _ => amount,
        });
        Ok(Self {
            order_id,
            kind,
            amount,
            lines,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn parse(name: &str, properties: &Value) -> Option<Result<OrderEvent, OrderProblem>> {
        OrderEvent::parse(
            name,
            properties.as_object().unwrap(),
            &"EUR".parse().unwrap(),
        )
    }

    fn completed(properties: &Value) -> Result<OrderEvent, OrderProblem> {
        parse("Order Completed", properties).unwrap()
    }

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[rstest]
    #[case("Order Completed", Some(OrderEventKind::Completed))]
    #[case("order updated", Some(OrderEventKind::Updated))]
    #[case("ORDER REFUNDED", Some(OrderEventKind::Refunded))]
    #[case("Order Cancelled", Some(OrderEventKind::Cancelled))]
    #[case("Product Viewed", None)]
    fn the_name_says_what_happened(#[case] name: &str, #[case] kind: Option<OrderEventKind>) {
        let event = parse(name, &json!({"order_id": "1"}));
        assert_eq!(event.map(|event| event.unwrap().kind), kind);
    }

    #[rstest]
    #[case::snake_case(json!({"order_id": " A-1 "}), Ok("A-1"))]
    #[case::camel_case(json!({"orderId": "A-1"}), Ok("A-1"))]
    #[case::a_number(json!({"order_id": 1042}), Ok("1042"))]
    #[case::a_blank_one_beside(json!({"order_id": " ", "orderId": "A-1"}), Ok("A-1"))]
    #[case::none(json!({}), Err(OrderProblem::MissingOrderId))]
    #[case::a_truth_value(json!({"order_id": true}), Err(OrderProblem::MissingOrderId))]
    #[case::too_long(json!({"order_id": "9".repeat(257)}), Err(OrderProblem::OrderIdTooLong))]
    fn an_order_has_an_id(#[case] properties: Value, #[case] id: Result<&str, OrderProblem>) {
        assert_eq!(
            completed(&properties).map(|event| event.order_id),
            id.map(str::to_owned)
        );
    }

    #[rstest]
    #[case::revenue_first(json!({"revenue": 10, "total": 12, "value": 13}), Some(money("10.00 EUR")))]
    #[case::then_total(json!({"revenue": null, "total": "12.10"}), Some(money("12.10 EUR")))]
    #[case::then_value(json!({"value": 13, "currency": "jpy"}), Some(money("13 JPY")))]
    #[case::then_the_products(json!({"products": [{"price": 1.1, "quantity": 2}, {"price": "3"}, {}]}), Some(money("5.20 EUR")))]
    #[case::then_nothing(json!({"products": [{"sku": "s"}]}), None)]
    fn the_amount_is_the_best_that_is_told(
        #[case] mut properties: Value,
        #[case] amount: Option<Money>,
    ) {
        properties["order_id"] = json!("1");
        assert_eq!(completed(&properties).unwrap().amount, amount);
    }

    #[rstest]
    #[case::amount(json!({"revenue": "much"}), OrderProblem::Amount)]
    #[case::currency(json!({"currency": "€"}), OrderProblem::Currency)]
    #[case::products(json!({"products": {"a": 1}}), OrderProblem::Products)]
    #[case::a_product(json!({"products": ["shoe"]}), OrderProblem::Products)]
    #[case::too_many_products(json!({"products": vec![json!({}); 501]}), OrderProblem::TooManyLines)]
    #[case::no_quantity(json!({"products": [{"quantity": 0}]}), OrderProblem::Quantity)]
    #[case::half_a_product(json!({"products": [{"quantity": 0.5}]}), OrderProblem::Quantity)]
    #[case::price(json!({"products": [{"price": "free"}]}), OrderProblem::Price)]
    #[case::overflow(json!({"products": [{"price": 1e15, "quantity": 1_000}]}), OrderProblem::Amount)]
    fn what_cannot_be_read_is_told(#[case] mut properties: Value, #[case] problem: OrderProblem) {
        properties["order_id"] = json!("1");
        assert_eq!(completed(&properties), Err(problem));
    }

    #[test]
    fn a_line_is_read_in_either_case() {
        let products = json!([{
            "productId": 7, "sku": "S", "name": " Shoe ", "category": "Shoes", "brand": "B", "variant": "42",
            "price": "19.90", "quantity": "2",
        }]);
        let event = completed(&json!({"orderId": "1", "products": products})).unwrap();
        let line = Line {
            product_id: Some("7".to_owned()),
            sku: Some("S".to_owned()),
            name: Some("Shoe".to_owned()),
            category: Some("Shoes".to_owned()),
            brand: Some("B".to_owned()),
            variant: Some("42".to_owned()),
            price: Some(money("19.90 EUR")),
            quantity: 2,
        };
        assert_eq!(event.lines, Some(vec![line]));
        assert_eq!(event.amount, Some(money("39.80 EUR")));
    }

    #[test]
    fn a_refund_with_a_minus_is_a_refund() {
        let event = parse("Order Refunded", &json!({"order_id": "1", "total": -5})).unwrap();
        assert_eq!(event.unwrap().amount, Some(money("5.00 EUR")));
    }
}
