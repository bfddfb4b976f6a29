//! The shape of a JSON text: how much it holds and how deep it nests, told from its bytes before any value is built of them.

use serde_json::{Map, Value};

/// The most JSON values in one item, and in one field that all items of a request share. A value takes many times the memory of
/// the two bytes that can say it.
pub const MAX_VALUES: usize = 10_000;

/// The deepest that lists and objects nest in an item, the item itself included, and in a field that all items of a request share.
/// What is stored lies deeper than it came, and readers of JSON stop at 128 levels.
pub const MAX_DEPTH: usize = 32;

/// How much a JSON text holds and how deep it nests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many values it holds: never fewer than there are, and one more for each empty list and object.
    pub values: usize,
    /// How many levels its lists and objects nest.
    pub depth: usize,
}

impl Shape {
    /// The shape of a text, which need not be JSON, in one pass.
    pub fn of(text: &[u8]) -> Self {
        let (mut values, mut deepest, mut depth) = (1, 0, 0_usize);
        let (mut in_string, mut escaped) = (false, false);
        for byte in text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                _ if in_string => {}
                b',' => values += 1,
                b'[' | b'{' => {
                    values += 1;
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        Self {
            values,
            depth: deepest,
        }
    }

    /// Whether it holds more than [`MAX_VALUES`].
    pub fn is_too_full(self) -> bool {
        self.values > MAX_VALUES
    }

    /// Whether it nests deeper than [`MAX_DEPTH`].
    pub fn is_too_deep(self) -> bool {
        self.depth > MAX_DEPTH
    }
}

/// Whether an object that was read nests deeper than that many levels, itself included.
pub(super) fn nests_deeper(object: &Map<String, Value>, levels: usize) -> bool {
    levels == 0
        || object
            .values()
            .any(|value| value_nests_deeper(value, levels - 1))
}

fn value_nests_deeper(value: &Value, levels: usize) -> bool {
    match value {
        Value::Object(object) => nests_deeper(object, levels),
        Value::Array(values) => {
            levels == 0
                || values
                    .iter()
                    .any(|value| value_nests_deeper(value, levels - 1))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
