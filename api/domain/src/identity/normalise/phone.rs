//! Telephone numbers: E.164, by the rules of libphonenumber.

use phonenumber::country::Id;
use phonenumber::{Mode, PhoneNumber};

use super::Dropped;

/// The most bytes of a text that is read as a number: the longest number with an extension and generous punctuation.
const MAX_BYTES: usize = 64;

/// The country code of Mexico.
const MEXICO: u16 = 52;

/// A number is `Malformed` if no line can have it. An extension is left out: it belongs to no person for long.
pub(super) fn normalise(raw: &str, region: Option<&str>) -> Result<String, Dropped> {
    if raw.len() > MAX_BYTES {
        return Err(Dropped::TooLong);
    }
    let region = region.and_then(|region| region.to_ascii_uppercase().parse::<Id>().ok());
    let number = phonenumber::parse(region, raw).map_err(|_| Dropped::Malformed)?;
    let number = if number.is_valid() {
        number
    } else {
        without_legacy_mobile_prefix(&number)?
    };
    Ok(format!("+{}{}", number.code().value(), national(&number)))
}

/// The national number with its leading zeros, which Italy's numbers keep.
fn national(number: &PhoneNumber) -> String {
    let e164 = number.format().mode(Mode::E164).to_string();
    let prefix = format!("+{}", number.code().value());
    let digits = e164.strip_prefix(&prefix).unwrap_or(&e164);
    digits.chars().take_while(char::is_ascii_digit).collect()
}

/// Until 2019 mobile numbers of Mexico were called from abroad with a 1 after the country code; address books still have it.
fn without_legacy_mobile_prefix(number: &PhoneNumber) -> Result<PhoneNumber, Dropped> {
    let digits = number.national().value().to_string();
    let rest = digits
        .strip_prefix('1')
        .filter(|rest| number.code().value() == MEXICO && rest.len() == 10);
    rest.and_then(|rest| phonenumber::parse(None, format!("+{MEXICO}{rest}")).ok())
        .filter(PhoneNumber::is_valid)
        .ok_or(Dropped::Malformed)
}
