//! Email addresses: lower case throughout, the domain in the form the name system uses.
//!
//! RFC 5321 lets a host tell apart local parts by their case; none of weight does, and people type both.

use unicode_normalization::UnicodeNormalization;

use super::Dropped;

/// The most bytes of a local part (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// The most bytes of an address (RFC 3696, erratum 1690).
const MAX_BYTES: usize = 254;

pub(super) fn normalise(raw: &str) -> Result<String, Dropped> {
    let text: String = raw.nfc().collect();
    let (local, domain) = text.split_once('@').ok_or(Dropped::Malformed)?;
    let local: String = local.to_lowercase().nfc().collect();
    if local.is_empty() || local.chars().any(is_forbidden) || domain.chars().any(is_forbidden) {
        return Err(Dropped::Malformed);
    }
    if local.len() > MAX_LOCAL_BYTES || text.len() > MAX_BYTES {
        return Err(Dropped::TooLong);
    }
    let domain = idna::domain_to_ascii_strict(domain).map_err(|_| Dropped::Malformed)?;
    let (_, top) = domain.rsplit_once('.').ok_or(Dropped::Malformed)?;
    if top.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Dropped::Malformed);
    }
    let address = format!("{local}@{domain}");
    if address.len() > MAX_BYTES {
        Err(Dropped::TooLong)
    } else {
        Ok(address)
    }
}

/// Characters that need a quoted local part, which no address in use has, or that cannot be seen.
fn is_forbidden(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '"' | '(' | ')' | ',' | ':' | ';' | '<' | '>' | '@' | '[' | '\\' | ']'
        )
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{2069}' | '\u{feff}')
}
