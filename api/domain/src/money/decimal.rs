//! Decimal texts to and from whole numbers of a smaller unit, digit by digit.

use super::AmountError;

/// The most bytes of a text that is read as a number.
const MAX_BYTES: usize = 400;

/// A decimal text times ten to the power of `exponent`, rounded to a whole number, halves away from zero.
pub(super) fn parse_scaled(text: &str, exponent: u32) -> Result<i64, AmountError> {
    let text = text.trim();
    if text.len() > MAX_BYTES {
        return Err(AmountError::NotADecimal);
    }
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, power)) => (mantissa, parse_power(power)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AmountError::NotADecimal);
    }
    let point = i64::try_from(whole.len())
        .unwrap_or(i64::MAX)
        .saturating_add(power)
        .saturating_add(i64::from(exponent));
    let magnitude = round_at(&digits, point)?;
    let signed = i128::from(magnitude) * if negative { -1 } else { 1 };
    i64::try_from(signed).map_err(|_| AmountError::OutOfRange)
}

/// A power of ten, cut to a range beyond which an amount is zero or out of range anyway.
fn parse_power(text: &str) -> Result<i64, AmountError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AmountError::NotADecimal);
    }
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX).min(10_000);
    Ok(if text.starts_with('-') {
        -magnitude
    } else {
        magnitude
    })
}

/// The whole number left of the point that stands after `point` of the digits, rounded by the digit right of it.
fn round_at(digits: &str, point: i64) -> Result<u64, AmountError> {
    let value = |digits: &str| match digits.trim_start_matches('0') {
        "" => Ok(0),
        significant => significant
            .parse::<u64>()
            .map_err(|_| AmountError::OutOfRange),
    };
    let Ok(point) = usize::try_from(point) else {
        return Ok(0);
    };
    if let Some(missing) = point.checked_sub(digits.len()) {
        let scale = u32::try_from(missing)
            .ok()
            .and_then(|missing| 10_u64.checked_pow(missing));
        return match (value(digits)?, scale) {
            (0, _) => Ok(0),
            (known, Some(scale)) => known.checked_mul(scale).ok_or(AmountError::OutOfRange),
            (_, None) => Err(AmountError::OutOfRange),
        };
    }
    let (kept, cut) = digits.split_at(point);
    let up = u64::from(cut.as_bytes().first().is_some_and(|digit| *digit >= b'5'));
    value(kept)?.checked_add(up).ok_or(AmountError::OutOfRange)
}

/// A whole number divided by ten to the power of `exponent`, as a decimal text with exactly that many digits after the point.
pub(super) fn write_scaled(minor: i64, exponent: u32) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let places = usize::try_from(exponent).unwrap_or_default();
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}
