//! Canonical JSON (RFC 8785): the one spelling of a value that is hashed.
//!
//! Numbers are whole and within ±(2^53 − 1), so that every program reads and writes them alike; others are refused.

use serde_json::Value;

/// The greatest whole number that every program reads exactly.
const MOST: u64 = (1 << 53) - 1;

/// The value has a number that is not whole, or too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("numbers must be whole and at most 9007199254740991")]
pub struct NotCanonical;

/// The canonical spelling of a value.
pub fn canonical(value: &Value) -> Result<String, NotCanonical> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

fn write(value: &Value, to: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Number(number) => {
            let size = number.as_i64().map(i64::unsigned_abs).or(number.as_u64());
            if size.is_none_or(|size| size > MOST) {
                return Err(NotCanonical);
            }
            to.push_str(&number.to_string());
        }
        Value::Array(values) => {
            to.push('[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    to.push(',');
                }
                write(value, to)?;
            }
            to.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            to.push('{');
            for (place, (name, value)) in members.into_iter().enumerate() {
                if place > 0 {
                    to.push(',');
                }
                write(&Value::String(name.clone()), to)?;
                to.push(':');
                write(value, to)?;
            }
            to.push('}');
        }
        // The library escapes in texts what the specification says, and nothing else.
        Value::Null | Value::Bool(_) | Value::String(_) => to.push_str(&value.to_string()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::names_are_sorted(json!({"b": 1, "a": [true, null, {}]}), r#"{"a":[true,null,{}],"b":1}"#)]
    #[case::by_utf_16(json!({"\u{ff5e}": 1, "\u{1f600}": 2}), "{\"\u{1f600}\":2,\"\u{ff5e}\":1}")]
    #[case::the_specification_s_text(json!("€$\u{f}\nA'B\"\\\\\"/"), "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"")]
    #[case::delete_is_not_escaped(json!("\u{7f}\u{2028}"), "\"\u{7f}\u{2028}\"")]
    #[case::the_greatest(json!(9_007_199_254_740_991_u64), "9007199254740991")]
    #[case::the_least(json!(-9_007_199_254_740_991_i64), "-9007199254740991")]
    fn a_value_has_one_spelling(#[case] value: Value, #[case] text: &str) {
        assert_eq!(canonical(&value).as_deref(), Ok(text));
    }

    #[rstest]
    #[case(json!(1.5))]
    #[case(json!(1.0))]
    #[case(json!({"a": [9_007_199_254_740_992_u64]}))]
    #[case(json!(i64::MIN))]
    fn a_number_that_programs_read_differently_is_refused(#[case] value: Value) {
        assert_eq!(canonical(&value), Err(NotCanonical));
    }

    proptest! {
        #[test]
        fn the_spelling_reads_back(names in proptest::collection::btree_map(".{0,5}", any::<i32>(), 0..6)) {
            let value = json!(names);
            let read: Value = serde_json::from_str(&canonical(&value).unwrap()).unwrap();
            prop_assert_eq!(read, value);
        }
    }
}
