//! How much room JSON takes.

use serde_json::Value;

/// About how many bytes a value takes as JSON.
pub(crate) fn bytes_of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len() + 3,
        Value::Array(items) => 2 + items.iter().map(bytes_of).sum::<usize>(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| name.len() + 4 + bytes_of(value);
            2 + members.iter().map(member).sum::<usize>()
        }
    }
}
