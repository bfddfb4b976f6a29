//! Amounts of money in the schema.

use async_graphql::Object;
use lazo_domain::money::Money as Amount;

use super::{AtHand, Int64};

/// An amount as the schema shows it.
pub struct Money(pub Amount);

impl AtHand for Money {}

/// An amount of money in its currency.
#[Object]
impl Money {
    /// The amount in minor units of the currency: 1250 of EUR is 12.50 euros, 1250 of JPY is 1,250 yen.
    async fn minor(&self) -> Int64 {
        Int64(self.0.minor)
    }

    /// The amount as a decimal number with all digits of the currency, such as `12.50`.
    async fn amount(&self) -> String {
        self.0.to_decimal()
    }

    /// The currency, as ISO 4217 writes it.
    async fn currency(&self) -> String {
        self.0.currency.as_str().to_owned()
    }
}
