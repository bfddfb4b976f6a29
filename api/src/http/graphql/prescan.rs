//! A scan of the document's bytes before the parser, which recurses without a bound.
//!
//! Linear, without recursion or allocation. It must divide the text exactly as the parser does: text
//! that looks like a string here and like brackets there would pass unseen.

use super::limits::Limits;
use crate::error::{ApiError, Code};

/// Counts the tokens of `document`, or says which limit it breaks.
pub(super) fn prescan(document: &str, limits: &Limits) -> Result<usize, ApiError> {
    let bytes = document.as_bytes();
    let (mut at, mut tokens, mut nesting, mut ignored) = (0, 0, 0_usize, 0);

    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let space = ignored_length(rest);
        if space > 0 {
            at += space;
            ignored += space;
            if ignored > limits.ignored_bytes {
                return Err(too_complex(
                    "The document has too much white space or comment.",
                ));
            }
            continue;
        }

        let length = match rest {
            [b'{' | b'[' | b'(', ..] => {
                nesting += 1;
                1
            }
            [b'}' | b']' | b')', ..] => {
                nesting = nesting.saturating_sub(1);
                1
            }
            [b'.', b'.', b'.', ..] => 3,
            [b'"', b'"', b'"', inside @ ..] => 3 + block_string_length(inside)?,
            [b'"', inside @ ..] => 1 + string_length(inside)?,
            _ => name_length(rest).max(1),
        };
        if name_length(rest) > limits.name_bytes {
            return Err(too_complex(
                "The document has a name or a number that is too long.",
            ));
        }
        if nesting > limits.nesting {
            return Err(too_complex("The document is nested too deeply."));
        }
        tokens += 1;
        if tokens > limits.tokens {
            return Err(too_complex("The document has too many tokens."));
        }
        at += length;
    }
    Ok(tokens)
}

/// Bytes of white space, commas, byte order marks or one comment at the start.
fn ignored_length(rest: &[u8]) -> usize {
    match rest {
        [b' ' | b'\t' | b'\r' | b'\n' | b',', ..] => 1,
        [0xef, 0xbb, 0xbf, ..] => 3,
        [b'#', ..] => length_while(rest, |byte| !matches!(byte, b'\n' | b'\r')),
        _ => 0,
    }
}

