//! Folded properties: what queries compare where an engine would read properties otherwise than conditions do.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::typed::{MAX_NAME_BYTES, MAX_ROWS, MAX_TEXT_CHARS, read_time, typed_rows_of};

/// What has to be escaped in the key of a folded name, since an engine reads it as a path.
const SPECIAL: [char; 4] = ['"', '\\', '$', '['];

/// The scalars of properties by their names, as conditions see them: `{"category": ["zapatos", 3, {"s": "2026-01-01", "t": 1767225600000}]}`.
///
/// Texts are folded and cut, and one that names an instant comes with it. Names are those of [`folded_key`].
///
/// None where properties are plain, as most are: then a scalar of theirs is the only one of its name, its text is folded by its letters
/// in lower case, and no text names an instant.
pub fn folded(properties: &Map<String, Value>) -> Option<Value> {
    if is_plain(properties) {
        return None;
    }
    // Sorted, which matters where there are more than fit.
    let sorted: std::collections::BTreeMap<_, _> = properties.iter().collect();
    let rows = typed_rows_of(
        sorted
            .into_iter()
            .map(|(name, value)| (name.as_str(), value)),
    );
    let mut scalars: Map<String, Value> = Map::new();
    for row in rows {
        let text = row.text.map(|text| match row.time {
            Some(time) => json!({ "s": text, "t": time }),
            None => text.into(),
        });
        let scalar = text
            .or_else(|| row.number.map(Value::from))
            .or_else(|| row.truth.map(Value::from));
        let of_name = scalars
            .entry(folded_key(&row.name).into_owned())
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(of_name) = of_name {
            of_name.extend(scalar);
        }
    }
    Some(Value::Object(scalars))
}

/// The key of a name in folded properties: what engines read as a part of a path is escaped as in a URL.
pub fn folded_key(name: &str) -> Cow<'_, str> {
    let special = |character: char| {
        character == '%' || SPECIAL.contains(&character) || character.is_control()
    };
    if !name.contains(special) {
        return Cow::Borrowed(name);
    }
    let escaped = name.chars().map(|character| {
        if special(character) {
            format!("%{:02X}", u32::from(character))
        } else {
            character.to_string()
        }
    });
    Cow::Owned(escaped.collect())
}

/// Whether plain properties may have this name. It has no dot, as a dotted name may be a path.
pub fn is_plain_name(name: &str) -> bool {
    let special = |character: char| {
        character == '.' || SPECIAL.contains(&character) || character.is_control()
    };
    !name.is_empty() && name.len() <= MAX_NAME_BYTES && !name.contains(special)
}

fn is_plain(properties: &Map<String, Value>) -> bool {
    properties.len() <= MAX_ROWS
        && properties
            .iter()
            .all(|(name, value)| is_plain_name(name) && is_plain_value(value))
}

fn is_plain_value(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => {
            text.is_ascii() && text.len() <= MAX_TEXT_CHARS && read_time(text).is_none()
        }
        Value::Array(elements) => elements
            .iter()
            .all(|element| matches!(element, Value::Array(_) | Value::Object(_) | Value::Null)),
        Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::scalars(json!({"Product": "Red SHOES", "price": 1.5, "gift": false, "coupon": null}))]
    #[case::a_list_of_objects(json!({"products": [{"id": "a"}, null, ["b"]]}))]
    #[case::nothing(json!({}))]
    fn plain_properties_are_not_stored_twice(#[case] properties: Value) {
        assert_eq!(folded(properties.as_object().unwrap()), None);
    }

    #[rstest]
    #[case::an_accent(json!({"a": "Málaga", "b": 1}), json!({"a": ["malaga"], "b": [1.0]}))]
    #[case::a_list(json!({"a": ["X", 3, true, null, {"b": 1}]}), json!({"a": ["x", 3.0, true]}))]
    #[case::an_object(json!({"a": {"b": "X"}}), json!({"a.b": ["x"]}))]
    #[case::a_dotted_name(json!({"a.b": 1, "a": {"b": 2}}), json!({"a.b": [2.0, 1.0]}))]
    #[case::an_instant(json!({"a": "2026-01-01"}), json!({"a": [{"s": "2026-01-01", "t": 1_767_225_600_000_i64}]}))]
    #[case::a_name_like_a_path(json!({"$[0]": "X", "50%": 1}), json!({"%24%5B0]": ["x"], "50%25": [1.0]}))]
    #[case::an_empty_object(json!({"a": {}}), json!({}))]
    fn what_engines_read_otherwise_is_stored_as_conditions_see_it(
        #[case] properties: Value,
        #[case] expected: Value,
    ) {
        assert_eq!(folded(properties.as_object().unwrap()), Some(expected));
    }

    #[test]
    fn a_long_text_is_cut() {
        let properties = json!({ "a": "X".repeat(600) });
        let expected = json!({ "a": ["x".repeat(MAX_TEXT_CHARS)] });
        assert_eq!(folded(properties.as_object().unwrap()), Some(expected));
    }
}
