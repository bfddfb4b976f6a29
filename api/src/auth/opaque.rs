//! Opaque tokens: those of integrations (`lazo_int_…`) and the keys of sources (`lazo_src_…`).
//!
//! Prefix and checksum let scanners find a leaked token, and let us refuse a mistyped one without asking the database.

use std::fmt;

use aws_lc_rs::rand;
use secrecy::{ExposeSecret, SecretString};

use super::secret::{DeploymentSecret, SecretError};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Random characters: 190 bits.
const RANDOM_LENGTH: usize = 32;
/// Six digits of base 62 hold any CRC-32.
const CHECKSUM_LENGTH: usize = 6;
/// The largest multiple of 62 in a byte: greater bytes are drawn again, so that each character is equally likely.
const FAIR: u8 = 248;

/// What an opaque token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpaqueKind {
    /// The token of a third-party integration.
    Integration,
    /// The key of a source: it sends touchpoints and reads nothing.
    Source,
}

impl OpaqueKind {
    /// The start of the token's text.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Integration => "lazo_int_",
            Self::Source => "lazo_src_",
        }
    }
}

/// An opaque token whose form and checksum are right; whether it is known is for the database to say.
pub struct OpaqueToken {
    kind: OpaqueKind,
    text: SecretString,
}

impl OpaqueToken {
    /// Draws a new token.
    pub fn generate(kind: OpaqueKind) -> Result<Self, SecretError> {
        let mut text = kind.prefix().to_owned();
        let length = text.len() + RANDOM_LENGTH;
        while text.len() < length {
            let mut bytes = [0; RANDOM_LENGTH];
            rand::fill(&mut bytes)?;
            let room = length - text.len();
            text.extend(
                bytes
                    .into_iter()
                    .filter(|byte| *byte < FAIR)
                    .take(room)
                    .map(digit),
            );
        }
        text.push_str(&checksum(&text));
        Ok(Self {
            kind,
            text: text.into(),
        })
    }

    /// Reads a token; `None` where form or checksum is wrong.
    pub fn parse(text: &str) -> Option<Self> {
        let kind = [OpaqueKind::Integration, OpaqueKind::Source]
            .into_iter()
            .find(|kind| text.starts_with(kind.prefix()))?;
        let digits = &text[kind.prefix().len()..];
        let well_formed = digits.len() == RANDOM_LENGTH + CHECKSUM_LENGTH
            && digits.bytes().all(|byte| ALPHABET.contains(&byte));
        let body = text.get(..text.len().checked_sub(CHECKSUM_LENGTH)?)?;
        if !well_formed || !text.ends_with(&checksum(body)) {
            return None;
        }
        Some(Self {
            kind,
            text: text.into(),
        })
    }

    /// What the token is for.
    pub fn kind(&self) -> OpaqueKind {
        self.kind
    }

    /// The token's text: shown once, to whoever asked for the token.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The keyed hash under which it is stored.
    pub fn hash(&self, secret: &DeploymentSecret) -> String {
        secret.token_hash(self.expose())
    }

    /// Its last four characters, by which people tell their tokens apart. They belong to the checksum and give nothing away.
    pub fn hint(&self) -> String {
        let text = self.expose();
        text[text.len().saturating_sub(4)..].to_owned()
    }
}

impl fmt::Debug for OpaqueToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpaqueToken({}[redacted])", self.kind.prefix())
    }
}

fn digit(byte: u8) -> char {
    char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])
}

fn checksum(body: &str) -> String {
    let mut crc = flate2::Crc::new();
    crc.update(body.as_bytes());
    let mut rest = crc.sum();
    let mut digits = ['0'; CHECKSUM_LENGTH];
    for place in digits.iter_mut().rev() {
        *place = digit(u8::try_from(rest % 62).unwrap_or_default());
        rest /= 62;
    }
    digits.iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(OpaqueKind::Integration)]
    #[case(OpaqueKind::Source)]
    fn a_generated_token_reads_back(#[case] kind: OpaqueKind) {
        let token = OpaqueToken::generate(kind).unwrap();
        let read = OpaqueToken::parse(token.expose()).unwrap();
        assert_eq!((read.kind(), read.expose()), (kind, token.expose()));
        assert_eq!(token.expose().len(), 9 + 32 + 6);
        assert!(token.expose().ends_with(&token.hint()));
        assert_ne!(
            token.expose(),
            OpaqueToken::generate(kind).unwrap().expose()
        );
    }

    #[test]
    fn any_single_wrong_character_is_refused() {
        let token = OpaqueToken::generate(OpaqueKind::Integration).unwrap();
        let text = token.expose();
        for place in 0..text.len() {
            let wrong = if &text[place..=place] == "x" {
                "y"
            } else {
                "x"
            };
            let altered = format!("{}{wrong}{}", &text[..place], &text[place + 1..]);
            assert!(OpaqueToken::parse(&altered).is_none(), "place {place}");
            assert!(
                OpaqueToken::parse(&text[..place]).is_none(),
                "length {place}"
            );
        }
        assert!(OpaqueToken::parse(&format!("{text} ")).is_none());
        assert!(OpaqueToken::parse(&text.replace("_int_", "_src_")).is_none());
    }

    #[test]
    fn debug_shows_the_kind_alone() {
        let token = OpaqueToken::generate(OpaqueKind::Source).unwrap();
        assert_eq!(format!("{token:?}"), "OpaqueToken(lazo_src_[redacted])");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(lazo_int_)?.{0,60}") {
            prop_assert!(OpaqueToken::parse(&text).is_none());
        }
    }
}