/// Bytes of the name or number at the start.
fn name_length(rest: &[u8]) -> usize {
    length_while(rest, |byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

fn length_while(rest: &[u8], belongs: impl Fn(&u8) -> bool) -> usize {
    rest.iter()
        .position(|byte| !belongs(byte))
        .unwrap_or(rest.len())
}

/// Bytes from behind the opening quote to behind the closing one.
fn string_length(inside: &[u8]) -> Result<usize, ApiError> {
    let mut at = 0;
    loop {
        match inside.get(at..).unwrap_or_default() {
            [b'"', ..] => return Ok(at + 1),
            [] | [b'\n' | b'\r', ..] | [b'\\', b'\n' | b'\r', ..] => return Err(unterminated()),
            [b'\\', ..] => at += 2,
            _ => at += 1,
        }
    }
}

/// Bytes from behind the opening quotes to behind the closing ones.
///
/// An open end is refused here and not left to the parser: where a block string has no end, the
/// parser goes back, reads the first two quotes as an empty string, and goes on behind them.
fn block_string_length(inside: &[u8]) -> Result<usize, ApiError> {
    let mut at = 0;
    loop {
        match inside.get(at..).unwrap_or_default() {
            [b'"', b'"', b'"', ..] => return Ok(at + 3),
            [b'\\', b'"', b'"', b'"', ..] => at += 4,
            [] => return Err(unterminated()),
            _ => at += 1,
        }
    }
}

fn too_complex(message: &'static str) -> ApiError {
    ApiError::new(Code::QueryTooComplex, message)
}

fn unterminated() -> ApiError {
    ApiError::new(
        Code::GraphqlParseFailed,
        "Syntax error: a string has no end.",
    )
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use async_graphql::{
        Value,
        parser::{
            parse_query,
            types::{ExecutableDocument, Selection},
        },
    };
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn scan(document: &str) -> Result<usize, Code> {
        prescan(document, &Limits::default()).map_err(|error| error.code())
    }

    #[rstest]
    #[case::empty("", 0)]
    #[case::plain("{ me { id } }", 6)]
    #[case::spread("{ ...a ... on B { c } }", 10)]
    #[case::string(r#"{ a(b: "}{[(") }"#, 8)]
    #[case::escaped_quote(r#"{ a(b: "\"[[[") }"#, 8)]
    #[case::escaped_backslash(r#"{ a(b: "\\") }"#, 8)]
    #[case::hash_in_string("{ a(b: \"#\") { c } }", 11)]
    #[case::quote_in_comment("{ a # \" [[[\n b }", 4)]
    #[case::comment_ends_at_carriage_return("{ a # [[[\r b }", 4)]
    #[case::block_string("{ a(b: \"\"\" \" \"\" [ # \n \\\"\"\" [ \"\"\") }", 8)]
    #[case::empty_string_before_a_name(r#"{ a(b: "" c: "") }"#, 11)]
    #[case::empty_block_string(r#"{ a(b: """""") }"#, 8)]
    #[case::byte_order_mark("\u{feff}{ a }", 3)]
    #[case::comment_without_an_end("{ a } # [[[", 3)]
    fn tokens_are_counted_as_the_parser_divides_them(
        #[case] document: &str,
        #[case] tokens: usize,
    ) {
        assert_eq!(scan(document), Ok(tokens));
    }

    #[rstest]
    #[case::string(r#"{ a(b: "c) }"#)]
    #[case::string_over_a_line("{ a(b: \"c\nd\") }")]
    #[case::escaped_line_end("{ a(b: \"c\\\nd\") }")]
    #[case::escape_at_the_end("{ a(b: \"c\\")]
    #[case::block_string(r#"{ a(b: """ c "" ) }"#)]
    fn a_string_without_an_end_is_refused(#[case] document: &str) {
        assert_eq!(scan(document), Err(Code::GraphqlParseFailed));
    }

    #[test]
    fn brackets_behind_a_block_string_without_an_end_do_not_pass_as_its_content() {
        // The parser reads this as `""`, `" [ "` and then brackets.
        let document = format!("{{ a(b: [\"\"\" [ \" {} ]) }}", "[]".repeat(30));
        assert!(parse_query(&document).is_ok(), "the parser goes back");
        assert_eq!(scan(&document), Err(Code::GraphqlParseFailed));
    }

    #[rstest]
    #[case::nesting("[".repeat(41))]
    #[case::nesting_of_any_kind("([{".repeat(14))]
    #[case::list_literal(format!("{{a(b:{})}}", "[".repeat(3_000)))]
    #[case::object_literal(format!("{{a(b:{})}}", "{c:".repeat(1_000)))]
    #[case::tokens("a ".repeat(1_501))]
    #[case::name("a".repeat(129))]
    #[case::number("1".repeat(129))]
    #[case::white_space(" ".repeat(20_001))]
    #[case::commas(",".repeat(20_001))]
    #[case::comment(format!("#{}", "a".repeat(20_000)))]
    fn a_document_beyond_a_limit_is_refused(#[case] document: String) {
        assert_eq!(scan(&document), Err(Code::QueryTooComplex));
    }

    #[rstest]
    #[case::nesting("[".repeat(40))]
    #[case::closed("[]".repeat(700))]
    #[case::tokens("a ".repeat(1_500))]
    #[case::name("a".repeat(128))]
    #[case::white_space(" ".repeat(20_000))]
    #[case::long_string(format!("\"{}\"", "[".repeat(90_000)))]
    fn a_document_at_a_limit_passes(#[case] document: String) {
        assert!(scan(&document).is_ok());
    }

    /// How many times longer the second scan takes. Each time is the shortest of many short runs,
    /// taken in turn and until it is good, so that a busy machine does not matter.
    fn growth(once: &str, twice: &str, limits: &Limits) -> f64 {
        let time = |document: &str| {
            let start = Instant::now();
            std::hint::black_box(prescan(document, limits).ok());
            start.elapsed().as_secs_f64()
        };
        let (mut least_once, mut least_twice) = (f64::INFINITY, f64::INFINITY);
        for run in 1..=1_000 {
            least_once = least_once.min(time(once));
            least_twice = least_twice.min(time(twice));
            if run >= 20 && least_twice < 2.5 * least_once {
                break;
            }
        }
        least_twice / least_once
    }

    #[rstest]
    #[case::names("abc ")]
    #[case::brackets("[]")]
    #[case::strings(r#""a" "#)]
    #[case::block_strings(r#"""" \""" """ "#)]
    #[case::comments("# a\n")]
    #[case::one_name("a")]
    fn twice_the_document_takes_about_twice_the_time(#[case] part: &str) {
        let limits = Limits {
            tokens: usize::MAX,
            nesting: usize::MAX,
            name_bytes: usize::MAX,
            ignored_bytes: usize::MAX,
            ..Limits::default()
        };
        let once = part.repeat(10_000 / part.len());
        let growth = growth(&once, &once.repeat(2), &limits);
        assert!(
            growth < 2.5,
            "twice the document took {growth:.1} times as long"
        );
    }

    fn deepest_argument(document: &ExecutableDocument) -> usize {
        fn depth(value: &Value) -> usize {
            match value {
                Value::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
                _ => 0,
            }
        }
        let fields = document.operations.iter().flat_map(|(_, operation)| {
            operation
                .node
                .selection_set
                .node
                .items
                .iter()
                .filter_map(|item| match &item.node {
                    Selection::Field(field) => Some(&field.node),
                    _ => None,
                })
        });
        let arguments = fields.flat_map(|field| &field.arguments);
        let values = arguments.filter_map(|(_, value)| value.node.clone().into_const());
        values.map(|value| depth(&value)).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn no_text_makes_the_scan_panic(document in any::<String>()) {
            scan(&document).ok();
        }

        #[test]
        fn no_text_of_the_grammar_s_own_characters_makes_the_scan_panic(
            document in r#"[\[\]{}()"\\#\n\r a.:\u{feff}é]{0,200}"#,
        ) {
            scan(&document).ok();
        }

        #[test]
        fn brackets_beyond_the_limit_are_always_refused(
            before in "[a-z ]{0,20}",
            brackets in r"[\[({]{41,300}",
            after in any::<String>(),
        ) {
            prop_assert_eq!(scan(&format!("{before}{brackets}{after}")), Err(Code::QueryTooComplex));
        }

        #[test]
        fn brackets_in_strings_and_comments_never_count(
            text in r"[\[({a ]{0,100}",
        ) {
            let document = format!("{{ a(b: \"{text}\", c: \"\"\"{text}\"\"\") # {text}\n }}");
            prop_assert_eq!(scan(&document), Ok(11));
        }

        /// Text that looks like a string to the scan and like brackets to the parser would pass.
        #[test]
        fn the_parser_never_finds_deeper_brackets_than_the_scan(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "\"", "\"\"", "\"\"\"", "\\", "#", "\n", "[", "]", "[[", "]]", "a ", " ",
                ]),
                0..14,
            ),
        ) {
            let document = format!("{{a(b:[{}])}}", parts.concat());
            let limits = Limits { nesting: 4, ..Limits::default() };
            if let (Ok(_), Ok(parsed)) = (prescan(&document, &limits), parse_query(&document)) {
                // Two brackets stand around the value.
                prop_assert!(deepest_argument(&parsed) <= 2, "{}", document);
            }
        }
    }
}
