//! Money: whole minor units of a currency, read from decimals without any rounding of binary fractions.

mod currency;
mod decimal;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use currency::{Currency, InvalidCurrency};

/// An amount in the minor units of its currency: 1250 of EUR is 12.50 euros, 1250 of JPY is 1,250 yen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money {
    /// The amount in minor units.
    #[serde(rename = "m")]
    pub minor: i64,
    /// The currency.
    #[serde(rename = "c")]
    pub currency: Currency,
}

/// Why a value is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AmountError {
    /// It is not a decimal number.
    #[error("not a decimal number")]
    NotADecimal,
    /// It is beyond what 64 bits of minor units hold.
    #[error("the amount is out of range")]
    OutOfRange,
    /// What should be its currency is none.
    #[error(transparent)]
    Currency(#[from] InvalidCurrency),
}

impl Money {
    /// Reads an amount from a JSON number or a text such as `12.50`, `-3` or `1e2`.
    ///
    /// Digits beyond those of the currency are rounded, halves away from zero. Thousands separators, currency signs and decimal
    /// commas are errors, since their meaning cannot be known.
    pub fn from_json(value: &Value, currency: Currency) -> Result<Self, AmountError> {
        match value {
            // The shortest text that reads back as the number is what was meant: 12.1 and not 12.0999999999999996.
            Value::Number(number) => Self::from_decimal(&number.to_string(), currency),
            Value::String(text) => Self::from_decimal(text, currency),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                Err(AmountError::NotADecimal)
            }
        }
    }

    /// Reads an amount from a text such as `12.50`, by the rules of [`Money::from_json`].
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let minor = decimal::parse_scaled(text, currency.exponent())?;
        Ok(Self { minor, currency })
    }

    /// The amount as a decimal number without its currency, with all digits of the currency: `12.50`.
    pub fn to_decimal(self) -> String {
        decimal::write_scaled(self.minor, self.currency.exponent())
    }
}

/// Writes `12.50 EUR`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

/// Reads `12.50 EUR`.
impl FromStr for Money {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let (amount, currency) = text.split_once(' ').ok_or(AmountError::NotADecimal)?;
        Self::from_decimal(amount, currency.parse()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[rstest]
    #[case::a_text(json!("12.50"), "EUR", 1250)]
    #[case::a_number(json!(12.5), "EUR", 1250)]
    #[case::a_whole_number(json!(12), "EUR", 1200)]
    #[case::a_number_that_binary_fractions_miss(json!(1.005), "EUR", 101)]
    #[case::another(json!(0.285), "EUR", 29)]
    #[case::a_power_of_ten(json!("1e2"), "EUR", 10_000)]
    #[case::a_negative_power_of_ten(json!("1250E-2"), "EUR", 1250)]
    #[case::blanks(json!(" 3 "), "EUR", 300)]
    #[case::a_sign(json!("+.5"), "EUR", 50)]
    #[case::halves_go_away_from_zero(json!("-0.125"), "EUR", -13)]
    #[case::less_than_half(json!("0.00499"), "EUR", 0)]
    #[case::no_decimals(json!("1250.5"), "JPY", 1251)]
    #[case::three_decimals(json!("1.2345"), "KWD", 1235)]
    #[case::tiny(json!("1e-999999999999999999999"), "EUR", 0)]
    #[case::zero_times_anything(json!("0e999999999"), "EUR", 0)]
    #[case::the_greatest(json!("92233720368547758.07"), "EUR", i64::MAX)]
    #[case::the_least(json!("-92233720368547758.08"), "EUR", i64::MIN)]
    fn a_decimal_is_read_exactly(#[case] value: Value, #[case] code: &str, #[case] minor: i64) {
        let money = Money::from_json(&value, currency(code)).unwrap();
        assert_eq!(
            money,
            Money {
                minor,
                currency: currency(code)
            }
        );
    }

    #[rstest]
    #[case::not_a_number(json!("NaN"), AmountError::NotADecimal)]
    #[case::infinity(json!("Infinity"), AmountError::NotADecimal)]
    #[case::empty(json!(""), AmountError::NotADecimal)]
    #[case::a_point_alone(json!("."), AmountError::NotADecimal)]
    #[case::a_sign_in_the_middle(json!("1-2"), AmountError::NotADecimal)]
    #[case::two_signs(json!("--1"), AmountError::NotADecimal)]
    #[case::a_currency_sign(json!("12 €"), AmountError::NotADecimal)]
    #[case::a_decimal_comma(json!("12,50"), AmountError::NotADecimal)]
    #[case::an_empty_power(json!("1e"), AmountError::NotADecimal)]
    #[case::a_list(json!([1]), AmountError::NotADecimal)]
    #[case::nothing(json!(null), AmountError::NotADecimal)]
    #[case::too_great(json!("92233720368547758.08"), AmountError::OutOfRange)]
    #[case::far_too_great(json!(1e300), AmountError::OutOfRange)]
    #[case::an_absurd_power(json!("1e99999999999999999999"), AmountError::OutOfRange)]
    fn what_is_no_amount_is_an_error(#[case] value: Value, #[case] error: AmountError) {
        assert_eq!(Money::from_json(&value, currency("EUR")), Err(error));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            minor: i64,
            code in prop::sample::select(vec!["EUR", "JPY", "KWD", "CLF"]),
        ) {
            let money = Money { minor, currency: currency(code) };
            prop_assert_eq!(money.to_string().parse(), Ok(money));
            prop_assert_eq!(Money::from_decimal(&money.to_decimal(), money.currency), Ok(money));
        }

        #[test]
        fn no_text_panics(text in "[-+.eE0-9]{0,30}|\\PC{0,20}") {
            let _ = Money::from_decimal(&text, currency("EUR"));
        }
    }
}
