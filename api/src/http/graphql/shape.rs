//! What a document is known by in traces: a hash of its text without any value, which may be a person's.

use aws_lc_rs::digest::{SHA256, digest};

use crate::db::hex;

/// How much of the hash is shown, in bytes.
const SHOWN: usize = 8;

/// The hash. Documents that differ in strings, numbers, comments or blanks alone have the same one.
pub(super) fn shape(document: &str) -> String {
    let hash = digest(&SHA256, &without_values(document.as_bytes()));
    hex(hash.as_ref().get(..SHOWN).unwrap_or_default())
}

fn without_values(document: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(document.len());
    let mut rest = document;
    while let Some((byte, after)) = rest.split_first() {
        rest = match byte {
            b'"' => {
                kept.push(b'"');
                rest.strip_prefix(b"\"\"\"")
                    .map_or_else(|| after_string(after), after_block)
            }
            b'#' => after_while(after, |byte| byte != b'\n' && byte != b'\r'),
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                if kept.last() != Some(&b' ') {
                    kept.push(b' ');
                }
                after
            }
            b'-' | b'0'..=b'9' => {
                kept.push(b'0');
                after_while(after, |byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-')
                })
            }
            byte if byte.is_ascii_alphabetic() || *byte == b'_' => {
                let after = after_while(rest, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
                kept.extend(&rest[..rest.len() - after.len()]);
                after
            }
            other => {
                kept.push(*other);
                after
            }
        };
    }
    kept
}

fn after_while(text: &[u8], holds: impl Fn(u8) -> bool) -> &[u8] {
    let end = text.iter().position(|byte| !holds(*byte));
    end.map_or(&[], |end| &text[end..])
}

/// What follows the string whose beginning was read.
fn after_string(mut text: &[u8]) -> &[u8] {
    while let Some((byte, after)) = text.split_first() {
        text = match byte {
            b'"' => return after,
            b'\\' => after.get(1..).unwrap_or_default(),
            _ => after,
        };
    }
    text
}

/// What follows the block string whose beginning was read.
fn after_block(mut text: &[u8]) -> &[u8] {
    while !text.is_empty() {
        if let Some(after) = text.strip_prefix(b"\\\"\"\"") {
            text = after;
        } else if let Some(after) = text.strip_prefix(b"\"\"\"") {
            return after;
        } else {
            text = &text[1..];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"{ a(b: "ana@example.com") }"#)]
    #[case(r#"{ a(b: "with \" and # in it") }"#)]
    #[case(r#"{ a(b: """a block "with" \""" in it""") }"#)]
    #[case("{\n  a(b: \"\"), # ana@example.com\n}")]
    fn values_and_blanks_make_no_difference(#[case] document: &str) {
        assert_eq!(shape(document), shape(r#"{ a(b: "x") }"#));
    }

    #[rstest]
    #[case("{ a(b: 12) }", "{ a(b: -3.5e+7) }", true)]
    #[case("{ a1 }", "{ a2 }", false)]
    #[case("{ a }", "{ a b }", false)]
    #[case("{ a(b: \"x\") { c } }", "{ a(b: \"x\") { d } }", false)]
    #[case("{ a(b: \"unclosed", "{ a(b: \"unclosed too", true)]
    fn names_make_a_difference(#[case] one: &str, #[case] other: &str, #[case] same: bool) {
        assert_eq!(shape(one) == shape(other), same);
        assert_eq!(shape(one).len(), 2 * SHOWN);
    }
}
